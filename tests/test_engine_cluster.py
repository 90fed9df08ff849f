"""A real scheduler and two real workers give the bytes of one process."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.cli import main
from simulations.engine import cluster as clusters
from simulations.engine import session, store
from simulations.engine.attempt import Mismatch, attempt, task_of
from simulations.engine.exports import export
from simulations.engine.pool import Inline
from simulations.engine.runner import run
from simulations.engine.simulation import study
from simulations.engine.worker import NONE, Limits

ROOT = Path(__file__).parents[1]
TINY = study("tests.tiny", "test")


def _wait(condition):
    end = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


class Cluster:
    """A scheduler and its workers, as processes of this machine."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.stop, self.log = folder / "stop", folder / "log"
        self.log.touch()
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.scheduler = self._start("scheduler", *options)
        self.address = self._said("scheduler", "Scheduler at:")
        self.workers = [self.worker(name) for name in "ab"]
        _wait(lambda: (folder / "worker").read_text().count("Registered to:") == 2)

    def worker(self, name):
        options = [self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard"]
        return self._start("worker", *options, "--name", name)

    def _start(self, kind, *options):
        with (self.folder / kind).open("a") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options],
                cwd=ROOT,
                env={
                    **os.environ,
                    "TINY_STOP": str(self.stop),
                    "TINY_LOG": str(self.log),
                    "PYTHONPATH": str(ROOT),
                },
                stdout=said,
                stderr=said,
            )
        self.processes.append(process)
        return process

    def _said(self, kind, words):
        path = self.folder / kind
        _wait(lambda: words in path.read_text())
        return path.read_text().partition(words)[2].split()[0]

    def begun(self):
        """Return the indices of the cells that were begun."""
        return [int(line) for line in self.log.read_text().split()]

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    """Return a cluster of two workers, alone in a folder."""
    it = Cluster(tmp_path)
    yield it
    it.end()


def _arguments(folder, address):
    options = ["--scale", "test", "--store", f"{folder}/s", "--results", str(folder)]
    return ["run", "tests.tiny", "--cluster", address, *options]


def _expected(folder):
    folder.mkdir()
    with store.connect(folder / "s") as opened:
        run(opened, [TINY], Inline())
        return export(opened, TINY, folder).read_bytes()


def _run_aside(arguments):
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(arguments)))
    thread.start()
    return thread, codes


def test_a_cluster_loses_a_worker_and_then_its_scheduler(
    cluster, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    expected = _expected(tmp_path / "calm")
    name = "tests.tiny.test.json"

    # Versions and sources are compared before and by the first cell.
    with monkeypatch.context() as patch:
        patch.setattr(clusters, "versions", lambda: {"numpy": "1.0"})
        sentence = r"worker tcp://.* must have .* got numpy \S+ there and 1\.0 here"
        with (
            pytest.raises(Mismatch, match=sentence),
            clusters.cluster(cluster.address),
        ):
            pass
    with session.workers(cluster=cluster.address) as (executor, window):
        task = task_of(TINY)._replace(fingerprint="0" * 16)
        assert window == 2 * clusters.TASKS * clusters.LARGEST
        with pytest.raises(Mismatch, match=r"got others for tests\.tiny"):
            executor.submit(attempt, task, {"index": 0}).result()
    assert cluster.begun() == []

    # A cell beyond a limit fails like that of a local process.
    cluster.stop.touch()
    limits = Limits(seconds=1.0)
    with session.workers(cluster=cluster.address, limits=limits) as (executor, _):
        call = executor.submit(attempt, task_of(TINY), {"index": 0})
        with pytest.raises(TimeoutError, match="a cell must take at most 1 s"):
            call.result(100)
    cluster.log.write_text("")

    # A worker is killed in the middle of a cell.
    cluster.stop.touch()
    thread, codes = _run_aside(_arguments(tmp_path, cluster.address))
    _wait(lambda: len(cluster.begun()) == 2)
    cluster.workers[0].send_signal(signal.SIGKILL)
    cluster.stop.unlink()
    thread.join(100)
    assert codes == [0]
    assert (tmp_path / name).read_bytes() == expected
    times = Counter(cluster.begun())
    assert set(times) == {*range(40)}
    assert times.total() == 41
    capsys.readouterr()

    # The scheduler is killed; what had finished is in the store.
    (tmp_path / "s").unlink()
    cluster.stop.touch()
    thread, codes = _run_aside(_arguments(tmp_path, cluster.address))
    _wait(lambda: len(cluster.begun()) == 42)
    cluster.scheduler.send_signal(signal.SIGKILL)
    thread.join(100)
    assert codes == [1]
    err = capsys.readouterr().err
    assert "error: no worker is left (the executor dropped its calls); finished" in err
    assert "resumes" in err


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("tcp://127.0.0.1:9", "must be a scheduler's address, got tcp://127.0.0.1:9"),
        ("nowhere", "must be a scheduler's address, got nowhere"),
        ("ftp://127.0.0.1:9", "must be a scheduler's address, got ftp://127.0.0.1:9"),
    ],
)
def test_an_address_without_a_scheduler_is_one_line(
    tmp_path, monkeypatch, capsys, address, sentence
):
    monkeypatch.setattr(clusters, "PATIENCE", 0.2)
    assert main(_arguments(tmp_path, address)) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: `cluster` ")
    assert sentence in err
    assert err.count("\n") == 1


