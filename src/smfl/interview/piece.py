"""A recording in several files: corpora that come answer by answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smfl.interview.errors import RecordingError


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a recording that is distributed in several.

    Args:
        path: the sound file.
        start: the instant of its first sample on the interview's clock, s.

    Raises:
        RecordingError: for a piece that starts before 0 s.

    Example:
        >>> Piece(Path("Q2.wav"), 12.5).start
        12.5
    """

    path: Path
    start: float

    def __post_init__(self) -> None:
        if not self.start >= 0:
            raise RecordingError(f"{self.path}: a piece of a recording starts at 0 s or later; got {self.start:g} s")
