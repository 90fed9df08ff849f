"""One seed, two Hypothesis profiles, and one run of every simulation for all tests."""

import contextlib
import os

import pytest
from hypothesis import settings

from simulations import NAMES, cli

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


@pytest.fixture(scope="session")
def test_results(tmp_path_factory, worker_id):
    """Return a folder with a store and the results of every simulation at test scale.

    They take a while, so the worker that has them first leaves them to the others.
    """
    folder = tmp_path_factory.mktemp("results")
    shared = folder.parents[1] / "results"  # of this session, if it has workers
    if worker_id != "master" and shared.exists():
        return shared
    options = ["--scale", "test", "--jobs", "1", "--store", f"{folder}/store.sqlite"]
    assert cli.main(["run", *NAMES, *options, "--results", str(folder)]) == 0
    if worker_id != "master":
        with contextlib.suppress(OSError):  # another was first
            return folder.rename(shared)
    return folder
