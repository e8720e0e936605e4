"""Ready-made features of the open format: ``features/<modality>/<interview>.{npy,csv,parquet}``.

A file is *inspected* when a corpus is opened (its header alone is read: shape, names, level) and *loaded* when its
values are asked for. ``allow_pickle`` is never set: a features file can't run code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.formats.numeric_tables import Columns, first_cells, read_columns, stacked
from smfl.interview import CorpusError, FeatureError, FloatArray, Signal

FORMATS = (".npy", ".csv", ".parquet")
KEY_COLUMNS = {"frame": "time", "sentence": "sentence"}
"""The first column of a table, by level."""

_PANDAS_INDEX = "__index_level_"
_GAP = 1.5  # a step of more than this many median steps is a gap in the recording, not the frame rate


@dataclass(frozen=True, slots=True)
class FeatureFolder:
    """What `corpus.toml` says of one folder under ``features/``.

    Args:
        name: modality.
        level: ``frame`` or ``sentence``.
        rate_hz: frames a second; None where rows carry times or at sentence level.
        columns: names in order; None where the files or the default give them.
    """

    name: str
    level: str
    rate_hz: float | None = None
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """One file as its header shows it.

    Args:
        path: where.
        place: how messages call it, e.g. ``features/audio/p01.npy``.
        width: number of features.
        columns: their names; None in `.npy`, which has none.
        rows: number of rows; None where the header doesn't tell.
    """

    path: Path
    place: str
    width: int
    columns: tuple[str, ...] | None
    rows: int | None


def inspect(path: Path, folder: FeatureFolder) -> FeatureFile:
    """Read a file's header.

    Raises:
        CorpusError: where it isn't a 2-D table of numbers at the folder's level.
    """
    place = f"features/{folder.name}/{path.name}"
    if path.suffix == ".npy":
        return _inspect_array(path, place, folder)
    names = first_cells(path) if path.suffix == ".csv" else _parquet_names(path, place)
    key = KEY_COLUMNS[folder.level]
    if not names or names[0] != key:
        found = f"it is {names[0]!r}" if names else "the file is empty"
        raise CorpusError(
            f"{place}, column 1: expected {key!r}, as corpus.toml says that features/{folder.name} is at "
            f"{folder.level} level; {found}"
        )
    if len(names) < 2 or "" in names:
        raise CorpusError(f"{place}, row 1: expected {key!r} and a name for each feature; got {', '.join(names)}")
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise CorpusError(f"{place}, row 1: two columns named {twice[0]!r}")
    return FeatureFile(path, place, len(names) - 1, tuple(names[1:]), None)


def _inspect_array(path: Path, place: str, folder: FeatureFolder) -> FeatureFile:
    from numpy.lib import format as npy

    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    try:
        with path.open("rb") as file:
            version = npy.read_magic(file)
            if version not in readers:
                raise ValueError(f"version {version[0]}.{version[1]} of the format")
            shape, _, dtype = readers[version](file)
            start = file.tell()
    except Exception as fault:  # NumPy parses the header as Python, and passes on all that a parser may raise
        raise CorpusError(f"{place}: not a .npy array ({fault}); write it with numpy.save") from None
    if dtype.kind not in "fiu" or len(shape) != 2 or shape[0] < 0 or shape[1] < 1:
        raise CorpusError(
            f"{place}: expected a 2-D array of floats, rows × features; got {len(shape)}-D {dtype} {shape}"
        )
    expected = start + dtype.itemsize * shape[0] * shape[1]
    if path.stat().st_size < expected:
        raise CorpusError(
            f"{place}: cut off: {path.stat().st_size} bytes; expected {expected} for {shape[0]} × {shape[1]} {dtype}; "
            "copy it again"
        )
    if folder.level == "frame" and folder.rate_hz is None:
        raise CorpusError(
            f"{place}: a .npy array carries no times; expected rate_hz under [features.{folder.name}] in corpus.toml"
        )
    return FeatureFile(path, place, shape[1], None, shape[0])


def _parquet_names(path: Path, place: str) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        schema = parquet.read_schema(path)
    except (pa.ArrowInvalid, OSError) as fault:
        raise CorpusError(f"{place}: not a parquet table ({str(fault).splitlines()[0]})") from None
    fields = [field for field in schema if not field.name.startswith(_PANDAS_INDEX)]
    for field in fields:
        if not (pa.types.is_floating(field.type) or pa.types.is_integer(field.type)):
            raise CorpusError(f"{place}, column {field.name!r}: {field.type}; expected numbers")
    return tuple(field.name for field in fields)


def agreed_columns(folder: FeatureFolder, files: Iterable[FeatureFile]) -> tuple[str, ...]:
    """The columns that all files of a folder should have.

    What `corpus.toml` names; else what most tables name; else ``<modality>_0`` … for the width that most arrays have.

    Example:
        >>> wide = FeatureFile(Path("a.npy"), "a.npy", 2, None, 9)
        >>> agreed_columns(FeatureFolder("audio", "frame", 100.0), [wide])
        ('audio_0', 'audio_1')
    """
    if folder.columns is not None:
        return folder.columns
    files = list(files)
    named = Counter(file.columns for file in files if file.columns is not None)
    if named:
        return named.most_common(1)[0][0]
    width = Counter(file.width for file in files).most_common(1)[0][0]
    return tuple(f"{folder.name}_{position}" for position in range(width))


def misfit(file: FeatureFile, columns: tuple[str, ...], rows: int | None) -> str | None:
    """What is wrong with a file whose folder has ``columns``, and whose interview has ``rows`` sentences; or None.

    Args:
        file: as inspected.
        columns: as agreed.
        rows: number of sentences at sentence level; None where it isn't known or doesn't matter.
    """
    if file.width != len(columns):
        return f"{file.place}: {file.width} columns of features; expected {len(columns)}, as in the rest of the corpus"
    if file.columns is not None and file.columns != columns:
        position = next(i for i, (a, b) in enumerate(zip(file.columns, columns, strict=True)) if a != b)
        return (
            f"{file.place}, row 1, column {position + 2}: {file.columns[position]!r}; "
            f"expected {columns[position]!r}, as in the rest of the corpus"
        )
    if rows is not None and file.rows is not None and file.rows != rows:
        return f"{file.place}: {file.rows} rows; expected {rows}, one a sentence of the participant"
    return None


def load(file: FeatureFile, folder: FeatureFolder, columns: tuple[str, ...], sentences: int | None) -> Signal:
    """Read a file's values.

    Args:
        file: as inspected.
        folder: its level and rate.
        columns: as agreed.
        sentences: how many the participant has; None where a transcript is still to tell.

    Returns:
        a signal; at sentence level with ``nan`` rows for sentences that a table leaves out.

    Raises:
        FeatureError, Problems: naming row and column of a value that isn't a finite number or ``nan``, times that run
            backwards, or sentences that aren't the participant's.
    """
    if file.columns is None:
        values = _finite(np.load(file.path, allow_pickle=False).astype(np.float32), file, columns)
        times = (
            None if folder.rate_hz is None or folder.level == "sentence" else np.arange(len(values)) / folder.rate_hz
        )
        return Signal(folder.name, columns, values, times, None if times is None else folder.rate_hz)
    key = KEY_COLUMNS[folder.level]
    names = (key, *file.columns)
    if file.path.suffix == ".csv":
        table: Columns = read_columns(file.path, names, header=True, exact=(key,), name=file.place)
    else:
        import pyarrow.parquet as parquet

        read = parquet.read_table(file.path, columns=list(names))
        table = {name: read.column(name).to_numpy().astype(np.float64) for name in names}
    values = _finite(stacked(table, file.columns), file, columns)
    if folder.level == "sentence":
        return Signal(folder.name, columns, _by_sentence(values, table[key], file, sentences))
    instants = _times(table[key], file)
    return Signal(folder.name, columns, values, instants, folder.rate_hz or _rate(instants, file, folder))


def _finite(values: npt.NDArray[np.float32], file: FeatureFile, columns: tuple[str, ...]) -> npt.NDArray[np.float32]:
    infinite = np.isinf(values)
    if infinite.any():
        row, column = np.argwhere(infinite)[0]
        raise FeatureError(
            f"{file.place}, row {row + (1 if file.columns is None else 2)}, column {columns[column]!r}: "
            f"{values[row, column]}; expected a finite number, or nan where missing"
        )
    return values


def _by_sentence(
    values: npt.NDArray[np.float32], index: FloatArray, file: FeatureFile, sentences: int | None
) -> npt.NDArray[np.float32]:
    valid = np.isfinite(index) & (index >= 0) & (index == np.floor(index))
    if sentences is not None:
        valid &= index < sentences
    first = np.zeros(len(index), dtype=bool)
    first[np.unique(index, return_index=True)[1]] = True
    if not (valid & first).all():
        row = int(np.argmin(valid & first))
        last = "" if sentences is None else f" to {sentences - 1}, the participant's last"
        raise FeatureError(
            f"{file.place}, row {row + 2}, column 'sentence': {index[row]:g}; expected each sentence once, from 0{last}"
        )
    count = sentences if sentences is not None else int(index.max(initial=-1)) + 1
    out = np.full((count, values.shape[1]), np.nan, dtype=np.float32)
    out[index.astype(np.int64)] = values
    return out


def _times(times: FloatArray, file: FeatureFile) -> FloatArray:
    wrong = ~np.isfinite(times)
    wrong[1:] |= np.diff(times) < 0
    if wrong.any():
        row = int(np.argmax(wrong))
        raise FeatureError(
            f"{file.place}, row {row + 2}, column 'time': {times[row]:g}; expected seconds that never run backwards"
        )
    return times


def _rate(times: FloatArray, file: FeatureFile, folder: FeatureFolder) -> float:
    """Frames a second: the mean over steps that aren't gaps, so that rounded time stamps don't bias it."""
    steps = np.diff(times)
    steps = steps[steps > 0]
    if not len(steps):
        raise FeatureError(
            f"{file.place}: too few rows to tell the frame rate; "
            f"expected rate_hz under [features.{folder.name}] in corpus.toml"
        )
    return round(float(1 / steps[steps < _GAP * np.median(steps)].mean()), 3)
