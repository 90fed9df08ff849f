"""The scikit-learn contract, and what the student does with a teacher."""

import pickle

import numpy as np
import pandas
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from halfspace import stream
from halfspace.distill.mlp import scores
from halfspace.estimators import MLPStudent
from tests.networks import blobs


def student(random_state=0, **settings):
    return MLPStudent(random_state=random_state, **settings)


@pytest.fixture(scope="module")
def data(seed):
    """Return clean rows, and a teacher that takes a fifth of class 0 for class 1."""
    x, truth = blobs(stream(seed, "student"), n=200)
    wrong = (truth == 0) & (stream(seed, "wrong").random(200) < 0.4)
    return x, truth, np.where(wrong, 1, truth)


def test_labels_may_be_of_any_kind(data):
    x, truth, _ = data
    plain = student(epochs=10).fit(x, truth)
    for names in (np.array(["c", "a", "b"]), np.array([-7, 5, 2])):
        found = student(epochs=10).fit(x, names[truth])
        assert found.classes_.tolist() == sorted(names.tolist())
        assert found.score(x, names[truth]) > 0.95
    assert plain.predict(x).dtype == truth.dtype


def test_certain_probabilities_are_labels(data):
    x, truth, _ = data
    hard = student(epochs=10).fit(x, truth)
    soft = student(epochs=10).fit(x, np.eye(3)[truth])
    np.testing.assert_allclose(hard.predict_proba(x), soft.predict_proba(x), rtol=1e-9)


def test_a_teacher_that_is_always_right_is_plain_labels(data):
    """Claim C1: at accuracy 1 the mix is the prediction."""
    x, truth, _ = data
    plain = student(epochs=10).fit(x, truth)
    for y in (truth, np.eye(3)[truth]):
        told = student(epochs=10).fit(x, y, accuracy=np.ones(200))
        np.testing.assert_allclose(
            told.predict_proba(x), plain.predict_proba(x), rtol=1e-6
        )


def test_accuracy_is_used(data):
    """Where the teacher says 1 it may be wrong: told so, the student says 0 there."""
    x, truth, y = data
    alpha = np.where(y == 1, (truth[y == 1] == 1).mean(), 1.0)
    plain = student(hidden=()).fit(x, y).predict_proba(x)
    told = student(hidden=()).fit(x, y, accuracy=alpha).predict_proba(x)
    sure = truth == 0
    assert told[sure, 0].mean() > plain[sure, 0].mean() + 0.05


def test_k_is_used_with_probabilities_alone(data):
    x, truth, _ = data
    soft = 0.8 * np.eye(3)[truth] + 0.2 * np.eye(3)[(truth + 1) % 3]
    alpha = np.full(200, 0.7)
    two, three, every = (
        student(k=k, epochs=5).fit(x, soft, accuracy=alpha) for k in (2, 3, None)
    )
    assert np.array_equal(three.predict_proba(x), every.predict_proba(x))
    assert not np.allclose(two.predict_proba(x), every.predict_proba(x))
    with pytest.raises(ValueError, match=r"^`k` must be None or all"):
        student(k=2).fit(x, truth, accuracy=alpha)


def test_probabilities_may_stand_for_their_likeliest_class(data):
    x, truth, _ = data
    soft = 0.8 * np.eye(3)[truth] + 0.2 * np.eye(3)[(truth + 1) % 3]
    hard = student(epochs=5, labels="hard", classes=["a", "b", "c"]).fit(x, soft)
    plain = student(epochs=5).fit(x, truth)
    assert np.array_equal(hard.predict_proba(x), plain.predict_proba(x))
    assert hard.classes_.tolist() == ["a", "b", "c"]


def test_float32_rows_train_in_float32(data):
    x, truth, _ = data
    found = student(epochs=2).fit(x.astype(np.float32), truth)
    assert found.parameters_[0].w.dtype == np.float32
    assert found.predict_proba(x.astype(np.float32)).dtype == np.float32


