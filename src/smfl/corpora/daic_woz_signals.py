"""DAIC-WOZ's ready-made measurements: COVAREP and formants of the voice, an early OpenFace's (CLNF) of the face.

**Voice**, 100 rows a second, no header: row i is the instant i / 100 s. Where ``VUV`` is 0 (unvoiced), the values of
the glottal source are not to be used, and are ``nan`` here. Rows that are zero throughout lie in stretches that were
silenced to remove identifying words: they are missing frames, ``nan`` throughout.

**Face**, about 30 rows a second, in four tables that share ``frame, timestamp, confidence, success``. They are joined
by frame number into one signal under OpenFace's own names, and timed by ``timestamp``, never by counting rows. Where
tracking failed (``success`` 0, or ``confidence`` below `LEAST_CONFIDENCE`) a row keeps its time and holds ``nan``: the
trackers write zeros or stale values there. A table that isn't there leaves its columns ``nan``, so that all sessions
have the same columns. Not read: 2-D landmarks in pixels, gaze in the head's frame (``x_h0`` …), and HOG.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.corpora.measurements import Columns, first_cells, is_cut_off, read_columns, stacked
from smfl.interview import FeatureError, Signal

VOICE_RATE_HZ = 100.0
FACE_RATE_HZ = 30.0
LEAST_CONFIDENCE = 0.8

GLOTTAL = ("F0", "NAQ", "QOQ", "H1H2", "PSP", "MDQ", "peakSlope", "Rd")
"""Columns that mean nothing where the voice is silent."""

COVAREP: tuple[str, ...] = (
    *("F0", "VUV", "NAQ", "QOQ", "H1H2", "PSP", "MDQ", "peakSlope", "Rd", "Rd_conf", "creak"),
    *(f"MCEP_{k}" for k in range(25)),
    *(f"HMPDM_{k}" for k in range(25)),
    *(f"HMPDD_{k}" for k in range(13)),
)
FORMANT = ("F1", "F2", "F3", "F4", "F5")
VOICE_COLUMNS = {"COVAREP": COVAREP, "FORMANT": FORMANT}

SHARED = ("frame", "timestamp", "confidence", "success")
LANDMARKS = 68
AXES = ("x", "y", "z")
ACTION_UNITS = (
    *(f"AU{number:02d}_r" for number in (1, 2, 4, 5, 6, 9, 10, 12, 14, 15, 17, 20, 25, 26)),
    *(f"AU{number:02d}_c" for number in (4, 12, 15, 23, 28, 45)),
)
FACE_TABLES: Mapping[str, Mapping[str, str]] = {
    "CLNF_features3D": {f"{axis}{k}": f"{axis}_{k}" for axis in "XYZ" for k in range(LANDMARKS)},
    "CLNF_gaze": {f"{axis}_{eye}": f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in AXES},
    "CLNF_pose": {name: f"pose_{name}" for name in ("Tx", "Ty", "Tz", "Rx", "Ry", "Rz")},
    "CLNF_AUs": {name: name for name in ACTION_UNITS},
}
"""For each table, its columns and OpenFace's names for them."""

POSITION_AS_DOCUMENTED = {"X": "Tx", "Y": "Ty", "Z": "Tz"}
"""What the corpus's manual calls the head's position."""

OPENFACE: tuple[str, ...] = (
    *(name for table in FACE_TABLES.values() for name in table.values()),
    *("confidence", "success"),
)


def faults(kind: str, path: Path) -> list[str]:
    """What is wrong with a file of measurements, as its first and its last row show.

    Args:
        kind: ``COVAREP``, ``FORMANT`` or one of `FACE_TABLES`.
        path: the file.
    """
    cells = first_cells(path)
    if not cells:
        return [f"{path.name}: is empty; copy the session again"]
    if kind in VOICE_COLUMNS:
        width = len(VOICE_COLUMNS[kind])
        if len(cells) != width:
            return [
                f"{path.name}, row 1: {len(cells)} columns; expected {width} ({', '.join(VOICE_COLUMNS[kind][:3])}, …)"
            ]
    else:
        names = _names(cells)
        lacking = [name for name in (*SHARED, *FACE_TABLES[kind]) if name not in names]
        if lacking:
            more = f" and {len(lacking) - 4} more" if len(lacking) > 4 else ""
            return [f"{path.name}, header: {len(cells)} columns; expected {', '.join(lacking[:4])}{more} among them"]
        if len(set(names)) < len(names):
            return [f"{path.name}, header: two columns have the same name"]
    if is_cut_off(path, len(cells)):
        return [f"{path.name}: its last row is cut off; copy the session again"]
    return []


