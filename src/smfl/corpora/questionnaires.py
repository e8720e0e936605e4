"""Questionnaires as tables have them: a total, and the items that it should be the sum of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smfl.interview import Entry


def total(
    cells: Mapping[str, str],
    items: Sequence[str],
    name: str,
    interview: str,
    where: str,
    ledger: list[Entry],
    *,
    repair: bool,
) -> float | None:
    """A questionnaire's total: as given, else the sum of its items where all are there.

    Args:
        cells: by column.
        items: the items' columns.
        name: the total's column.
        interview: for the ledger.
        where: file and row.
        ledger: gets a line for a total that was recovered, or that isn't the sum of its items.
        repair: whether to recover it.

    Example:
        >>> ledger = []
        >>> total({"a": "1", "b": "2", "all": ""}, ("a", "b"), "all", "p1", "t.xlsx, row 2", ledger, repair=True)
        3.0
        >>> ledger[0].what
        'all is blank: 3, the sum of its items'
    """
    given, answers = _number(cells.get(name, "")), [_number(cells.get(item, "")) for item in items]
    summed = sum(answer for answer in answers if answer is not None) if None not in answers else None
    if given is None and summed is not None and repair:
        ledger.append(Entry(interview, "repaired", f"{name} is blank: {summed:g}, the sum of its items", where))
        return float(summed)
    if given is not None and summed is not None and given != summed:
        ledger.append(Entry(interview, "noted", f"{name} is {given:g}; its items add up to {summed:g}", where))
    return given


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
