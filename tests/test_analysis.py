"""From rows to intervals: on rows whose truth is known."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import sequential, stats
from simulations import analysis, measures, sequential_measures, sure_hits
from simulations.analysis import Series, crossing, slope, worst_ratio


def power_law(exponent, scale, *, groups=20, noise=0.01, seed=0):
    """A curve whose error is (scale / steps)^(1 / exponent), up to noise per group."""
    steps = np.geomspace(10, 1e6, 101)
    rng = np.random.default_rng(seed)
    errors = (scale / steps) ** (1 / exponent)
    factors = 1 + noise * rng.standard_normal((groups, 1))
    row = {"predicted_average_error": errors.tolist()}
    return Series({"scale": scale}, row, steps, errors * factors, 0)


@given(target=st.floats(1e-4, 0.5), exponent=st.floats(0.5, 3))
def test_a_crossing_of_a_power_law_is_exact(target, exponent):
    steps = np.geomspace(1, 1e12, 50)
    found = crossing(steps ** (-1 / exponent), steps, target)
    np.testing.assert_allclose(found, target**-exponent, rtol=1e-9)


def test_a_crossing_at_the_start_or_never():
    steps = np.array([10.0, 100.0])
    errors = np.array([[0.1, 0.05], [0.5, 0.4]])
    np.testing.assert_allclose(crossing(errors, steps, 0.2), [10.0, np.inf])


def test_samples_needed_covers_the_truth_and_little_else():
    found = analysis.samples_needed(power_law(2, 10), 0.01)
    assert found.low < 1e5 < found.high
    assert found.high / found.low < 1.05


def test_a_target_that_some_bootstrap_samples_miss_has_no_upper_end():
    found = analysis.samples_needed(power_law(2, 100), 0.01)  # met at the last step
    assert found.low < 1e6
    assert found.high == np.inf


@pytest.mark.parametrize("exponent", [1.0, 2.0])
def test_the_exponent_of_a_power_law_is_found(exponent):
    curve = power_law(exponent, 1.0)
    targets = [0.1, 0.05, 0.02]
    found = slope([(curve, target) for target in targets], targets)
    assert found.low - 1e-9 <= -exponent <= found.high + 1e-9
    assert found.high - found.low < 0.02


def test_an_exponent_over_several_curves_is_found():
    scales = [1.0, 2.0, 4.0, 8.0]
    curves = [power_law(1, scale, seed=i) for i, scale in enumerate(scales)]
    found = slope([(curve, 1e-4) for curve in curves], scales)
    assert found.low < 1 < found.high
    assert found.high - found.low < 0.05
    shifted = slope([(c, 1e-4) for c in curves], [s**1.1 for s in scales])
    assert not shifted.low < 1 < shifted.high  # negative control


def test_the_worst_ratio_is_of_all_points_of_all_curves():
    fine, bad = power_law(1, 1.0), power_law(1, 3.0)
    bad.errors[:, 7] *= 1.5
    found = worst_ratio([fine, bad])
    assert found.low < 1.5 < found.high
    assert worst_ratio([fine]).high < 1.1


def test_the_worst_ratio_is_corrected_for_the_number_of_points():
    """Not vacuous: without the correction both ends would be nearer."""
    curve = power_law(1, 1.0)
    level = 1 - (1 - analysis.CONFIDENCE) / curve.steps.size
    _, low, high = curve.ratio(confidence=level)
    found = worst_ratio([curve])
    assert (found.low, found.high) == (low.max(), high.max())
    assert found.high > curve.ratio()[2].max()


def write(folder, name, rows, **spec):
    table = {
        "name": name,
        "scale": "test",
        "question": "",
        "fingerprint": "",
        "seed": 0,
        "spec": spec,
        "environment": {},
        "rows": [{"cell": cell, "row": row} for cell, row in rows],
    }
    (folder / f"{name}.test.json").write_text(json.dumps(table))


def test_blocks_of_a_cell_are_one_curve(tmp_path):
    row = {"steps": [10, 20], "group_trials": 2, "mistakes": [[2, 4]]}
    rows = [
        ({"rate": 0.1, "block": 0}, row | {"most_mistakes": 3}),
        ({"rate": 0.2, "block": 0}, row),
        ({"rate": 0.1, "block": 1}, row | {"mistakes": [[4, 8]], "most_mistakes": 5}),
    ]
    write(tmp_path, "rate_in_error", rows)
    (curve,) = analysis.series("rate_in_error", "test", tmp_path, rate=0.1)
    assert curve.cell == {"rate": 0.1}
    assert curve.errors.tolist() == [[0.1, 0.1], [0.2, 0.2]]
    assert curve.most_mistakes == 5


def test_the_gap_of_distributions_has_its_dkw_interval(tmp_path):
    counts = {"largest_count_difference": {"u": 100, "rho": 300}, "trials": 10_000}
    write(tmp_path, "reduction", [({}, counts)])
    found = measures.distribution_gap("test", tmp_path)
    assert found.estimate == 0.03
    # Two samples, two gaps: 2 sqrt(log(2 / (.01 / 4)) / (2 n)).
    reach = 2 * np.sqrt(np.log(800) / 20_000)
    np.testing.assert_allclose([found.low, found.high], [0, 0.03 + reach], atol=1e-12)


def test_the_smallest_fraction_decides(tmp_path):
    row = {"trials": 1000, "fractions": [0.5, 1.0], "hits": [[10, 1000], [5, 900]]}
    write(tmp_path, "hitting_time", [({"rate": 0.1}, row)])
    found = measures.hit_in_time("test", tmp_path)
    assert found.estimate == 0.9
    assert 0.86 < found.low < 0.9 < found.high < 0.93


def test_trials_that_were_added_are_judged_by_an_interval_for_any_stop(tmp_path):
    """All blocks of a rate are one sample; the worst rate decides."""
    blocks = [
        ({"rate": rate, "block": block}, {"trials": 200, "hits": 200 - misses})
        for rate, misses in ((0.3, 0), (0.0, 1))
        for block in range(5)
    ]
    write(tmp_path, "sure_hits", blocks)
    found = sequential_measures.hit_in_time("test", tmp_path)
    worst = sequential.binomial(995, 1000, confidence=0.995)
    assert found == pytest.approx(worst, rel=1e-9)
    assert found.low < stats.binomial(995, 1000, confidence=0.995).low


def test_trials_are_added_until_the_side_is_known():
    spec = sure_hits.Spec()
    for hits, known in ((1.0, 5), (0.9, 1), (0.99, 50)):
        rows = []
        while not (rows and sure_hits.enough(spec, rows, rate=0.3)):
            rows.append({"trials": 200, "hits": round(200 * hits)})
        assert len(rows) == known


def test_the_furthest_ratio_is_on_either_side_and_forgets_what_is_early():
    def off(by, early=1.0):
        it = power_law(2, 5.0)
        factor = np.where(it.steps < 1000, early, by)
        return Series(it.cell, it.row, it.steps, it.errors * factor, 0)

    key = "predicted_average_error"
    low = analysis.furthest_ratio([off(1.1, 9.0), off(0.8, 0.1)], key, first=1000)
    np.testing.assert_allclose(low.estimate, 0.8, rtol=0.01)
    assert low.low < 0.8 < 1.1 < low.high < 1.2
    high = analysis.furthest_ratio([off(1.3), off(0.8)], key, first=1000)
    np.testing.assert_allclose(high.estimate, 1.3, rtol=0.01)
    assert np.isnan(analysis.furthest_ratio([off(1.1)], key, first=10**7)).all()
