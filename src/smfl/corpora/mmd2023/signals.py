"""MMD2023's measurements as the authors' code finds them: faces in text, the voice in a picture, words as vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from smfl.formats.kaldi import Matrix, read_matrix
from smfl.formats.numeric_tables import first_cells, read_columns, stacked
from smfl.interview import CorpusError, FeatureError, Signal

FACE_HZ = 30.0
SAMPLE_RATE_HZ, HOP_SAMPLES, BINS = 44_100, 256, 513
PICTURE_HZ = round(SAMPLE_RATE_HZ / HOP_SAMPLES, 2)
"""Columns a second of the picture of a spectrogram."""
WHITE = 255.0
POINTS = 68
LANDMARKS = tuple(f"{axis}_{k}" for axis in "XYZ" for k in range(POINTS))
PIXELS = tuple(f"{axis}_{k}" for axis in "xy" for k in range(POINTS))
FIRST_LANDMARK, FIRST_PIXEL = 1, 4
"""Where the points begin in the two text files, counted from 0, by the authors' code."""


def read_face(path: Path) -> Signal:
    """The 68 points in three dimensions, mm: ``openface``, float32 [frames, 204]."""
    return _points(path, "openface", LANDMARKS, FIRST_LANDMARK)


def read_points(path: Path) -> Signal:
    """The 68 points in the picture, pixels: ``landmarks-2d``, float32 [frames, 136]."""
    return _points(path, "landmarks-2d", PIXELS, FIRST_PIXEL)


def _points(path: Path, name: str, columns: tuple[str, ...], first: int) -> Signal:
    """Points by their place in the row, timed by what the columns before them tell: time stamps, else frame numbers.

    Rows that hold what isn't a number keep their place, and points of a frame that failed are missing.
    """
    header = first_cells(path)
    if len(header) < first + len(columns):
        raise FeatureError(f"{path.name}, header: {len(header)} columns; expected {first} and then {len(columns)}")
    names = tuple(f"{place}:{cell}" for place, cell in enumerate(header))
    plain = [cell.casefold() for cell in header[:first]]
    lead, wanted = names[:first], names[first : first + len(columns)]
    table = read_columns(
        path, names, header=True, wanted=(*lead, *wanted), exact=lead, infinite_is_missing=True, name=path.name
    )
    values = stacked(table, wanted)
    if "timestamp" in plain:
        times = np.asarray(table[lead[plain.index("timestamp")]], dtype=np.float64)
    else:
        frames = np.asarray(table[lead[0]], dtype=np.float64)
        times = (frames - frames[0]) / FACE_HZ if len(frames) else frames
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise FeatureError(f"{path.name}: its frames aren't numbered in order; expected frame numbers or time stamps")
    failed = ~values.any(axis=1)
    if "success" in plain:
        failed |= np.asarray(table[lead[plain.index("success")]]) == 0
    values[failed] = np.nan
    return Signal(name, columns, values, times, FACE_HZ)


def read_spectrogram(path: Path) -> Signal:
    """The picture of a spectrogram: ``spectrogram``, float32 [columns of the picture, 513], black 0 to white 1.

    Raises:
        CorpusError: where the file isn't a grey picture of 513 rows.
    """
    import av

    try:
        with av.open(str(path)) as container:
            picture = np.asarray(next(container.decode(video=0)).to_ndarray(format="gray"), dtype=np.float32)
    except (av.FFmpegError, StopIteration, OSError) as fault:
        raise CorpusError(f"{path.name}: not a picture that can be read ({fault}); copy it again") from None
    if picture.shape[0] != BINS:
        raise CorpusError(f"{path.name}: {picture.shape[0]} rows; expected {BINS}, one a frequency")
    values = (picture.T / WHITE).astype(np.float32)
    times = np.arange(len(values)) * HOP_SAMPLES / SAMPLE_RATE_HZ
    return Signal("spectrogram", tuple(f"bin_{k}" for k in range(BINS)), values, times, PICTURE_HZ)


def read_embedding(matrix: Matrix) -> Signal:
    """The vectors of an interview's sentences: ``embedding``, a row a sentence."""
    values = read_matrix(matrix)
    return Signal("embedding", tuple(f"embedding_{k}" for k in range(matrix.columns)), values)
