"""A line of a transcript, whatever format it is from; the times and the text of files."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from smfl.interview import TranscriptError, Word


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript file.

    Args:
        start: s.
        stop: s.
        speaker: as the file names them; None where it doesn't.
        text: the words.
        where: the place in the file, for messages.
        words: each with its own times, where the file gives them.
    """

    start: float
    stop: float
    speaker: str | None
    text: str
    where: str
    words: tuple[Word, ...] = ()


PARTICIPANT_NAMES = ("participant", "patient", "subject", "client", "interviewee", "respondent", "患者")
"""What transcripts call the participant, upper or lower case."""

INTERVIEWER_NAMES = ("interviewer", "ellie", "therapist", "clinician", "doctor", "experimenter", "医生")
"""What they call the other one."""

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:[.,]\d*)?)")


def seconds(text: str) -> float:
    """Seconds of a time as usually written: ``75.5``, ``1:15.5``, ``0:01:15,5``; ``nan`` where it is none of these.

    Example:
        >>> seconds("75.5"), seconds("1:15.5"), seconds("00:01:15,500"), seconds("soon")
        (75.5, 75.5, 75.5, nan)
    """
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return math.nan
    hours, minutes, rest = found.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))


def is_role(name: str) -> bool:
    """Whether a name is one of a participant or an interviewer."""
    return name.casefold() in (*PARTICIPANT_NAMES, *INTERVIEWER_NAMES)


def decoded(path: Path) -> str:
    """The text of a file.

    Raises:
        TranscriptError: where it isn't there, is empty or isn't UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise TranscriptError(f"{path}: can't be read ({fault.strerror}); check the path of the transcript") from None
    if not raw.strip():
        raise TranscriptError(f"{path}: is empty; a transcript has at least one line with a start, a stop and words")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise TranscriptError(
            f"{path}, line {line}: isn't UTF-8 (byte 0x{raw[fault.start]:02X}); save the transcript as UTF-8"
        ) from None
