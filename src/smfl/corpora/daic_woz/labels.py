"""DAIC-WOZ's label files in their three layouts: with items, without labels, and the later file with the test labels.

Columns are recognised whatever their case, and with or without the ``8`` and the underscores, as the three layouts
spell them differently. ``Gender`` is 1 = male, 0 = female. A value of -1 is a missing one.

Mended, each with a line in the ledger: a binary label that contradicts its score (409; the rule decides), and one
item that isn't there (319; the score less the other items). Not mended (``mend=False``), the label is as distributed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smfl.formats.tables import Check, Row, read_table
from smfl.interview import HIGHEST_SCORE, Entry, Label, Problems

SCALE, CUTOFF = "PHQ-8", 10
LABEL_RULE = f"{SCALE} score >= {CUTOFF} is depressed"
GENDER = {1.0: "male", 0.0: "female"}
ITEMS = ("NoInterest", "Depressed", "Sleep", "Tired", "Appetite", "Failure", "Concentrating", "Moving")
HIGHEST_ITEM = 3.0

FOLDERS = ("labels", "documents")
"""Sub-folders, of the corpus folder and of its parent, in which label files are looked for."""

_FILE = re.compile(r"(?:(?P<part>train|dev|test)_split_Depression_AVEC2017|full_test_split)\.csv", re.IGNORECASE)
_SPLIT = {"train": "train", "dev": "validation", "test": "test"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """What the label files say of one participant.

    Args:
        split: part of the official split.
        places: file and row of each mention.
        faults: cells that aren't what they should be.
        binary: depressed or not, as distributed.
        score: PHQ-8 score.
        gender: see `GENDER`.
        items: answers to the PHQ-8's items, by their names in the files.
        unknown: how many cells hold -1, which stands for a missing value.
    """

    split: str
    places: tuple[str, ...]
    faults: tuple[str, ...] = ()
    binary: float | None = None
    score: float | None = None
    gender: str | None = None
    items: Mapping[str, str] = field(default_factory=dict)
    unknown: int = 0

    def __or__(self, later: Labelled) -> Labelled:
        """Both mentions together; where they differ the first counts, and that they differ is a fault."""
        where = f"{self.places[0]} and {later.places[0]}"
        faults = [*self.faults, *later.faults]
        for what in ("split", "binary", "score", "gender"):
            one, other = getattr(self, what), getattr(later, what)
            if one is not None and other is not None and one != other:
                faults.append(f"{where}: {what} is {one} and {other}; expected the same")
        return Labelled(
            self.split,
            self.places + later.places,
            tuple(faults),
            later.binary if self.binary is None else self.binary,
            later.score if self.score is None else self.score,
            self.gender or later.gender,
            self.items or later.items,
            self.unknown + later.unknown,
        )

    def label(self, interview: str, *, mend: bool = True) -> tuple[Label | None, list[Entry]]:
        """The label by the rule `LABEL_RULE`, or as distributed; and what had to be repaired for it."""
        if self.score is None or (self.binary is not None and not mend):
            return (None if self.binary is None else Label(int(self.binary), self.score, SCALE)), []
        label = Label.from_score(self.score, scale=SCALE, cutoff=CUTOFF)
        if self.binary is None or int(self.binary) == label.value:
            return label, []
        what = f"label {self.binary:g} with a score of {self.score:g}: the label is {label.value}"
        return label, [Entry(interview, "repaired", what, self.places[0], LABEL_RULE)]

    def answers(self, interview: str, *, mend: bool = True) -> tuple[dict[str, str], list[Entry]]:
        """The items' answers: one that is missing is the score less the others; and what was found on the way."""
        ledger: list[Entry] = []
        found, where = dict(self.items), self.places[0]
        if self.unknown:
            what = f"{self.unknown} value(s) of -1: missing"
            ledger.append(
                Entry(interview, "repaired", what, where, "third-party copies write -1 where nothing is known")
            )
        if not found or self.score is None:
            return found, ledger
        rest = self.score - sum(float(answer) for answer in found.values())
        lacking = [f"PHQ8_{item}" for item in ITEMS if f"PHQ8_{item}" not in found]
        if len(lacking) == 1 and mend and 0 <= rest <= HIGHEST_ITEM:
            found[lacking[0]] = f"{rest:g}"
            what = f"no {lacking[0]}: it is {rest:g}, the score of {self.score:g} less the other items"
            ledger.append(Entry(interview, "repaired", what, where, "items add up to the score"))
        elif not lacking and rest:
            what = f"the items add up to {self.score - rest:g}, but the score is {self.score:g}"
            ledger.append(Entry(interview, "noted", what, where, "the score counts"))
        return found, ledger


