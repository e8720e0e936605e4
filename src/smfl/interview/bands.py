"""The bands of the PHQ-8 and the PHQ-9 (Kroenke et al. 2009, J. Affect. Disord. 114:163–173)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CUTS = (5, 10, 15, 20)
"""Where the bands begin, but for the first."""

BANDS = ("none", "mild", "moderate", "moderately severe", "severe")
BANDED = ("PHQ-8", "PHQ-9")
"""Scales that have these bands."""


def bands_of(scores: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The band of each score: 0 (under 5) to 4 (20 or more); -1 where the score is unknown.

    Example:
        >>> bands_of([4, 5, 9.5, 24, float("nan")]).tolist()
        [0, 1, 1, 4, -1]
    """
    values = np.asarray(scores, dtype=np.float64)
    return np.where(np.isnan(values), -1, np.searchsorted(CUTS, values, side="right")).astype(np.int64)
