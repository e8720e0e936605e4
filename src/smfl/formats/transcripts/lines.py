"""Transcript files, each format as it is: lines of speech with times and whatever names the file gives.

Who of them is the participant is decided in `speech`.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smfl.interview import Segment, TranscriptError, Word


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


COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "start": ("start", "start_time", "starttime", "begin", "onset", "from"),
    "stop": ("stop", "stop_time", "stoptime", "end", "end_time", "endtime", "offset", "to"),
    "speaker": ("speaker", "who", "role", "participant", "name"),
    "text": ("text", "value", "utterance", "transcript", "words", "sentence"),
}
"""What a table may call its columns, capitals aside; DAIC-WOZ's and E-DAIC's names are among them."""

PARTICIPANT_NAMES = ("participant", "patient", "subject", "client", "interviewee", "respondent", "患者")
"""What transcripts call the participant, capitals aside."""

INTERVIEWER_NAMES = ("interviewer", "ellie", "therapist", "clinician", "doctor", "experimenter", "医生")
"""What they call the other one."""

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:[.,]\d*)?)")


def seconds(text: str) -> float:
    """Seconds of a time as people write it: ``75.5``, ``1:15.5``, ``0:01:15,5``; ``nan`` where it is none of these.

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


def read_table(path: Path) -> list[Line]:
    """A table with a header: comma, semicolon or tab between the columns.

    Between tabs quotation marks are part of the text, as in DAIC-WOZ; else they may enclose a cell. Rows that are
    wholly empty are passed over.

    Raises:
        TranscriptError: naming the row and what is wrong with it.
    """
    text = decoded(path)
    header = text.lstrip().splitlines()[0]
    delimiter = max("\t;,", key=header.count)
    rows = csv.reader(
        text.splitlines(keepends=True),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    lines = []
    columns: dict[str, int] | None = None
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            where = f"line {rows.line_num}"
            if not any(cells):
                continue
            if columns is None:
                columns = _columns(path, cells)
                continue
            lines.append(_row(path, where, cells, columns))
    except csv.Error as fault:
        raise TranscriptError(f"{path}, line {rows.line_num}: {fault}; is a quotation mark left open?") from None
    return lines


def _columns(path: Path, header: list[str]) -> dict[str, int]:
    """The position of each column that is there."""
    names = [name.casefold().replace(" ", "_") for name in header]
    found = {
        column: names.index(alias)
        for column, aliases in COLUMN_NAMES.items()
        for alias in [next((a for a in aliases if a in names), None)]
        if alias is not None
    }
    missing = [column for column in ("start", "stop", "text") if column not in found]
    if missing:
        raise TranscriptError(
            f"{path}, line 1: no column {', '.join(repr(m) for m in missing)} among {', '.join(map(repr, header))}; "
            f"a transcript table has the columns start, stop, speaker, text (or start_time, stop_time, speaker, value)"
        )
    return found


def _row(path: Path, where: str, cells: list[str], columns: dict[str, int]) -> Line:
    if len(cells) <= max(columns.values()):
        raise TranscriptError(f"{path}, {where}: {len(cells)} cells, but the header has more; is a separator missing?")
    times = {}
    for column in ("start", "stop"):
        cell = cells[columns[column]]
        times[column] = seconds(cell)
        if math.isnan(times[column]):
            raise TranscriptError(
                f"{path}, {where}: the {column} is {cell!r}; a time is in seconds (75.5) or a clock's (0:01:15.5)"
            )
    speaker = cells[columns["speaker"]] if "speaker" in columns else ""
    return Line(times["start"], times["stop"], speaker or None, cells[columns["text"]], where)


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


def formats() -> dict[str, Callable[[Path], list[Line]]]:
    """The reader of each file ending."""
    from smfl.formats.transcripts.annotations import read_eaf, read_textgrid
    from smfl.formats.transcripts.subtitles import read_srt, read_vtt

    return {
        ".csv": read_table,
        ".tsv": read_table,
        ".txt": read_table,
        ".srt": read_srt,
        ".vtt": read_vtt,
        ".textgrid": read_textgrid,
        ".eaf": read_eaf,
        ".json": read_json,
    }
