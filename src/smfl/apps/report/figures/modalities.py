"""Fig. 6 of the paper: what one system scores on one, two and all modalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from smfl.apps.report.figures.svg import Panel, num
from smfl.apps.report.words import Score, figure_number
from smfl.evaluation import METRICS
from smfl.pipeline.comparison.row_names import short
from smfl.pipeline.comparison.tables import reads_of

MARKS = (("auroc", "m0", "circle"), ("f1", "m1", "diamond"), ("accuracy", "m2", "square"))
"""Metric, colour and shape; the paper shows F1 and accuracy."""

ROW, STEP = 50.0, 12.0
"""Height of a row, and the distance between the marks of two metrics."""


def modality_figure(name: str, title: str, entries: Sequence[Mapping[str, Any]]) -> Panel:
    """Pooled scores with 95 % intervals, a row a choice of modalities.

    Args:
        name: unique in the page.
        title: of the system.
        entries: of ``results.json``, in the order of the rows.
    """
    found = [[Score.of(entry["metrics"].get(key)) for key, *_ in MARKS] for entry in entries]
    ends = [one for row in found for score in row for one in (score.low, score.centre) if one is not None]
    low = max(0.0, min([0.4, *(float(np.floor(end * 10) / 10) for end in ends if isfinite(end))]))
    panel = Panel(
        name,
        f"{title} by what it reads",
        "",
        x=(low, 1.0),
        y=(0.0, 1.0),
        height=ROW * len(entries) + 76,
        left=56,
        right=12,
        top=30,
    )
    panel.axes("score", y_ticks=())
    panel.line([(0.5, 0), (0.5, 1)], "reference")
    for place, (key, colour, shape) in enumerate(MARKS):
        x = panel.left + 6 + 92 * place
        panel.add(f'<g class="{colour}">{_mark(shape, x, 12)}</g>')
        panel.text(x + 10, 16, METRICS[key].title, "label")
    words = []
    for index, (entry, row) in enumerate(zip(entries, found, strict=True)):
        middle = panel.top + ROW * (index + 0.5)
        panel.text(panel.left - 8, middle + 4, short(reads_of(entry)), "row-name", "end")
        if index:
            edge = num(panel.top + ROW * index)
            panel.add(f'<path class="grid" d="M{num(panel.left)} {edge}H{num(panel.width - panel.right)}"/>')
        for place, (score, (_, colour, shape)) in enumerate(zip(row, MARKS, strict=True)):
            if isfinite(score.centre):
                y = middle + STEP * (place - 1)
                marks = f"{_whisker(panel, score, y)}{_mark(shape, panel.at_x(score.centre), y)}"
                panel.add(f'<g class="{colour}">{marks}</g>')
        scores = ", ".join(
            f"{METRICS[key].title} {figure_number(score.centre)}" for (key, *_), score in zip(MARKS, row, strict=True)
        )
        words.append(f"{short(reads_of(entry))}: {scores}")
    panel.description = "; ".join(words) + "."
    return panel


def _whisker(panel: Panel, score: Score, y: float) -> str:
    if score.low is None or score.high is None:
        return ""
    return f'<path class="whisker thin" d="M{num(panel.at_x(score.low))} {num(y)}H{num(panel.at_x(score.high))}"/>'


def _mark(shape: str, x: float, y: float) -> str:
    at = f"M{num(x)} {num(y)}"
    if shape == "diamond":
        return f'<path class="dot" d="{at}m-5 0l5 -5l5 5l-5 5z"/>'
    if shape == "square":
        return f'<path class="dot" d="{at}m-3.8 -3.8h7.6v7.6h-7.6z"/>'
    return f'<circle class="dot" cx="{num(x)}" cy="{num(y)}" r="4.3"/>'
