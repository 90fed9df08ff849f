"""Whatever the jobs, the order and the interruptions, results are the same bytes."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.engine import runner, store
from simulations.engine.attempt import Mismatch, task_of
from simulations.engine.exports import export
from simulations.engine.pool import Inline, pool
from simulations.engine.runner import Tally, missing, run
from simulations.engine.simulation import study
from simulations.engine.worker import one_thread

ROOT = Path(__file__).parents[1]
TOY = study("tests.toy", "test")
LONGER = study("tests.toy", "quick")


@pytest.fixture(autouse=True, scope="module")
def _a_fixed_day():
    """Give every run of this module, and what it starts, the same date."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "0")
        yield


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Return the file in which the toy writes "index pid" for each call."""
    path = tmp_path / "log"
    path.touch()
    monkeypatch.setenv("TOY_LOG", str(path))
    return path


def _calls(log):
    return [int(line.split()[0]) for line in log.read_text().splitlines()]


def _exported(it, folder, executor=None, **kwargs):
    """Return the bytes of the results of a study, run in a store in `folder`."""
    here = nullcontext(executor) if executor else pool(1)
    with store.connect(folder / "store") as opened, here as executor:
        run(opened, [it], executor=executor, **kwargs)
        path = export(opened, it, folder)
    return path and path.read_bytes()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Return the bytes of both studies' results from one undisturbed process."""
    with pool(1) as executor:
        return {
            it.scale: _exported(
                it, tmp_path_factory.mktemp(it.scale), executor=executor
            )
            for it in (TOY, LONGER)
        }


class Stop(BaseException):
    """As a Ctrl-C, without the signal."""


def _stop_after(calls):
    def observe(study, tally):
        if tally.done + tally.failed >= calls:
            raise Stop

    return observe


@settings(max_examples=25, deadline=None)
@given(
    stops=st.lists(st.integers(1, 5), max_size=3),
    window=st.integers(1, 8),
    threads=st.integers(0, 3),
)
def test_interruptions_and_order_leave_the_bytes(expected, stops, window, threads):
    with TemporaryDirectory() as folder, pool(1) as inline:
        folder = Path(folder)
        executor = ThreadPoolExecutor(threads) if threads else inline
        with executor:
            for calls in stops:
                options = {"executor": executor, "window": window}
                try:
                    _exported(TOY, folder, observe=_stop_after(calls), **options)
                except Stop:
                    with store.connect(folder / "store") as opened:
                        assert len([*missing(opened, TOY)]) < len(TOY.cells)
            got = _exported(TOY, folder, executor=executor, window=window)
    assert got == expected["test"]


@given(calls=st.integers(1, 5))
@settings(max_examples=5, deadline=None)
def test_what_was_finished_is_not_computed_again(calls):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        folder = Path(folder)
        patch.setenv("TOY_LOG", str(folder / "log"))
        with pytest.raises(Stop):
            _exported(TOY, folder, observe=_stop_after(calls))
        assert _calls(folder / "log") == [5, 4, 3, 2, 1, 0][:calls]
        _exported(TOY, folder)
        assert _calls(folder / "log") == [5, 4, 3, 2, 1, 0]


def test_two_processes_give_the_bytes_of_one(expected, tmp_path, log):
    with pool(2) as executor:
        got = _exported(LONGER, tmp_path, executor=executor, window=8)
    assert got == expected["quick"]
    assert Counter(_calls(log)) == Counter(range(16))
    pids = {line.split()[1] for line in log.read_text().splitlines()}
    assert str(os.getpid()) not in pids
    assert b'"threads":1}' in got
    assert b'"threads":2' not in got


def test_what_has_finished_by_a_stop_is_kept(tmp_path):
    with pytest.raises(Stop):
        _exported(TOY, tmp_path, window=6, observe=_stop_after(1))
    with store.connect(tmp_path / "store") as opened:
        assert [*missing(opened, TOY)] == []


