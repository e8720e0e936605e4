"""Blinks and smiles that a person saw: the measures move where the face does.

`seen_frames.csv` was made by looking at the pictures: ten frames with the eyes shut, ten with a smile, and for each
recording three of the same person with the eyes open, or the mouth at rest. People of the GRID corpus hardly smile
while they read out, so that most smiles are from the two other recordings.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from smfl.features.face.video import measure_face
from smfl.interview import FloatArray, Signal

pytest.importorskip("mediapipe")

SEEN = Path(__file__).with_name("seen_frames.csv")
Frames = dict[str, dict[str, list[int]]]

SHUT = 0.65
"""Shut eyes are open by less than this share of what the same person's are else."""

SMILES_MORE = 0.02
"""A smile measures by at least so much more than any of the same person's resting mouths, eye distances."""


@pytest.fixture(scope="module")
def seen() -> Frames:
    frames: Frames = defaultdict(lambda: defaultdict(list))
    with SEEN.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            frames[row["recording"]][row["seen"]].append(int(row["frame"]))
    return frames


@pytest.fixture(scope="module")
def measured(seen: Frames, shared_data: Path) -> dict[str, Signal]:
    return {name: measure_face(shared_data / "recordings" / name) for name in seen}


def column(signal: Signal, name: str, frames: list[int]) -> FloatArray:
    return signal.select((name,)).values[frames, 0]


def test_ten_of_each(seen: Frames) -> None:
    assert sum(len(frames["blink"]) for frames in seen.values()) == 10
    assert sum(len(frames["smile"]) for frames in seen.values()) == 10


@pytest.mark.parametrize("eye", ["proxy_eye_open_right", "proxy_eye_open_left"])
def test_eyes_that_are_seen_shut_measure_shut(seen: Frames, measured: dict[str, Signal], eye: str) -> None:
    for name, frames in seen.items():
        if frames["blink"]:
            shut, unshut = (column(measured[name], eye, frames[which]) for which in ("blink", "open"))
            assert (shut < SHUT * np.median(unshut)).all(), (name, shut, unshut)


def test_a_grimace_measures_as_a_smile_too(measured: dict[str, Signal]) -> None:
    """What the measure can't tell, so that nobody thinks it can: in these frames the woman is close to tears."""
    crying, rest = (
        column(measured["face_silent_audio.mp4"], "proxy_smile", frames) for frames in ([20, 30, 50], [0, 10])
    )
    assert (crying > rest.max() + SMILES_MORE).all()


def test_smiles_that_are_seen_measure_as_smiles(seen: Frames, measured: dict[str, Signal]) -> None:
    for name, frames in seen.items():
        if frames["smile"]:
            smiles, rest = (column(measured[name], "proxy_smile", frames[which]) for which in ("smile", "neutral"))
            assert (smiles > rest.max() + SMILES_MORE).all(), (name, smiles, rest)
