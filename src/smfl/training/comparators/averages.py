"""Averages of an interview: what models without sentences read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smfl.features.sentences import SentenceFeatures
from smfl.interview import FloatArray

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Averages:
    """What is left of an interview: mean and deviation of each feature over all of its frames.

    Args:
        interview: its key.
        participant: who.
        vectors: by modality that it has, [2 D]: means, then standard deviations; ``nan`` where a feature is missing
            throughout.
    """

    interview: str
    participant: str
    vectors: Mapping[str, Array]

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those that the interview has."""
        return tuple(self.vectors)


def average(interviews: Sequence[SentenceFeatures] | Sequence[Averages]) -> list[Averages]:
    """Average each interview, one in memory at a time; those that are averages already stay as they are.

    Example:
        >>> one = SentenceFeatures("a", "a", {"audio": np.array([[1, 5], [3, np.nan]], "f4")},
        ...                        {"audio": np.array([0, 2])}, np.zeros((1, 2)), ("",))
        >>> average([one])[0].vectors["audio"].tolist()
        [2.0, 5.0, 1.0, 0.0]
    """
    found = []
    for i in range(len(interviews)):
        one = interviews[i]
        if isinstance(one, SentenceFeatures):
            one = Averages(one.interview, one.participant, {name: _pool(one.values[name]) for name in one.modalities})
        found.append(one)
    return found


def _pool(frames: FloatArray) -> Array:
    values = frames.astype(np.float64)
    known = ~np.isnan(values)
    count, missing = known.sum(axis=0), np.full(values.shape[1], np.nan)
    mean = np.divide(np.where(known, values, 0).sum(axis=0), count, out=missing.copy(), where=count > 0)
    square = np.where(known, (values - mean) ** 2, 0).sum(axis=0)
    return np.concatenate([mean, np.sqrt(np.divide(square, count, out=missing.copy(), where=count > 0))])
