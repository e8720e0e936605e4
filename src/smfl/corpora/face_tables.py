"""What another tool measured of a recording's face, in a table in the recording's folder.

Looked for, in this order, are ``visit_openface.csv``, ``visit_pyfeat.csv`` and ``visit.csv`` (OpenFace's own name for
what it writes of ``visit.mp4``), in the recording's folder, then in its folders ``openface``, ``processed`` (where
OpenFace writes by itself) and ``pyfeat``. A table counts by its header, so that a transcript ``visit.csv`` is none.

**OpenFace** 1.x and 2.x: see `openface_files`. Its ``timestamp`` is a frame's number over the rate that the video's
header claims; where that is far from the recording's own clock (older builds step by 0.001 s), the times are those of
the recording's frames, by number.

**py-feat**: a row a face and frame, frames counted from 0, no times but ``approx_time`` in whole seconds; so the times
are the recording's too. Read are its action units ``AU01`` … ``AU43``: probabilities from 0 to 1, no intensities, and
so under other names than OpenFace's. Of several faces in a frame the largest is read. Its landmarks are in pixels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.formats.numeric_tables import first_cells, read_columns, stacked
from smfl.formats.openface import agreed_columns, is_openface, read_openface
from smfl.interview import Entry, FeatureError, FloatArray, Signal

NAMES = ("{stem}_openface.csv", "{stem}_pyfeat.csv", "{stem}.csv")
FOLDERS = ("", "openface", "processed", "pyfeat")

STEP_FACTOR = 1.5
"""Time stamps whose step is so many times longer or shorter than the recording's own aren't seconds."""

Instants = Callable[[], FloatArray]
"""Gives the time of each frame of the recording, s."""

_PYFEAT_UNIT = re.compile(r"AU\d{2}")
_PYFEAT_NEEDED = ("frame", "FaceScore", "FaceRectWidth", "FaceRectHeight")
_FRAME = "frame"


def table_for(recording: Path) -> Path | None:
    """The table of the face that lies in the folder of a recording; None where there is none."""
    places = (recording.parent / folder / name.format(stem=recording.stem) for folder in FOLDERS for name in NAMES)
    return next((path for path in places if path.is_file() and is_face_table(path)), None)


def is_face_table(path: Path) -> bool:
    """Whether a file's header is OpenFace's or py-feat's."""
    header = first_cells(path)
    return is_openface(header) or is_pyfeat(header)


def is_pyfeat(header: Sequence[str]) -> bool:
    """Whether a header is py-feat's.

    Example:
        >>> is_pyfeat(("FaceRectX", "FaceRectWidth", "FaceRectHeight", "FaceScore", "AU01", "frame"))
        True
    """
    return set(_PYFEAT_NEEDED) <= set(header)


def read(path: Path, instants: Instants, interview: str) -> Signal:
    """Read a table.

    Args:
        path: as found by `table_for`.
        instants: of the recording's frames; asked where the table's own times can't be used.
        interview: whose ledger gets a line for what was repaired.

    Returns:
        a signal ``openface``, float32, at the recording's time, with the lines for the ledger.

    Raises:
        Problems, FeatureError: naming rows and columns that can't be read, or frames that the recording doesn't have.
    """
    return _pyfeat(path, instants, interview) if is_pyfeat(first_cells(path)) else _openface(path, instants, interview)


def _openface(path: Path, instants: Instants, interview: str) -> Signal:
    there = agreed_columns([path])
    if _FRAME not in first_cells(path):
        return read_openface(path, there)
    signal = read_openface(path, (*there, _FRAME))
    measured = signal.select(there)
    frames, times = signal.select((_FRAME,)).values[:, 0], signal.times
    clock = instants()
    if times is None or len(times) < 2 or len(clock) < 2:
        return measured
    claimed = np.median(np.diff(times)[np.diff(frames) == 1]) if (np.diff(frames) == 1).any() else np.nan
    real = np.median(np.diff(clock))
    if not claimed < real / STEP_FACTOR and not claimed > real * STEP_FACTOR:
        return measured
    what = f"its time stamps step by {claimed:g} s from frame to frame, the recording's by {real:g} s"
    why = "times are those of the recording's frames, by number"
    return _at(measured, frames - 1, clock, path, Entry(interview, "repaired", what, path.name, why))


def _pyfeat(path: Path, instants: Instants, interview: str) -> Signal:
    header = first_cells(path)
    units = tuple(name for name in header if _PYFEAT_UNIT.fullmatch(name))
    if not units:
        raise FeatureError(f"{path.name}, header: no action unit (AU01, …); expected what py-feat's detector writes")
    table = read_columns(path, header, header=True, wanted=(*_PYFEAT_NEEDED, *units), exact=(_FRAME,))
    size = np.nan_to_num(table["FaceRectWidth"] * table["FaceRectHeight"], nan=-1.0)
    order = np.lexsort((-size, table[_FRAME]))
    frames, first = np.unique(table[_FRAME][order], return_index=True)
    rows = order[first]
    values = stacked(table, units)[rows]
    values[~np.isfinite(table["FaceScore"][rows])] = np.nan
    clock = instants()
    rate = 1.0 / float(np.median(np.diff(clock))) if len(clock) > 1 else 1.0
    signal = Signal("openface", units, values, np.arange(len(values)) / rate, rate)
    what = f"a table of py-feat: {len(units)} action units; its times are those of the recording's frames, by number"
    if len(rows) < len(order):
        what += "; of several faces in a frame the largest"
    return _at(signal, frames, clock, path, Entry(interview, "noted", what, path.name))


def _at(signal: Signal, index: npt.NDArray[np.floating], clock: FloatArray, path: Path, note: Entry) -> Signal:
    """The signal with the instants of the recording's frames; rows of frames that aren't there are left out."""
    there = (index >= 0) & (index < len(clock))
    notes = [note]
    if not there.any():
        raise FeatureError(
            f"{path.name}: not one of its {len(index)} frames is in the recording, which has {len(clock)}"
        )
    if not there.all():
        what = f"{int((~there).sum())} of its {len(index)} rows are of frames that the recording hasn't"
        notes.append(Entry(note.interview, "cut", what, path.name, f"the recording has {len(clock)} frames"))
    times = clock[index[there].astype(np.int64)]
    rate = round(1.0 / float(np.median(np.diff(clock))), 3) if len(clock) > 1 else 1.0
    return Signal(signal.name, signal.columns, signal.values[there], times, rate, (*signal.notes, *notes))
