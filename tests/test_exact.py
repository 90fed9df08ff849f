"""The fewest mistakes of any halfspace: against all of them, and its certificate."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import optimize
from scipy import stats as laws

from halfspace import _descent, exact, stream
from halfspace.exact import zero_one
from halfspace.rules import sign
from tests import strategies

few = settings(max_examples=25)
tiny = strategies.samples(trials=st.just(()), max_size=9, dims=st.integers(2, 3))
small = strategies.samples(trials=st.just(()), max_size=25, dims=st.integers(2, 5))


@st.composite
def coarse(draw):
    """Draw points on a grid, with ties, copies, opposites and zeros."""
    n, d = draw(st.integers(1, 8)), draw(st.integers(2, 3))
    x = draw(npst.arrays(float, (n, d), elements=st.sampled_from([-0.5, 0.0, 0.5])))
    y = draw(npst.arrays(float, n, elements=st.sampled_from([-1.0, 1.0])))
    return strategies.frozen(x), strategies.frozen(y)


def noisy(n, d, rate, seed):
    """Return a uniform sample of the sphere with random labels flipped."""
    rng = stream(seed, "exact", n, d)
    x = rng.standard_normal((n, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True) * (1 + 1e-12)
    s = sign(x[:, 0])
    return x, np.where(rng.random(n) < rate, -s, s)


def patterns(x):
    """Return a w of every cell that the boundaries x cut the space into.

    Near each line through the normals of d - 1 of the points and axes, both sides of
    each of those; a cell of the arrangement has such a line as an edge.
    """
    d = x.shape[1]
    x = x[np.any(x != 0, axis=1)]
    planes = np.unique(np.concatenate([x, np.eye(d)]), axis=0)
    found = set()
    for few_planes in combinations(planes, d - 1):
        if np.linalg.matrix_rank(np.array(few_planes)) < d - 1:
            continue
        edge = np.linalg.svd(np.array(few_planes))[2][-1]
        for turn in np.ndindex((2,) * (d - 1)):
            for sizes in ((1e-3, 1e-5), (1e-5, 1e-3)):
                step = (2 * np.array(turn) - 1) * sizes[: d - 1]
                for side in (-1, 1):
                    w = side * edge + np.linalg.pinv(np.array(few_planes)) @ step
                    if np.min(np.abs(x @ w), initial=1) > 1e-9:
                        found.add(tuple(w))
    return np.array(sorted(found))


def fewest(x, y):
    """Return the least number of mistakes, by trying all halfspaces."""
    return int(np.min(np.count_nonzero(sign(patterns(x) @ x.T) != y, axis=1)))


@few
@given(data=tiny)
def test_nothing_in_general_position_errs_less(data):
    x, y, _ = data
    found = zero_one(x, y)
    assert found.optimal
    assert found.mistakes == fewest(x, y)


@given(data=coarse())
def test_nothing_on_a_grid_errs_less(data):
    x, y = data
    found = zero_one(x, y)
    assert found.optimal
    assert found.mistakes == fewest(x, y)


@few
@given(data=small)
def test_the_certificate_is_what_it_says(data):
    x, y, s = data
    found = zero_one(x, y)
    assert found.w.shape == x.shape[1:]
    assert np.linalg.norm(found.w) == pytest.approx(1)
    assert found.mistakes == np.count_nonzero(sign(x @ found.w) != y)
    assert np.all(x @ found.w != 0)
    assert 0 <= found.bound <= found.mistakes
    assert found.gap == found.mistakes - found.bound
    assert found.optimal == (found.gap == 0) == (found.status == "optimal")
    assert found.optimal
    assert found.mistakes <= np.count_nonzero(s != y)  # w* is one of them
    assert found.mistakes <= len(y) // 2


@few
@given(data=small, seed=strategies.seeds)
def test_the_count_does_not_mind_flips_orders_lengths_and_turns(data, seed):
    (x, y, _), rng = data, stream(seed, "turn")
    count = zero_one(x, y).mistakes
    order, lengths = rng.permutation(len(y)), 10 ** rng.uniform(-9, 0, (len(y), 1))
    turn = laws.ortho_group(x.shape[1], seed=rng).rvs()
    assert zero_one(x, -y).mistakes == count
    assert zero_one(-x, y).mistakes == count
    assert zero_one(x[order], y[order]).mistakes == count
    assert zero_one(lengths * x, y).mistakes == count
    assert zero_one(x @ turn * (1 - 1e-12), y).mistakes == count


@few
@given(data=small)
def test_copies_count_and_opposites_cost_one_each(data):
    x, y, _ = data
    count = zero_one(x, y).mistakes
    twice = zero_one(np.tile(x, (2, 1)), np.tile(y, 2))
    assert (twice.mistakes, twice.bound) == (2 * count, 2 * count)
    mirrored = zero_one(np.concatenate([x, -x]), np.concatenate([y, -y]))
    assert mirrored.mistakes == 2 * count
    both = zero_one(np.concatenate([x, 0.5 * x]), np.concatenate([y, -y]))
    assert (both.mistakes, both.bound) == (len(y), len(y))


@given(data=coarse())
def test_zeros_are_right_if_their_label_is_positive(data):
    x, y = data
    count = zero_one(x, y).mistakes
    more = np.concatenate([x, np.zeros((3, x.shape[1]))])
    found = zero_one(more, np.append(y, [1, -1, -1]))
    assert (found.mistakes, found.bound) == (count + 2, count + 2)


def test_fewer_points_than_features_are_all_right():
    x, y = noisy(6, 8, 0.5, 0)
    assert zero_one(x, y).mistakes == 0


@pytest.mark.parametrize("label", [-1.0, 1.0])
def test_one_class_needs_a_bias_or_luck(label):
    x = np.eye(3)[[0, 1, 2, 0]]
    assert zero_one(x, np.full(4, label)).mistakes == 0
    found = zero_one(np.concatenate([x, -x]), np.full(8, label))
    assert (found.mistakes, found.bound) == (4, 4)


def test_constant_features_are_a_bias_or_nothing():
    x, y = noisy(30, 2, 0.2, 1)
    count = zero_one(x, y).mistakes
    nothing = np.concatenate([x, np.zeros((30, 2))], axis=1)
    assert zero_one(nothing, y).mistakes == count
    bias = np.concatenate([x, np.ones((30, 1))], axis=1) / 2
    assert zero_one(bias, y).mistakes <= count
    alike = zero_one(np.full((10, 3), 0.5), [1.0] * 7 + [-1.0] * 3)
    assert (alike.mistakes, alike.bound) == (3, 3)


def test_the_alternating_points_of_a_line_with_a_bias_are_counted():
    """By hand: of 9 alternating labels any threshold gets 5 right, at most."""
    x = np.stack([np.linspace(-0.5, 0.5, 9), np.full(9, 0.5)], axis=1)
    found = zero_one(x, (-1.0) ** np.arange(9))
    assert (found.mistakes, found.bound) == (4, 4)


@pytest.mark.parametrize(("n", "d", "rate"), [(60, 3, 0.2), (200, 2, 0.1)])
def test_the_noisy_truth_is_beaten_a_little(n, d, rate, seed):
    x, y = noisy(n, d, rate, seed)
    found = zero_one(x, y)
    flipped = np.count_nonzero(sign(x[:, 0]) != y)
    assert found.optimal
    assert flipped - 4 * d <= found.mistakes <= flipped


def test_at_the_time_limit_the_best_is_returned_with_its_gap(seed, capfd):
    x, y = noisy(200, 10, 0.3, seed)
    found = zero_one(x, y, seconds=2.0)
    assert found.status == "time limit"
    assert not found.optimal
    assert 0 < found.bound < found.mistakes
    assert found.mistakes == np.count_nonzero(sign(x @ found.w) != y)
    assert found.mistakes <= np.count_nonzero(sign(x[:, 0]) != y)  # as good as w*
    assert capfd.readouterr() == ("", "")  # nor does the solver say anything
    hurried = zero_one(x, y, seconds=1e-6)
    assert 0 <= hurried.bound < found.mistakes <= hurried.mistakes <= 100


@few
@given(data=small, start=strategies.seeds)
def test_searches_never_lose(data, start):
    x, y, _ = data
    a, weight, _ = exact._merge(x, y)
    w = stream(start, "start").standard_normal(x.shape[1])
    found = _descent.descend(a, weight, w)
    kicked = _descent.kick(a, weight, found, np.inf)
    counts = [_descent.count(a, weight, v) for v in (kicked, found, w)]
    assert counts == sorted(counts)


def test_a_program_out_of_time_gives_its_bound_and_not_its_value(monkeypatch):
    z = np.array([1.0, 0.0, 1.0])
    late = optimize.OptimizeResult(x=z, fun=2.0, mip_dual_bound=1.5, status=1)
    monkeypatch.setattr(exact.optimize, "milp", lambda *_, **__: late)
    assert exact._program(z, np.ones((1, 3)), True, 1.0)[1] == 1.5
    assert exact._program(z, np.ones((1, 3)), False, 1.0)[1] == 0
    late.x = None
    answer, bound = exact._program(z, np.ones((1, 3)), True, 1.0)
    assert (answer.tolist(), bound) == ([1, 1, 1], 0)


@given(data=coarse())
def test_ties_and_nothing_else_are_broken_for_the_best(data):
    x, y = data
    u = _descent.unit(x)
    a, weight = u * y[:, None], np.ones(len(y))
    for w in (*np.eye(x.shape[1]), np.ones(x.shape[1]), np.zeros(x.shape[1])):
        turned = _descent.off_boundary(w, x, a, weight)
        t, inside = x @ turned, np.any(x != 0, axis=1)
        if inside.any():
            assert np.all(t[inside] != 0)
            assert np.linalg.norm(turned) == pytest.approx(1)
        clear = x @ w != 0
        np.testing.assert_array_equal(sign(t[clear]), sign((x @ w)[clear]))
        tied = inside & ~clear  # one of the two sides is right for half of them
        assert np.count_nonzero(y[tied] * t[tied] > 0) >= np.count_nonzero(tied) / 2


def test_an_answer_on_the_boundary_of_opposites_is_no_way_out():
    """At w = (1, 1) both would be right, by sign(0) = +1."""
    found = zero_one([[0.5, -0.5], [-0.5, 0.5]], [1, 1])
    assert (found.mistakes, found.bound) == (1, 1)


def test_read_only_samples_are_taken_and_the_answer_is_determined():
    x, y = (strategies.frozen(array) for array in noisy(40, 3, 0.2, 2))
    first, again = zero_one(x, y), zero_one(x, y)
    np.testing.assert_array_equal(first.w, again.w)
    assert (first.mistakes, first.bound) == (again.mistakes, again.bound)


X, Y = noisy(6, 3, 0.2, 3)
NAN, INF = float("nan"), float("inf")
BAD = {
    "x": [
        [],
        [1.0],
        [[1.0]],
        [[NAN, 1.0]],
        [[2.0, 0.0]],
        None,
        "x",
        X[None],
        [[1], []],
    ],
    "y": [[1.0], Y[:4], 0 * Y, None, "y", Y[None]],
    "seconds": [0, -1.0, NAN, INF, None, "1", True, [0.1]],
}
BAD["x"] += [np.zeros((201, 2)), np.zeros((2, 11))]
CASES = [(name, value) for name, values in BAD.items() for value in values]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_bad_input_is_refused_in_one_line_that_names_it(case):
    name, value = CASES[case]
    good = {"x": X, "y": Y, "seconds": 1.0}
    zero_one(**good)
    with pytest.raises((ValueError, TypeError)) as caught:
        zero_one(**(good | {name: value}))
    message = str(caught.value)
    assert "\n" not in message
    assert re.match(rf"`{name}` must .*, got .", message), message


def test_the_largest_sizes_are_taken():
    assert zero_one(np.eye(2)[[0] * 200], np.ones(200)).mistakes == 0
    assert zero_one(np.eye(10), np.ones(10)).mistakes == 0
