"""Ridge regression on averages: a line that reads the questionnaire's scores where logistic regression reads labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from smfl.evaluation.splits import inner_folds
from smfl.training.comparators.pooled import Averaged, _Pooled, _scaler
from smfl.training.entry import Comparator
from smfl.training.links import Links
from smfl.training.penalty import both_classes
from smfl.training.tasks import SCORE

Array = npt.NDArray[np.float64]
PENALTIES = tuple(10.0**k for k in range(7))
"""Choices for the ridge, made by leave-one-out over the training interviews."""


class PooledRidge(_Pooled):
    """Ridge regression of the score on the vectors of `PooledLogisticRegression`; of the label where scores lack.

    Its probability is a logistic regression on what it says of people left out (`smfl.training.links`).

    Args:
        modalities: to read; all that training interviews have where None.
        seed: of the inner folds.

    Example:
        >>> from smfl.features import SentenceFeatures
        >>> def one(i):
        ...     return SentenceFeatures(str(i), str(i), {"audio": np.full((2, 1), i % 2, "f4")},
        ...                             {"audio": np.array([0, 2])}, np.zeros((1, 2)), ("",))
        >>> X, y = [one(i) for i in range(20)], [i % 2 for i in range(20)]
        >>> PooledRidge().fit(X, y, scores=[5.0 + 10 * label for label in y]).predict(X[:4]).tolist()
        [0, 1, 0, 1]
    """

    def __init__(self, modalities: Sequence[str] | None = None, seed: int = 0) -> None:
        self.modalities = modalities
        self.seed = seed

    def fit(
        self, X: Averaged, y: Sequence[int] | npt.NDArray[np.int64], scores: Sequence[float] | Array | None = None
    ) -> Self:
        """Learn from interviews, their labels, and their scores where all are known, [n]."""
        labels = both_classes(y)
        target = labels.astype(np.float64)
        if scores is not None and np.isfinite(scores).all() and np.ptp(scores) > 0:
            target = np.asarray(scores, dtype=np.float64)
        vectors, participants = self._learn(X)
        self.classes_ = np.array([0, 1])
        held_out = np.zeros(len(labels))
        for train, test in inner_folds(labels, participants, self.seed):
            held_out[test] = _line().fit(vectors[train], target[train]).predict(vectors[test])
        self.links_ = Links.of((SCORE,), held_out, labels, target)
        self.pipeline_ = _line().fit(vectors, target)
        self.n_parameters_ = int(self.pipeline_[-1].coef_.size + 1)
        return self

    def predict_proba(self, X: Averaged) -> Array:
        """Probabilities of class 0 and 1, [n, 2]."""
        positive = self.links_.probability(self.pipeline_.predict(self._vectors(X)))
        return np.column_stack([1 - positive, positive])


def _line() -> Any:
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline

    return make_pipeline(_scaler(), RidgeCV(PENALTIES))


MODEL = Comparator(
    name="ridge",
    title="Ridge regression of the score, pooled",
    reference="mean and sd over the interview",
    estimator=PooledRidge,
    position=51,
)
