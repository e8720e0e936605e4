"""Words that corpora use for the same thing: genders, and a text in a file of its own."""

from __future__ import annotations

from pathlib import Path

from smfl.interview import Entry

GENDERS = {"f": "female", "female": "female", "女": "female", "m": "male", "male": "male", "男": "male"}


def gender_of(text: str, interview: str, where: str, ledger: list[Entry]) -> str | None:
    """A gender given in words; any other code is noted in the ledger, and never guessed.

    Example:
        >>> ledger = []
        >>> gender_of("女", "p1", "t.xlsx, row 2", ledger), gender_of("1", "p2", "t.xlsx, row 3", ledger)
        ('female', None)
        >>> ledger[0].what
        "gender is '1': what that means isn't documented"
    """
    if text and text.casefold() not in GENDERS:
        why = "a code that is guessed wrongly turns every figure on fairness round"
        ledger.append(Entry(interview, "noted", f"gender is {text!r}: what that means isn't documented", where, why))
    return GENDERS.get(text.casefold())


def read_words(path: Path, interview: str, ledger: list[Entry]) -> str:
    """The text of a file, on one line; empty, with a line in the ledger, where it holds none or isn't UTF-8."""
    try:
        words = " ".join(path.read_bytes().decode("utf-8-sig").split())
    except UnicodeDecodeError as fault:
        why = f"byte {fault.start} isn't UTF-8; save the file as UTF-8"
        ledger.append(Entry(interview, "missing", "the words of an answer", path.name, why))
        return ""
    if not words:
        ledger.append(Entry(interview, "missing", "the words of an answer", path.name, "the file is empty"))
    return words
