"""Bands and scores from models that know labels only: read off their log-odds, as a network's are."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from smfl.evaluation.splits import inner_folds
from smfl.features import SentenceFeatures
from smfl.training.comparators.averages import average
from smfl.training.links import Links
from smfl.training.penalty import TINY
from smfl.training.tasks import BINARY, Labels, check_scores, tasks_of

Array = npt.NDArray[np.float64]


class Graded(ClassifierMixin, BaseEstimator):
    """A classifier that also tells bands of the PHQ-8 and scores.

    What its log-odds mean is learned from training people whom it wasn't fitted on (`smfl.training.links`): the
    same straight line and cumulative logits as for the networks, so that rows of a table differ in what they see.

    Args:
        model: unfitted, with ``predict_proba``.
        task: as of `SMFLClassifier`.
        seed: of the inner folds.

    Example:
        >>> from smfl.training.comparators.pooled import Majority
        >>> model = Graded(Majority(), "score").fit(
        ...     [SentenceFeatures(str(i), str(i), {}, {}, np.zeros((0, 2)), ()) for i in range(12)],
        ...     [0, 1] * 6, scores=[4.0, 14.0] * 6)
        >>> model.predict_scores([None]).tolist()
        [9.0]
    """

    def __init__(self, model: Any, task: str | Sequence[str] = BINARY, seed: int = 0) -> None:
        self.model = model
        self.task = task
        self.seed = seed

    @property
    def reads(self) -> tuple[str, ...]:
        """The modalities that the model reads."""
        return tuple(getattr(self.model, "reads", None) or (getattr(self.model, "modalities", None) or ()))

    @property
    def choices_(self) -> dict[str, Any]:
        """What the model chose in fitting, for the record."""
        return dict(getattr(self.model_, "choices_", {}))

    def fit(
        self, X: Sequence[SentenceFeatures], y: Sequence[int] | Labels, scores: Sequence[float] | Array | None = None
    ) -> Self:
        """Learn from interviews, labels, and scores, ``nan`` where unknown, [n]."""
        self.tasks_, labels = tasks_of(self.task), np.asarray(y, dtype=np.int64)
        values = np.full(len(labels), np.nan) if scores is None else np.asarray(scores, dtype=np.float64)
        check_scores(self.tasks_, values)
        interviews: Sequence[Any] = [X[i] for i in range(len(X))]
        if getattr(self.model, "takes_averages", False):
            interviews = average(interviews)
        odds = np.zeros(len(labels))
        for train, test in inner_folds(labels, [one.participant for one in interviews], self.seed):
            fitted = self._fitted([interviews[i] for i in train], labels[train], values[train])
            odds[test] = _log_odds(fitted, [interviews[i] for i in test])
        self.links_ = Links.of(self.tasks_, odds, labels, values)
        self.model_ = self._fitted(interviews, labels, values)
        self.classes_, self.n_parameters_ = np.array([0, 1]), self.model_.n_parameters_
        return self

    def predict_proba(self, X: Sequence[SentenceFeatures]) -> Array:
        """Probabilities of class 0 and 1, [n, 2]."""
        positive = self.links_.probability(_log_odds(self.model_, X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: Sequence[SentenceFeatures]) -> Labels:
        """1 where the probability is at least .5, [n]."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(np.int64)

    def predict_scores(self, X: Sequence[SentenceFeatures]) -> Array:
        """The questionnaire's score, in points, [n]."""
        return self.links_.score(_log_odds(self.model_, X))

    def predict_severity(self, X: Sequence[SentenceFeatures]) -> Labels:
        """The band of the PHQ-8, 0 to 4, [n]."""
        return self.links_.band(_log_odds(self.model_, X))

    def _fitted(self, interviews: Sequence[Any], labels: Labels, scores: Array) -> Any:
        model = clone(self.model)
        return model.fit(
            interviews, labels, **({"scores": scores} if "scores" in inspect.signature(model.fit).parameters else {})
        )


def _log_odds(model: Any, X: Sequence[SentenceFeatures]) -> Array:
    p = np.clip(model.predict_proba(X)[:, 1], TINY, 1 - TINY)
    return np.asarray(np.log(p / (1 - p)))
