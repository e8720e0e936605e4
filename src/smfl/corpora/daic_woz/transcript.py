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
- Transcripts of some sessions are out of step with the sound, or hold an interruption: see `daic_woz_defects`.

Whatever is left out, moved or mended is a line of the ledger. Not mended (``mend=False``), a transcript keeps its
times, its preamble, its marks of synchronisation and its interruptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from smfl.corpora.daic_woz.defects import Known
from smfl.formats.archives import File
from smfl.formats.tables import Check, Row, Table, read_table
from smfl.interview import INTERVIEWER, PARTICIPANT, Entry, Segment, Sentence, Turn

COLUMNS = ("start_time", "stop_time", "speaker", "value")
SPEAKERS = {"ellie": INTERVIEWER, "participant": PARTICIPANT}
LAST_TRANSCRIBED_BY_HAND = 363
PAUSE_S = 2.0
"""Ends a sentence where no interviewer's row can; 300 ms would cut at every breath."""

_SYNC = re.compile(r"[<\[]\s*synch?(?:ing)?\s*[>\].]", re.IGNORECASE)
_LOGGED = re.compile(r"\(([^()]*)\)\s*$")
_NOT_WORDS = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|[<\[]\S*|[>\]]")
_UNCLEAR = re.compile(r"\bx{3,}\b", re.IGNORECASE)
_SCRUBBED = re.compile(r"\bscrubbed_entry\b", re.IGNORECASE)
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


def read_transcript(path: File, interview: str, known: Known | None = None, *, mend: bool = True) -> Transcript:
    """Read a session's transcript.

    Args:
        path: `{id}_TRANSCRIPT.csv`.
        interview: the session's number.
        known: what is known to be wrong with it.
        mend: whether what is known, preamble and marks of synchronisation are mended.

    Raises:
        Problems: where the file isn't there, is empty or has another header.
    """
    table = read_table(path, required=COLUMNS, delimiter="\t", quoted=False, last_may_lack=True)
    ledger = _Ledger(interview, path.name)
    faults: list[str] = []
    turns: list[Turn] = []
    logged = int(interview) > LAST_TRANSCRIBED_BY_HAND
    for row in table.rows:
        turn, wrong = _turn(row, logged)
        faults += wrong
        turns += [turn] if turn else []
    if turns != sorted(turns, key=lambda turn: turn.segment):
        ledger.repaired("rows that aren't in time order are sorted", "a sentence is what follows in time")
        turns.sort(key=lambda turn: turn.segment)
    turns = _mended(turns, known, ledger) if mend else turns
    by_pause = not any(turn.speaker == INTERVIEWER for turn in turns)
    if by_pause:
        why = f"a pause of {PAUSE_S:g} s ends a sentence"
        ledger.entries.append(Entry(interview, "noted", "no row of the interviewer's", path.name, why))
    _tell_format(table, turns, logged, ledger)
    sentences = tuple(
        Sentence(
            Segment(answer[0].segment.start, max(turn.segment.stop for turn in answer)),
            " ".join(filter(None, (words(turn.text) for turn in answer))),
        )
        for answer in _answers(turns, by_pause=by_pause, interrupted=known.interrupted if known and mend else None)
    )
    if not sentences and not faults:
        faults.append(f"{path.name}: no row of the participant's after the interviewer's first; is the file cut off?")
    return Transcript(tuple(turns), sentences, tuple(ledger.entries), tuple(faults))


class _Ledger:
    """Lines on one transcript."""

    def __init__(self, interview: str, file: str) -> None:
        self.interview, self.file = interview, file
        self.entries: list[Entry] = []

    def repaired(self, what: str, why: str) -> None:
        self.entries.append(Entry(self.interview, "repaired", what, self.file, why))

    def left_out(self, turns: Sequence[Turn], what: str, why: str) -> None:
        if turns:
            self.repaired(f"{len(turns)} row(s) left out: {what}", why)


def _mended(rows: Sequence[Turn], known: Known | None, ledger: _Ledger) -> list[Turn]:
    """Turns without what isn't the interview, at the recording's times."""
    ledger.left_out([turn for turn in rows if _is_mark(turn)], "marks of the devices' synchronisation", "nobody speaks")
    turns = [turn for turn in rows if not _is_mark(turn)]
    first = next((place for place, turn in enumerate(turns) if turn.speaker == INTERVIEWER), 0)
    ledger.left_out(turns[:first], "talk before the interviewer's first row", "not yet the interview")
    turns = turns[first:]
    if known and known.shift_s:
        ledger.repaired(f"{known.what}: added to all of them", known.source)
        turns = [replace(turn, segment=_later(turn.segment, known.shift_s)) for turn in turns]
    if known and known.interrupted:
        inside = [turn for turn in turns if turn.segment & known.interrupted]
        ledger.left_out(inside, known.what, known.source)
        turns = [turn for turn in turns if turn not in inside]
    return turns


def _is_mark(turn: Turn) -> bool:
    return _SYNC.fullmatch(turn.text) is not None


def _later(segment: Segment, seconds: float) -> Segment:
    """To the millisecond, as transcripts have it."""
    return Segment(round(segment.start + seconds, 3), round(segment.stop + seconds, 3))


def _tell_format(table: Table, turns: Sequence[Turn], logged: bool, ledger: _Ledger) -> None:
    """Lines on what the format's conventions leave out of the sentences' text."""
    if table.blank:
        ledger.repaired(f"{table.blank} blank line(s) left out", "they hold nothing")
    other = sum(row.cells["speaker"] not in ("Ellie", "Participant") for row in table.rows)
    if other:
        ledger.repaired(f"{other} row(s) with a speaker spelt otherwise than Ellie or Participant", "case is no matter")
    empty = sum(not turn.text for turn in turns)
    if empty and empty < len(turns):
        ledger.repaired(f"{empty} row(s) without a word: they keep their time", "somebody spoke")
    mine = [turn.text for turn in turns if turn.by_participant]
    for what, marked in (
        ("a sound or a word cut off, in brackets", _NOT_WORDS),
        ("speech that couldn't be understood (xxx)", _UNCLEAR),
        ("removed identifying words (scrubbed_entry)", _SCRUBBED),
    ):
        count = sum(marked.search(text) is not None for text in mine)
        if count:
            ledger.repaired(f"{count} row(s) with {what}: left out of the sentence's text", "not words")
    if logged and any(not turn.by_participant for turn in turns):
        ledger.repaired("the interviewer's rows are lines of a log: what was said is kept", "ids above 363 have it so")


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
    logged_text = _LOGGED.search(text) if logged and speaker == INTERVIEWER else None
    return Turn(Segment(start, stop), speaker, logged_text[1].strip() if logged_text else text), []


def _answers(turns: Sequence[Turn], *, by_pause: bool, interrupted: Segment | None) -> Iterator[list[Turn]]:
    """The participant's consecutive turns, together; no answer goes on after an interruption."""
    answer: list[Turn] = []
    for turn in turns:
        paused = by_pause and answer and turn.segment.start - answer[-1].segment.stop >= PAUSE_S
        broken = interrupted and answer and answer[-1].segment.start < interrupted.start <= turn.segment.start
        if answer and (paused or broken or not turn.by_participant):
            yield answer
            answer = []
        if turn.by_participant:
            answer.append(turn)
    if answer:
        yield answer