def _names(header: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(POSITION_AS_DOCUMENTED.get(name, name) for name in header)


def read_voice(kind: str, path: Path) -> Signal:
    """Read ``COVAREP`` or ``FORMANT``.

    Returns:
        a signal named ``covarep`` or ``formant``, float32 [rows, 74 or 5], 100 Hz.

    Raises:
        Problems: naming rows and columns that can't be read.
    """
    names = VOICE_COLUMNS[kind]
    columns = read_columns(path, names, header=False, infinite_is_missing=True)
    values = stacked(columns, names)
    silenced = ~values.any(axis=1)
    if kind == "COVAREP":
        unvoiced = values[:, names.index("VUV")] == 0
        values[np.ix_(unvoiced, [names.index(name) for name in GLOTTAL])] = np.nan
    values[silenced] = np.nan
    return Signal(kind.lower(), names, values, np.arange(len(values)) / VOICE_RATE_HZ, VOICE_RATE_HZ)


def read_face(files: Mapping[str, Path]) -> Signal:
    """Read and join the tables of the face.

    Args:
        files: by kind, at least one of `FACE_TABLES`.

    Returns:
        a signal named ``openface``, float32 [frames, `OPENFACE`], 30 Hz nominally.

    Raises:
        Problems, FeatureError: naming rows and columns that can't be read, or times that run backwards.
    """
    tables = {kind: _face_table(kind, path) for kind, path in files.items()}
    frames = np.unique(np.concatenate([table["frame"] for table in tables.values()]))
    times = np.full(len(frames), np.nan)
    values = np.full((len(frames), len(OPENFACE)), np.nan, dtype=np.float32)
    for kind, table in tables.items():
        rows = np.searchsorted(frames, table["frame"])
        times[rows] = np.where(np.isnan(times[rows]), table["timestamp"], times[rows])
        for name in ("confidence", "success"):
            column = values[:, OPENFACE.index(name)]
            column[rows] = np.where(np.isnan(column[rows]), table[name], column[rows])
        measured = stacked(table, tuple(FACE_TABLES[kind]))
        measured[~((table["success"] == 1) & (table["confidence"] >= np.float32(LEAST_CONFIDENCE)))] = np.nan
        first = OPENFACE.index(next(iter(FACE_TABLES[kind].values())))
        values[rows, first : first + measured.shape[1]] = measured
    if (np.diff(times) < 0).any():
        frame = int(frames[int(np.argmax(np.diff(times) < 0)) + 1])
        shown = ", ".join(path.name for path in files.values())
        raise FeatureError(f"{shown}: frame {frame}: its time stamp is before that of the frame before")
    return Signal("openface", OPENFACE, values, times, FACE_RATE_HZ)


def _face_table(kind: str, path: Path) -> Columns:
    names = _names(first_cells(path))
    wanted = (*SHARED, *FACE_TABLES[kind])
    table = read_columns(
        path, names, header=True, wanted=wanted, exact=("frame", "timestamp"), infinite_is_missing=True
    )
    for name in ("frame", "timestamp"):
        wrong: npt.NDArray[np.bool_] = ~np.isfinite(table[name])
        if wrong.any():
            raise FeatureError(
                f"{path.name}, row {int(np.argmax(wrong)) + 2}, column {name!r}: no number; expected one in every row"
            )
    if len(np.unique(table["frame"])) < len(table["frame"]):
        raise FeatureError(f"{path.name}, column 'frame': a frame is there twice; expected each frame once")
    return table
