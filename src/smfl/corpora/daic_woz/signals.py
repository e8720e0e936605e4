"""DAIC-WOZ's ready-made measurements: COVAREP and formants of the voice, an early OpenFace's (CLNF) of the face.

**Voice**, 100 rows a second, no header: row i is the instant i / 100 s. Where ``VUV`` is 0 (unvoiced), the values of
the glottal source are not to be used, and are ``nan`` here. Rows that are zero throughout lie in stretches that were
silenced to remove identifying words: they are missing frames, ``nan`` throughout.

**Face**, about 30 rows a second, in four tables that share ``frame, timestamp, confidence, success``. They are joined
by frame number into one signal under OpenFace's own names, and timed by ``timestamp``, never by counting rows. Where
tracking failed (``success`` 0, or ``confidence`` below `LEAST_CONFIDENCE`) a row keeps its time and holds ``nan``: the
trackers write zeros or stale values there. A table that isn't there leaves its columns ``nan``, so that all sessions
have the same columns. Not read: 2-D landmarks in pixels, gaze in the head's frame (``x_h0`` …), and HOG.

What was found while a table was read is in its signal's ``notes``.
"""

from __future__ import annotations

import wave
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from smfl.formats.archives import File, opened
from smfl.formats.numeric_tables import Columns, first_cells, first_line, is_cut_off, read_columns, stacked
from smfl.interview import Entry, FeatureError, FloatArray, Problems, Segment, Signal

VOICE_RATE_HZ = 100.0
FACE_RATE_HZ = 30.0
LEAST_CONFIDENCE = 0.8
SHORT_S = 2.0
"""s by which one table may end before another, or before the sound, as any session's do."""

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

STATE = ("confidence", "success")
SHARED = ("frame", "timestamp", *STATE)
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
    *STATE,
)


def faults(kind: str, path: File) -> list[str]:
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


def sound_seconds(path: File) -> float | None:
    """How long a wav file says that it is, s; None where it isn't one, which reading it explains better."""
    try:
        with opened(path) as stream, wave.open(stream) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, Problems):
        return None


def read_voice(kind: str, path: File, interview: str, masked: Segment | None = None) -> Signal:
    """Read ``COVAREP`` or ``FORMANT``.

    Args:
        kind: which.
        path: the file.
        interview: the session's number, for the notes.
        masked: a stretch that isn't the interview: missing.

    Returns:
        a signal named ``covarep`` or ``formant``, float32 [rows, 74 or 5], 100 Hz.

    Raises:
        Problems: naming rows and columns that can't be read.
    """
    names = VOICE_COLUMNS[kind]
    columns = read_columns(path, names, header=False, infinite_is_missing=True)
    values = stacked(columns, names)
    notes = _no_numbers(values, interview, path.name)
    silenced = values[:, 0] == 0
    silenced[silenced] = ~values[silenced].any(axis=1)
    if kind == "COVAREP":
        unvoiced = values[:, names.index("VUV")] == 0
        values[np.ix_(unvoiced, [names.index(name) for name in GLOTTAL])] = np.nan
    values[silenced] = np.nan
    if silenced.any():
        what = f"{int(silenced.sum())} rows are zero throughout: missing"
        notes.append(Entry(interview, "repaired", what, path.name, "silenced to remove identifying words"))
    times = np.arange(len(values)) / VOICE_RATE_HZ
    _mask(values, times, masked)
    return Signal(kind.lower(), names, values, times, VOICE_RATE_HZ, tuple(notes))


def _no_numbers(values: FloatArray, interview: str, file: str) -> list[Entry]:
    count = int(np.count_nonzero(np.isnan(values)))
    if not count:
        return []
    what = f"{count} cells hold no finite number (-1.#IND, -Inf and their like): missing, their rows stay"
    return [Entry(interview, "repaired", what, file, "to drop a row would shift all that follow")]


def _mask(values: FloatArray, times: FloatArray, masked: Segment | None) -> None:
    if masked is not None:
        values[(times >= masked.start) & (times < masked.stop)] = np.nan


