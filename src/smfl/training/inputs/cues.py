"""Cues of where signs are to be looked for, from the words and without labels.

A clinician listens more closely where somebody speaks of sleep, mood or worth, and where the words are negative. Two
columns of a sentence measure that: how likely its words express a negative emotion (`smfl.features.text.emotion`), and
how near it is to a topic of the PHQ-8 (`smfl.features.text.symptoms`). Whether these cues help is decided on the
labelled training participants (`smfl.training.linear.start`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cues:
    """Cues in a sentence's words.

    Args:
        negative: positions, among the words' statistics, of the negative emotions' probabilities.
        symptoms: the same of the nearness to each topic of the PHQ-8.
        mean: of the words' statistics, float [P]: statistics are standardised, cues have units.
        sd: their standard deviations, float [P].
    """

    negative: Sequence[int]
    symptoms: Sequence[int]
    mean: npt.NDArray[np.floating]
    sd: npt.NDArray[np.floating]

    def __bool__(self) -> bool:
        return bool(self.negative and self.symptoms)

    def negativity(self, statistics: npt.NDArray[np.floating]) -> Array:
        """Probability of a negative emotion, [S]."""
        return np.asarray(self._read(statistics, self.negative).sum(axis=1))

    def nearness(self, statistics: npt.NDArray[np.floating]) -> Array:
        """Cosine with the nearest topic of the PHQ-8, [S]."""
        return np.asarray(self._read(statistics, self.symptoms).max(axis=1))

    def _read(self, statistics: npt.NDArray[np.floating], columns: Sequence[int]) -> Array:
        own = list(columns)
        return np.asarray(statistics[:, own] * self.sd[own] + self.mean[own], dtype=np.float64)
