"""Distillation: what a teacher is worth, and students that are told.

`teacher` fits the accuracy of a teacher from clean rows, `top_k` how many of its first
classes hold the truth, `rate` one noise rate, with clean rows or without.
`linear` is a student that is told, `streaming` one that sees each row once.
"""
