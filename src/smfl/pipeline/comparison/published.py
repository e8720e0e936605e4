"""The paper's Tables 2–4: which systems they compare, in which order and words, and the figures that it printed.

The figures are in ``published.json``, with the paper's wording of each row. Three rows are worded more clearly here:
its *SMFLM* is SMFL, and two rows that it names by a number of its reference list are named by author and year (the
number of its C-CNN row, 12, is of another work; the C-CNN is that of Haque et al. 2018, its number 18).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

COLUMNS = ("f1", "specificity", "precision", "recall", "accuracy")
"""Metrics of the paper's tables, in its order."""

FILE = Path(__file__).with_name("published.json")


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One row of a table of the paper.

    Args:
        model: our name of the system.
        title: the paper's words.
        figures: mean and ± by metric, 0 to 1; None where the paper gives no ±.
    """

    model: str
    title: str
    figures: Mapping[str, tuple[float, float | None]]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table of the paper.

    Args:
        number: in the paper.
        title: what it compares.
        corpus: our name of the corpus whose people it is about.
        corpus_title: the paper's name of it.
        people: how many, as the paper counts them.
        positives: how many of them are depressed.
        rows: in the paper's order.
    """

    number: int
    title: str
    corpus: str
    corpus_title: str
    people: int
    positives: int
    rows: tuple[PublishedRow, ...]

    def is_of(self, document: Mapping[str, Any]) -> bool:
        """Whether results are of this table's corpus, of its real people: only then do the figures stand side by side.

        Args:
            document: ``results.json``.

        Example:
            >>> table = published_tables()[1]
            >>> table.is_of({"corpus": "daic-woz"}), table.is_of({"corpus": "daic-woz", "simulated": True})
            (True, False)
        """
        return document.get("corpus") == self.corpus and not document.get("simulated")


@cache
def published_tables() -> tuple[PublishedTable, ...]:
    """Tables 2, 3 and 4 (Zhang et al. 2025, *Front. Psychiatry* 16:1439577).

    Example:
        >>> [(table.number, len(table.rows)) for table in published_tables()]
        [(2, 5), (3, 9), (4, 6)]
        >>> published_tables()[1].rows[-1].figures["f1"]
        (0.89, 0.03)
    """
    return tuple(
        PublishedTable(
            table["number"],
            table["title"],
            table["corpus"],
            table["corpus_title"],
            table["people"],
            table["positives"],
            tuple(
                PublishedRow(row["model"], row["title"], {name: (row[name][0], row[name][1]) for name in COLUMNS})
                for row in table["rows"]
            ),
        )
        for table in _file()["tables"]
    )


def source() -> str:
    """The paper."""
    return str(_file()["source"])


def caution() -> str:
    """What is to be known of the paper's figures before they are compared with anything."""
    return str(_file()["caution"])


@cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return read
