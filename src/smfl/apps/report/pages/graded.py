"""Scores of the questionnaire and bands on the page of a comparison: a table and a figure for each task."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np

from smfl.apps.report.figures.curves import colour
from smfl.apps.report.figures.svg import Panel, ticks
from smfl.apps.report.source import PREDICTIONS_FILE, Comparison
from smfl.apps.report.standings import rivals
from smfl.apps.report.words import Score, figure_number
from smfl.evaluation.graded import GRADES, band_counts, best_graded
from smfl.evaluation.metrics import GRADED
from smfl.interview import BANDS

TITLES = {"score": "The questionnaire’s score", "severity": "Bands of the PHQ-8"}
CHOSEN = {"score": "mae", "severity": "severity_kappa"}
"""By which the figure's model is chosen."""


@dataclass(frozen=True, eq=False, slots=True)
class Graded:
    """One task's part of the page.

    Args:
        task: of `GRADES`.
        model: whose figure it is: the one that scores best.
        panel: the figure.
        context: for the template.
    """

    task: str
    model: str
    panel: Panel
    context: Mapping[str, Any]


def graded(comparison: Comparison) -> list[Graded]:
    """A part for each task beside ``binary`` that the results tell of."""
    models = [model for model in rivals(comparison.facts["models"]) if model.get("graded")]
    found = []
    for task in GRADES:
        metrics = [metric for metric in GRADED.values() if metric.task == task and models]
        metrics = [metric for metric in metrics if metric.name in models[0]["graded"]]
        if not metrics:
            continue
        chosen = GRADED[CHOSEN[task]]
        best = best_graded(models, chosen.name)
        pairs = _pairs(comparison, best, task)
        index = [model["name"] for model in rivals(comparison.facts["models"])].index(best)
        draw = _scatter if task == "score" else _confusion
        context = {
            "task": task,
            "title": TITLES[task],
            "model": best,
            "columns": [(m.title, f"{m.formula} {m.source}".strip(), m.higher_is_better) for m in metrics],
            "rows": [(m["name"], [Score.of(m["graded"][one.name]) for one in metrics]) for m in models],
        }
        found.append(Graded(task, best, draw(best, colour(index), pairs), context))
    return found


def _pairs(comparison: Comparison, model: str, task: str) -> list[tuple[float, float]]:
    """What was true and what was predicted, an interview and seed each."""
    truth, predicted = GRADES[task]
    with (comparison.folder / PREDICTIONS_FILE).open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["model"] == model and row.get(truth) and row.get(predicted)]
    return [(float(row[truth]), float(row[predicted])) for row in rows]


def _scatter(model: str, colour_class: str, pairs: Sequence[tuple[float, float]]) -> Panel:
    """What was predicted against what was true, and where they are the same."""
    most = max([1.0, *(value for pair in pairs for value in pair)])
    panel = Panel("graded-score", f"{model}: scores", "", x=(0.0, most), y=(0.0, most))
    panel.axes("true score", "predicted score", x_ticks=ticks(0, most), y_ticks=ticks(0, most))
    panel.line([(0, 0), (most, most)], "reference")
    panel.add(f'<g class="{colour_class}">')
    for true, predicted in pairs:
        panel.dot(true, predicted, "dot", radius=2.6, title=f"true {true:g}, predicted {predicted:.1f}")
    panel.add("</g>")
    error = GRADED["mae"](*zip(*pairs, strict=True)) if pairs else nan
    panel.description = f"{len(pairs)} held-out scores; mean error {figure_number(error, 1)} points."
    return panel


def _confusion(model: str, colour_class: str, pairs: Sequence[tuple[float, float]]) -> Panel:
    """How many of each true band were predicted to be in each band: areas as the counts."""
    n = len(BANDS)
    panel = Panel("graded-severity", f"{model}: bands", "", x=(-0.5, n - 0.5), y=(-0.5, n - 0.5))
    panel.axes("true band", "predicted band", x_ticks=range(n), y_ticks=range(n))
    panel.line([(-0.5, -0.5), (n - 0.5, n - 0.5)], "reference")
    counts = {(int(a), int(b)): int(count) for (a, b), count in np.ndenumerate(band_counts(pairs, n))}
    most = max(1, *counts.values())
    panel.add(f'<g class="{colour_class}">')
    for (true, predicted), count in counts.items():
        if count:
            words = f"true {BANDS[true]}, predicted {BANDS[predicted]}: {count}"
            panel.dot(true, predicted, "dot", radius=15 * (count / most) ** 0.5, title=words)
    panel.add("</g>")
    for (true, predicted), count in counts.items():
        if count:
            panel.text(panel.at_x(true), panel.at_y(predicted) + 26, f"{count}", "label", "middle")
    right = sum(counts[k, k] for k in range(n))
    panel.description = f"{right} of {len(pairs)} held-out bands are right; 0 {BANDS[0]} to 4 {BANDS[-1]}."
    return panel
