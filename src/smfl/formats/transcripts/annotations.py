"""Annotation files as transcripts: Praat's TextGrid and ELAN's .eaf, a tier a speaker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smfl.formats.transcripts.lines import Line, decoded
from smfl.interview import MissingExtraError, TranscriptError

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""Praat writes UTF-16 where a text isn't ASCII; it begins with one of these."""


def read_textgrid(path: Path) -> list[Line]:
    """Praat's TextGrid, UTF-8 or UTF-16: every tier of intervals is a speaker, every interval with text a line.

    Raises:
        TranscriptError: where it isn't a TextGrid with a tier of intervals.
        MissingExtraError: where praatio isn't installed.
    """
    try:
        from praatio import textgrid
        from praatio.utilities import constants
    except ImportError:
        raise MissingExtraError("praatio", extra="speech") from None
    if not path.is_file() or not path.read_bytes().startswith(UTF16_MARKS):
        decoded(path)
    try:
        grid = textgrid.openTextgrid(
            str(path), includeEmptyIntervals=False, reportingMode="silence", duplicateNamesMode="rename"
        )
    except Exception as fault:  # the parser meets what isn't its format with whatever error comes first
        raise TranscriptError(
            f"{path}: not a TextGrid that Praat wrote ({_reason(fault)}); save it from Praat again"
        ) from None
    tiers = [tier for tier in grid.tiers if tier.tierType == constants.INTERVAL_TIER]
    if not tiers:
        raise TranscriptError(f"{path}: has no tier of intervals; a transcript has one for each speaker")
    return [
        Line(
            float(entry.start),
            float(entry.end),
            tier.name,
            " ".join(entry.label.split()),
            f"tier {tier.name!r} at {entry.start:g} s",
        )
        for tier in tiers
        for entry in tier.entries
        if entry.label.strip()
    ]


def read_eaf(path: Path) -> list[Line]:
    """ELAN: every tier that doesn't depend on another is a speaker, named by its participant where it has one.

    Raises:
        TranscriptError: where it isn't ELAN's XML, or an annotation has no time.
        MissingExtraError: where pympi isn't installed.
    """
    try:
        from pympi import Eaf
    except ImportError:
        raise MissingExtraError("pympi-ling", extra="speech") from None
    decoded(path)
    try:
        document = Eaf(str(path), suppress_version_warning=True)
    except Exception as fault:  # likewise
        raise TranscriptError(
            f"{path}: not a file that ELAN wrote ({_reason(fault)}); save it from ELAN again"
        ) from None
    lines = []
    for tier in document.get_tier_names():
        properties = document.get_parameters_for_tier(tier)
        if "PARENT_REF" in properties:
            continue
        speaker = properties.get("PARTICIPANT") or tier
        for start, stop, text, *_ in document.get_annotation_data_for_tier(tier):
            lines.append(_annotation(path, tier, speaker, start, stop, text))
    return [line for line in lines if line.text]


def _annotation(path: Path, tier: str, speaker: str, start: Any, stop: Any, text: str | None) -> Line:
    if start is None or stop is None:
        raise TranscriptError(f"{path}, tier {tier!r}: the annotation {text!r} has no time; align it in ELAN")
    where = f"tier {tier!r} at {start / 1000:g} s"  # ELAN counts in milliseconds
    return Line(start / 1000, stop / 1000, speaker, " ".join((text or "").split()), where)


def _reason(fault: Exception) -> str:
    return str(fault) or type(fault).__name__
