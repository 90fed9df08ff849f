"""A small network that learns from labels, or from a teacher that may be wrong."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from halfspace._check import check_count, check_range
from halfspace._logits import check_probabilities, softmax
from halfspace._random import stream
from halfspace.distill.mlp import Loss, scores
from halfspace.distill.network import Network, initial
from halfspace.distill.optimisers import Adam
from halfspace.distill.training import Training, fit
from halfspace.mixing import mixing, top_k
from halfspace.transition import cross_entropy


class MLPStudent(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
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
        How many of the teacher's likeliest classes may be the true one; all by
        default, and always all for labels without probabilities.
    normalised : bool
        Whether the mixed prediction is, see `halfspace.mixing.mix`.
    random_state : int
        Seed of the first parameters and of the order of rows.

    Attributes
    ----------
    classes_ : array, shape (k,)
        The labels, sorted; 0..k-1 of probabilities.
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
    >>> student = MLPStudent(epochs=100).fit(X, y, accuracy=np.full(20, 0.8))
    >>> student.predict([[-2.0], [3.0]]).tolist()
    ['no', 'yes']
    >>> soft = MLPStudent(epochs=100).fit(X, np.array([[0.9, 0.1], [0.2, 0.8]] * 10))
    >>> soft.predict([[-2.0], [3.0]]).tolist()
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
        random_state: int = 0,
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
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: Any,
        accuracy: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> "MLPStudent":
        """Learn from rows and labels.

        Parameters
        ----------
        X : array or data frame, shape (n, d)
        y : array, shape (n,) or (n, k)
            Labels of any kind, or probabilities of classes 0..k-1.
        accuracy : array, shape (n,), optional
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
        labels = self._labels(y, X.dtype)
        loss, targets = self._loss(labels, accuracy)
        check_count("batch", self.batch)
        training = Training(
            epochs=self.epochs,
            batch=min(self.batch, len(X)),
            optimiser=Adam(step=self.step, decay=self.decay, schedule=self.schedule),
        )
        self.network_ = Network(
            inputs=X.shape[1],
            classes=len(self.classes_),
            hidden=self.hidden,
            activation=self.activation,
            layer_norm=self.layer_norm,
        )
        first = stream(self.random_state, "student", "initial")
        found = fit(
            self.network_,
            initial(self.network_, rng=first, dtype=X.dtype.name),
            X,
            targets,
            rng=stream(self.random_state, "student", "order"),
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

    def _labels(self, y: Any, dtype: Any) -> Any:
        """Return class numbers (n,) or probabilities (n, k), and set the classes."""
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
            return check_probabilities("y", y.astype(np.float64)).astype(dtype)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            msg = f"`y` must have at least 2 classes, got 1 class: {self.classes_[0]}"
            raise ValueError(msg)
        return labels

    def _loss(
        self, labels: Any, accuracy: ArrayLike | None
    ) -> tuple[Loss, tuple[ArrayLike, ...]]:
        """Return the loss and what it takes: mixing, if the accuracy is known."""
        if accuracy is None:
            return cross_entropy, (labels,)
        alpha = check_range("accuracy", accuracy, 0, 1)
        if alpha.shape != labels.shape[:1]:
            rule = f"have shape {labels.shape[:1]} to match `X`"
            msg = f"`accuracy` must {rule}, got {alpha.shape}"
            raise ValueError(msg)
        classes = len(self.classes_)
        if labels.ndim == 1 or self.k is None:
            top = np.ones((len(labels), classes), dtype=bool)
        else:
            top = top_k(labels, self.k)
        return partial(mixing, normalised=self.normalised), (labels, alpha, top)
