"""Metrics of scores and bands, beside those of labels: how far off, and how well people are ordered.

A sample is what was true, what was said, and how often each row counts: weights [B, n], a row a resample. All are
over the rows of a fold, or of all folds together; a figure that isn't defined is ``nan``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from smfl.evaluation.intervals import Resamples, Score, interval
from smfl.evaluation.sample import Array

if TYPE_CHECKING:
    import pandas as pd

GRADES: Mapping[str, tuple[str, str]] = {
    "score": ("score", "predicted_score"),
    "severity": ("severity", "predicted_severity"),
}
"""Tasks beside ``binary``, and the columns of what was true and what was said."""

LEAST = 1e-12
"""A spread below this is none: what is divided by it isn't defined."""

COLUMNS = tuple(name for pair in GRADES.values() for name in pair)


@dataclass(frozen=True)
class GradedMetric:
    """A figure of numbers against numbers.

    Args:
        name: in ``results.json``.
        title: as tables show it.
        task: of `GRADES`.
        formula: what is computed.
        source: citation; "" where the formula says it all.
        low: lowest value.
        high: highest value.
        higher_is_better: direction.
        compute: of what was true [n], what was said [n] and weights [B, n]: [B].

    Example:
        >>> round(GRADED["mae"]([10, 4, 7], [12, 4, 6]), 6)
        1.0
    """

    name: str
    title: str
    task: str
    formula: str
    source: str
    low: float
    high: float
    higher_is_better: bool
    compute: Callable[[Array, Array, Array], Array]

    def __call__(self, truth: Sequence[float] | Array, said: Sequence[float] | Array) -> float:
        """The figure of one sample; rows where the truth is unknown don't count."""
        return float(self.compute(*_known(truth, said), _ones(truth))[0])


def _ones(truth: Sequence[float] | Array) -> Array:
    return np.ones((1, int((~np.isnan(np.asarray(truth, dtype=np.float64))).sum())))


def _known(truth: Sequence[float] | Array, said: Sequence[float] | Array) -> tuple[Array, Array]:
    y, p = np.asarray(truth, dtype=np.float64), np.asarray(said, dtype=np.float64)
    there = ~np.isnan(y)
    return y[there], p[there]


def _mean(values: Array, weights: Array) -> Array:
    total = weights.sum(axis=1)
    return _over((weights * values).sum(axis=1), total)


def _mae(y: Array, p: Array, w: Array) -> Array:
    return _mean(np.abs(y - p), w)


def _rmse(y: Array, p: Array, w: Array) -> Array:
    return np.asarray(np.sqrt(_mean((y - p) ** 2, w)))


def _moments(y: Array, p: Array, w: Array) -> tuple[Array, Array, Array, Array]:
    """Covariance, both variances, and the squared difference of the means."""
    my, mp = _mean(y, w), _mean(p, w)
    return _mean(y * p, w) - my * mp, _mean(y**2, w) - my**2, _mean(p**2, w) - mp**2, (my - mp) ** 2


def _over(above: Array, below: Array) -> Array:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > LEAST))


def _concordance(y: Array, p: Array, w: Array) -> Array:
    covariance, vy, vp, apart = _moments(y, p, w)
    return _over(2 * covariance, vy + vp + apart)


def _pearson(y: Array, p: Array, w: Array) -> Array:
    covariance, vy, vp, _ = _moments(y, p, w)
    return _over(covariance, np.sqrt(np.maximum(vy, 0) * np.maximum(vp, 0)))


def _right(y: Array, p: Array, w: Array) -> Array:
    return _mean((y == p).astype(np.float64), w)


def _near(y: Array, p: Array, w: Array) -> Array:
    return _mean((np.abs(y - p) <= 1).astype(np.float64), w)


def _macro_mae(y: Array, p: Array, w: Array) -> Array:
    bands = [_mean(np.abs(y - p)[y == band], w[:, y == band]) for band in np.unique(y)]
    table = np.stack(bands) if bands else np.full((1, len(w)), np.nan)
    count = (~np.isnan(table)).sum(axis=0)
    return _over(np.nansum(table, axis=0), count)


GRADED: dict[str, GradedMetric] = {
    metric.name: metric
    for metric in (
        GradedMetric("mae", "MAE", "score", "mean |y − p|, points", "", 0, inf, False, _mae),
        GradedMetric("rmse", "RMSE", "score", "√ mean (y − p)², points", "", 0, inf, False, _rmse),
        GradedMetric(
            "ccc", "CCC", "score", "2 s_yp / (s_y² + s_p² + (ȳ − p̄)²)", "Lin 1989, Biometrics 45:255–268", -1, 1, True,
            _concordance,
        ),
        GradedMetric("pearson", "r", "score", "s_yp / (s_y s_p)", "Pearson 1895", -1, 1, True, _pearson),
        GradedMetric("severity_accuracy", "right band", "severity", "share of p = y", "", 0, 1, True, _right),
        GradedMetric("within_one", "within one", "severity", "share of |y − p| ≤ 1", "", 0, 1, True, _near),
        GradedMetric(
            "severity_mae", "macro-MAE", "severity", "mean |y − p| of each true band, averaged over bands",
            "Baccianella et al. 2009, ISDA 283–287", 0, 4, False, _macro_mae,
        ),
        # With squared differences as weights, kappa is the concordance of the bands' numbers.
        GradedMetric(
            "severity_kappa", "κ", "severity", "1 − Σ (y − p)² / the same of independent y and p",
            "Cohen 1968, Psychol. Bull. 70:213–220", -1, 1, True, _concordance,
        ),
    )
}  # fmt: skip


def graded_of(predictions: pd.DataFrame) -> tuple[str, ...]:
    """The tasks beside ``binary`` that a table of predictions tells of."""
    return tuple(task for task, (truth, said) in GRADES.items() if {truth, said} <= set(predictions.columns))


def graded_scores(rows: pd.DataFrame, resamples: Resamples | None = None) -> dict[str, dict[str, Any]]:
    """Figures of one model, by metric, as `smfl.evaluation.intervals.scores` gives those of labels.

    Args:
        rows: predictions of one model, with columns of `GRADES`.
        resamples: who was drawn.
    """
    drawn = Resamples.of(rows) if resamples is None else resamples
    found = {}
    for name, metric in GRADED.items():
        truth, said = GRADES[metric.task]
        if not {truth, said} <= set(rows.columns):
            continue
        known = rows[rows[truth].notna() & rows[said].notna()]
        folds = [
            metric(part[truth].to_numpy(float), part[said].to_numpy(float))
            for _, part in known.groupby(["seed", "fold"], sort=True)
        ]
        defined = np.array([value for value in folds if not np.isnan(value)])
        together, draws = [], []
        for _, part in known.groupby("seed", sort=True):
            y, p = part[truth].to_numpy(float), part[said].to_numpy(float)
            together.append(metric.compute(y, p, np.ones((1, len(y))))[0])
            draws.append(metric.compute(y, p, drawn.weights(part)))
        score = Score(
            float(defined.mean()) if len(defined) else np.nan,
            float(defined.std(ddof=1)) if len(defined) > 1 else np.nan,
            float(np.mean(together)) if together else np.nan,
            *(interval(np.mean(draws, axis=0)) if draws else (np.nan, np.nan)),
            undefined=len(folds) - len(defined),
        )
        found[name] = asdict(score)
    return found
