"""Cells that grow: the blocks are those that the rows call for, however they come."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfspace import sequential
from simulations.cli import main
from simulations.engine import results, store
from simulations.engine.exports import export
from simulations.engine.pool import Inline
from simulations.engine.runner import Tally, missing, run
from simulations.engine.simulation import study
from tests import coin

COIN = study("tests.coin", "test")
SPEC = coin.SCALES["test"]


class Stop(BaseException):
    """As a Ctrl-C, without the signal."""


@pytest.fixture(autouse=True, scope="module")
def _a_fixed_day():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "0")
        yield


def _exported(folder, executor=None, **kwargs):
    with store.connect(folder / "s") as opened:
        tallies = run(opened, [COIN], executor or Inline(), **kwargs)
        path = export(opened, COIN, folder)
    return path and path.read_bytes(), tallies


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Return the bytes of one undisturbed run."""
    return _exported(tmp_path_factory.mktemp("calm"))[0]


def _by_hand(rate):
    """Return the blocks of a coin, by a loop without the engine."""
    rows = []
    while True:
        rows.append(coin.measure(SPEC, coin=rate, block=len(rows)))
        heads = sum(row["heads"] for row in rows)
        found = sequential.binomial(heads, 50 * len(rows))
        if found.high - found.low <= 0.2 or len(rows) == 10:
            return rows


def test_blocks_are_added_until_the_interval_is_narrow(expected, tmp_path):
    got, tallies = _exported(tmp_path)
    assert got == expected
    assert tallies == [Tally(total=3, before=0, done=3)]
    assert _exported(tmp_path)[1] == [Tally(total=3, before=3)]
    found = results.load("tests.coin", "test", tmp_path)["rows"]
    blocks = [
        ({"coin": rate, "block": index}, row)
        for rate in SPEC.coins
        for index, row in enumerate(_by_hand(rate))
    ]
    assert [(entry["cell"], entry["row"]) for entry in found] == blocks
    sizes = [sum(cell["coin"] == rate for cell, _ in blocks) for rate in SPEC.coins]
    assert sizes[0] < sizes[1] < sizes[2] < 10  # less certain coins take longer
    assert sizes[0] >= 2


@settings(max_examples=25, deadline=None)
@given(
    stops=st.lists(st.integers(1, 4), max_size=4),
    window=st.integers(1, 5),
    threads=st.integers(0, 3),
)
def test_interruptions_and_order_leave_the_bytes(expected, stops, window, threads):
    def stopping(calls):
        seen = []

        def observe(it, tally):
            seen.append(tally)
            if len(seen) > calls:
                raise Stop

        return observe

    with TemporaryDirectory() as name, ThreadPoolExecutor(threads or 1) as many:
        folder, executor = Path(name), many if threads else Inline()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COIN_LOG", f"{name}/log")
            for calls in stops:
                options = {"window": window, "observe": stopping(calls)}
                try:
                    _exported(folder, executor, **options)
                except Stop:
                    with store.connect(folder / "s") as opened:
                        kept = store.rows(opened, COIN.fingerprint)
                        assert {text for text, _ in missing(opened, COIN)}.isdisjoint(
                            kept
                        )
            assert _exported(folder, executor, window=window)[0] == expected
        calls = (folder / "log").read_text().splitlines()
    lost = len(calls) - len(set(calls))
    assert lost <= len(stops) * max(1, threads)  # at work at a stop, at most
    assert expected.count(b'"cell"') == len(set(calls))


def test_a_block_that_fails_ends_its_cell_until_it_is_tried_again(
    expected, tmp_path, monkeypatch
):
    monkeypatch.setenv("COIN_FAIL", "0.3 1")
    got, tallies = _exported(tmp_path)
    assert got is None
    assert tallies == [Tally(total=3, before=0, done=2, failed=1)]
    with store.connect(tmp_path / "s") as opened:
        failed = store.failures(opened, COIN.fingerprint)
    assert failed == {'{"block":1,"coin":0.3}': "ArithmeticError: "}
    monkeypatch.delenv("COIN_FAIL")
    got, tallies = _exported(tmp_path)
    assert got == expected
    assert tallies == [Tally(total=3, before=2, done=1)]


def test_a_budget_ends_what_will_not_be_narrow(monkeypatch, tmp_path):
    monkeypatch.setattr(coin, "SCALES", {"test": coin.Spec(width=1e-9, budget=3)})
    it = study("tests.coin", "test")
    with store.connect(tmp_path / "s") as opened:
        assert run(opened, [it], Inline()) == [Tally(total=3, before=0, done=3)]
        assert len(store.rows(opened, it.fingerprint)) == 9


def test_the_command_line_runs_and_counts_cells_that_grow(tmp_path, capsys):
    options = [
        "--scale",
        "test",
        "--store",
        f"{tmp_path}/s",
        "--results",
        f"{tmp_path}",
    ]
    assert main(["run", "tests.coin", "--jobs", "1", *options]) == 0
    assert capsys.readouterr().out.startswith("tests.coin (test): 3 of 3 cells; ")
