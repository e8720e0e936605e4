"""Who spoke when, and what: from a transcript file to the participant's sentences (§2.2)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from smfl.formats.transcripts import INTERVIEWER_NAMES, PARTICIPANT_NAMES, READERS, Line
from smfl.interview import PARTICIPANT, Segment, Sentence, TranscriptError, Turn

PAST_THE_END_S = 0.5
"""A transcript may run past its recording by this much: rounding, and the tail that a decoder swallows."""

UNNAMED = "unnamed"
"""The speaker of lines that name none, in a file that names others."""


@dataclass(frozen=True)
class Transcript(Sequence[Turn]):
    """The turns of a transcript, in order of their starts, and what is worth knowing of how they were read.

    Args:
        turns: of everyone; the participant's have the speaker `smfl.interview.PARTICIPANT`.
        notes: in words, for the ledger.
    """

    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.turns)

    @overload
    def __getitem__(self, index: int) -> Turn: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Turn, ...]: ...
    def __getitem__(self, index: int | slice) -> Turn | tuple[Turn, ...]:
        return self.turns[index]


def read_transcript(path: Path | str, *, participant: str | None = None, duration_s: float | None = None) -> Transcript:
    """Read a transcript file; its ending decides the format.

    ``.csv``, ``.tsv``, ``.txt`` (a table with the columns start, stop, speaker, text, or DAIC-WOZ's names), ``.srt``,
    ``.vtt``, ``.TextGrid`` (Praat), ``.eaf`` (ELAN), ``.json`` (WhisperX). All UTF-8.

    The participant is the speaker named by ``participant``; else the one called participant, patient, subject,
    client, interviewee, respondent or 患者; else the only one there is.

    Args:
        path: the file.
        participant: the participant's name in the file, capitals aside.
        duration_s: of the recording, s; a transcript that runs past it is refused.

    Raises:
        TranscriptError: naming file, line and what to do, where it can't be read, a line stops before it starts or
            after the recording ends, or it isn't clear who is the participant.
        MissingExtraError: where the library for a format isn't installed.
    """
    path = Path(path)
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        raise TranscriptError(
            f"{path}: a transcript's format is told by its ending; {path.suffix!r} is none of {', '.join(READERS)}"
        )
    lines = reader(path)
    if not lines:
        raise TranscriptError(f"{path}: has no line of speech in it; is it the right file?")
    for line in lines:
        _check_times(path, line, duration_s)
    named = any(line.speaker for line in lines)
    who = _participant(path, lines, participant) if named else None
    notes = []
    if not named:
        notes.append("names no speaker: every line is taken as the participant's")
    elif who is not None and participant is None and who.casefold() not in PARTICIPANT_NAMES:
        notes.append(f"the only speaker, {who!r}, is taken as the participant")
    unnamed = sum(line.speaker is None for line in lines) if named else 0
    if unnamed:
        notes.append(f"{unnamed} lines name no speaker: taken as someone else's")
    ordered = sorted(lines, key=lambda line: (line.start, line.stop))
    if ordered != lines and path.suffix.casefold() not in (".textgrid", ".eaf"):
        notes.append("lines were not in order of time: sorted by their starts")
    turns = tuple(
        Turn(
            Segment(line.start, line.stop),
            PARTICIPANT if _same(line.speaker, who) else line.speaker or UNNAMED,
            line.text,
            line.words,
        )
        for line in ordered
    )
    return Transcript(turns, tuple(notes))


def sentences_of(
    turns: Iterable[Turn], *, merge: bool = True, longest_pause_s: float | None = None
) -> tuple[Sentence, ...]:
    """The participant's sentences.

    Transcribers cut at short silences (DAIC-WOZ: 300 ms), so one answer is several turns. The participant's
    consecutive turns are merged up to another speaker's next turn, however short that is. Where nobody else speaks in
    the transcript, it isn't known where an answer ends: each turn is a sentence then, unless a longest pause is given.

    Args:
        turns: of everyone, in order of their starts.
        merge: False keeps each turn a sentence.
        longest_pause_s: turns farther apart than this aren't merged, s; None: no limit.

    Example:
        >>> turns = [Turn(Segment(0, 1), "interviewer", "how are you"), Turn(Segment(1, 2), PARTICIPANT, "well"),
        ...          Turn(Segment(2.5, 4), PARTICIPANT, "not so good"), Turn(Segment(4, 5), "interviewer", "oh")]
        >>> sentences_of(turns)
        (Sentence(segment=Segment(start=1, stop=4), text='well not so good'),)
        >>> [sentence.text for sentence in sentences_of(turns, longest_pause_s=0.3)]
        ['well', 'not so good']
    """
    turns = list(turns)
    alone = all(turn.by_participant for turn in turns)
    longest = longest_pause_s if longest_pause_s is not None else -math.inf if alone else math.inf
    groups: list[list[Turn]] = []
    goes_on = False
    for turn in turns:
        if not turn.by_participant:
            goes_on = False
            continue
        if merge and goes_on and turn.segment.start - _stop(groups[-1]) <= longest:
            groups[-1].append(turn)
        else:
            groups.append([turn])
        goes_on = True
    return tuple(
        Sentence(
            Segment(group[0].segment.start, _stop(group)),
            " ".join(turn.text for turn in group if turn.text.strip()),
            tuple(word for turn in group for word in turn.words),
        )
        for group in groups
    )


def _same(speaker: str | None, who: str | None) -> bool:
    return speaker is who is None or (speaker is not None and who is not None and speaker.casefold() == who.casefold())


def _stop(group: list[Turn]) -> float:
    return max(turn.segment.stop for turn in group)


def _check_times(path: Path, line: Line, duration_s: float | None) -> None:
    if not (math.isfinite(line.start) and math.isfinite(line.stop)):
        raise TranscriptError(f"{path}, {line.where}: its times aren't numbers: {line.start} to {line.stop}")
    if line.start < 0:
        raise TranscriptError(f"{path}, {line.where}: starts at {line.start:g} s; a recording starts at 0 s")
    if line.stop < line.start:
        raise TranscriptError(
            f"{path}, {line.where}: runs backwards, from {line.start:g} s to {line.stop:g} s; are the columns swapped?"
        )
    if duration_s is not None and line.stop > duration_s + PAST_THE_END_S:
        raise TranscriptError(
            f"{path}, {line.where}: speech from {line.start:g} s to {line.stop:g} s, but the recording ends at "
            f"{duration_s:.1f} s; is it another recording's transcript, or in milliseconds?"
        )


def _participant(path: Path, lines: Sequence[Line], wanted: str | None) -> str:
    """The participant among the named speakers, as the file writes the name."""
    speakers = {line.speaker.casefold(): line.speaker for line in lines if line.speaker}
    there = ", ".join(repr(speaker) for speaker in speakers.values())
    if wanted is not None:
        if wanted.strip().casefold() not in speakers:
            raise TranscriptError(f"{path}: no speaker {wanted!r}; its speakers are {there}")
        return speakers[wanted.strip().casefold()]
    candidates = [name for name in speakers if name in PARTICIPANT_NAMES]
    if not candidates and len(speakers) == 1:
        candidates = [name for name in speakers if name not in INTERVIEWER_NAMES]
    if len(candidates) == 1:
        return speakers[candidates[0]]
    raise TranscriptError(
        f"{path}: who of its speakers is the participant? They are {there}; "
        f"name one with participant=…, or call one of them 'participant' in the file"
    )
