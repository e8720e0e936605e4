r"""DAIC-WOZ's transcripts: what is on the page, and how it becomes turns and sentences.

A tab between cells, no quoting, the header ``start_time stop_time speaker value``, times in seconds. Utterances were
cut at silences of 300 ms, so one answer is normally several rows: the participant's consecutive rows, up to the
interviewer's next one, are one sentence, from the first row's start to the last row's stop.

Conventions of the transcribers, and what is made of them:

- ``<laughter>``, ``<sigh>``, ``[…]`` are what isn't speech; ``people <peop>`` is a word cut off, with what was really
  said in brackets; ``xxx`` couldn't be understood; ``scrubbed_entry`` stands for removed identifying words. All are
  left out of a sentence's text, and kept in the turn's.
- ``<sync>`` and its like mark the moment at which devices were aligned: such rows are dropped.
- Rows before the interviewer's first are a preamble with the research assistant: dropped.
- From participant 364 on the interviewer's rows are generated from a log as ``utterance_id (text said)``: the text in
  the last parentheses is kept.
- Three sessions have no interviewer's rows; there a sentence ends at a pause of `PAUSE_S`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from smfl.corpora.tables import Check, Row, read_table
from smfl.interview import INTERVIEWER, PARTICIPANT, Entry, Segment, Sentence, Turn

COLUMNS = ("start_time", "stop_time", "speaker", "value")
SPEAKERS = {"ellie": INTERVIEWER, "participant": PARTICIPANT}
LAST_TRANSCRIBED_BY_HAND = 363
PAUSE_S = 2.0
"""Ends a sentence where no interviewer's row can; 300 ms would cut at every breath."""

_SYNC = re.compile(r"[<\[]\s*synch?(?:ing)?\s*[>\].]", re.IGNORECASE)
_LOGGED = re.compile(r"\(([^()]*)\)\s*$")
_NOT_WORDS = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|[<\[]\S*|[>\]]")
_NOT_UNDERSTOOD = re.compile(r"\b(?:scrubbed_entry|x{3,})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript as read.

    Args:
        turns: of both speakers, in time order, with the text as transcribed.
        sentences: the participant's, words only.
        ledger: what was dropped.
        faults: rows that can't be read.
    """

    turns: tuple[Turn, ...]
    sentences: tuple[Sentence, ...]
    ledger: tuple[Entry, ...]
    faults: tuple[str, ...]


def words(text: str) -> str:
    """The words of an utterance, without the transcribers' marks; empty where there are none.

    Example:
        >>> words("i like people <peop> <laughter> and xxx in scrubbed_entry")
        'i like people and in'
    """
    return " ".join(_NOT_UNDERSTOOD.sub(" ", _NOT_WORDS.sub(" ", text)).split())


def read_transcript(path: Path, interview: str) -> Transcript:
    """Read a session's transcript.

    Args:
        path: `{id}_TRANSCRIPT.csv`.
        interview: the session's number.

    Raises:
        Problems: where the file isn't there, is empty or has another header.
    """
    table = read_table(path, required=COLUMNS, delimiter="\t", quoted=False, last_may_lack=True)
    ledger: list[Entry] = []

    def dropped(turns: Sequence[Turn], what: str, why: str) -> None:
        if turns:
            ledger.append(Entry(interview, "repaired", f"{len(turns)} row(s) left out: {what}", path.name, why))

    faults: list[str] = []
    said: list[Turn] = []
    logged = int(interview) > LAST_TRANSCRIBED_BY_HAND
    for row in table.rows:
        turn, wrong = _turn(row, logged)
        faults += wrong
        said += [turn] if turn else []
    said.sort(key=lambda turn: turn.segment)
    marks = [turn for turn in said if _SYNC.fullmatch(turn.text)]
    dropped(marks, "marks of the devices' synchronisation", "nobody speaks there")
    turns = [turn for turn in said if not _SYNC.fullmatch(turn.text)]
    first = next((place for place, turn in enumerate(turns) if turn.speaker == INTERVIEWER), None)
    if first is None:
        ledger.append(
            Entry(
                interview,
                "noted",
                "no row of the interviewer's",
                path.name,
                f"a pause of {PAUSE_S:g} s ends a sentence",
            )
        )
    else:
        dropped(turns[:first], "talk before the interviewer's first row", "not yet the interview")
        turns = turns[first:]
    sentences = tuple(
        Sentence(
            Segment(answer[0].segment.start, max(turn.segment.stop for turn in answer)),
            " ".join(filter(None, (words(turn.text) for turn in answer))),
        )
        for answer in _answers(turns, by_pause=first is None)
    )
    if not sentences and not faults:
        faults.append(f"{path.name}: no row of the participant's after the interviewer's first; is the file cut off?")
    return Transcript(tuple(turns), sentences, tuple(ledger), tuple(faults))


def _turn(row: Row, logged: bool) -> tuple[Turn | None, list[str]]:
    check = Check(row)
    start = check.number("start_time", "seconds from the start of the recording")
    stop = check.number("stop_time", "seconds from the start of the recording")
    for column, value in (("start_time", start), ("stop_time", stop)):
        if value is None and not check.faults:
            check.fault(column, "seconds from the start of the recording")
    if check.text("speaker").casefold() not in SPEAKERS and not check.faults:
        check.fault("speaker", "Ellie or Participant")
    if start is not None and stop is not None and stop < start:
        check.fault("stop_time", f"{start:g} s or later, where the row starts")
    if check.faults or start is None or stop is None:
        return None, check.faults
    speaker, text = SPEAKERS[check.text("speaker").casefold()], check.text("value")
    said = _LOGGED.search(text) if logged and speaker == INTERVIEWER else None
    return Turn(Segment(start, stop), speaker, said[1].strip() if said else text), []


def _answers(turns: Sequence[Turn], *, by_pause: bool) -> Iterator[list[Turn]]:
    """The participant's consecutive turns, together."""
    answer: list[Turn] = []
    for turn in turns:
        paused = by_pause and answer and turn.segment.start - answer[-1].segment.stop >= PAUSE_S
        if answer and (paused or not turn.by_participant):
            yield answer
            answer = []
        if turn.by_participant:
            answer.append(turn)
    if answer:
        yield answer
