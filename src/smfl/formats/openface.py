"""What OpenFace's FeatureExtraction writes, of any version and with any of its groups switched on.

Columns are found by name, with the case they have (``x_0`` is a pixel, ``X_0`` a millimetre), with or without a space
after the comma. A frame that failed (``success`` 0, or ``confidence`` below `LEAST_CONFIDENCE`) keeps its time and is
``nan``: OpenFace leaves zeros or an earlier frame's values there (OpenFace#425). Where several faces were followed
(``face_id``), the one that was tracked in most frames is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from smfl.formats.archives import File
from smfl.formats.numeric_tables import first_cells, is_cut_off, read_columns
from smfl.interview import Entry, FeatureError, FloatArray, Signal

LEAST_CONFIDENCE = 0.8
NOMINAL_HZ = 30.0
POINTS = 68

_INTENSITIES = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)
_PRESENCES = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 28, 45)
LANDMARKS = tuple(f"{axis}_{k}" for axis in "XYZ" for k in range(POINTS))
GAZE = (*(f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz"), "gaze_angle_x", "gaze_angle_y")
POSE = tuple(f"pose_{name}" for name in ("Tx", "Ty", "Tz", "Rx", "Ry", "Rz"))
ACTION_UNITS = (*(f"AU{k:02d}_r" for k in _INTENSITIES), *(f"AU{k:02d}_c" for k in _PRESENCES))
STATE = ("confidence", "success")
COLUMNS: tuple[str, ...] = (*LANDMARKS, *GAZE, *POSE, *ACTION_UNITS, *STATE)
"""What is read for the signal ``openface``: mm, unit vectors, rad, mm and rad, 0 to 5 and 0 or 1."""

PIXELS = tuple(f"{axis}_{k}" for axis in "xy" for k in range(POINTS))
"""The 68 points in the picture: read as a signal of their own, as no recording gives them in the same measure."""

PEEK = 1 << 20
"""So many bytes of a file are looked through for a second face before it is read."""

_NEEDED = ("timestamp", *STATE)
_FACE = "face_id"


def is_openface(header: Sequence[str]) -> bool:
    """Whether a header is FeatureExtraction's.

    Example:
        >>> is_openface(("frame", "face_id", "timestamp", "confidence", "success", "AU01_r"))
        True
    """
    return {"timestamp", *STATE} <= set(header)


def faults(path: Path) -> list[str]:
    """What is wrong with a file, as its first and last rows show."""
    header = first_cells(path)
    if not header:
        return [f"{path.name}: is empty; copy it again"]
    lacking = [name for name in _NEEDED if name not in header]
    if lacking:
        hint = "; pictures measured one by one (FaceLandmarkImg) have no times" if "timestamp" in lacking else ""
        return [f"{path.name}, header: no column {', '.join(lacking)}; expected OpenFace's FeatureExtraction{hint}"]
    if len(set(header)) < len(header):
        twice = next(name for name, count in Counter(header).items() if count > 1)
        return [f"{path.name}, header: two columns named {twice!r}; were names put into lower case?"]
    return [f"{path.name}: its last row is cut off; copy it again"] if is_cut_off(path, len(header)) else []


def agreed_columns(paths: Iterable[Path], among: Sequence[str] = COLUMNS) -> tuple[str, ...]:
    """Those of ``among`` that any of the files has, in order: what one file lacks is missing in it."""
    seen: set[str] = set()
    for path in paths:
        seen.update(first_cells(path))
    return tuple(name for name in among if name in seen)


def several_faces(path: Path, interview: str) -> list[Entry]:
    """A ledger line where more than one face is followed in a file's first `PEEK` bytes; the rest is read later."""
    header = first_cells(path)
    if _FACE not in header:
        return []
    place = header.index(_FACE)
    with path.open("rb") as file:
        lines = file.read(PEEK).split(b"\n")[1:-1]
    seen = {cells[place].strip() for line in lines if len(cells := line.split(b",", place + 1)) > place + 1}
    return [_followed(len(seen), path.name, interview)] if len(seen) > 1 else []


def _followed(count: int, file: str, interview: str) -> Entry:
    what = f"{count} faces were followed: the one that was found in most frames is read"
    return Entry(interview, "repaired", what, file, "a row a frame, and one person's face")


def last_time(path: Path) -> float | None:
    """The last row's time stamp, s; None where the file hasn't any. Reads the end of the file only."""
    header = first_cells(path)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - (1 << 16)))
        lines = [line for line in file.read().splitlines() if line.strip()]
    if "timestamp" not in header or len(lines) < 2:
        return None
    try:
        return float(lines[-1].split(b",")[header.index("timestamp")])
    except (ValueError, IndexError):
        return None


def read_openface(path: File, columns: Sequence[str], name: str = "openface", interview: str = "") -> Signal:
    """Read a file.

    Args:
        path: the file.
        columns: those wanted; ``nan`` where the file lacks one.
        name: of the signal.
        interview: whose: a second face that comes late in the file is a note of it.

    Returns:
        float32 [frames, columns], timed by OpenFace's own stamps; its rate is what they say.

    Raises:
        Problems, FeatureError: naming rows and columns that can't be read, or times that run backwards.
    """
    header = first_cells(path)
    there = tuple(column for column in columns if column in header)
    asked = dict.fromkeys(("timestamp", *STATE, *((_FACE,) if _FACE in header else ()), *there))
    table = read_columns(
        path, header, header=True, wanted=tuple(asked), exact=("timestamp", _FACE), infinite_is_missing=True
    )
    times = np.asarray(table["timestamp"], dtype=np.float64)
    good = (table["success"] == 1) & (table["confidence"] >= np.float32(LEAST_CONFIDENCE))
    rows, notes = np.arange(len(times)), tuple[Entry, ...]()
    if _FACE in table:
        faces = table[_FACE]
        found = {face: int(good[faces == face].sum()) for face in np.unique(faces)}
        rows = np.flatnonzero(faces == max(found, key=lambda face: (found[face], -face)))
        if len(found) > 1 and interview and isinstance(path, Path) and not several_faces(path, interview):
            notes = (_followed(len(found), path.name, interview),)
    if not np.isfinite(times[rows]).all():
        row = int(rows[np.argmin(np.isfinite(times[rows]))]) + 2
        raise FeatureError(f"{path.name}, row {row}, column 'timestamp': no number; expected one in every row")
    if (np.diff(times[rows]) < 0).any():
        row = int(rows[int(np.argmax(np.diff(times[rows]) < 0)) + 1]) + 2
        raise FeatureError(f"{path.name}, row {row}, column 'timestamp': {times[row - 2]:g}; before the row before")
    values = np.full((len(rows), len(columns)), np.nan, dtype=np.float32)
    for position, column in enumerate(columns):
        if column in there:
            values[:, position] = table[column][rows]
    measured = [position for position, column in enumerate(columns) if column not in STATE]
    values[np.ix_(~good[rows], measured)] = np.nan
    return Signal(name, tuple(columns), values, times[rows], _rate(times[rows]), notes)


def _rate(times: FloatArray) -> float:
    """Frames a second: of the median step, as a lost stretch isn't a slower camera."""
    steps = np.diff(times)
    steps = steps[steps > 0]
    return round(float(1 / np.median(steps)), 3) if len(steps) else NOMINAL_HZ
