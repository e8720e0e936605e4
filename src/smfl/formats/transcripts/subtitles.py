"""Subtitles as transcripts: SubRip (.srt) and WebVTT (.vtt).

The speaker of a cue is in WebVTT's voice tag, ``<v Ann>I see``, or before a colon, ``Ann: I see`` or
``[SPEAKER_00]: I see``.

pysubs2 isn't used: it takes a cue whose times are malformed, and WebVTT's notes, for words of the cue before, where an
error must name the line, and it drops the voice tags that hold the speakers.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from smfl.formats.transcripts.lines import Line, decoded, is_role, seconds
from smfl.interview import TranscriptError

_TIME = r"(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMES = re.compile(rf"\s*({_TIME})\s*-->\s*({_TIME})(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[A-Za-z0-9][^>]*>|\{\\[^}]*\}")
_PREFIX = re.compile(r"(?:\[([^\]:]{1,40})\]|([^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,2}))\s*[:：]\s+(?=\S)")

PREFIXED_SHARE = 0.5
"""Words before a colon are speakers' names where at least this share of the cues begins so."""


def read_srt(path: Path) -> list[Line]:
    """SubRip.

    Raises:
        TranscriptError: naming the line and what is wrong with it.
    """
    return _spoken(_cues(path, "SubRip", ends_at_blank=False))


def read_vtt(path: Path) -> list[Line]:
    """WebVTT; notes, styles and the cues' own names are passed over.

    Raises:
        TranscriptError: naming the line and what is wrong with it.
    """
    return _spoken(_cues(path, "WebVTT", ends_at_blank=True))


def _cues(path: Path, name: str, *, ends_at_blank: bool) -> list[Line]:
    rows = decoded(path).splitlines()
    starts = [i for i, row in enumerate(rows) if "-->" in row]
    if not starts:
        raise TranscriptError(f"{path}: no line like '00:00:01,000 --> 00:00:02,500' in it; is it a {name} file?")
    cues = []
    for at, until in zip(starts, [*starts[1:], len(rows)], strict=True):
        times = _TIMES.fullmatch(rows[at])
        if not times:
            raise TranscriptError(
                f"{path}, line {at + 1}: {rows[at].strip()!r}; times are written '00:00:01,000 --> 00:00:02,500'"
            )
        words = _until_blank(rows[at + 1 : until]) if ends_at_blank else _without_number(rows[at + 1 : until])
        cues.append(Line(seconds(times[1]), seconds(times[2]), None, "\n".join(words), f"line {at + 1}"))
    return cues


def _until_blank(rows: list[str]) -> list[str]:
    blank = next((i for i, row in enumerate(rows) if not row.strip()), len(rows))
    return rows[:blank]


def _without_number(rows: list[str]) -> list[str]:
    """A cue's text in SubRip may hold blank lines; after the last one stands the number of the next cue."""
    if len(rows) > 1 and rows[-1].strip().isdigit() and not rows[-2].strip():
        rows = rows[:-1]
    return [row for row in rows if row.strip()]


def _spoken(cues: list[Line]) -> list[Line]:
    """The cues with their speakers, and their text without mark-up; a cue of two voices becomes two lines."""
    lines = [replace(cue, speaker=speaker, text=_plain(words)) for cue in cues for speaker, words in _voices(cue.text)]
    return lines if any(line.speaker for line in lines) else _prefixed(lines)


def _voices(text: str) -> Iterable[tuple[str | None, str]]:
    before, *rest = _VOICE.split(text)
    if before.strip() or not rest:
        yield None, before
    for name, words in zip(rest[::2], rest[1::2], strict=True):
        yield html.unescape(name).strip(), words


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def _prefixed(lines: list[Line]) -> list[Line]:
    """The speakers before colons, where the file has such; a cue without goes on with the speaker before it."""
    found = [_PREFIX.match(line.text) for line in lines]
    names = {(match[1] or match[2]).strip() for match in found if match}
    prefixed = sum(match is not None for match in found)
    if prefixed < PREFIXED_SHARE * len(lines) and not any(is_role(name) for name in names):
        return lines
    speaker, named = None, []
    for line, match in zip(lines, found, strict=True):
        if match:
            speaker = (match[1] or match[2]).strip()
        named.append(replace(line, speaker=speaker, text=line.text[match.end() :] if match else line.text))
    return named
