"""One seed and two Hypothesis profiles for every test."""

import os

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=40)
settings.register_profile("nightly", deadline=None, max_examples=2000)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)

SEED = int(os.environ.get("HALFSPACE_SEED", "0"))


def pytest_report_header() -> str:
    """Say how to draw the same samples again."""
    return f"HALFSPACE_SEED={SEED} HYPOTHESIS_PROFILE={PROFILE}"


@pytest.fixture(scope="session")
def seed() -> int:
    """Return the seed of every sampled test; a seed that fails is a finding."""
    return SEED