def is_label_file(name: str) -> bool:
    """Whether a file's name is that of one of the label files.

    Example:
        >>> is_label_file("train_split_Depression_AVEC2017.csv"), is_label_file("300_TRANSCRIPT.csv")
        (True, False)
    """
    return _FILE.fullmatch(name) is not None


def find_label_files(root: Path, within: Iterable[Path]) -> dict[str, Path]:
    """Label files by name: those found within the corpus folder, else in the folder around it.

    Args:
        root: the corpus folder.
        within: label files that lie anywhere in it.
    """
    found: dict[str, Path] = {}
    parent = root.resolve().parent
    folders = [parent, *(parent / folder for folder in FOLDERS)]
    candidates = [
        *sorted(within),
        *(path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())),
    ]
    for path in candidates:
        if is_label_file(path.name) and path.is_file():
            found.setdefault(path.name.casefold(), path)
    return found


def read_labels(files: Iterable[Path]) -> tuple[dict[str, Labelled], list[Entry]]:
    """Read label files.

    Args:
        files: any of them; test labels may be missing.

    Returns:
        what they say by participant, and ledger lines for what isn't as the first layout has it.

    Raises:
        Problems: for files that lack the columns of all three layouts.
    """
    labels: dict[str, Labelled] = {}
    ledger: list[Entry] = []
    problems: list[str] = []
    for path in files:
        try:
            rows = _rows(path, ledger)
        except Problems as fault:
            problems += fault.problems
            continue
        match = _FILE.fullmatch(path.name)
        part = (match["part"] or "test").casefold() if match else "test"
        for row in rows:
            identity = row.cells["participantid"].removesuffix(".0")
            if not identity.isdecimal():
                place = f"{row.place}, column 'Participant_ID'"
                ledger.append(Entry("", "skipped", f"{identity!r} isn't a participant's number", place))
                continue
            one = _labelled(row, _SPLIT[part])
            labels[identity] = labels[identity] | one if identity in labels else one
    if problems:
        raise Problems("DAIC-WOZ's label files", problems)
    return labels, ledger


def _rows(path: Path, ledger: list[Entry]) -> list[Row]:
    """The rows with columns in the one spelling that all layouts share."""
    table = read_table(path, required=())
    if table.blank:
        ledger.append(Entry("", "repaired", f"{table.blank} blank line(s) left out", path.name, "they hold nothing"))
    spelt = [column for column in table.columns if _plain(column) in _SPELT and column != _SPELT[_plain(column)]]
    if spelt:
        what = f"{', '.join(spelt)} read as {', '.join(_SPELT[_plain(column)] for column in spelt)}"
        ledger.append(
            Entry("", "repaired", what, path.name, "the release's files spell the same columns in three ways")
        )
    alike = {column: _plain(column) for column in table.columns}
    if "participantid" not in alike.values():
        raise Problems(str(path), [f"{path.name}: no column 'Participant_ID'; it has {', '.join(table.columns)}"])
    return [
        Row(row.file, row.number, {alike[name]: text for name, text in row.cells.items()}, row.faults)
        for row in table.rows
    ]


_SPELT = {"participantid": "Participant_ID", "phqbinary": "PHQ8_Binary", "phqscore": "PHQ8_Score", "gender": "Gender"}


def _plain(column: str) -> str:
    return column.casefold().replace("8", "").replace("_", "")


def _labelled(row: Row, split: str) -> Labelled:
    known = {name: text for name, text in row.cells.items() if text not in ("-1", "-1.0")}
    check = Check(Row(row.file, row.number, known, row.faults))
    highest = HIGHEST_SCORE[SCALE]
    score = check.number("phqscore", f"a {SCALE} score, 0 to {highest:g}", high=highest)
    binary = check.number("phqbinary", "0 (not depressed) or 1 (depressed)", high=1.0)
    gender = check.number("gender", "1 (male) or 0 (female)", high=1.0)
    for column, value in (("phqbinary", binary), ("gender", gender)):
        if value is not None and value not in GENDER:
            check.fault(column, "0 or 1")
    items = {f"PHQ8_{item}": check.text(_plain(f"PHQ8_{item}")) for item in ITEMS}
    for item in ITEMS:
        check.number(_plain(f"PHQ8_{item}"), f"an answer of 0 to {HIGHEST_ITEM:g}", high=HIGHEST_ITEM)
    return Labelled(
        split,
        (row.place,),
        tuple(check.faults),
        binary,
        score,
        GENDER.get(gender) if gender is not None else None,
        {name: answer for name, answer in items.items() if answer},
        len(row.cells) - len(known),
    )
