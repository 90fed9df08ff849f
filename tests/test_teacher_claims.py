"""How the claims about an estimated teacher are measured, and that they can fail."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from halfspace import stats
from halfspace.distill import top_k
from halfspace.theory.estimation import SMOOTH_EXPONENT
from simulations import isotonic, noise_rate, plug_in
from simulations import teacher_measures as measures
from simulations.engine.results import FOLDER

SPEC = isotonic.Spec()
SIZES = (100, 1000, 10_000, 100_000)


def written(folder, name, rows):
    """Write the committed results with other rows, of (cell, row)."""
    file = f"{name}.paper.json"
    table = json.loads((FOLDER / file).read_text())
    table["rows"] = [{"cell": cell, "row": row} for cell, row in rows]
    (folder / file).write_text(json.dumps(table))


def calibrated(folder, shape, factors, power=SMOOTH_EXPONENT):
    """Write errors that are these factors of a power of n, the same in all groups."""
    rows = []
    for size, factor in zip(SIZES[::-1], factors[::-1], strict=True):
        law = 0.5 * size**power
        wobble = np.resize([0.99, 1.01], 20)
        rows.append(
            (
                {"shape": shape, "size": size},
                {
                    "group_trials": 5,
                    "errors": (5 * factor * law * wobble).tolist(),
                    "predicted_error": law,
                },
            )
        )
    written(folder, "calibration", rows)


def test_exponents_and_ratios_are_those_of_the_rows(tmp_path):
    """Exponents of a power are that power; few rows are left out where it is asked."""
    calibrated(tmp_path, "smooth", [2, 1.05, 1, 1])
    whole = measures.furthest("smooth")("paper", tmp_path)
    assert whole.estimate == pytest.approx(2)
    assert whole.low < 1 < 2 < whole.high
    late = measures.furthest("smooth", least=1000)("paper", tmp_path)
    assert late.estimate == pytest.approx(1.05)
    assert measures.errors("paper", tmp_path, "smooth").sizes.tolist() == list(SIZES)
    largest = measures.largest("smooth")("paper", tmp_path)
    together = stats.mean(np.resize([1.98, 2.02], 20), confidence=0.9975)  # 4 sizes
    assert largest == pytest.approx(tuple(map(float, together)))
    slope = measures.exponent("smooth", least=10_000)("paper", tmp_path)
    assert slope.estimate == pytest.approx(SMOOTH_EXPONENT, abs=1e-9)
    assert slope.low <= slope.estimate <= slope.high
    calibrated(tmp_path, "smooth", [1, 10**0.5, 10, 10**1.5])
    relative = measures.exponent("smooth", relative=True)("paper", tmp_path)
    assert relative.estimate == pytest.approx(0.5, abs=1e-9)
    nothing = measures.furthest("smooth", least=1e9)("paper", tmp_path)
    assert np.isnan(nothing).all()
    assert np.isnan(measures.exponent("smooth", least=1e9)("paper", tmp_path)).all()


def test_gaps_are_paired_and_bounds_are_of_who_is_told_the_fit(tmp_path):
    noise = 100 * np.arange(20.0)[:, None]

    def row(error, bound):
        counts = 4 * error * np.array([10_000, 50_000]) + noise
        return {
            "steps": [10_000, 50_000],
            "group_trials": 4,
            "mistakes": counts.tolist(),
            "predicted_excess_risk": [bound, bound],
        }

    rows = {"alpha": row(0.1, 0.5), "one rate": row(0.9, 1e-9)}
    rows |= {10: row(0.3, 0.25), 1000: row(0.15, 0.5)}
    cells = [({"part": "student", "told": told}, it) for told, it in rows.items()]
    written(tmp_path, "plug_in", cells)
    found = measures.last_gap("paper", tmp_path)
    assert found == pytest.approx((0.05, 0.05, 0.05))  # the noise cancels
    assert measures.blind_gap("paper", tmp_path).estimate == pytest.approx(0.8)
    worst = measures.excess_over_bound("paper", tmp_path)
    most = 0.2 * (0.3 + noise.mean() / 40_000) / 0.25
    assert worst.estimate == pytest.approx(most)
    assert worst.low < most < worst.high


def test_fits_have_a_certificate():
    """Claim D1: as those of the simulation do."""
    rng = np.random.default_rng(0)
    for _ in range(5):
        away, ascent, certified = isotonic.compared(*isotonic.instance(SPEC, rng))
        assert away < 1e-4
        assert abs(ascent) < 1e-12
        assert certified


@pytest.mark.parametrize(
    "wrong",
    [
        lambda v: np.clip(0.98 * v, 0, 1),
        lambda v: np.full_like(v, v.mean()),
        lambda v: v[::-1],
        lambda v: v + np.arange(v.size) * 1e-9,
        lambda v: 0 * v,
    ],
)
def test_what_is_not_the_fit_has_no_certificate(wrong, monkeypatch):
    """Negative control for D1."""
    honest = isotonic.fit_accuracy
    scores, right = np.repeat(np.arange(4.0), 3), np.array([0, 1, 0, 1, 0, 0] * 2)
    right[6:] = [0, 1, 1, 1, 1, 0]
    case = scores, right.astype(float), np.ones(12), 0.25, 0.75
    assert isotonic.compared(*case)[2]

    def dishonest(*args, **options):
        fit = honest(*args, **options)
        return SimpleNamespace(step=lambda levels: wrong(fit.step(levels)))

    monkeypatch.setattr(isotonic, "fit_accuracy", dishonest)
    assert not isotonic.compared(*case)[2]


def test_a_fit_that_is_out_of_order_is_noticed(monkeypatch):
    """Negative control for D3."""
    rng = np.random.default_rng(0)
    assert not any(isotonic.disordered(SPEC, rng) for _ in range(20))
    honest = isotonic.fit_top_k

    def turned(p, labels):
        return top_k.TopK(honest(p, labels).accuracies[::-1])

    monkeypatch.setattr(isotonic, "fit_top_k", turned)
    assert any(isotonic.disordered(SPEC, rng) for _ in range(20))


def test_more_clean_rows_extend_fewer():
    """The fits on fewer rows are of the first of them, trial by trial."""
    spec = plug_in.Spec(trials=3)
    few, many = (plug_in.fitted(spec, size) for size in (1, 500))
    for one, other in zip(few, many, strict=True):
        assert one.thresholds.size == 1
        assert (one.count, other.count) == (1, 500)
    firsts = [it.thresholds[0] for it in few]
    assert len(set(firsts)) == 3
    grown = plug_in.fitted(spec, 2)
    for one, two in zip(few, grown, strict=True):
        assert one.thresholds[0] in two.thresholds


def test_what_is_told_is_one_less_the_fit_at_the_score():
    spec = plug_in.SCALES["test"]
    fits = plug_in.fitted(spec, 100_000)
    true = next(plug_in.retold(spec, "alpha", []))
    fitted = next(plug_in.retold(spec, 100_000, fits))
    one = next(plug_in.retold(spec, "one rate", []))
    np.testing.assert_array_equal(true.x, fitted.x)
    np.testing.assert_array_equal(true.y, one.y)
    assert set(np.unique(true.rate)) == {0, 0.4}
    assert set(np.unique(one.rate)) == {0.1}
    assert np.abs(fitted.rate - true.rate).mean() < 0.01
    assert np.abs(fitted.rate - true.rate).max() > 0
    for fit, rate in zip(fits, fitted.rate, strict=True):
        assert np.isin(rate, 1 - fit.values).all()


def rated(missed, estimate, trials=500):
    """Return a row of the noise rate, its estimates not all the same."""
    wobble = np.resize([-0.01, 0.01], 10)
    return {
        "trials": trials,
        "group_trials": trials // 10,
        "missed": missed,
        "estimates": ((estimate + wobble) * (trials // 10)).tolist(),
    }


def test_coverage_and_bias_are_those_of_the_worst_rate(tmp_path):
    rows = {(0.1, 0): rated(0, 0.11), (0.1, 1): rated(3, 0.12)}
    rows |= {(0.3, 0): rated(5, 0.25), (0.3, 1): rated(4, 0.29)}
    cells = [({"rate": rate, "block": b}, row) for (rate, b), row in rows.items()]
    written(tmp_path, "noise_rate", cells)
    hits = measures.least_covered("paper", tmp_path)
    exact = stats.binomial(991, 1000, confidence=0.995)
    assert hits == pytest.approx(tuple(exact))
    bias = measures.rate_bias("paper", tmp_path)
    assert bias.estimate == pytest.approx(-0.03)
    assert bias.low < -0.03 < 0.015 < bias.high


def test_the_chosen_hypothesis_learns_and_a_bound_below_the_rate_is_counted(
    monkeypatch,
):
    """Not vacuous, and a negative control for D5: a bound that is .02 lower."""
    spec = replace(noise_rate.SCALES["test"], rows=1500, trials=10, groups=5)
    row = noise_rate.measure(spec, rate=0.1, block=0)
    assert row["missed"] == 0
    assert np.sum(row["errors"]) / 10 < 0.03
    assert abs(np.sum(row["estimates"]) / 10 - 0.1) < 0.02
    assert 0 <= np.sum(row["told"]) / 10 <= 0.45
    honest = noise_rate.rate_from_holdout

    def bold(*args, confidence):
        found = honest(*args, confidence=confidence)
        return replace(found, upper=found.estimate - 0.02)

    monkeypatch.setattr(noise_rate, "rate_from_holdout", bold)
    assert noise_rate.measure(spec, rate=0.1, block=0)["missed"] >= 8
