"""Whatever the jobs, the order and the interruptions, results are the same bytes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from io import StringIO
from multiprocessing import active_children, spawn
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from simulations.engine import results, store
from simulations.engine.pool import Inline, pool
from simulations.engine.progress import watch
from simulations.engine.runner import Tally, missing, run
from simulations.engine.simulation import study

ROOT = Path(__file__).parents[1]
TOY = study("tests.toy", "test")
LONGER = study("tests.toy", "quick")


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Return the file in which the toy writes "index pid" for each call."""
    path = tmp_path / "log"
    path.touch()
    monkeypatch.setenv("TOY_LOG", str(path))
    return path


def _calls(log):
    return [int(line.split()[0]) for line in log.read_text().splitlines()]


def _exported(it, folder, **kwargs):
    """Return the bytes of the results of a study, run in a store in `folder`."""
    kwargs = {"executor": Inline(), **kwargs}
    with store.connect(folder / "store") as opened:
        run(opened, [it], **kwargs)
        path = results.export(opened, it, folder)
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
                        assert len(missing(opened, TOY)) < len(TOY.cells)
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
        assert missing(opened, TOY) == []


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
        self.begun.append((args[1].size, args[2]["index"]))
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
            assert results.export(opened, TOY, tmp_path) is None
        monkeypatch.delenv(trouble)
        assert run(opened, [TOY], executor) == [Tally(total=6, before=5, done=1)]
        assert store.failures(opened, TOY.fingerprint) == {}
        path = results.export(opened, TOY, tmp_path)
    assert path.read_bytes() == expected["test"]
    assert _calls(log) == [5, 4, 3, 2, 1, 0, 2, 2]


def test_a_row_that_is_no_dict_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.toy.measure", lambda spec, **cell: [1])
    with store.connect(tmp_path / "s") as opened:
        assert run(opened, [TOY], Inline()) == [Tally(total=6, before=0, failed=6)]
        found = set(store.failures(opened, TOY.fingerprint).values())
    assert found == {"TypeError: `row` must be a dict, got [1]"}


def _leave_at_work():
    with pool(2) as executor:
        executor.submit(signal.raise_signal, signal.SIGINT).result()  # not for workers
        work = [executor.submit(time.sleep, 60) for _ in range(50)]
        while not work[0].running():
            time.sleep(0.01)
        for future in work:
            future.cancel()
        assert active_children()
        raise Stop


def test_a_pool_left_by_an_exception_ends_its_workers():
    end = time.monotonic() + 20
    with pytest.raises(Stop):
        _leave_at_work()
    while active_children():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_an_interrupt_waits_until_a_worker_has_started(monkeypatch):
    """Else the worker complains that its parent sent it nothing to do."""
    prepare, started, end = spawn.get_preparation_data, [], threading.Event()

    def interrupted(name):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        return prepare(name)

    def submit():
        with pool(2) as executor:
            try:
                executor.submit(os.getpid)
            finally:
                started.extend(active_children())

    monkeypatch.setattr(spawn, "get_preparation_data", interrupted)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=end.wait).start()  # as BLAS's: it takes signals too
    try:
        with pytest.raises(KeyboardInterrupt):
            submit()
    finally:
        signal.signal(signal.SIGINT, usual)
        end.set()
    assert len(started) == 1


def test_a_worker_that_dies_is_an_error_and_the_rest_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_DIE", "0")  # the last one
    with (
        store.connect(tmp_path / "s") as opened,
        pytest.raises(BrokenExecutor),
        pool(2) as executor,
    ):
        run(opened, [TOY], executor, window=2)
    with store.connect(tmp_path / "s") as opened:
        assert 1 <= len(missing(opened, TOY)) <= 2
        assert store.failures(opened, TOY.fingerprint) == {}


def _start(folder, **more):
    """Start a run of 16 slow cells on two processes, in its own process group."""
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from simulations.cli import main; sys.exit(main())"
    )
    options = ["--jobs", "2", "--store", folder / "store", "--results", folder]
    return subprocess.Popen(
        [sys.executable, "-c", code, "run", "tests.toy", *options],
        cwd=ROOT,
        env={**os.environ, "TOY_DELAY": "0.15", **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _wait(condition, process):
    end = time.monotonic() + 20
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def _stored(folder):
    if not (folder / "store").is_file():
        return 0
    with store.connect(folder / "store") as opened:
        return len(store.rows(opened, LONGER.fingerprint))


def _resume(folder, log, expected):
    """Finish the run: the same bytes, and no stored cell is computed again."""
    kept = _stored(folder)
    log.write_text("")
    for _ in range(2):
        with pool(1) as executor:
            assert _exported(LONGER, folder, executor=executor) == expected
        assert len(_calls(log)) == 16 - kept


@pytest.mark.parametrize("rows", [0, 3])
def test_ctrl_c_keeps_what_finished_and_says_how_to_resume(
    expected, tmp_path, log, rows
):
    with _start(tmp_path) as process:
        _wait((tmp_path / "store").is_file, process)
        _wait(lambda: _stored(tmp_path) >= rows, process)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == ""
    assert err.startswith(
        "stopped: finished cells are kept, `python -m simulations run"
    )
    assert err.count("\n") == 1
    assert f"run tests.toy --jobs 2 --store {tmp_path}/store" in err
    assert rows <= _stored(tmp_path) < 16
    _resume(tmp_path, log, expected["quick"])


def test_a_killed_run_leaves_no_workers_and_resumes(expected, tmp_path, log):
    with _start(tmp_path) as process:
        _wait(lambda: _stored(tmp_path) >= 3, process)
        process.kill()
        process.communicate(timeout=20)  # ends when all that hold the pipe have ended
    assert 3 <= _stored(tmp_path) < 16
    _resume(tmp_path, log, expected["quick"])


def test_two_runs_share_a_store(expected, tmp_path, log):
    with _start(tmp_path, TOY_DELAY="0") as one, _start(tmp_path, TOY_DELAY="0") as two:
        for process in (one, two):
            _, err = process.communicate(timeout=20)
            assert (process.returncode, err) == (0, "")
    assert (tmp_path / "tests.toy.quick.json").read_bytes() == expected["quick"]


def _shown(terminal, tallies):
    console = Console(file=StringIO(), force_terminal=terminal, width=100)
    with watch(console) as show:
        for it, tally in tallies:
            show(it, tally)
    return console.file.getvalue()


def test_elsewhere_than_on_a_terminal_each_simulation_is_one_line():
    tallies = [(TOY, Tally(total=6, before=2, done=done)) for done in range(4)]
    tallies += [(TOY, Tally(total=6, before=2, done=3, failed=1))]
    tallies += [(LONGER, Tally(total=16, before=0, done=done)) for done in range(17)]
    first, second = _shown(False, tallies).splitlines()
    start = "tests.toy (test): 5 of 6 cells, 2 of them from the store, 1 failed; "
    assert first.startswith(start)
    assert second.startswith("tests.toy (quick): 16 of 16 cells; ")


def test_a_terminal_shows_bars_for_each_and_for_all():
    tallies = [
        (TOY, Tally(total=6, before=2, done=1, failed=1)),
        (LONGER, Tally(total=16, before=0, done=10)),
    ]
    shown = _shown(True, tallies)
    for part in ("all", "14/22", "tests.toy", "4/6", "10/16", "1 failed", "left"):
        assert part in shown
    assert "all" not in _shown(True, tallies[:1])
