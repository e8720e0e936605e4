"""The timeline of a recording: lanes on one time axis, in coordinates that stretch with the page.

A lane is a drawing of `WIDTH` by 100 units that the page stretches to whatever room there is; lines keep their
thickness. What is missing is a gap, never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from smfl.apps.report.figures.svg import num, path
from smfl.apps.report.words import clock, figure_number

WIDTH, HEIGHT = 1000.0, 100.0
NARROWEST = 1.5
"""Least width of a sentence, so that the shortest can still be seen."""
GAP = 4.0
"""A signal pauses where the next sample is further away than this many usual steps."""
NICE_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Block:
    """A sentence's part of a lane: ``x``, ``y``, ``width`` and ``height`` in the lane's units, and its opacity."""

    index: int
    x: str
    width: str
    y: str
    height: str
    opacity: str
    kind: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane.

    Args:
        name: what it shows.
        scale: its range and unit, in words.
        kind: ``attention``, ``contribution``, ``weight`` or ``signal``.
        modality: whose colour it has; empty for none.
        blocks: one a sentence, in lanes of sentences.
        line: a path, in lanes of signals.
        zero: where 0 lies, if within.
    """

    name: str
    scale: str
    kind: str
    modality: str = ""
    blocks: tuple[Block, ...] = ()
    line: str = ""
    zero: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """What a place along the lanes means.

    Args:
        start: first second, or first sentence where there are no times.
        stop: the end.
        timed: whether it counts seconds.
    """

    start: float
    stop: float
    timed: bool

    def at(self, value: float) -> float:
        """Where a value lies, 0 to `WIDTH`."""
        return (value - self.start) / (self.stop - self.start) * WIDTH

    def ticks(self) -> list[tuple[str, str]]:
        """Round times, as (percent, words); some eight of them."""
        if not self.timed:
            numbers = np.unique(np.linspace(1, self.stop, min(int(self.stop), 8)).round()).astype(int).tolist()
            return [(num((n - 0.5) / self.stop * 100), str(n)) for n in numbers]
        span = self.stop - self.start
        step = next((step for step in NICE_STEPS if span / step <= 8), NICE_STEPS[-1] * max(1, int(span / 28800)))
        first = int(-(-self.start // step))
        return [
            (num(self.at(i * step) / 10), clock(i * step))
            for i in range(first, int((self.stop - span * 0.02) // step) + 1)
        ]


def axis_of(sentences: Sequence[Mapping[str, Any]], signals: Mapping[str, Mapping[str, Any]]) -> Axis:
    """The axis: seconds from 0 to the end of speech and signals; or sentences, where any of them has no times."""
    if not sentences or any(one.get("start") is None or one.get("stop") is None for one in sentences):
        return Axis(0, max(len(sentences), 1), timed=False)
    ends = [float(one["stop"]) for one in sentences]
    ends += [float(signal["times"][-1]) for signal in signals.values() if signal.get("times")]
    return Axis(0, max(*ends, 1e-3), timed=True)


def extents(sentences: Sequence[Mapping[str, Any]], axis: Axis) -> list[tuple[float, float]]:
    """Left edge and width of each sentence."""
    if not axis.timed:
        return [(axis.at(i + 0.08), axis.at(0.84)) for i in range(len(sentences))]
    places = []
    for one in sentences:
        left = axis.at(float(one["start"]))
        places.append((left, max(axis.at(float(one["stop"])) - left, NARROWEST)))
    return places


def _share(value: float | None, largest: float) -> float:
    return max(min((value or 0.0) / largest, 1.0), 0.0) if largest > 0 else 0.0


def sentence_lanes(sentences: Sequence[Mapping[str, Any]], axis: Axis, modalities: Sequence[str]) -> list[Lane]:
    """The lanes of the model's evidence: attention, contribution, and each modality's attention."""
    places = extents(sentences, axis)
    lanes = []
    weights = [one.get("weight") for one in sentences]
    if any(weight is not None for weight in weights):
        top = max(weight or 0.0 for weight in weights)
        opacities = [0.08 + 0.92 * _share(weight, top) for weight in weights]
        blocks = [
            Block(i, num(x), num(wide), "4", "92", num(opacities[i]), "attention") for i, (x, wide) in enumerate(places)
        ]
        scale = f"strongest {percent(top)}, even {percent(1 / len(sentences))}"
        lanes.append(Lane("Attention", scale, "attention", blocks=tuple(blocks)))
    pushes = [one.get("contribution") for one in sentences]
    if any(push is not None for push in pushes):
        top = max(abs(push or 0.0) for push in pushes)
        lanes.append(
            Lane("Contribution", f"± {figure_number(top)} logit", "contribution", blocks=_pushes(pushes, places, top))
        )
    shares = {name: [(one.get("weights") or {}).get(name) for one in sentences] for name in modalities}
    shares = {name: values for name, values in shares.items() if any(value is not None for value in values)}
    top = max((value or 0.0 for values in shares.values() for value in values), default=0.0)
    for name, values in shares.items():
        lanes.append(_weight_lane(name, values, sentences, places, top))
    return lanes


def _pushes(pushes: Sequence[float | None], places: Sequence[tuple[float, float]], top: float) -> tuple[Block, ...]:
    blocks = []
    for i, (push, (x, wide)) in enumerate(zip(pushes, places, strict=True)):
        tall = _share(abs(push or 0.0), top) * 46
        up = (push or 0.0) > 0
        blocks.append(
            Block(i, num(x), num(wide), num(50 - tall if up else 50), num(tall), "1", "towards" if up else "against")
        )
    return tuple(blocks)


def _weight_lane(
    name: str,
    values: Sequence[float | None],
    sentences: Sequence[Mapping[str, Any]],
    places: Sequence[tuple[float, float]],
    top: float,
) -> Lane:
    blocks = []
    for i, (value, (x, wide)) in enumerate(zip(values, places, strict=True)):
        present = sentences[i].get("present")
        if value is None or (present is not None and name not in present):
            blocks.append(Block(i, num(x), num(wide), "88", "12", "1", "absent"))
        else:
            tall = max(_share(value, top) * 94, 1.5)
            blocks.append(Block(i, num(x), num(wide), num(HEIGHT - tall), num(tall), "1", "weight"))
    return Lane(
        MODALITY_NAMES.get(name, name), f"highest {percent(max(v or 0 for v in values))}", "weight", name, tuple(blocks)
    )


MODALITY_NAMES = {"text": "Words", "audio": "Voice", "video": "Face"}


def percent(share: float) -> str:
    """A share as percent, with a decimal below ten.

    Example:
        >>> percent(0.031), percent(0.42)
        ('3.1 %', '42 %')
    """
    return f"{share * 100:.1f} %" if share < 0.1 else f"{share * 100:.0f} %"


def signal_lane(key: str, signal: Mapping[str, Any], axis: Axis) -> Lane | None:
    """A measured signal's lane; None where nothing of it was measured.

    Its range is the middle 98 % of its values: one wild frame doesn't flatten the rest. Values outside touch the edge.
    """
    times, values = samples(signal)
    there = np.isfinite(values)
    if not there.any():
        return None
    low, high = (float(edge) for edge in np.quantile(values[there], [0.01, 0.99]))
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    points: list[tuple[float, float]] = []
    for i, (time, value) in enumerate(zip(times.tolist(), values.tolist(), strict=True)):
        if i and step and time - times[i - 1] > GAP * step:
            points.append((float("nan"), float("nan")))
        points.append((axis.at(time), _height(value, low, high)))
    unit = str(signal.get("unit") or "")
    scale = f"{_range_number(low, high, low)} to {_range_number(low, high, high)} {unit}".rstrip()
    zero = num(_height(0.0, low, high)) if low < 0 < high else ""
    label = signal_name(key, signal)
    return Lane(label, scale, "signal", str(signal.get("modality") or ""), line=path(points), zero=zero)


def signal_name(key: str, signal: Mapping[str, Any]) -> str:
    """What a signal is called, with a capital."""
    label = str(signal.get("label") or key)
    return label[:1].upper() + label[1:]


def _height(value: float, low: float, high: float) -> float:
    return 94 - 88 * (min(max(value, low), high) - low) / (high - low) if value == value else float("nan")


def _range_number(low: float, high: float, value: float) -> str:
    return figure_number(value, 0 if high - low >= 10 else 1 if high - low >= 2 else 2)


def samples(
    signal: Mapping[str, Any],
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Times and values of a signal; null is nan."""
    times = np.array(signal.get("times") or [], dtype=float)
    values = np.array([np.nan if value is None else value for value in signal.get("values") or []], dtype=float)
    n = min(len(times), len(values))
    return times[:n], values[:n]


def measured(sentence: Mapping[str, Any], signals: Mapping[str, Mapping[str, Any]]) -> str:
    """What was measured during a sentence: each signal's mean, in words; empty where nothing was.

    Example:
        >>> pitch = {"label": "Pitch", "unit": "Hz", "times": [0, 1, 2, 3], "values": [100, 110, None, 300]}
        >>> measured({"start": 0.0, "stop": 3.0}, {"F0": pitch})
        'Pitch 105 Hz'
    """
    if sentence.get("start") is None or sentence.get("stop") is None:
        return ""
    told = []
    for key, signal in signals.items():
        times, values = samples(signal)
        inside = values[(times >= sentence["start"]) & (times < sentence["stop"]) & np.isfinite(values)]
        if len(inside):
            mean = float(inside.mean())
            number = figure_number(mean, 0 if abs(mean) >= 20 else 2)
            told.append(f"{signal_name(key, signal)} {number} {signal.get('unit') or ''}".rstrip())
    return " · ".join(told)