def test_processes_and_a_cluster_exclude_each_other(tmp_path, capsys):
    assert main([*_arguments(tmp_path, "tcp://x:1"), "--jobs", "2"]) == 2
    assert "`jobs` must be left out with `cluster`, got 2" in capsys.readouterr().err


class Fragile(ThreadPoolExecutor):
    """Stands in for Dask: a worker dies of every batch with a call of `bad`."""

    def submit(self, fn, limits, calls):
        self.sizes.append(len(calls))
        if any(function is bad for function, _, _ in calls):
            return super().submit(bad)
        return super().submit(fn, limits, calls)


def bad():
    raise BrokenPipeError


@settings(max_examples=20, deadline=None)
@given(
    kinds=st.lists(st.sampled_from("gggggfbc"), max_size=60),
    seconds=st.sampled_from([0, 1e-4, 10]),
)
def test_in_batches_of_any_size_each_call_gets_its_own_answer(kinds, seconds):
    """Good, failing, fatal and cancelled calls; a fatal one harms no other."""
    with pytest.MonkeyPatch.context() as patch, Fragile(2) as inner:
        inner.sizes = []
        patch.setattr(clusters, "BATCH", seconds)
        patch.setattr(clusters, "_one_thread_from_now_on", lambda: None)
        executor = clusters._Cluster(inner, NONE, threads=2)
        functions = {"g": abs, "f": len, "b": bad, "c": abs}
        calls = []
        for index, kind in enumerate(kinds):
            given = () if kind == "b" else (-index,)
            calls.append(executor.submit(functions[kind], *given))
            if kind == "c":
                calls[-1].cancel()
        wait(calls)
    for index, (kind, call) in enumerate(zip(kinds, calls, strict=True)):
        if not call.cancelled():
            error = {"f": TypeError, "b": BrokenPipeError}.get(kind)
            assert type(call.exception()) is (error or type(None))
            assert error or call.result() == index
        else:
            assert kind == "c"
    assert max(inner.sizes, default=1) <= clusters.LARGEST
    assert executor.free == 2 * clusters.TASKS


def test_short_calls_go_in_batches_and_long_ones_alone(monkeypatch):
    monkeypatch.setattr(clusters, "_one_thread_from_now_on", lambda: None)
    monkeypatch.setattr(clusters, "TASKS", 1)
    for seconds, largest in ((0.0, clusters.LARGEST), (0.15, 1)):
        with Fragile(1) as inner:
            inner.sizes = []
            executor = clusters._Cluster(inner, NONE, threads=1)
            count = 200 if not seconds else 3
            wait([executor.submit(time.sleep, seconds) for _ in range(count)])
        assert max(inner.sizes) == largest


def test_when_the_cluster_is_gone_all_that_wait_are_told():
    class Gone(Inline):
        def submit(self, fn, limits, calls):
            tasks.append(Future())
            return tasks[-1]

    tasks = []
    executor = clusters._Cluster(Gone(), NONE, threads=1)
    calls = [executor.submit(abs, 1) for _ in range(20)]
    assert len(tasks) == clusters.TASKS
    for task in tasks:
        task.cancel()
    for call in calls:
        with pytest.raises(CancelledError):
            call.result(10)
    assert len(tasks) == clusters.TASKS


def test_limits_need_workers_that_may_start_processes(monkeypatch):
    monkeypatch.setattr(clusters, "current_process", lambda: SimpleNamespace(daemon=1))
    good, error = clusters._call(Limits(seconds=1), (abs, (1,), {}))
    assert not good
    assert isinstance(error, Mismatch)
    assert "set DASK_DISTRIBUTED__WORKER__DAEMON=False" in str(error)


def test_without_dask_the_way_to_install_it_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(_arguments(tmp_path, "tcp://127.0.0.1:9")) == 2
    assert "pip install 'halfspace[cluster]'" in capsys.readouterr().err
