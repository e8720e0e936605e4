"""Graded tasks: how far scores of the questionnaire and bands of the PHQ-8 are off, and how well they order interviews.

Each is a function of what was true [n], what was predicted [n] and how often each row counts [B, n].
"""

from __future__ import annotations

from math import inf

import numpy as np

from smfl.evaluation.metrics.contract import GradedMetric
from smfl.evaluation.sample import Array

LEAST = 1e-12
"""A spread below this is none: what is divided by it isn't defined."""


def _mean(values: Array, weights: Array) -> Array:
    total = weights.sum(axis=1)
    return _quotient((weights * values).sum(axis=1), total)


def _mae(y: Array, p: Array, w: Array) -> Array:
    return _mean(np.abs(y - p), w)


def _rmse(y: Array, p: Array, w: Array) -> Array:
    return np.asarray(np.sqrt(_mean((y - p) ** 2, w)))


def _moments(y: Array, p: Array, w: Array) -> tuple[Array, Array, Array, Array]:
    """Covariance, both variances, and the squared difference of the means."""
    my, mp = _mean(y, w), _mean(p, w)
    return _mean(y * p, w) - my * mp, _mean(y**2, w) - my**2, _mean(p**2, w) - mp**2, (my - mp) ** 2


def _quotient(numerator: Array, denominator: Array) -> Array:
    return np.asarray(np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=denominator > LEAST))


def _concordance(y: Array, p: Array, w: Array) -> Array:
    covariance, vy, vp, gap = _moments(y, p, w)
    return _quotient(2 * covariance, vy + vp + gap)


def _pearson(y: Array, p: Array, w: Array) -> Array:
    covariance, vy, vp, _ = _moments(y, p, w)
    return _quotient(covariance, np.sqrt(np.maximum(vy, 0) * np.maximum(vp, 0)))


def _exact(y: Array, p: Array, w: Array) -> Array:
    return _mean((y == p).astype(np.float64), w)


def _within_one(y: Array, p: Array, w: Array) -> Array:
    return _mean((np.abs(y - p) <= 1).astype(np.float64), w)


def _macro_mae(y: Array, p: Array, w: Array) -> Array:
    bands = [_mean(np.abs(y - p)[y == band], w[:, y == band]) for band in np.unique(y)]
    table = np.stack(bands) if bands else np.full((1, len(w)), np.nan)
    count = (~np.isnan(table)).sum(axis=0)
    return _quotient(np.nansum(table, axis=0), count)


GRADED_METRIC = (
    GradedMetric("mae", "MAE", "score", "mean |y − p|, points", "", 0, inf, False, _mae),
    GradedMetric("rmse", "RMSE", "score", "√ mean (y − p)², points", "", 0, inf, False, _rmse),
    GradedMetric(
        "ccc",
        "CCC",
        "score",
        "2 s_yp / (s_y² + s_p² + (ȳ − p̄)²)",
        "Lin 1989, Biometrics 45:255–268",
        -1,
        1,
        True,
        _concordance,
    ),
    GradedMetric("pearson", "r", "score", "s_yp / (s_y s_p)", "Pearson 1895", -1, 1, True, _pearson),
    GradedMetric("severity_accuracy", "right band", "severity", "share of p = y", "", 0, 1, True, _exact),
    GradedMetric("within_one", "within one", "severity", "share of |y − p| ≤ 1", "", 0, 1, True, _within_one),
    GradedMetric(
        "severity_mae",
        "macro-MAE",
        "severity",
        "mean |y − p| of each true band, averaged over bands",
        "Baccianella et al. 2009, ISDA 283–287",
        0,
        4,
        False,
        _macro_mae,
    ),
    # With squared differences as weights, kappa is the concordance of the bands' numbers.
    GradedMetric(
        "severity_kappa",
        "κ",
        "severity",
        "1 − Σ (y − p)² / the same of independent y and p",
        "Cohen 1968, Psychol. Bull. 70:213–220",
        -1,
        1,
        True,
        _concordance,
    ),
)
