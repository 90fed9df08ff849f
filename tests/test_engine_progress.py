"""What a run shows, and that the time left follows the costs that cells declare."""

from datetime import timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from simulations.engine import progress, runner, store
from simulations.engine.pool import Inline
from simulations.engine.progress import pace, watch
from simulations.engine.runner import Tally, run
from simulations.engine.simulation import fingerprint, study
from tests import toy

TOY = study("tests.toy", "test")
LONGER = study("tests.toy", "quick")


def _shown(terminal, tallies):
    console = Console(file=StringIO(), force_terminal=terminal, width=120)
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


def test_elsewhere_a_long_run_says_where_it_is_once_a_minute(monkeypatch):
    clock = iter(range(0, 1000, 25))
    monkeypatch.setattr(progress, "monotonic", lambda: next(clock))
    tallies = [
        (TOY, Tally(total=6, before=0, done=min(done, 5), work=60, spent=10 * done))
        for done in range(6)
    ]
    assert _shown(False, tallies).splitlines() == [
        "tests.toy (test): 2 of 6 cells; 75.0 s, 0.0267 cells/s, about 0:02:30 left",
        "tests.toy (test): 5 of 6 cells; 150.0 s, 0.0333 cells/s, about 0:00:30 left",
    ]


def test_a_terminal_shows_bars_for_each_and_for_all():
    tallies = [
        (TOY, Tally(total=6, before=2, done=1, failed=1, work=4, spent=2)),
        (LONGER, Tally(total=16, before=0, done=10, work=16, spent=10)),
    ]
    shown = _shown(True, tallies)
    for part in ("all", "14/22", "tests.toy", "4/6", "10/16", "1 failed", "left"):
        assert part in shown
    assert "all" not in _shown(True, tallies[:1])


@given(
    spent=st.integers(1, 100), more=st.integers(0, 100), seconds=st.integers(1, 10**5)
)
def test_the_time_left_is_in_proportion_to_the_work_left(spent, more, seconds):
    tally = Tally(total=9, before=1, done=2, work=spent + more, spent=spent)
    said = pace([tally], seconds).partition("about ")[2].removesuffix(" left")
    assert said == str(timedelta(seconds=round(more / spent * seconds)))


def _costly(monkeypatch, cost):
    monkeypatch.setattr(toy, "cost", cost, raising=False)
    return study("tests.toy", "test")


def test_the_work_is_what_the_simulation_says_its_cells_cost(tmp_path, monkeypatch):
    seen = []
    it = _costly(monkeypatch, lambda spec, index, label: 2.0**index)
    monkeypatch.setenv("TOY_FAIL", "1")
    with store.connect(tmp_path / "s") as opened:
        store.save(opened, it.fingerprint, '{"index":3,"label":"n1"}', "{}")
        run(opened, [it], Inline(), observe=lambda it, tally: seen.append(tally))
    assert {tally.work for tally in seen} == {63 - 8}
    assert [tally.spent for tally in seen] == [0, 32, 48, 52, 54, 55]
    assert seen[-1] == Tally(total=6, before=1, done=4, failed=1)


@pytest.mark.parametrize("cost", [0, -1, float("nan"), float("inf")])
def test_a_cost_is_positive(tmp_path, monkeypatch, cost):
    it = _costly(monkeypatch, lambda spec, **cell: cost)
    with (
        store.connect(tmp_path / "s") as opened,
        pytest.raises(ValueError, match=r"`cost` of tests\.toy must be positive, got"),
    ):
        run(opened, [it], Inline())


def test_while_nothing_finishes_the_observer_still_hears(tmp_path, monkeypatch):
    class Slow(Inline):
        """Answers a call at the third time of asking."""

        def submit(self, fn, /, *args, **kwargs):
            future, call = runner.Future(), super().submit(fn, *args, **kwargs)
            waiting.append((future, call))
            return future

    waiting, seen = [], []

    def observe(it, tally):
        seen.append(tally.attempted)
        if waiting and seen[-3:] == [tally.attempted] * 3:
            future, call = waiting.pop()
            future.set_result(call.result())

    monkeypatch.setattr(runner, "TICK", 0.001)
    with store.connect(tmp_path / "s") as opened:
        run(opened, [TOY], Slow(), observe=observe)
    assert seen == [*sorted([*range(6)] * 3), 6]


@pytest.fixture
def orbit(tmp_path, monkeypatch):
    """Return the file of a simulation that only this test can import."""
    (tmp_path / "orbit").mkdir()
    (tmp_path / "orbit" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "orbit" / "question.py"


def test_a_cost_leaves_the_fingerprint_unless_the_module_uses_it(orbit):
    code = "def measure(spec):\n    return {}\n"
    marks = []
    for more in ("", "\n\ndef cost(spec):\n    return 5.0\n", "x = 1\n"):
        orbit.write_text(code + more)
        marks.append(fingerprint(toy.SCALES["test"], "orbit.question"))
    assert marks[0] == marks[1] != marks[2]
    used = "\n\ndef cost():\n    return {}\n\n\nx = cost()\n"
    for value in (5, 6):
        orbit.write_text(code + used.format(value))
        marks.append(fingerprint(toy.SCALES["test"], "orbit.question"))
    assert len(set(marks)) == 4
