"""The figures of a comparison: intervals, curves, calibration, losses, participants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite

import numpy as np

from smfl.apps.report.figures.svg import Panel, num
from smfl.apps.report.words import Score, figure_number
from smfl.evaluation.curves import HeldOut, mean_curve, participants_by_probability, reliability
from smfl.evaluation.losses import LossCurve, kept_epochs, loss_spread, mean_losses

COLOURS = 7
"""Models from the eighth on share one colour: more hues than that can't be told apart."""

UNIT = (0.0, 1.0)
QUARTERS = (0, 0.25, 0.5, 0.75, 1)
ROW = 34.0
"""Height of a row of the forest plot."""

FEW_RUNS = 10
"""So many courses of training can be told apart in a figure."""


def colour(index: int) -> str:
    """The class that gives the model at this place of the results its colour.

    Example:
        >>> colour(0), colour(12)
        ('m0', 'mx')
    """
    return f"m{index}" if index < COLOURS else "mx"


def _model(index: int) -> str:
    return f'<g class="model {colour(index)}{" on" if index == 0 else ""}" data-model="{index}">'


def forest(scores: Sequence[tuple[str, Score]], ideal: Score | None, title: str = "AUROC") -> Panel:
    """Pooled score and interval of one metric, a row a model, the best first; a line marks chance.

    The ideal observer's row is the last one.
    """
    colours = {name: colour(index) for index, (name, _) in enumerate(scores)}
    ordered = sorted(scores, key=lambda one: -one[1].centre if isfinite(one[1].centre) else np.inf)
    rows = [*ordered, *([("ideal observer", ideal)] if ideal else [])]
    ends = [value for _, score in rows for value in (score.centre, score.low) if value is not None and isfinite(value)]
    low = min([0.4, *(np.floor(end * 10) / 10 for end in ends)])
    words = "; ".join(f"{name} {figure_number(score.centre)} {score.interval_text}".rstrip() for name, score in rows)
    panel = Panel(
        "forest",
        f"{title} with 95 % intervals",
        f"{words}. Chance is 0.5.",
        x=(low, 1.0),
        y=UNIT,
        height=ROW * len(rows) + 56,
        left=10,
        right=10,
        top=6,
    )
    panel.axes(title, y_ticks=())
    panel.line([(0.5, 0), (0.5, 1)], "reference")
    for index, (name, score) in enumerate(rows):
        middle = panel.top + ROW * index + 25
        is_ideal = ideal is not None and index == len(rows) - 1
        panel.add('<g class="ideal">' if is_ideal else f'<g class="{colours[name]}">')
        panel.text(10, middle - 9, name, "row-name")
        panel.text(
            350, middle - 9, f"{figure_number(score.centre)}  {score.interval_text}".rstrip(), "row-value", "end"
        )
        if score.low is not None and score.high is not None:
            panel.add(
                f'<path class="whisker" d="M{num(panel.at_x(score.low))} {num(middle)}H{num(panel.at_x(score.high))}"/>'
            )
        if isfinite(score.centre):
            x, y = num(panel.at_x(score.centre)), num(middle)
            mark = f'<path class="dot" d="M{x} {y}m-5 0l5 -5l5 5l-5 5z"/>'
            panel.add(mark if is_ideal else f'<circle class="dot" cx="{x}" cy="{y}" r="4.5"/>')
        panel.add("</g>")
    return panel


def curves(predictions: Mapping[str, HeldOut], names: Sequence[str], kind: str) -> Panel | None:
    """ROC or precision-recall curves of all models, each with its band; None where no model has both classes."""
    if kind == "roc":
        title, x_label, y_label = "ROC curves", "1 − specificity", "recall (sensitivity)"
    else:
        title, x_label, y_label = "Precision-recall curves", "recall (sensitivity)", "precision"
    panel = Panel(kind, title, "", x=UNIT, y=UNIT)
    panel.axes(x_label, y_label, x_ticks=QUARTERS, y_ticks=QUARTERS)
    areas = []
    drawn = []
    for index, name in enumerate(names):
        curve = mean_curve(predictions[name], kind) if name in predictions else None
        if curve is None:
            continue
        areas.append(f"{name} {figure_number(curve.area)}")
        panel.marks, outside = [], panel.marks
        panel.add(_model(index))
        panel.band(curve.grid.tolist(), curve.low.tolist(), curve.high.tolist(), "band")
        panel.line(zip(curve.x, curve.y, strict=True), "curve", title=f"{name}: area {figure_number(curve.area)}")
        panel.add("</g>")
        panel.marks, mark = outside, "".join(panel.marks)
        drawn.append(mark)
    if not drawn:
        return None
    if kind == "roc":
        panel.line([(0, 0), (1, 1)], "reference")
    else:
        share = next(iter(predictions.values())).positive_share
        panel.line([(0, share), (1, share)], "reference")
    panel.marks += reversed(drawn)
    panel.description = f"Area under the curve: {'; '.join(areas)}."
    return panel


def calibration(predictions: Mapping[str, HeldOut], names: Sequence[str]) -> Panel:
    """Observed share of depressed participants against the stated probability, in bins of equally many."""
    panel = Panel("calibration", "Calibration", "", x=UNIT, y=UNIT)
    panel.axes("stated probability", "observed share", x_ticks=QUARTERS, y_ticks=QUARTERS)
    panel.line([(0, 0), (1, 1)], "reference")
    drawn, told = [], []
    for index, name in enumerate(names):
        if name not in predictions:
            continue
        bins = reliability(predictions[name])
        panel.marks, outside = [], panel.marks
        panel.add(_model(index))
        for one in bins:
            panel.line([(one.predicted, one.low), (one.predicted, one.high)], "whisker")
        panel.line([(one.predicted, one.observed) for one in bins], "curve")
        for one in bins:
            words = f"{name}: stated {one.predicted:.2f}, observed {one.observed:.2f}, {one.n} predictions"
            panel.dot(one.predicted, one.observed, "dot", title=words)
        panel.add("</g>")
        panel.marks, mark = outside, "".join(panel.marks)
        drawn.append(mark)
        told.append(f"{name}: " + ", ".join(f"{one.predicted:.2f} → {one.observed:.2f}" for one in bins))
    panel.marks += reversed(drawn)
    panel.description = f"Stated probability → observed share. {'; '.join(told)}."
    return panel


