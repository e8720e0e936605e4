r"""Links from log-odds to a probability, a band and a score, fitted on participants that the network wasn't fitted on.

A member of an ensemble knows its own training people too well, so what its log-odds :math:`\eta` mean is learned from
the others: the probability by a logistic regression where ``binary`` isn't among the tasks (Platt 1999), bands by
cumulative logits, the score by a straight line. Each has as few numbers as it can.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.interview import CUTS, bands_of
from smfl.training.tasks import BINARY, SCORE, SEVERITY, Labels

Array = npt.NDArray[np.float64]
RIDGE = 1e-2
"""Pull of thresholds to each other: a band that nobody is in has a threshold all the same."""


@dataclass(frozen=True)
class Links:
    """How log-odds are mapped to a probability, a band and a score.

    Args:
        platt: intercept and slope of the probability's logit; None where the log-odds are taken as they are.
        thresholds: of the four cumulative logits, rising; None without the task ``severity``.
        steepness: their common slope, at least 0.
        line: intercept and slope of the score; None without the task ``score``.
        residual: sd of what the line misses, in points.
        bounds: the lowest and the highest score of the training people; no score is predicted beyond them.

    Example:
        >>> eta = np.linspace(-3, 3, 40)
        >>> found = Links.of(("score", "severity"), eta, (eta > 0).astype(int), 10 + 4 * eta)
        >>> found.score(np.array([0.0, 9.0])).round(6).tolist(), found.band(np.array([-2.5, 0.1])).tolist()
        ([10.0, 22.0], [0, 2])
    """

    platt: tuple[float, float] | None = None
    thresholds: tuple[float, ...] | None = None
    steepness: float = 0.0
    line: tuple[float, float] | None = None
    residual: float = 0.0
    bounds: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, tasks: tuple[str, ...], odds: Array, labels: Labels, scores: Array) -> Links:
        """Learn from people whom the log-odds' model wasn't trained on.

        Args:
            tasks: what is predicted.
            odds: log-odds, [n].
            labels: [n].
            scores: [n], ``nan`` where unknown.
        """
        found: dict[str, Any] = {}
        if BINARY not in tasks:
            found["platt"] = _platt(odds, labels)
        known = ~np.isnan(scores)
        if SEVERITY in tasks:
            found["steepness"], found["thresholds"] = _cumulative(odds[known], bands_of(scores[known]))
        if SCORE in tasks:
            x, y = odds[known], scores[known]
            slope = max(float(np.cov(x, y, bias=True)[0, 1] / max(x.var(), 1e-9)), 0.0)
            intercept = float(y.mean() - slope * x.mean())
            found |= {
                "line": (intercept, slope),
                "residual": float(np.std(y - intercept - slope * x)),
                "bounds": (float(y.min()), float(y.max())),
            }
        return cls(**found)

    def probability(self, odds: Array) -> Array:
        """Of depression, in the shape of the log-odds."""
        intercept, slope = self.platt or (0.0, 1.0)
        return _sigmoid(intercept + slope * odds)

    def bands(self, odds: Array) -> Array:
        """The probability of each band, [n, 5]."""
        reached = _sigmoid(self.steepness * odds[:, None] - np.asarray(self.thresholds))
        ends = np.column_stack([np.ones(len(odds)), reached, np.zeros(len(odds))])
        return np.asarray(ends[:, :-1] - ends[:, 1:])

    def band(self, odds: Array) -> Labels:
        """The middle band of its distribution, which makes the smallest error to expect, [n]."""
        reached = _sigmoid(self.steepness * odds[:, None] - np.asarray(self.thresholds))
        return np.asarray((reached >= 0.5).sum(axis=1))

    def score(self, odds: Array) -> Array:
        """In points, [n]."""
        intercept, slope = self.line or (0.0, 0.0)
        return np.clip(intercept + slope * odds, *self.bounds)

    def to_dict(self) -> dict[str, Any]:
        """As a model's ``config.json`` has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Links:
        """What `to_dict` gave."""
        pairs = {name: tuple(document[name]) for name in ("platt", "thresholds", "line", "bounds") if document[name]}
        return cls(**document | pairs)


def _platt(odds: Array, labels: Labels) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(labels)) < 2:
        return 0.0, 1.0
    line = LogisticRegression(class_weight="balanced").fit(odds[:, None], labels)
    return float(line.intercept_[0]), max(float(line.coef_[0, 0]), 0.0)


def _cumulative(odds: Array, bands: Labels) -> tuple[float, tuple[float, ...]]:
    """Steepness and thresholds of most likelihood."""
    from scipy.optimize import minimize

    reached = bands[:, None] > np.arange(len(CUTS))
    scale = max(float(odds.std()), 1e-9)

    def parts(free: Array) -> tuple[float, Array]:
        return float(np.exp(free[0])) / scale, np.concatenate([free[1:2], free[1] + np.cumsum(np.exp(free[2:]))])

    def loss(free: Array) -> float:
        steepness, thresholds = parts(free)
        logits = steepness * odds[:, None] - thresholds
        costs = np.logaddexp(0, np.where(reached, -logits, logits)).sum()
        return float(costs + RIDGE * (free**2).sum())

    free = minimize(loss, np.zeros(1 + len(CUTS)), method="L-BFGS-B", bounds=[(-8, 4), *[(-20, 20)] * len(CUTS)]).x
    steepness, thresholds = parts(free)
    return steepness, tuple(float(t) for t in thresholds)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -500, 500))))