def test_a_clone_and_a_pickle_say_the_same(data):
    x, truth, _ = data
    found = student(hidden=(8, 8), epochs=3, random_state=4).fit(x, truth)
    again = clone(found).fit(x, truth)
    thawed = pickle.loads(pickle.dumps(found))
    assert np.array_equal(found.predict_proba(x), again.predict_proba(x))
    assert np.array_equal(found.predict_proba(x), thawed.predict_proba(x))
    other = student(hidden=(8, 8), epochs=3, random_state=5).fit(x, truth)
    assert not np.array_equal(found.predict_proba(x), other.predict_proba(x))
    said = scores(found.network_, found.parameters_, x)
    assert np.array_equal(said.argmax(axis=-1), found.predict(x))


def test_data_frames_are_read_with_their_names(data):
    x, truth, _ = data
    frame = pandas.DataFrame(x, columns=["a", "b"])
    names = pandas.Series(np.array(["u", "v", "w"])[truth])
    found = student(epochs=5).fit(frame, names, accuracy=pandas.Series([0.9] * 200))
    assert found.feature_names_in_.tolist() == ["a", "b"]
    assert found.score(frame, names) > 0.9
    with pytest.raises(ValueError, match="feature names"):
        found.predict(frame[["b", "a"]])


def test_accuracy_is_routed_like_sample_weight(data):
    x, _, y = data
    alpha, weight = np.full(200, 0.8), np.tile([1.0, 2.0], 100)
    scaler = StandardScaler()
    with config_context(enable_metadata_routing=True):
        told = student(epochs=3)
        told.set_fit_request(accuracy=True, sample_weight=True)
        told.set_score_request(sample_weight=False)
        params = {"accuracy": alpha, "sample_weight": weight}
        scaler.set_fit_request(sample_weight=False)
        chain = make_pipeline(scaler, told).fit(x, y, **params)
        grid = GridSearchCV(told, {"hidden": [(), (4,)]}, cv=2).fit(x, y, **params)
        cross = cross_validate(told, x, y, params=params, cv=2)
        plain = cross_validate(student(epochs=3), x, y, cv=2)
    alone = student(epochs=3).fit(scaler.fit_transform(x), y, **params)
    assert np.array_equal(chain[-1].parameters_[0].w, alone.parameters_[0].w)
    assert grid.best_score_ > 0.3
    assert len(cross["test_score"]) == len(plain["test_score"]) == 2


def test_divergence_is_an_attribute(data):
    x, truth, _ = data
    found = student(epochs=3, step=1e30).fit(x.astype(np.float32), truth)
    assert found.diverged_at_ > 0
    assert np.isfinite(found.predict_proba(x.astype(np.float32))).all()
    assert student(epochs=3).fit(x, truth).diverged_at_ == 0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("accuracy", {"accuracy": np.full(200, 1.5)}),
        ("accuracy", {"accuracy": np.full(200, np.nan)}),
        ("accuracy", {"accuracy": np.ones(199)}),
        ("accuracy", {"accuracy": ["a"] * 200}),
        ("accuracy", {"accuracy": np.ones((200, 1))}),
        ("y", {"y": np.full((200, 3), 0.5)}),
        ("y", {"y": np.zeros(200, dtype=int)}),
    ],
)
def test_bad_labels_are_refused(data, name, change):
    x, truth, _ = data
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        MLPStudent().fit(**{"X": x, "y": truth, **change})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (r"hidden\[0\]", {"hidden": (0,)}),
        ("activation", {"activation": "tanh"}),
        ("epochs", {"epochs": 0}),
        ("batch", {"batch": 0}),
        ("step", {"step": -1.0}),
        ("decay", {"decay": -1.0}),
        ("schedule", {"schedule": "linear"}),
        ("k", {"k": 1}),
        ("normalised", {"normalised": None}),
        ("labels", {"labels": "medium"}),
        ("classes", {"classes": ["a"]}),
    ],
)
def test_bad_settings_are_refused(data, name, change):
    x, truth, _ = data
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        MLPStudent(**change).fit(x, np.eye(3)[truth], accuracy=np.full(200, 0.8))
