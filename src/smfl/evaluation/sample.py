"""What every metric is computed from: labels, probabilities, and how often each row counts.

A bootstrap resample is the same rows with other weights. So a metric is written once, over weights of shape
[B, n], and gives one score for the sample itself (B = 1, all weights 1) or two thousand for its resamples, with the
same lines of arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from smfl.interview import CallError

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def ratio(numerator: Array, denominator: Array) -> Array:
    """Element-wise quotient; ``nan``, without a warning, where the denominator is 0: the score is undefined there.

    Example:
        >>> ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist()
        [0.5, nan]
    """
    return np.asarray(np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0))


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows to be scored.

    Args:
        labels: 0 or 1, [n].
        probabilities: of class 1, 0 to 1, [n].
        weights: how often each row counts, [B, n]; None: once each (B = 1).
        groups: which model a row's probability comes from (its fold), [n]; None: one model. Ranking metrics compare
            rows within a group only: the scores of two models have no common scale, and pooling them makes even a
            constant predictor look worse than chance, since its constant follows the training part's prevalence
            (Parker, Günter & Bedo 2007, *BMC Bioinformatics* 8:326).
        threshold: a row is called positive where ``probability >= threshold``.

    Raises:
        CallError: where there are no rows, or labels or probabilities aren't what they should be.

    Example:
        >>> sample = Sample(np.array([1, 1, 0, 0]), np.array([0.9, 0.4, 0.6, 0.2]))
        >>> sample.tp.tolist(), sample.fp.tolist(), sample.fn.tolist(), sample.tn.tolist()
        ([1.0], [1.0], [1.0], [1.0])
    """

    labels: npt.NDArray[np.int64]
    probabilities: Array
    weights: Array | None = None
    groups: Integers | None = None
    threshold: float = 0.5

    def __post_init__(self) -> None:
        n = len(self.labels)
        if n == 0:
            raise CallError("there is nothing to score: no label was given")
        if self.probabilities.shape != (n,):
            raise CallError(f"{n} labels, but probabilities of shape {self.probabilities.shape}; expected ({n},)")
        if not np.isin(self.labels, (0, 1)).all():
            raise CallError(f"labels are 0 or 1; got {sorted({int(v) for v in self.labels} - {0, 1})}")
        wrong = ~((self.probabilities >= 0) & (self.probabilities <= 1))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise CallError(f"row {row}: a probability is 0 to 1; got {self.probabilities[row]}")

    @cached_property
    def counts(self) -> Array:
        """How often each row counts, [B, n]."""
        return np.ones((1, len(self.labels))) if self.weights is None else self.weights

    @cached_property
    def total(self) -> Array:
        """Number of rows, repeated ones included, [B]."""
        return np.asarray(self.counts.sum(axis=1))

    def _count(self, rows: npt.NDArray[np.bool_]) -> Array:
        return np.asarray(self.counts @ rows.astype(np.float64))

    @cached_property
    def called(self) -> npt.NDArray[np.bool_]:
        """Whether a row is called positive, [n]."""
        return np.asarray(self.probabilities >= self.threshold)

    @cached_property
    def tp(self) -> Array:
        """True positives, [B]."""
        return self._count(self.called & (self.labels == 1))

    @cached_property
    def fp(self) -> Array:
        """False positives, [B]."""
        return self._count(self.called & (self.labels == 0))

    @cached_property
    def fn(self) -> Array:
        """False negatives, [B]."""
        return self._count(~self.called & (self.labels == 1))

    @cached_property
    def tn(self) -> Array:
        """True negatives, [B]."""
        return self._count(~self.called & (self.labels == 0))

    @cached_property
    def steps(self) -> Steps:
        """The rows as steps of a ranking: see `Steps`."""
        groups = np.zeros(len(self.labels), dtype=np.int64) if self.groups is None else self.groups
        order = np.lexsort((-self.probabilities, groups))
        group, score = groups[order], self.probabilities[order]
        starts = np.flatnonzero(np.r_[True, (np.diff(group) != 0) | (np.diff(score) != 0)])
        weights, positive = self.counts[:, order], self.labels[order].astype(np.float64)
        return Steps(
            positive=np.add.reduceat(weights * positive, starts, axis=1),
            negative=np.add.reduceat(weights * (1 - positive), starts, axis=1),
            first=np.searchsorted(group[starts], group[starts], side="left"),
            last=np.searchsorted(group[starts], group[starts], side="right") - 1,
        )


@dataclass(frozen=True, eq=False)
class Steps:
    """A ranking from the highest probability down: one step for each distinct probability of each group.

    Args:
        positive: positives at a step, [B, K].
        negative: negatives at a step, [B, K].
        first: the first step of a step's group, [K].
        last: the last step of a step's group, [K].
    """

    positive: Array
    negative: Array
    first: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]

    def cumulated(self, values: Array) -> Array:
        """Sum of ``values`` over a group's steps from its first down to each, that one included, [B, K]."""
        running = np.cumsum(values, axis=1)
        return np.asarray(running - running[:, self.first] + values[:, self.first])
