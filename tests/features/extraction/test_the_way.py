"""An interview's way from its corpus to the store: few files, none entered twice but for the loop over extractors.

A *visit* is a call from one file of the rooms ``pipeline``, ``corpora`` and ``features`` into another one; what a file
calls in itself isn't one, nor is coming back. Counted is the way of an interview that is prepared anew. Not counted:

- what reads files: what a corpus's own file calls for itself (its folder, ``formats``), the readers of signals that an
  interview carries, and ``features/recording``, which opens recordings;
- what an extractor calls to measure (its wing), and `cut`, which follows on it: this is the loop over the extractors,
  which enters each of their files once or more;
- methods of values that travel along (settings, schema, features of an interview, the review).

The drawing of the way in docs/house.md is printed by ``python -m pytest -s tests/features/extraction/test_the_way.py``.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import smfl
from smfl.features.extraction import extract as extraction
from smfl.pipeline import prepare as preparing

PACKAGE = Path(str(smfl.__file__)).parent
ROOMS = ("pipeline", "corpora", "features")
VALUES = {"ExtractionSettings", "Schema", "Modality", "SentenceFeatures", "Review"}
LOOP = {extraction._attempt.__code__, extraction._cut.__code__}
EXTRACTORS = "features/extractors/"
MOST = 10
"""Files outside of the loop."""


def place(frame: FrameType) -> str | None:
    """The file of a frame in one of the rooms."""
    path = Path(frame.f_code.co_filename)
    if not path.is_relative_to(PACKAGE):
        return None
    name = path.relative_to(PACKAGE).as_posix()
    return name if name.startswith(ROOMS) else None


def callers(frame: FrameType) -> Iterator[FrameType]:
    """The frames above one that are in the rooms, the nearest first."""
    above = frame.f_back
    while above is not None:
        if place(above):
            yield above
        above = above.f_back


class Tracer:
    """Notes visits while an interview is prepared; ``loop`` are the extractors that were entered."""

    def __init__(self) -> None:
        self.visits: list[str] = []
        self.loop: list[str] = []

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        here = place(frame)
        if event != "call" or here is None:
            return
        above = list(callers(frame))
        if above and place(above[0]) == here:
            return
        if any(one.f_code in LOOP for one in (frame, *above)):
            if here.startswith(EXTRACTORS) and above[0].f_code in LOOP:
                self.loop.append(here)
            return
        reader = here.startswith("features/recording") or (
            here.startswith("corpora") and "features" in str(place(above[0]))
        )
        inside = any(str(place(one)).startswith(("corpora", EXTRACTORS)) for one in above)
        if not inside and not reader and frame.f_code.co_qualname.split(".")[0] not in VALUES:
            self.visits.append(here)


@pytest.mark.parametrize(("corpus", "minutes"), [("manifest", 0.4), ("daic-woz", 0.5)])
def test_few_files_and_none_twice(corpus: str, minutes: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    smfl.simulate(corpus, tmp_path / "corpus", participants=2, minutes=minutes)
    cohort = smfl.load(tmp_path / "corpus")
    tracer, prepare_one = Tracer(), preparing._Task.__call__

    def traced(task: Any, key: str) -> Any:
        threading.setprofile(tracer)
        sys.setprofile(tracer)
        try:
            return prepare_one(task, key)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    smfl.prepare(cohort[:1], tmp_path / "first")  # what is loaded once in a process is no part of the way
    monkeypatch.setattr(preparing._Task, "__call__", traced)
    smfl.prepare(cohort[:1], tmp_path / "prepared")
    way = ["pipeline/prepare.py", *tracer.visits]
    print(f"\n{corpus}: {' → '.join(way)}\n  in the loop: {', '.join(sorted(tracer.loop))}")
    assert sorted(way) == sorted(set(way)), "a file is entered twice"
    assert len(way) <= MOST
    assert way[-1] == "features/store.py"
    assert len(tracer.loop) == len(set(tracer.loop)) == 3
