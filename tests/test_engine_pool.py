"""Processes that die, take too long or take too much fail their own cell alone."""

import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import active_children
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

from simulations.engine import pool as pools
from simulations.engine import store
from simulations.engine.pool import BrokenExecutor, Inline, Processes, cores, pool
from simulations.engine.runner import Tally, run
from simulations.engine.simulation import study
from simulations.engine.worker import Limits, Worker, WorkerDied

TINY = study("tests.tiny", "test")


class Stop(BaseException):
    """As a Ctrl-C, without the signal."""


def _hold(megabytes):
    kept = b"x" * (megabytes * 2**20)
    time.sleep(200)
    return kept


def _widest():
    return max(
        it["num_threads"] for it in threadpool_info() if it["user_api"] == "blas"
    )


def _wait(condition):
    end = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(scope="module")
def two():
    """Return two processes with limits that no honest call here comes near."""
    with pool(2, Limits(seconds=100, megabytes=600)) as executor:
        yield executor


def test_calls_are_answered_or_raise_what_they_raise(two):
    assert [two.submit(abs, -number).result() for number in range(5)] == [*range(5)]
    with pytest.raises(TypeError, match="bad operand"):
        two.submit(abs, "x").result()
    with pytest.raises((TypeError, AttributeError), match="pickle"):
        two.submit(lambda: 1).result()
    assert two.submit(pow, 2, exp=3).result() == 8
    assert (
        two.submit(threading.active_count).result() <= 2
    )  # with who awaits the parent
    assert two.submit(_widest).result() == 1


def test_a_call_that_kills_its_process_fails_alone(two):
    calls = [two.submit(abs, number) for number in range(4)]
    pid = two.submit(os.getpid).result()
    bad = two.submit(os.kill, pid, signal.SIGKILL)
    assert bad.exception() is None or isinstance(bad.exception(), WorkerDied)
    _wait(lambda: pid not in {it.pid for it in active_children()})
    dead = two.submit(os._exit, 3)
    calls += [two.submit(abs, number) for number in range(4)]
    assert [call.result() for call in calls] == [0, 1, 2, 3] * 2
    with pytest.raises(WorkerDied, match="code 3, perhaps for lack of memory"):
        dead.result()


def test_a_process_killed_while_it_waits_is_replaced_without_a_word(two):
    pids = {two.submit(os.getpid).result() for _ in range(10)}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    _wait(lambda: not pids & {it.pid for it in active_children()})
    assert two.submit(abs, -1).result() == 1
    assert two.submit(os.getpid).result() not in pids


def test_what_exceeds_a_limit_is_ended_and_says_which(two):
    with pytest.raises(MemoryError, match="process must hold at most 600 MB"):
        two.submit(_hold, 700).result(100)
    with (
        pool(1, Limits(seconds=0.2)) as executor,
        pytest.raises(TimeoutError, match=r"a cell must take at most 0\.2 s"),
    ):
        executor.submit(time.sleep, 200).result(100)
    assert two.submit(abs, -1).result() == 1


def test_a_cell_beyond_a_limit_is_recorded_like_any_failure(two, tmp_path, monkeypatch):
    """The processes have the environment of their start: new ones are asked to stop."""
    monkeypatch.setenv("TINY_STOP", str(tmp_path / "stop"))
    (tmp_path / "stop").touch()
    size = len(TINY.cells)
    with store.connect(tmp_path / "s") as opened:
        with pool(1, Limits(seconds=4)) as executor:

            def let_go(study, tally):
                if tally.failed:
                    (tmp_path / "stop").unlink(missing_ok=True)

            (tally,) = run(opened, [TINY], executor, observe=let_go)
        assert tally == Tally(total=size, before=0, done=size - 1, failed=1)
        assert store.failures(opened, TINY.fingerprint) == {
            '{"index":0}': "TimeoutError: a cell must take at most 4 s"
        }
        assert run(opened, [TINY], Inline()) == [Tally(total=size, before=39, done=1)]


def test_a_pool_left_by_an_exception_ends_its_workers_and_drops_what_waits():
    work = []

    def leave():
        with pool(2) as executor:
            work.extend(executor.submit(time.sleep, 200) for _ in range(20))
            _wait(work[0].running)
            raise Stop

    before = set(active_children())
    with pytest.raises(Stop):
        leave()
    _wait(lambda: set(active_children()) <= before)
    assert not any(it.done() and not it.exception() for it in work)


def test_workers_never_hear_ctrl_c_not_even_as_they_start():
    worker = Worker()
    os.kill(worker._process.pid, signal.SIGINT)
    worker.ready()
    worker.ask((signal.raise_signal, (signal.SIGINT,), {}))
    assert worker.ask((abs, (-2,), {})) == 2
    worker.end()
    assert not worker.alive


def test_nor_does_the_first_worker_of_all():
    """With it Python's tracker of resources starts, which unblocks Ctrl-C."""
    lines = (
        "import os, signal",
        "from simulations.engine.worker import Worker",
        "worker = Worker()",
        "os.kill(worker._process.pid, signal.SIGINT)",
        "worker.ready()",
        "worker.end()",
    )
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=root, check=True)


def test_processes_that_cannot_start_are_an_error(monkeypatch):
    class Stillborn:
        alive = False

        def ready(self):
            raise WorkerDied

        def end(self):
            pass

    monkeypatch.setattr(pools, "Worker", Stillborn)
    executor = Processes(1)
    with pytest.raises(BrokenExecutor, match="end before they are ready"):
        executor.submit(abs, 1).result()
    executor.shutdown()


def test_one_job_without_limits_is_this_process():
    assert 1 <= cores() <= (os.cpu_count() or 1)
    with pool(1) as executor:
        assert executor.submit(os.getpid).result() == os.getpid()
        assert _widest() == 1
    with pytest.raises(ValueError, match="`jobs` must be at least 1"), pool(0):
        pass
