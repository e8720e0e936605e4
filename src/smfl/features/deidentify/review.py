"""The review: a table of what was replaced, with the words themselves, that a person corrects and gives back.

It holds the words that are replaced, so it belongs where the recordings are: it is never written into a prepared
folder. One row a replacement, and one a rare word that was kept, in case it is a name after all:

``interview, sentence``  which sentence of the participant's, counted from 0 before the threshold M
``start, stop``          characters in that sentence
``words``                what stands there
``kind``                 what it is replaced by; ``NAME`` and its like
``layer``                who found it; ``kept`` for a rare word that stays
``before, after``        the words next to it
``decision``             empty; ``accepted``: replaced by this kind; ``rejected``: kept

Rows may be added: interview, sentence, start, stop, words, kind and ``accepted`` are enough.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from smfl.features.deidentify.common_words import is_common
from smfl.features.deidentify.spans import KINDS, NAME, Span, merged
from smfl.interview import CallError, Problems
from smfl.interview.atomic import write_file

ACCEPTED, REJECTED = "accepted", "rejected"
DECISIONS = ("", ACCEPTED, REJECTED)
KEPT, NOTHING = "kept", "nothing"
CONTEXT = 30
"""Characters on each side."""

_WORD = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the review; see the module. ``layer`` is ``nothing`` where nothing was found in an interview."""

    interview: str
    sentence: int
    start: int
    stop: int
    words: str
    kind: str
    layer: str
    before: str = ""
    after: str = ""
    decision: str = ""


COLUMNS = tuple(field.name for field in fields(Row))
_NEEDED = ("interview", "sentence", "start", "stop", "words", "kind", "decision")


def apply_decisions(text: str, spans: Iterable[Span], rows: Sequence[Row]) -> tuple[Span, ...]:
    """What is replaced in a sentence, with a person's decisions.

    Args:
        text: of the sentence.
        spans: what the layers found.
        rows: of this sentence; those without a decision change nothing.

    Raises:
        CallError: where a row's words aren't at the position that it gives.

    Example:
        >>> rows = [Row("a", 0, 0, 4, "mark", "NAME", "recogniser", decision="rejected"),
        ...         Row("a", 0, 5, 7, "my", "NAME", "", decision="accepted")]
        >>> apply_decisions("mark my words", [Span(0, 4, "NAME", "recogniser")], rows)
        (Span(start=5, stop=7, kind='NAME', layer='review'),)
    """
    rows = [row for row in rows if row.decision]
    for row in rows:
        if text[row.start : row.stop] != row.words:
            raise CallError(
                f"review, interview {row.interview}, sentence {row.sentence}: {row.words!r} doesn't stand at "
                f"characters {row.start} to {row.stop}; was the transcript changed? "
                "Mend the row, or delete the interview's rows"
            )
    stays = {i for row in rows if row.decision == REJECTED for i in range(row.start, row.stop)}
    left = [piece for span in spans for piece in _without(text, span, stays)]
    goes = [Span(row.start, row.stop, row.kind or NAME, "review") for row in rows if row.decision == ACCEPTED]
    return merged(text, [*left, *goes])


def _without(text: str, span: Span, stays: set[int]) -> Iterable[Span]:
    """The pieces of a span that no decision keeps."""
    start = span.start
    for i in range(span.start, span.stop + 1):
        if i == span.stop or i in stays:
            if text[start:i].strip():
                yield replace(span, start=start, stop=i)
            start = i + 1


def rows_of(interview: str, sentence: int, text: str, spans: Sequence[Span], earlier: Sequence[Row]) -> list[Row]:
    """The rows of one sentence: what is replaced, what a person wants to keep, and the rare words that are kept.

    Args:
        interview: its key.
        sentence: counted from 0.
        text: as it was said.
        spans: what is replaced.
        earlier: rows with a decision, which are kept.
    """
    decisions = {(row.start, row.stop): row for row in earlier if row.decision}
    rows = [_row(interview, sentence, text, s.start, s.stop, s.kind, s.layer) for s in spans]
    shown = {(row.start, row.stop) for row in rows}
    rows = [
        replace(r, decision=decisions[r.start, r.stop].decision) if (r.start, r.stop) in decisions else r for r in rows
    ]
    for place, row in decisions.items():
        if place not in shown:
            said = _row(interview, sentence, text, row.start, row.stop, row.kind, row.layer)
            rows.append(replace(said, decision=row.decision))
    taken = {i for row in rows for i in range(row.start, row.stop)}
    rows += [
        _row(interview, sentence, text, *match.span(), NAME, KEPT)
        for match in _WORD.finditer(text)
        if match.start() not in taken and len(match[0]) > 1 and not is_common(match[0])
    ]
    return sorted(rows, key=lambda row: (row.start, row.stop))


def _row(interview: str, sentence: int, text: str, start: int, stop: int, kind: str, layer: str) -> Row:
    before, after = text[max(start - CONTEXT, 0) : start].strip(), text[stop : stop + CONTEXT].strip()
    return Row(interview, sentence, start, stop, text[start:stop], kind, layer, before, after)


def read_review(path: Path) -> dict[str, tuple[Row, ...]]:
    """The rows by interview; none where the file isn't there yet.

    Raises:
        Problems: all rows that aren't valid.
        CallError: where the file can't be read.
    """
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise CallError(f"{path}: the review can't be read ({fault}); it is a UTF-8 csv") from None
    absent = [column for column in _NEEDED if lines and column not in lines[0]]
    if absent:
        raise CallError(f"{path}: no column {', '.join(absent)}; a review has {', '.join(COLUMNS)}")
    rows: dict[str, list[Row]] = {}
    problems = []
    for number, line in enumerate(lines, start=2):
        try:
            row = _parsed(line)
            rows.setdefault(row.interview, []).append(row)
        except ValueError as fault:
            problems.append(f"row {number}: {fault}")
    if problems:
        raise Problems(str(path), problems)
    return {interview: tuple(found) for interview, found in rows.items()}


def _parsed(line: Mapping[str, str | None]) -> Row:
    cells = {name: (line.get(name) or "") for name in COLUMNS}
    decision, kind = cells["decision"].strip().lower(), cells["kind"].strip().upper()
    if decision not in DECISIONS:
        raise ValueError(f"decision is accepted, rejected or empty; got {cells['decision']!r}")
    if kind and kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}; got {cells['kind']!r}")
    try:
        sentence, start, stop = (int(cells[name] or 0) for name in ("sentence", "start", "stop"))
    except ValueError:
        raise ValueError("sentence, start and stop are whole numbers") from None
    words, layer, before, after = (cells[name] for name in ("words", "layer", "before", "after"))
    return Row(cells["interview"], sentence, start, stop, words, kind, layer, before, after, decision)


def write_review(path: Path, rows: Mapping[str, Sequence[Row]]) -> None:
    """Write the review, whole or not at all; readable by its owner only.

    Raises:
        CallError: where it can't be written.
    """

    def write(partial: Path) -> None:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            for interview, found in rows.items():
                writer.writerows(asdict(row) for row in found or (Row(interview, 0, 0, 0, "", "", NOTHING),))

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, write)
    except OSError as fault:
        raise CallError(f"{path}: the review can't be written ({fault.strerror})") from None
