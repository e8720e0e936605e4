"""The threshold M (§2.4): what it keeps of a prepared corpus, and what it cuts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from smfl.features.sentences import sentence_lengths
from smfl.interview import Entry, FloatArray

if TYPE_CHECKING:
    from smfl.features import Prepared

THRESHOLDS = (20, 40, 80, 120, 160, 200)
"""Those that are tried; the authors' code caps at 21, and 120 is what `smfl.prepare` takes where nobody asks."""

_CUT = re.compile(r"(\d+) of (\d+) sentences")


@dataclass(frozen=True)
class Threshold:
    """What M sentences an interview at most keep, the longest ones.

    Args:
        m: the threshold.
        sentences: how many sentences are kept.
        sentence_share: of all that were prepared.
        second_share: of their speech time; of characters where the corpus gives no times.
        interviews_cut: how many interviews lose a sentence by it.
    """

    m: int
    sentences: int
    sentence_share: float
    second_share: float
    interviews_cut: int


def lengths_of(data: Prepared) -> dict[str, FloatArray]:
    """The length of each sentence by interview: s, or characters where the corpus gives no times."""
    table = data.sentences()
    lengths = sentence_lengths(table[["start", "stop"]].to_numpy(dtype=np.float64), table["text"].fillna("").tolist())
    names = table["interview"].to_numpy()
    known = set(data.table["interview"])
    return {key: lengths[names == key] for key in dict.fromkeys(names) if key in known}


def thresholds(lengths: Mapping[str, Sequence[float] | FloatArray], tried: Sequence[int]) -> tuple[Threshold, ...]:
    """What each threshold keeps; those that nothing exceeds are left out but for the first of them.

    Example:
        >>> for one in thresholds({"a": [5.0, 1.0, 2.0], "b": [4.0]}, (1, 2, 3, 4)):
        ...     print(one.m, one.sentences, round(one.second_share, 2), one.interviews_cut)
        1 2 0.75 1
        2 3 0.92 1
        3 4 1.0 0
    """
    sizes = [np.sort(np.asarray(values, dtype=np.float64))[::-1] for values in lengths.values()]
    count, total = sum(map(len, sizes)), float(sum(values.sum() for values in sizes))
    found = []
    for m in sorted(set(tried)):
        kept = sum(min(len(values), m) for values in sizes)
        time = float(sum(values[:m].sum() for values in sizes))
        cut = sum(len(values) > m for values in sizes)
        found.append(Threshold(m, kept, kept / count if count else 0.0, time / total if total else 0.0, cut))
        if not cut:
            break
    return tuple(found)


def cut_before(ledger: Sequence[Entry]) -> dict[str, tuple[int, int]]:
    """By interview, how many sentences were cut while it was prepared, and of how many.

    Example:
        >>> cut_before([Entry("a", "cut", "3 of 123 sentences", why="threshold M = 120: the longest are kept")])
        {'a': (3, 123)}
    """
    lines = ((entry.interview, _CUT.fullmatch(entry.what)) for entry in ledger if entry.action == "cut")
    return {interview: (int(found[1]), int(found[2])) for interview, found in lines if found}
