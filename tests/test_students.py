"""Every student: what it is taught, its symmetries, and that it learns."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfspace import stream
from halfspace.distill import students
from halfspace.distill.lesson import Lesson, learn
from halfspace.distill.mlp import scores
from halfspace.distill.network import Network, initial
from halfspace.distill.optimisers import Adam
from halfspace.distill.students import STUDENTS
from halfspace.distill.task import Held, Task
from halfspace.distill.training import Training
from halfspace.distill.weighting import neighbour_weights
from halfspace.transition import cross_entropy
from tests.networks import blobs, trial
from tests.strategies import seeds

few = settings(max_examples=8)
every = pytest.mark.parametrize("name", STUDENTS)
#: Students that at a teacher who is always right and sure learn as from the truth.
FAITHFUL = set(STUDENTS) - {"labelled_only", "temperature", "taylor"}
TRIALS, N, M, V = 2, 5, 8, 12


@st.composite
def tasks(draw):
    """Draw a task of two trials; no accuracy is such that the mix says nothing."""
    rng, k = stream(draw(seeds), "task"), draw(st.integers(2, 4))
    return make(rng, k)


def make(rng, k, perfect=False):
    def rows(n):
        return rng.standard_normal((TRIALS, n, 2))

    def said(y):
        guess = rng.dirichlet(np.ones(k), y.shape)
        return np.eye(k)[y] if perfect else guess

    y, truth, held = (rng.integers(0, k, (TRIALS, n)) for n in (N, M, V))
    return Task(
        x=rows(N),
        y=y,
        taught=rows(M),
        scores=said(truth),
        accuracy=np.ones((TRIALS, M)) if perfect else rng.uniform(0.6, 1, (TRIALS, M)),
        sizes=rng.integers(2, k + 1, (TRIALS, M)),
        held=Held(rows(V), held, said(held)),
        truth=truth,
    )


def lesson(name, task, student):
    """Return the lesson, with its weights for one student broadcast to all rows."""
    found = STUDENTS[name](task)
    weight = found.weight(student) if callable(found.weight) else found.weight
    return found._replace(weight=np.broadcast_to(weight, found.x.shape[:-1]))


def linear(seed, k, scale=1.0):
    """Return a student: scores that are linear in the rows."""
    w = scale * stream(seed, "student").standard_normal((2, k))
    return lambda x: x @ w


@every
@few
@given(task=tasks(), seed=seeds)
def test_clean_rows_are_learned_as_they_are(name, task, seed):
    found = lesson(name, task, linear(seed, task.scores.shape[-1]))
    z = linear(seed, task.scores.shape[-1])(found.x)
    value, gradient = found.loss(z, *found.targets)
    plain = cross_entropy(z[:, :N], task.y)
    np.testing.assert_allclose(value[:, :N], plain.value, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(gradient[:, :N], plain.gradient, rtol=1e-9, atol=1e-12)
    assert (found.weight[:, :N] == 1).all()
    assert np.array_equal(found.x[:, :N], task.x)
    taught = 0 if name == "labelled_only" else M
    assert found.x.shape[1] == N + taught
    assert np.array_equal(found.x[:, N:], task.taught[:, :taught])


@every
@few
@given(task=tasks(), seed=seeds)
def test_a_loss_has_its_slope(name, task, seed):
    found, k = STUDENTS[name](task), task.scores.shape[-1]
    z, way = linear(seed, k)(found.x), linear(seed + 1, k)(found.x)
    after, before = (
        found.loss(z + h * way, *found.targets).value for h in (1e-6, -1e-6)
    )
    slope = np.sum(found.loss(z, *found.targets).gradient * way, axis=-1)
    np.testing.assert_allclose(slope, (after - before) / 2e-6, rtol=1e-5, atol=1e-7)


@every
@few
@given(task=tasks(), seed=seeds, data=st.data())
def test_no_class_is_special(name, task, seed, data):
    """Classes under other names: the same losses and weights, the same slopes."""
    k = task.scores.shape[-1]
    order = np.array(data.draw(st.permutations(range(k))))
    new = np.argsort(order)  # class order[j] is now called j
    held = task.held
    renamed = Task(
        x=task.x,
        y=new[task.y],
        taught=task.taught,
        scores=task.scores[..., order],
        accuracy=task.accuracy,
        sizes=task.sizes,
        held=Held(held.x, new[held.y], held.scores[..., order]),
        truth=new[task.truth],
    )
    student = linear(seed, k)
    one = lesson(name, task, student)
    other = lesson(name, renamed, lambda x: student(x)[..., order])
    z = student(one.x)
    a, b = one.loss(z, *one.targets), other.loss(z[..., order], *other.targets)
    np.testing.assert_allclose(b.value, a.value, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(b.gradient, a.gradient[..., order], atol=1e-9)
    np.testing.assert_allclose(other.weight, one.weight, rtol=1e-9)


@every
@few
@given(task=tasks(), seed=seeds)
def test_a_stack_of_trials_is_a_loop_over_trials(name, task, seed):
    student = linear(seed, task.scores.shape[-1])
    stack = lesson(name, task, student)
    value = stack.loss(student(stack.x), *stack.targets).value
    for i in range(TRIALS):
        held = Held(*(array[i] for array in task.held))
        alone = {
            part: getattr(task, part)[i] for part in ("x", "y", "taught", "scores")
        }
        alone |= {
            part: getattr(task, part)[i] for part in ("accuracy", "sizes", "truth")
        }
        one = lesson(name, Task(**alone, held=held), student)
        assert np.array_equal(one.loss(student(one.x), *one.targets).value, value[i])
        assert np.array_equal(one.weight, stack.weight[i])


@pytest.mark.parametrize("name", sorted(FAITHFUL))
@few
@given(seed=seeds, k=st.integers(2, 4))
def test_a_teacher_that_is_right_and_sure_is_the_truth(name, seed, k):
    task, student = make(stream(seed, "perfect"), k, perfect=True), linear(seed, k)
    found, best = (lesson(n, task, student) for n in (name, "oracle_labels"))
    z = student(best.x)
    a, b = found.loss(z, *found.targets), best.loss(z, *best.targets)
    np.testing.assert_allclose(a.value, b.value, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(a.gradient, b.gradient, atol=1e-12)
    np.testing.assert_allclose(found.weight, best.weight, rtol=1e-12)


@pytest.fixture(scope="module")
def easy(seed):
    """Return clusters far apart, and a teacher that is wrong in a tenth of the rows."""
    rng = stream(seed, "easy")
    x, y = blobs(rng, n=12, trials=(3,))
    taught, truth = blobs(rng, n=100, trials=(3,))
    rest, held = blobs(rng, n=30, trials=(3,))

    def said(y):
        wrong = rng.random(y.shape) < 0.1
        return 0.8 * np.eye(3)[np.where(wrong, (y + 1) % 3, y)] + 0.2 / 3

    return Task(
        x=x,
        y=y,
        taught=taught,
        scores=said(truth),
        accuracy=np.full(truth.shape, 0.9),
        sizes=np.full(truth.shape, 3),
        held=Held(rest, held, said(held)),
        truth=truth,
    )


NETWORK = Network(inputs=2, hidden=(8,), classes=3)
TRAINING = Training(batch=20, optimiser=Adam(step=0.02))


@every
def test_a_student_learns_an_easy_task(name, easy, seed):
    """Not vacuous. What says nothing of the tenth is said by the clean rows."""
    start = initial(NETWORK, rng=stream(seed, "start"), trials=(3,))
    x, y = blobs(stream(seed, "test"), n=200, trials=(3,))
    found = learn(
        NETWORK,
        start,
        STUDENTS[name](easy),
        rng=stream(seed, "order"),
        updates=120,
        training=TRAINING,
    )
    said = scores(NETWORK, found.parameters, x).argmax(axis=-1)
    assert (np.mean(said == y, axis=-1) > 0.95).all()
    assert np.mean(scores(NETWORK, start, x).argmax(axis=-1) == y) < 0.9
    assert not found.diverged_at.any()


ONE = Task(
    x=[[0.0]],
    y=[0],
    taught=[[1.0], [2.0]],
    scores=[[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]],
    accuracy=[0.6, 0.9],
    sizes=[2, 3],
    held=Held([[0.0], [1.5]], [1, 2], [[0.5, 0.3, 0.2], [0.0, 0.0, 1.0]]),
    truth=[1, 2],
)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("soft", [np.log(3), np.log(3)]),
        ("hard", [np.log(3), np.log(3)]),
        ("temperature", [4 * np.log(3), 4 * np.log(3)]),
        ("taylor", [2 / 3 + 2 / 9, 2 / 3 + 2 / 9]),
        ("slam_hard", [-np.log(0.6 / 3 + 0.4 * 2 / 3), -np.log(0.9 / 3 + 0.1 * 2 / 3)]),
        (
            "slam",
            [
                -0.8 * np.log(7 / 15) - 0.2 * np.log(0.2),
                -np.log(0.9 / 3 + 0.1 * 2 / 3),
            ],
        ),
        ("slam_hard_all", [-np.log(7 / 15), -np.log(0.3 + 0.2 / 3)]),
        ("slam_all", [-np.log(7 / 15), -np.log(0.3 + 0.2 / 3)]),
        ("slam_normalised_hard", [-np.log(7 / 15), np.log(3)]),
        ("slam_normalised_hard_all", [np.log(3), np.log(3)]),
        ("oracle_labels", [np.log(3), np.log(3)]),
    ],
)
def test_losses_that_were_worked_by_hand(name, values):
    """At f = 1/3. The clean row costs log 3 whoever learns it."""
    found = STUDENTS[name](ONE)
    value = found.loss(np.zeros((3, 3)), *found.targets).value
    np.testing.assert_allclose(value, [np.log(3), *values], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("confident", [1, 0, 1]),
        ("accuracy_weighted", [1, 0.6, 0.9]),
        ("oracle_drop", [1, 0, 1]),
        ("labelled_only", 1),
        ("soft", 1),
        ("slam", 1),
    ],
)
def test_weights_that_were_worked_by_hand(name, weight):
    np.testing.assert_array_equal(STUDENTS[name](ONE).weight, weight)


@pytest.mark.parametrize(
    ("threshold", "kept"),
    [(0.5, [1, 1]), (0.51, [0, 1]), (0.8, [0, 1]), (0.81, [0, 0])],
)
def test_a_threshold_keeps_what_reaches_it(threshold, kept):
    weight = students.confident(ONE, threshold=threshold).weight
    assert weight.tolist() == [1, *kept]


def test_labels_that_were_worked_by_hand():
    assert STUDENTS["hard"](ONE).targets[0].tolist() == [0, 0, 2]
    assert STUDENTS["oracle_labels"](ONE).targets[0].tolist() == [0, 1, 2]
    root = np.sqrt([0.5, 0.3, 0.2])
    soft = STUDENTS["temperature"](ONE).targets[0]
    np.testing.assert_allclose(soft[1], root / root.sum(), rtol=1e-12)


def test_weights_of_neighbours_that_were_worked_by_hand():
    """Nearest to 1 and 2 is 1.5, where the teacher is right; next is 0, where not."""
    one = students.weighted(ONE, neighbours=1).weight(lambda x: np.zeros((2, 3)))
    np.testing.assert_allclose(one, [1, 1, 1])
    z = np.log([[0.7, 0.1, 0.2], [0.3, 0.3, 0.4]])
    two = students.weighted(ONE, neighbours=2).weight(lambda x: z)
    ratio = (np.log(0.1) + np.log(0.4)) / (np.log(0.7) + np.log(0.4))
    np.testing.assert_allclose(two, [1, ratio, ratio])


@few
@given(task=tasks(), seed=seeds, neighbours=st.integers(1, V))
def test_weighted_students_use_the_weights_of_claim_e1(task, seed, neighbours):
    student, held = linear(seed, task.scores.shape[-1]), task.held
    weight = students.weighted(task, neighbours=neighbours).weight(student)
    said = student(held.x)
    for i in range(TRIALS):
        true = cross_entropy(said[i], held.y[i]).value
        other = cross_entropy(said[i], held.scores[i].argmax(axis=-1)).value
        expected = neighbour_weights(
            task.taught[i], held.x[i], true, other, neighbours=neighbours
        )
        np.testing.assert_allclose(weight[i, N:], expected, rtol=1e-9)


@few
@given(task=tasks(), seed=seeds)
def test_special_cases_are_other_students(task, seed):
    """T = 1 is soft; all terms of the series are hard; alpha = 1 is soft or hard."""
    k = task.scores.shape[-1]
    trusted = Task(
        x=task.x,
        y=task.y,
        taught=task.taught,
        scores=task.scores,
        accuracy=np.ones_like(task.accuracy),
        sizes=task.sizes,
    )
    pairs = [
        (students.temperature(task, temperature=1.0), students.soft(task)),
        (students.taylor(task, order=4000), students.hard(task)),
        (students.slam(trusted), students.soft(task)),
        (students.slam(trusted, labels="hard"), students.hard(task)),
        (students.slam(task, k=k), students.slam(task, k="all")),
        (students.confident(task, threshold=0.0), students.hard(task)),
    ]
    z = linear(seed, k, scale=0.3)(pairs[0][0].x)
    for one, other in pairs:
        a, b = one.loss(z, *one.targets), other.loss(z, *other.targets)
        np.testing.assert_allclose(a.value, b.value, rtol=1e-9)
        np.testing.assert_allclose(a.gradient, b.gradient, atol=1e-9)
        assert (np.asarray(one.weight) == other.weight).all()


def test_weights_follow_the_student_from_epoch_to_epoch(easy, seed):
    """Once it knows better than the teacher near a row, the row counts for less."""
    taught = students.weighted(easy)
    seen = []

    def weight(student):
        seen.append(taught.weight(student))
        return seen[-1]

    start = initial(NETWORK, rng=stream(seed, "start"), trials=(3,))
    learn(
        NETWORK,
        start,
        taught._replace(weight=weight),
        rng=stream(seed, "order"),
        updates=60,
        training=TRAINING,
    )
    wrong = easy.likeliest != easy.truth
    assert len(seen) == 10  # 60 updates of 6 minibatches an epoch
    assert seen[-1][:, 12:][wrong].mean() < 0.9
    assert not np.array_equal(seen[0], seen[-1])


@pytest.mark.parametrize(("rows", "epochs"), [(50, 7), (45, 7), (20, 20), (7, 20)])
def test_updates_are_the_same_whatever_the_rows(rows, epochs):
    """20 updates of 20 rows: 3, 3, 1 and 1 in an epoch; rounded up to whole epochs."""
    lesson = Lesson(np.zeros((rows, 2)), (np.zeros(rows, int),), cross_entropy)
    start = initial(NETWORK, rng=stream(0, "start"))
    found = learn(
        NETWORK, start, lesson, rng=stream(0, "o"), updates=20, training=TRAINING
    )
    assert found.losses.shape == (epochs,)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        STUDENTS["new"] = students.soft


GOOD = {"x": [[0.0]], "y": [0], "taught": [[1.0], [2.0]], "accuracy": [0.9, 0.8]}
GOOD |= {"scores": [[0.5, 0.5], [0.2, 0.8]], "sizes": [2, 2]}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("x", {"x": [0.0]}),
        ("x", {"x": 0.0}),
        ("taught", {"taught": 0.0}),
        ("held.x", {"held": Held(0.0, [0], [[0.5, 0.5]])}),
        ("x", {"x": [[np.nan]]}),
        ("x", {"x": [[["a"]]]}),
        ("x", {"x": [[[0.0]]]}),
        ("y", {"y": [2]}),
        ("y", {"y": [-1]}),
        ("y", {"y": [0.0]}),
        ("y", {"y": [0, 1]}),
        ("taught", {"taught": [[1.0]]}),
        ("taught", {"taught": [[1.0, 2.0], [3.0, 4.0]]}),
        ("taught", {"taught": [[1.0], [np.inf]]}),
        ("scores", {"scores": [[0.5, 0.6], [0.2, 0.8]]}),
        ("scores", {"scores": [0.5, 0.5]}),
        ("scores", {"scores": [[1.0], [1.0]]}),
        ("accuracy", {"accuracy": [0.9, 1.1]}),
        ("accuracy", {"accuracy": [0.9]}),
        ("accuracy", {"accuracy": [0.9, np.nan]}),
        ("sizes", {"sizes": [1, 2]}),
        ("sizes", {"sizes": [2, 3]}),
        ("sizes", {"sizes": [2.0, 2.0]}),
        ("sizes", {"sizes": [2]}),
        ("truth", {"truth": [0, 2]}),
        ("truth", {"truth": [0]}),
        ("held", {"held": ([[0.0]], [0], [[0.5, 0.5]])}),
        ("held.x", {"held": Held([[0.0, 1.0]], [0], [[0.5, 0.5]])}),
        ("held.y", {"held": Held([[0.0]], [2], [[0.5, 0.5]])}),
        ("held.scores", {"held": Held([[0.0]], [0], [[0.5, 0.2, 0.3]])}),
    ],
)
def test_a_bad_task_is_refused(name, change):
    Task(**GOOD)
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        Task(**{**GOOD, **change})


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("temperature", partial(students.temperature, temperature=0.0)),
        ("temperature", partial(students.temperature, temperature=np.nan)),
        ("order", partial(students.taylor, order=0)),
        ("threshold", partial(students.confident, threshold=1.5)),
        ("neighbours", partial(students.weighted, neighbours=3)),
        ("neighbours", partial(students.weighted, neighbours=0)),
        ("labels", partial(students.slam, labels="none")),
        ("k", partial(students.slam, k=1)),
        ("k", partial(students.slam, k="some")),
        ("k", partial(students.slam, k=4)),
    ],
)
def test_bad_settings_are_refused(name, method):
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        method(ONE)


@pytest.mark.parametrize("name", ["oracle_drop", "oracle_labels", "weighted"])
def test_what_the_task_does_not_say_cannot_be_used(name):
    missing = "held" if name == "weighted" else "truth"
    with pytest.raises(ValueError, match=rf"^`{missing}` must .*, got None"):
        STUDENTS[name](Task(**GOOD))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("lesson", {"lesson": None}),
        ("updates", {"updates": 0}),
        ("updates", {"updates": 2.5}),
        ("training", {"training": 5}),
        ("rng", {"rng": 5}),
    ],
)
def test_bad_learning_is_refused(name, change):
    good = {"network": NETWORK, "start": initial(NETWORK, rng=stream(0, "start"))}
    good |= {"lesson": Lesson(np.zeros((4, 2)), (np.arange(4) % 3,), cross_entropy)}
    good |= {"rng": stream(0, "order"), "updates": 2}
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        learn(**{**good, **change})


def test_a_trial_of_a_stack_can_be_taken_out(easy, seed):
    """The students of a stack are the students that each trial would have alone."""
    start = initial(NETWORK, rng=stream(seed, "start"), trials=(3,))
    stack = learn(
        NETWORK,
        start,
        STUDENTS["slam"](easy),
        rng=stream(seed, "order"),
        updates=12,
        training=TRAINING,
    )
    parts = {n: getattr(easy, n)[0] for n in ("x", "y", "taught", "scores", "accuracy")}
    one = learn(
        NETWORK,
        trial(start, 0),
        STUDENTS["slam"](Task(**parts, sizes=easy.sizes[0])),
        rng=stream(seed, "order"),
        updates=12,
        training=TRAINING,
    )
    assert np.array_equal(one.losses, stack.losses[0])
