"""Ratios of times and memory, each within one run; never part of the tests."""