def test_what_has_not_begun_by_a_stop_is_cancelled(tmp_path, log, monkeypatch):
    monkeypatch.setenv("TOY_DELAY", "0.1")
    options = {"window": 16, "observe": _stop_after(1)}
    with ThreadPoolExecutor(1) as executor, pytest.raises(Stop):
        _exported(LONGER, tmp_path, executor=executor, **options)
    assert len(_calls(log)) < 16


class Counting(ThreadPoolExecutor):
    """Notes what it is given, and how much of that was not yet seen to finish."""

    def __init__(self):
        super().__init__(1)
        self.begun, self.seen, self.waiting = [], 0, []

    def submit(self, fn, /, *args, **kwargs):
        self.begun.append((args[0].spec.size, args[1]["index"]))
        self.waiting.append(len(self.begun) - self.seen)
        return super().submit(fn, *args, **kwargs)

    def observe(self, study, tally):
        self.seen += tally.attempted > 0


def test_studies_share_one_queue_and_few_cells_wait_in_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_DELAY", "0.01")
    with store.connect(tmp_path / "s") as opened, Counting() as executor:
        options = {"window": 3, "observe": executor.observe}
        tallies = run(opened, [TOY, LONGER], executor, **options)
    grid = [
        (it.spec.size, i) for it in (TOY, LONGER) for i in range(it.spec.size)[::-1]
    ]
    assert executor.begun == grid
    assert max(executor.waiting) == 3
    assert tallies == [Tally(total=n, before=0, done=n) for n in (6, 16)]


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("TOY_FAIL", "ArithmeticError: `index` was told to fail, got 2"),
        ("TOY_NAN", "ValueError: `row` must be finite, got nan at `share`"),
    ],
)
def test_a_failure_is_recorded_retried_and_cleared(
    expected, tmp_path, log, monkeypatch, trouble, sentence
):
    monkeypatch.setenv(trouble, "2")
    with store.connect(tmp_path / "s") as opened, pool(1) as executor:
        for before in (0, 5):
            tallies = run(opened, [TOY], executor)
            done = 5 - before
            assert tallies == [Tally(total=6, before=before, done=done, failed=1)]
            found = store.failures(opened, TOY.fingerprint)
            assert found == {'{"index":2,"label":"n0"}': sentence}
            assert export(opened, TOY, tmp_path) is None
        monkeypatch.delenv(trouble)
        assert run(opened, [TOY], executor) == [Tally(total=6, before=5, done=1)]
        assert store.failures(opened, TOY.fingerprint) == {}
        path = export(opened, TOY, tmp_path)
    assert path.read_bytes() == expected["test"]
    assert _calls(log) == [5, 4, 3, 2, 1, 0, 2, 2]


def test_a_row_that_is_no_dict_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.toy.measure", lambda spec, **cell: [1])
    with store.connect(tmp_path / "s") as opened:
        assert run(opened, [TOY], Inline()) == [Tally(total=6, before=0, failed=6)]
        found = set(store.failures(opened, TOY.fingerprint).values())
    assert found == {"TypeError: `row` must be a dict, got [1]"}


