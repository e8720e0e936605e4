"""The figures of the quality page: how a measure is spread over the interviews, and which modality each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import floor
from typing import Any

from smfl.apps.report.figures.svg import Panel, num
from smfl.apps.report.figures.timeline import HEIGHT, MODALITY_NAMES, WIDTH, Block, Lane, percent
from smfl.apps.report.words import count, figure_number
from smfl.features.extraction.quality import MEASURES

BIN = 8.0
"""Width of a stack of dots, and most that they are apart in it, units of the drawing."""

AXES: Mapping[str, tuple[str, float, float | None, float]] = {
    "quality_face_seen": ("% of the frames in sentences", 0, 100, 100),
    "quality_voiced": ("% of the voice’s frames in sentences", 0, 100, 100),
    "quality_snr_db": ("dB", 0, None, 1),
    "quality_clipped": ("% of the samples", 0, None, 100),
    "quality_silent": ("% of the time", 0, 100, 100),
    "quality_speech": ("% of the time", 0, 100, 100),
    "quality_level_dbfs": ("dB of full scale", -60, 0, 1),
    "quality_words": ("words", 0, None, 1),
    "seconds": ("min", 0, None, 1 / 60),
}
"""For each measure: unit of the axis, its least and greatest value (None: what is there), units of it in one of the
measure's."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A measure over all interviews.

    Args:
        title: what is measured.
        words: its median, and from where on it is worth a look.
        panel: the figure.
    """

    title: str
    words: str
    panel: Panel


def spread(column: str, title: str, interviews: Sequence[Mapping[str, Any]]) -> Spread | None:
    """Every interview a dot, stacked; zones show where a look is worth it. None where it is known of none.

    Args:
        column: of the index.
        title: of the figure.
        interviews: with ``name`` and ``facts``.
    """
    unit, low, high, factor = AXES[column]
    known = [(one["name"], one["facts"].get(column)) for one in interviews]
    values = [(name, value * factor) for name, value in known if value is not None]
    if not values:
        return None
    measure = MEASURES.get(column)
    most = max(value for _, value in values)
    least = min(low, *(floor(value / 5) * 5 for _, value in values)) if column.endswith(("_db", "_dbfs")) else low
    if high is None:
        bound = 0.0 if measure is None else measure.fair * factor * (3 if measure.high_is_bad else 1.5)
        high = _round_up(max(most, bound))
    panel = Panel(column, title, "", x=(least, max(high, least + 1e-9)), y=(0, 1), height=176, left=12, right=12, top=8)
    grades = dict.fromkeys((name for name, _ in values), "good")
    if measure is not None:
        _zones(panel, measure.fair * factor, measure.poor * factor, high_is_bad=measure.high_is_bad)
        grades = {name: measure.grade(value / factor) for name, value in values}
    panel.axes(unit, y_ticks=())
    _stack(panel, values, grades)
    middle = sorted(value for _, value in values)[len(values) // 2]
    short = unit.partition(" ")[0]
    about = f"Median {_rounded(middle)} {short}"
    if measure is not None:
        caught = sum(grade != "good" for grade in grades.values())
        about += (
            f"; {'above' if measure.high_is_bad else 'below'} {measure.fair * factor:g} {short}: {caught or 'none'}"
        )
    unknown = len(known) - len(values)
    about += f"; unknown in {unknown}." if unknown else "."
    panel.description = (
        f"{len(values)} interviews, from {_rounded(min(v for _, v in values))} to {_rounded(most)} {unit}. {about}"
    )
    return Spread(title, about, panel)


def _rounded(value: float) -> str:
    """A number in the digits that matter.

    Example:
        >>> _rounded(1234.4), _rounded(23.45), _rounded(0.0312), _rounded(-28.4)
        ('1 234', '23', '0.03', '−28')
    """
    if abs(value) < 10:
        return figure_number(value, 0 if value == int(value) else 1 if abs(value) >= 1 else 2)
    return f"−{count(round(-value))}" if value < 0 else count(round(value))


def _round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(len(str(int(value))) - 1) if value >= 1 else 0.1
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value)


def _zones(panel: Panel, fair: float, poor: float, *, high_is_bad: bool) -> None:
    """Backgrounds of what is worth a look and of what is poor."""
    low, high = panel.x
    edges = [(fair, poor, "fair"), (poor, high, "poor")] if high_is_bad else [(low, poor, "poor"), (poor, fair, "fair")]
    for start, stop, grade in edges:
        start, stop = max(start, low), min(stop, high)
        if stop > start:
            x, wide = panel.at_x(start), panel.at_x(stop) - panel.at_x(start)
            tall = panel.height - panel.top - panel.bottom
            where = f'x="{num(x)}" y="{num(panel.top)}" width="{num(wide)}" height="{num(tall)}"'
            panel.add(f'<rect class="zone {grade}" {where}/>')


def _stack(panel: Panel, values: Sequence[tuple[str, float]], grades: Mapping[str, str]) -> None:
    """Dots upon dots; where a stack would grow out of the figure, they overlap."""
    bins: dict[int, list[tuple[str, float]]] = {}
    for name, value in sorted(values, key=lambda pair: pair[1]):
        bins.setdefault(int((panel.at_x(value) - panel.left) // BIN), []).append((name, value))
    room = panel.height - panel.top - panel.bottom - BIN
    step = min(BIN - 1, room / max(max(len(stack) for stack in bins.values()) - 1, 1))
    floor_line = panel.height - panel.bottom - BIN / 2
    for place, stack in bins.items():
        x = num(min(panel.left + (place + 0.5) * BIN, panel.width - panel.right - BIN / 2))
        for level, (name, value) in enumerate(stack):
            y, words = num(floor_line - level * step), f"<title>{escape(name)}: {_rounded(value)}</title>"
            if grades[name] == "poor":
                panel.add(f'<path class="one poor" d="M{x} {y}m-4.2 0l4.2 -4.2l4.2 4.2l-4.2 4.2z">{words}</path>')
            else:
                panel.add(f'<circle class="one {grades[name]}" cx="{x}" cy="{y}" r="3.3">{words}</circle>')


def coverage_lanes(interviews: Sequence[Mapping[str, Any]]) -> list[Lane]:
    """Of each modality a lane: a column an interview, as high as the share of its sentences that have the modality."""
    wide = WIDTH / max(len(interviews), 1)
    gap = min(wide * 0.15, 4.0)
    lanes = []
    for name in ("video", "audio", "text"):
        shares = [one["facts"].get(f"quality_coverage_{name}") for one in interviews]
        there = [share for share in shares if share is not None]
        if not there:
            continue
        blocks = []
        for i, share in enumerate(shares):
            tall = (share or 0.0) * (HEIGHT - 8)
            kind = "weight" if tall else "absent"
            tall = tall or 6.0
            x, width = num(i * wide + gap / 2), num(wide - gap)
            blocks.append(Block(i, x, width, num(HEIGHT - tall), num(tall), "1", kind))
        words = f"{percent(sum(there) / len(there))} of sentences" if sum(there) else "none"
        without = sum(share == 0 for share in there)
        scale = f"{words}; {without} without" if 0 < without < len(there) else words
        lanes.append(Lane(MODALITY_NAMES[name], scale, "weight", name, tuple(blocks)))
    return lanes
