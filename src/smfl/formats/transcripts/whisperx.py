"""Transcripts as WhisperX writes them: JSON, with the times of words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smfl.formats.transcripts.lines import Line, decoded
from smfl.interview import Segment, TranscriptError, Word


def read_json(path: Path) -> list[Line]:
    """WhisperX's JSON: ``{"segments": [{"start", "end", "text", "speaker"}, …]}``, or the bare list of segments.

    Raises:
        TranscriptError: naming the line or the segment, and what is wrong with it.
    """
    try:
        document = json.loads(decoded(path))
    except json.JSONDecodeError as fault:
        raise TranscriptError(f"{path}, line {fault.lineno}: not JSON ({fault.msg})") from None
    segments = document.get("segments") if isinstance(document, dict) else document
    if not isinstance(segments, list) or not all(isinstance(segment, dict) for segment in segments):
        raise TranscriptError(f"{path}: no list 'segments' in it, as WhisperX writes it")
    return [_segment(path, f"segment {i}", segment) for i, segment in enumerate(segments, start=1)]


def _segment(path: Path, where: str, segment: Mapping[str, Any]) -> Line:
    start, stop, text = segment.get("start"), segment.get("end"), segment.get("text")
    if not isinstance(start, (int, float)) or not isinstance(stop, (int, float)) or not isinstance(text, str):
        raise TranscriptError(
            f"{path}, {where}: needs 'start' and 'end' in seconds and 'text'; got {start!r}, {stop!r}, {text!r}"
        )
    speaker = segment.get("speaker")
    words = tuple(word for word in map(_word, segment.get("words") or ()) if word is not None)
    return Line(float(start), float(stop), str(speaker) if speaker else None, text.strip(), where, words)


def _word(word: Any) -> Word | None:
    """A word as WhisperX has it; None where it could not align one, such as a number, and gives no times."""
    start, stop, text = (word.get(key) for key in ("start", "end", "word")) if isinstance(word, dict) else (None,) * 3
    if not isinstance(start, (int, float)) or not isinstance(stop, (int, float)) or not isinstance(text, str):
        return None
    score = word.get("score")
    sure = float(score) if isinstance(score, (int, float)) else None
    return Word(Segment(float(start), float(stop)), text.strip(), sure) if 0 <= start <= stop else None