def _start(folder, jobs="2"):
    """Start a run of 16 slow cells, in its own process group."""
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from simulations.cli import main; sys.exit(main())"
    )
    options = ["--jobs", jobs, "--store", folder / "store", "--results", folder]
    return subprocess.Popen(
        [sys.executable, "-c", code, "run", "tests.toy", *options],
        cwd=ROOT,
        env={**os.environ, "TOY_DELAY": "0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _wait(condition, process):
    end = time.monotonic() + 100
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def _stored(folder):
    path = folder / "store"
    # It may not be there yet, or not all of it.
    with suppress(OSError), store.connect(path, readonly=True) as opened:
        return len(store.rows(opened, LONGER.fingerprint))
    return 0


def _resume(folder, log, expected):
    """Finish the run: the same bytes, and no stored cell is computed again."""
    kept = _stored(folder)
    log.write_text("")
    for _ in range(2):
        with pool(1) as executor:
            assert _exported(LONGER, folder, executor=executor) == expected
        assert len(_calls(log)) == 16 - kept


@pytest.mark.parametrize(
    ("send", "sent"),
    [
        pytest.param(os.killpg, signal.SIGINT, id="by a terminal"),
        pytest.param(os.kill, signal.SIGTERM, id="by a batch system"),
    ],
)
def test_a_signal_keeps_what_finished_and_says_how_to_resume(
    send, sent, expected, tmp_path, log
):
    with _start(tmp_path) as process:
        _wait((tmp_path / "store").is_file, process)
        _wait(lambda: _stored(tmp_path) >= 3, process)
        send(process.pid, sent)
        out, err = process.communicate(timeout=100)
    assert process.returncode == 130
    assert out == ""
    assert err.startswith(
        "stopped: finished cells are kept, `python -m simulations run"
    )
    assert err.count("\n") == 1
    assert f"run tests.toy --jobs 2 --store {tmp_path}/store" in err
    assert 3 <= _stored(tmp_path) < 16
    _resume(tmp_path, log, expected["quick"])


def test_a_killed_run_leaves_no_workers_and_resumes(expected, tmp_path, log):
    with _start(tmp_path) as process:
        _wait(lambda: _stored(tmp_path) >= 3, process)
        process.kill()
        process.communicate(timeout=100)  # ends when all that hold the pipe have ended
    assert 3 <= _stored(tmp_path) < 16
    _resume(tmp_path, log, expected["quick"])


def test_of_two_runs_on_a_store_one_waits_and_then_has_nothing_to_do(
    expected, tmp_path, log
):
    with _start(tmp_path, "1") as one, _start(tmp_path, "1") as two:
        said = sorted(process.communicate(timeout=100)[1] for process in (one, two))
        assert (one.returncode, two.returncode) == (0, 0)
    line = f"waiting: another run writes to {tmp_path}/store, this one goes on then\n"
    assert said == ["", line]
    assert sorted(_calls(log)) == [*range(16)]
    assert (tmp_path / "tests.toy.quick.json").read_bytes() == expected["quick"]


def test_a_clock_that_jumps_changes_the_day_alone(expected, tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    clock = cycle([10**9, 2 * 10**9, 0])
    monkeypatch.setattr("time.time", lambda: next(clock))
    got = _exported(TOY, tmp_path).splitlines()
    calm = expected["test"].splitlines()
    (line,) = [line for line in calm if line.startswith(b'"provenance"')]
    assert b'"date":"1970-01-01"' in line
    assert [new for old, new in zip(calm, got, strict=True) if old != new] == [
        line.replace(b"1970-01-01", b"2033-05-18")
    ]


class Lost(Inline):
    """Computes two cells, and then is gone like a scheduler that was stopped."""

    def __init__(self):
        self.left = 2

    def submit(self, fn, /, *args, **kwargs):
        self.left -= 1
        if self.left >= 0:
            return super().submit(fn, *args, **kwargs)
        future = Future()
        future.cancel()
        return future


def test_an_executor_that_is_gone_ends_the_run_and_keeps_what_finished(
    expected, tmp_path
):
    with pytest.raises(BrokenExecutor, match="dropped its calls"), one_thread():
        _exported(TOY, tmp_path, executor=Lost())
    with store.connect(tmp_path / "store") as opened:
        assert len(store.rows(opened, TOY.fingerprint)) == 2
        assert store.failures(opened, TOY.fingerprint) == {}
    assert _exported(TOY, tmp_path) == expected["test"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"versions": {"numpy": "1.0"}}, r"got numpy .* there and 1\.0 here"),
        ({"fingerprint": "0" * 16}, "got others for tests.toy: update them there"),
    ],
)
def test_a_worker_of_another_version_ends_the_run(
    tmp_path, monkeypatch, wrong, sentence
):
    task = task_of(TOY)._replace(fingerprint="1" * 16)._replace(**wrong)
    monkeypatch.setattr(runner, "task_of", lambda study: task)
    with store.connect(tmp_path / "s") as opened:
        with pytest.raises(Mismatch, match=rf"worker \d+ on .* must .*{sentence}"):
            run(opened, [TOY], Inline())
        assert store.rows(opened, TOY.fingerprint) == {}
        assert store.failures(opened, TOY.fingerprint) == {}
