"""Claim G3: what the students start from, and how the share that is closed is measured.

Whether they are better is measured at paper scale, and not here.
"""

import numpy as np
import pytest

from halfspace import stream
from halfspace.distill.mlp import scores
from halfspace.distill.network import Network, initial
from simulations import guide_claims, guide_start

SPEC = guide_start.SCALES["test"]


def teacher(units=8, trials=3):
    """Return a network and its parameters, with biases."""
    network = Network(inputs=20, classes=5, hidden=(units,))
    first, last = initial(network, rng=stream(0, "teacher"), trials=(trials,))
    bias = stream(0, "bias").standard_normal(first.b.shape).astype(first.b.dtype)
    return network, (first._replace(b=bias), last)


def test_a_student_as_wide_as_its_teacher_starts_as_the_teacher():
    network, weights = teacher()
    x = stream(0, "x").poisson(0.3, (3, 40, 20)).astype(np.float32)
    for start in (weights, guide_start.compressed(weights, 8)):
        same = scores(network, guide_start.thinned(start, 8), x)
        np.testing.assert_allclose(same, scores(network, weights, x), atol=1e-4)


@pytest.mark.parametrize("width", [1, 3])
def test_a_narrow_student_has_the_compressed_units_of_its_teacher(width):
    """Of the best table of this rank, evenly spaced units; and their own outputs."""
    _, weights = teacher()
    first, last = guide_start.thinned(guide_start.compressed(weights, width), width)
    assert first.w.shape == (3, 20, width)
    assert last.w.shape == (3, width, 5)
    u, sigma, rows = np.linalg.svd(weights[0].w.astype(float), full_matrices=False)
    best = (u[..., :width] * sigma[:, None, :width]) @ rows[:, :width]
    keep = [0] if width == 1 else [0, 4, 7]  # 3.5 is rounded to 4
    np.testing.assert_allclose(first.w, best[..., keep], atol=1e-5)
    np.testing.assert_array_equal(first.b, weights[0].b[..., keep])
    np.testing.assert_array_equal(last.w, weights[1].w[..., keep, :])


def test_all_students_see_the_same_bags_and_the_same_teacher():
    narrow, wide = (guide_start.measure(SPEC, width=it) for it in (2, 4))
    assert narrow["teacher"] == wide["teacher"]
    assert narrow["guide"] != wide["guide"]
    assert max(narrow["teacher"]) <= narrow["rows"]


def test_bags_have_their_size_and_the_classes_of_the_truth(seed):
    """The mean size within 7 standard errors; classes are not all one."""
    spec = guide_start.Spec(teacher_rows=400, trials=5)
    first = guide_start.bags(spec, stream(seed, "bags"))[0]
    sizes = first.x.sum(axis=-1)
    assert abs(sizes.mean() - spec.bag) < 7 * np.sqrt(spec.bag / sizes.size)
    assert all(len(np.unique(each)) > 1 for each in first.y)
    again, other = (guide_start.bags(spec, stream(seed, it))[0] for it in ("bags", "b"))
    np.testing.assert_array_equal(first.y, again.y)
    assert (first.y != other.y).any()


def rows(guide, spread=1):
    """Return a row of 20 trials: random .4, teacher .8, and this in between."""
    noise = spread * np.resize([-1, 1], 20)
    kinds = {"labelled": 40 + noise, "distilled": 40 + noise}
    best = {key: guide + noise for key in kinds}
    return {"rows": 100, "teacher": 80 + noise, "random": kinds, "guide": best}


def test_the_share_that_is_closed_by_hand(monkeypatch, tmp_path):
    """Claim G3, its measure: a quarter, and where two differ the lesser of both."""
    found = guide_claims.closed(rows(50), "labelled")
    np.testing.assert_allclose(found, 0.25, atol=1e-9)
    both = {"rows": [{"row": rows(70)}, {"row": rows(50)}]}
    monkeypatch.setattr(guide_claims, "load", lambda *_: both)
    least = guide_claims.least_closed("distilled")("paper", tmp_path)
    np.testing.assert_allclose(least, 0.25, atol=1e-9)
    none = guide_claims.closed(rows(38), "labelled")
    assert none.high < 0  # negative control: a start that is worse
    flat = rows(50) | {"teacher": np.full(20, 40)}
    assert np.isnan(guide_claims.closed(flat, "labelled")).any()
