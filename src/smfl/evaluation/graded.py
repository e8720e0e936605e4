"""Scores of the questionnaire and bands of the PHQ-8, beside labels: which columns hold them, and their figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from smfl.evaluation.intervals import Resamples, Score, interval
from smfl.evaluation.metrics import GRADED
from smfl.evaluation.sample import Integers

if TYPE_CHECKING:
    import pandas as pd

GRADES: Mapping[str, tuple[str, str]] = {
    "score": ("score", "predicted_score"),
    "severity": ("severity", "predicted_severity"),
}
"""Tasks beside ``binary``, and the columns of what was true and what was predicted."""

COLUMNS = tuple(name for pair in GRADES.values() for name in pair)
"""All of these columns."""


def graded_of(predictions: pd.DataFrame) -> tuple[str, ...]:
    """The tasks beside ``binary`` that a table of predictions has."""
    return tuple(task for task, (truth, predicted) in GRADES.items() if {truth, predicted} <= set(predictions.columns))


def band_counts(pairs: Iterable[tuple[float, float]], bands: int) -> Integers:
    """How many interviews of each true band are predicted in each band.

    Args:
        pairs: true and predicted band of each, from 0.
        bands: how many there are.

    Returns:
        int64 [true, predicted].

    Example:
        >>> band_counts([(0, 0), (0, 1), (1, 1)], 2).tolist()
        [[1, 1], [0, 1]]
    """
    counts = np.zeros((bands, bands), dtype=np.int64)
    for true, predicted in pairs:
        counts[int(true), int(predicted)] += 1
    return counts


def best_graded(entries: Sequence[Mapping[str, Any]], metric: str) -> str:
    """The model with the best pooled figure of a graded metric; one without a figure is the last.

    Args:
        entries: models of ``results.json`` that have ``graded``.
        metric: of `smfl.evaluation.metrics.GRADED`.

    Example:
        >>> best_graded([{"name": n, "graded": {"mae": {"pooled": e}}} for n, e in (("a", 4.0), ("b", 3.0))], "mae")
        'b'
    """
    sign = 1 if GRADED[metric].higher_is_better else -1

    def merit(entry: Mapping[str, Any]) -> float:
        figure = entry["graded"][metric]["pooled"]
        return -math.inf if figure is None else sign * float(figure)

    return str(max(entries, key=merit)["name"])


def graded_scores(rows: pd.DataFrame, resamples: Resamples | None = None) -> dict[str, dict[str, Any]]:
    """Figures of one model, by metric, as `smfl.evaluation.intervals.scores` gives those of labels.

    Args:
        rows: predictions of one model, with columns of `GRADES`.
        resamples: who was drawn.
    """
    drawn = Resamples.of(rows) if resamples is None else resamples
    found = {}
    for name, metric in GRADED.items():
        truth, predicted = GRADES[metric.task]
        if not {truth, predicted} <= set(rows.columns):
            continue
        known = rows[rows[truth].notna() & rows[predicted].notna()]
        folds = [
            metric(part[truth].to_numpy(float), part[predicted].to_numpy(float))
            for _, part in known.groupby(["seed", "fold"], sort=True)
        ]
        defined = np.array([value for value in folds if not np.isnan(value)])
        together, draws = [], []
        for _, part in known.groupby("seed", sort=True):
            y, p = part[truth].to_numpy(float), part[predicted].to_numpy(float)
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
