"""The ledger: a line for every thing that was repaired, skipped, cut or found missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from smfl.interview.errors import choice

ACTIONS = ("repaired", "skipped", "missing", "cut", "noted")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    Args:
        interview: which interview; empty for the corpus as a whole.
        action: one of `ACTIONS`. ``skipped``: the interview isn't used; ``missing``: a modality isn't there;
            ``cut``: sentences above the threshold M or past the end; ``repaired``: a defect was mended.
        what: what was found, in words.
        where: file, and row or time.
        why: why it was treated so, and by whose advice.

    Example:
        >>> Entry("409", "repaired", "label 0 with a score of 10", "train_split.csv, row 96", "PHQ-8 >= 10 is 1").action
        'repaired'
    """

    interview: str
    action: str
    what: str
    where: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        choice(self.action, ACTIONS, what="ledger action")

    def as_dict(self) -> dict[str, str]:
        """The line as `ledger.jsonl` has it."""
        return asdict(self)