def losses(name: str, index: int, runs: tuple[LossCurve, ...], watched_name: str) -> Panel:
    """Training and watched loss by epoch (Fig. 5): the mean thick, ± sd as a band, the epochs that were kept marked.

    Runs (folds, seeds, members) are drawn thin where they are few enough to be told apart.
    """
    values = np.concatenate([part[np.isfinite(part)] for run in runs for part in (run.train, run.watched)])
    high = float(np.quantile(values, 0.99)) * 1.1 if len(values) else 1.0
    last = max(float(run.epochs[-1]) for run in runs)
    first = min(float(run.epochs[0]) for run in runs)
    panel = Panel(
        f"loss-{index}",
        f"{name}: loss by epoch",
        "",
        x=(first, max(last, first + 1)),
        y=(0, max(high, 1e-6)),
        height=230,
    )
    panel.axes("epoch", "loss")
    inside = f"clip-{index}"
    box = (panel.left, panel.top, panel.width - panel.left - panel.right, panel.height - panel.top - panel.bottom)
    x, y, wide, tall = (num(side) for side in box)
    panel.add(f'<clipPath id="{inside}"><rect x="{x}" y="{y}" width="{wide}" height="{tall}"/></clipPath>')
    panel.add(f'<g clip-path="url(#{inside})" class="{colour(index)}">')
    for run in runs if len(runs) <= FEW_RUNS else ():
        panel.line(zip(run.epochs, run.train, strict=True), "run train")
        panel.line(zip(run.epochs, run.watched, strict=True), "run")
    epochs, train, watched = mean_losses(runs)
    for mean, spread, kind in zip((train, watched), loss_spread(runs), ("spread train", "spread"), strict=True):
        known = np.isfinite(mean) & np.isfinite(spread)
        if known.sum() > 1:
            below, above = mean[known] - spread[known], mean[known] + spread[known]
            panel.band(epochs[known].tolist(), below.tolist(), above.tolist(), kind)
    panel.line(zip(epochs, train, strict=True), "mean train", title="training loss, mean")
    panel.line(zip(epochs, watched, strict=True), "mean", title=f"{watched_name} loss, mean")
    for run in runs:
        if run.chosen is not None:
            at = float(run.watched[np.flatnonzero(run.epochs == run.chosen)[0]])
            if isfinite(at):
                panel.dot(run.chosen, min(at, high), "kept", title=f"epoch {run.chosen:g} kept, loss {at:.3f}")
    panel.add("</g>")
    kept = kept_epochs(runs)
    chosen = f"; epochs kept: {kept[0]:g} to {kept[1]:g}, median {kept[2]:g}" if kept else ""
    panel.description = (
        f"{len(runs)} runs. Training loss from {figure_number(float(train[0]))} to {figure_number(float(train[-1]))}, "
        f"{watched_name} loss from {figure_number(float(watched[0]))} to {figure_number(float(watched[-1]))}{chosen}."
    )
    return panel


def strip(name: str, index: int, pooled: HeldOut) -> Panel:
    """Every participant's probability, those labelled depressed above, the others below; a line marks 0.5."""
    panel = Panel(
        f"strip-{index}", f"{name}: participants", "", x=UNIT, y=(-0.5, 1.5), height=172, left=82, bottom=40, top=6
    )
    panel.axes("probability", x_ticks=QUARTERS, y_ticks=())
    panel.line([(0.5, -0.5), (0.5, 1.5)], "reference")
    found = participants_by_probability(pooled)
    told = []
    for label, word in ((1, "depressed"), (0, "not depressed")):
        lane = [(who, p) for who, value, p in found if value == label]
        middle = panel.at_y(label)
        panel.text(panel.left - 8, middle + 4, word, "label", "end")
        panel.add(f'<g class="people label-{label} {colour(index)}">')
        places = _swarm([panel.at_x(p) for _, p in lane], step=5.2, half=26)
        for (who, p), shift in zip(lane, places, strict=True):
            x, y = num(panel.at_x(p)), num(middle + shift)
            panel.add(f'<circle cx="{x}" cy="{y}" r="3"><title>{escape(who)}: {p:.2f}</title></circle>')
        panel.add("</g>")
        if lane:
            above = sum(p >= 0.5 for _, p in lane)
            told.append(f"labelled {word}: {len(lane)} participants, {above} at 0.5 or above")
    panel.description = "; ".join(told) + "."
    return panel


def _swarm(xs: Sequence[float], step: float, half: float) -> list[float]:
    """Vertical shifts that keep dots at sorted places ``xs`` apart, as near to the middle as there is room."""
    shifts = [
        sign * level * step for level in range(int(half / step) + 1) for sign in ((1,) if level == 0 else (1, -1))
    ]
    placed: list[tuple[float, float]] = []
    for x in xs:
        near = [(there, shift) for there, shift in placed if x - there < step]
        free = [shift for shift in shifts if all(abs(shift - s) > 0.1 or x - t >= step for t, s in near)]
        placed.append((x, free[0] if free else shifts[len(placed) % len(shifts)]))
    return [shift for _, shift in placed]
