"""Interviews without their labels: what estimators are given, so that no held-out label is in reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, overload

import numpy as np

from smfl.features import Prepared, SentenceFeatures
from smfl.pipeline.comparison.across import Across


class Blinded(Sequence[SentenceFeatures]):
    """Interviews without their labels and scores: what estimators are handed, so that no held-out label is in reach.

    Args:
        data: prepared interviews, read when they are asked for.
    """

    def __init__(self, data: Prepared | Across) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    @property
    def fingerprint(self) -> str | None:
        """That of the interviews, as `Prepared.fingerprint` has it; None where they are of two corpora."""
        return self._data.fingerprint if isinstance(self._data, Prepared) else None

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> SentenceFeatures: ...
    @overload
    def __getitem__(self, index: Any) -> Blinded: ...
    def __getitem__(self, index: Any) -> SentenceFeatures | Blinded:
        """One interview at a position, or those at a slice or an array of positions."""
        if isinstance(index, (int, np.integer)):
            return replace(self._data[index], label=None, score=None)
        return Blinded(self._data[index])
