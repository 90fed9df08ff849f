"""A small network that learns from labels, or from a teacher that may be wrong."""

from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from halfspace._check import check_choice, check_count, check_range
from halfspace._logits import softmax
from halfspace._random import stream
from halfspace.distill.mlp import Loss, scores
from halfspace.distill.network import Network, initial
from halfspace.distill.optimisers import Adam
from halfspace.distill.training import Training, fit
from halfspace.estimators._labels import Labels, as_labels, marked
from halfspace.mixing import mixing
from halfspace.transition import cross_entropy


class MLPStudent(ClassifierMixin, BaseEstimator):
    """A multilayer perceptron, trained by Adam on labels or a teacher's probabilities.

    Told how `accuracy` varies, it mixes its predictions (SLaM): it expects to see not
    its own labels, but those of a teacher that is right with that probability.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer.
    activation : str
        "relu" or "gelu".
    layer_norm : bool
        Whether hidden layers are normalised.
    epochs, batch : int
        Passes over the rows, and rows of a minibatch, of which there are no more than
        there are rows.
    step, decay : float
        Of Adam: the largest step, and how fast weights shrink per unit of step.
    schedule : str
        "constant" or "cosine".
    k : int, optional
        How many of a teacher's likeliest classes it may confuse, at least 2; by default
        all. Less than all needs `y` to be probabilities.
    normalised : bool
        Whether the mixed prediction is, see `halfspace.mixing.mix`.
    labels : str
        "soft" or "hard": whether probabilities are soft labels, or stand for their
        likeliest class.
    classes : array, shape (k,), optional
        Names of the classes, in the order of the columns of probabilities. By default
        0..k-1 for these, else the labels that occur.
    random_state : int, RandomState or None
        For the first parameters and the order of rows.

    Attributes
    ----------
    classes_ : array, shape (k,)
    n_features_in_ : int
    network_ : Network
    parameters_ : tuple of Layer
        In the precision of the rows: float32 rows train faster.
    loss_curve_ : array, shape (epochs,)
        Mean loss in each epoch; NaN once training has diverged.
    diverged_at_ : int
        The update at which training diverged, 0 if it did not; parameters are those of
        the last epoch before.

    References
    ----------
    .. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with
       unlabeled examples", NeurIPS 2023, arXiv:2302.03806.

    Examples
    --------
    >>> X = np.array([[-1.0], [1.0]] * 10)
    >>> y = np.array(["no", "yes"] * 10)
    >>> student = MLPStudent(random_state=0).fit(X, y, accuracy=np.full(20, 0.8))
    >>> student.predict([[-2.0], [3.0]]).tolist()
    ['no', 'yes']
    >>> told = np.array([[0.9, 0.1], [0.2, 0.8]] * 10)
    >>> MLPStudent(random_state=0).fit(X, told).predict([[-2.0], [3.0]]).tolist()
    [0, 1]
    """

    def __init__(
        self,
        *,
        hidden: tuple[int, ...] = (64,),
        activation: str = "relu",
        layer_norm: bool = False,
        epochs: int = 60,
        batch: int = 64,
        step: float = 0.01,
        decay: float = 0.0,
        schedule: str = "cosine",
        k: int | None = None,
        normalised: bool = True,
        labels: str = "soft",
        classes: ArrayLike | None = None,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.layer_norm = layer_norm
        self.epochs = epochs
        self.batch = batch
        self.step = step
        self.decay = decay
        self.schedule = schedule
        self.k = k
        self.normalised = normalised
        self.labels = labels
        self.classes = classes
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: Any,
        accuracy: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Learn from rows and labels.

        Parameters
        ----------
        X : array or data frame, shape (n, d)
        y : array, shape (n,) or (n, k)
            Labels of any kind, or probabilities.
        accuracy : float or array, shape (n,), optional
            P[the teacher is right] in [0, 1]; 1 where a label is clean. It is metadata
            like `sample_weight`.
        sample_weight : array, shape (n,), optional
            At least 0; only ratios matter.

        Returns
        -------
        MLPStudent
            Itself.

        Raises
        ------
        TypeError
            If an argument is of the wrong type.
        ValueError
            If there is a NaN or infinity, a shape is wrong, there is one class only,
            probabilities are not, or a number is out of range.
        """
        X, y = validate_data(
            self, X, y, dtype=[np.float64, np.float32], multi_output=True
        )
        weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        check_choice("labels", self.labels, ("soft", "hard"))
        named = as_labels(y, self.classes)
        labels = marked(named, self.k, self.labels == "hard")
        loss, targets = self._loss(labels, accuracy)
        check_count("batch", self.batch)
        training = Training(
            epochs=self.epochs,
            batch=min(self.batch, len(X)),
            optimiser=Adam(step=self.step, decay=self.decay, schedule=self.schedule),
        )
        self.classes_ = labels.classes
        self.network_ = Network(
            inputs=X.shape[1],
            classes=len(self.classes_),
            hidden=self.hidden,
            activation=self.activation,
            layer_norm=self.layer_norm,
        )
        seed = int(check_random_state(self.random_state).randint(2**31))
        found = fit(
            self.network_,
            initial(self.network_, rng=stream(seed, "start"), dtype=X.dtype.name),
            X,
            targets,
            rng=stream(seed, "order"),
            loss=loss,
            weight=weight,
            training=training,
        )
        self.parameters_ = found.parameters
        self.loss_curve_ = found.losses
        self.diverged_at_ = int(found.diverged_at)
        return self

    def predict_proba(self, X: Any) -> Any:
        """Return the probabilities of the classes, shape (n, k)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        return softmax(scores(self.network_, self.parameters_, X))[0]

    def predict(self, X: Any) -> Any:
        """Return the likeliest label of each row."""
        likeliest = self.predict_proba(X).argmax(axis=-1)
        return self.classes_[likeliest]

    def _loss(
        self, labels: Labels, accuracy: ArrayLike | None
    ) -> tuple[Loss, tuple[ArrayLike, ...]]:
        """Return the loss and what it takes: mixing, if the accuracy is known."""
        if accuracy is None:
            return cross_entropy, (labels.y,)
        alpha = check_range("accuracy", accuracy, 0, 1)
        n, classes = len(labels.y), len(labels.classes)
        if alpha.shape not in ((), (n,)):
            msg = f"`accuracy` must have shape {(n,)} to match `X`, got {alpha.shape}"
            raise ValueError(msg)
        top = labels.top if labels.top is not None else np.ones((n, classes), np.bool_)
        told = (labels.y, np.broadcast_to(alpha, n), top)
        return partial(mixing, normalised=self.normalised), told
