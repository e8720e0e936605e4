"""The action units that a tool measured, found by name."""

from __future__ import annotations

import re

import numpy as np

from smfl.features.face.openface import failed_rows
from smfl.interview import FeatureError, Signal

ACTION_UNIT = re.compile(r"AU\d{2}(_[rc])?")


def action_units(signal: Signal) -> Signal:
    """The action units of what a tool measured.

    OpenFace's are intensities ``AU01_r`` … (0 to 5) and presences ``AU01_c`` … (0 or 1), py-feat's probabilities
    ``AU01`` … (0 to 1). Which there are depends on the tool's version; they are found by name.

    Raises:
        FeatureError: where there is none.

    Example:
        >>> wide = Signal("openface", ("confidence", "AU12_r"), np.ones((2, 2), "f4"), np.arange(2.0), 30.0)
        >>> action_units(wide).columns
        ('AU12_r',)
    """
    found = tuple(name for name in signal.columns if ACTION_UNIT.fullmatch(name))
    if not found:
        raise FeatureError(f"{signal.name}: no action unit (AU01_r, AU12_c, …) among its {len(signal.columns)} columns")
    units = signal.select(found)
    values = np.where(failed_rows(signal)[:, None], np.nan, units.values).astype(np.float32)
    return Signal("video", found, values, signal.times, signal.rate_hz)
