"""The figure of what a person saw and what was measured: blinks and smiles of recordings, frame by frame.

Drawn are landmarks and curves, never a picture of anybody.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import REST, SHOWN, drawn
from smfl.features.face import landmarks
from smfl.features.face.columns import LANDMARK_COLUMNS
from smfl.features.face.video import measure_face
from smfl.interview import FloatArray, Signal

SEEN = Path(__file__).resolve().parents[2] / "tests" / "features" / "face" / "seen_frames.csv"
"""Which frames a person saw as what."""

ROWS = (("blink", "open", "eyes shut", "eye opening"), ("smile", "neutral", "a smile", "smile"))
"""What was seen, what it is compared with, in words, and what is measured."""

PARTS = (
    (landmarks.JAW, False),
    (landmarks.RIGHT_BROW, False),
    (landmarks.LEFT_BROW, False),
    (landmarks.NOSE, False),
    (landmarks.RIGHT_EYE, True),
    (landmarks.LEFT_EYE, True),
    (landmarks.OUTER_LIP, True),
    (landmarks.INNER_LIP, True),
)
"""Which landmarks a line joins, and whether it is closed."""


def run(options: argparse.Namespace, pages: Path) -> None:
    """Measure the recordings and draw; needs the folder ``recordings``."""
    source = options.shared / "recordings"
    if not source.is_dir():
        print(f"{source}: not there, so this figure is left out; name its parent with --shared", file=sys.stderr)
        return
    frames = seen()
    measured = {name: measure_face(source / name) for name in frames}
    out = options.work if options.quick else pages.parent / "images"
    out.mkdir(parents=True, exist_ok=True)
    print(draw(frames, measured, out / "proxies.svg"))


def seen() -> dict[str, dict[str, list[int]]]:
    """The frames by recording and by what was seen."""
    frames: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    with SEEN.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            frames[row["recording"]][row["seen"]].append(int(row["frame"]))
    return frames


def draw(frames: dict[str, dict[str, list[int]]], measured: dict[str, Signal], path: Path) -> Path:
    """A row for blinks, a row for smiles: the landmarks of one person at rest and not, then each recording's curve."""
    names = {what: [name for name in frames if frames[name][what]] for what, *_ in ROWS}
    widest = max(map(len, names.values()))
    with drawn(path) as plt:
        _, axes = plt.subplots(
            len(ROWS),
            widest + 1,
            figsize=(2.3 * (widest + 1), 4.6),
            gridspec_kw={"width_ratios": [0.8, *[1.2] * widest]},
        )
        for row, (what, rest, words, measure) in zip(axes, ROWS, strict=True):
            example = names[what][0]
            _faces(row[0], measured[example], frames[example][rest][0], frames[example][what][0], words)
            for axis, name in zip(row[1:], names[what], strict=False):
                _curve(axis, measured[name], _values(measured[name], what), frames[name], what, rest)
                axis.set_title(Path(name).stem, fontsize=8)
            row[1].set_ylabel(measure)
            for axis in row[1 + len(names[what]) :]:
                axis.set_axis_off()
    return path


def _values(signal: Signal, what: str) -> FloatArray:
    columns = ("proxy_smile",) if what == "smile" else ("proxy_eye_open_right", "proxy_eye_open_left")
    mean: FloatArray = signal.select(columns).values.mean(axis=1)
    return mean


def _curve(axis: Any, signal: Signal, values: FloatArray, frames: dict[str, list[int]], what: str, rest: str) -> None:
    axis.plot(signal.times, values, color="#9aa5ad", linewidth=1)
    for which, colour in ((rest, REST), (what, SHOWN)):
        assert signal.times is not None
        axis.plot(signal.times[frames[which]], values[frames[which]], "o", markersize=4, color=colour)
    axis.set_xlabel("s")


def _faces(axis: Any, signal: Signal, rest: int, shown: int, words: str) -> None:
    points = signal.select(LANDMARK_COLUMNS).values.reshape(len(signal), -1, 3)
    for frame, colour in ((rest, REST), (shown, SHOWN)):
        for part, is_closed in PARTS:
            line = points[frame][[*part, part[0]] if is_closed else list(part)]
            axis.plot(line[:, 0], line[:, 1], color=colour, linewidth=1)
    axis.invert_yaxis()
    axis.set_aspect("equal")
    axis.set_axis_off()
    axis.set_title(f"at rest, and {words}", fontsize=8, color=SHOWN)
    assert np.isfinite(points[[rest, shown]]).all()