def read_face(
    files: Mapping[str, File], interview: str, sound_s: float | None = None, masked: Segment | None = None
) -> Signal:
    """Read and join the tables of the face.

    Args:
        files: by kind, at least one of `FACE_TABLES`.
        interview: the session's number, for the notes.
        sound_s: how long the sound is, s; None where unknown.
        masked: a stretch that isn't the interview: missing, but for confidence and success.

    Returns:
        a signal named ``openface``, float32 [frames, `OPENFACE`], 30 Hz nominally.

    Raises:
        Problems, FeatureError: naming rows and columns that can't be read, or times that run backwards.
    """
    notes: list[Entry] = []
    tables = {kind: _face_table(kind, path) for kind, path in files.items()}
    spaced = [path.name for path in files.values() if ", " in first_line(path)]
    if spaced:
        why = "their separator is a comma and a space"
        what = "names and values begin with a space: stripped"
        notes.append(Entry(interview, "repaired", what, ", ".join(spaced), why))
    frames = _union([table["frame"] for table in tables.values()])
    times = np.full(len(frames), np.nan)
    values = np.empty((len(frames), len(OPENFACE)), dtype=np.float32)
    places = {kind: _place(kind, values) for kind in FACE_TABLES}
    for unwritten in (values[:, -len(STATE) :], *(places[kind] for kind in FACE_TABLES if kind not in tables)):
        unwritten[:] = np.nan
    lost = np.zeros(len(frames), dtype=np.bool_)
    for kind, table in tables.items():
        rows = _rows(frames, table["frame"])
        if not isinstance(rows, slice):
            places[kind][:] = np.nan
        times[rows] = np.where(np.isnan(times[rows]), table["timestamp"], times[rows])
        for name in STATE:
            column = values[:, OPENFACE.index(name)]
            column[rows] = np.where(np.isnan(column[rows]), table[name], column[rows])
        measured = stacked(table, tuple(FACE_TABLES[kind]))
        notes += _no_numbers(measured, interview, files[kind].name)
        failed = ~((table["success"] == 1) & (table["confidence"] >= np.float32(LEAST_CONFIDENCE)))
        measured[failed] = np.nan
        lost[rows] |= failed
        places[kind][rows] = measured
    if (np.diff(times) < 0).any():
        frame = int(frames[int(np.argmax(np.diff(times) < 0)) + 1])
        shown = ", ".join(path.name for path in files.values())
        raise FeatureError(f"{shown}: frame {frame}: its time stamp is before that of the frame before")
    _mask(values[:, : -len(STATE)], times, masked)
    if lost.any():
        what = f"{int(lost.sum())} of {len(lost)} frames weren't tracked: missing, their rows stay"
        why = f"success is 0, or confidence below {LEAST_CONFIDENCE:g}; the values there are zeros or stale"
        notes.append(Entry(interview, "repaired", what, f"{interview}_CLNF", why))
    notes += _on_length(files, tables, sound_s, interview)
    return Signal("openface", OPENFACE, values, times, FACE_RATE_HZ, tuple(notes))


def _union(frames: Sequence[FloatArray]) -> FloatArray:
    """The frames that some table has, in order; quickly where all have the same."""
    first = frames[0]
    if _rises(first) and all(np.array_equal(first, other) for other in frames[1:]):
        return first
    return np.unique(np.concatenate(frames))


def _rises(frames: FloatArray) -> bool:
    return bool((np.diff(frames) > 0).all())


def _rows(frames: FloatArray, own: FloatArray) -> slice | npt.NDArray[np.intp]:
    """Where a table's frames are among all: everywhere, or at these rows."""
    return slice(None) if np.array_equal(frames, own) else np.searchsorted(frames, own)


def _place(kind: str, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The columns of the joined array that a table fills."""
    first = OPENFACE.index(next(iter(FACE_TABLES[kind].values())))
    return values[:, first : first + len(FACE_TABLES[kind])]


def _on_length(
    files: Mapping[str, File], tables: Mapping[str, Columns], sound_s: float | None, interview: str
) -> list[Entry]:
    """Lines on tables that end early, and on a frame rate of their own; nothing is stretched."""
    ends = {kind: float(table["timestamp"][-1]) for kind, table in tables.items() if len(table["timestamp"])}
    longest = max(ends.values(), default=0.0)
    notes = []
    for kind, end in ends.items():
        if end < longest - SHORT_S:
            what = f"{kind} ends at {end:.1f} s, {longest - end:.1f} s before the other tables: missing after it"
            notes.append(Entry(interview, "missing", what, files[kind].name, "nothing is stretched"))
    if sound_s is None or not longest:
        return notes
    if longest < sound_s - SHORT_S:
        what = f"the face ends at {longest:.1f} s, {sound_s - longest:.1f} s before the sound: missing after it"
        notes.append(Entry(interview, "missing", what, f"{interview}_CLNF", "nothing is stretched"))
    if longest > sound_s + SHORT_S:
        rate = len(tables[max(ends, key=lambda kind: ends[kind])]["timestamp"]) / sound_s
        what = (
            f"the face's time stamps run {longest - sound_s:.1f} s past the sound: {rate:.2f} frames for a second of it"
        )
        notes.append(Entry(interview, "noted", what, f"{interview}_CLNF", "frames are timed by their time stamps"))
    return notes


def _face_table(kind: str, path: File) -> Columns:
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
    if not _rises(table["frame"]) and len(np.unique(table["frame"])) < len(table["frame"]):
        raise FeatureError(f"{path.name}, column 'frame': a frame is there twice; expected each frame once")
    return table
