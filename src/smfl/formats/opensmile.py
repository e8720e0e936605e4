"""openSMILE's low-level descriptors as SMILExtract and its Python package write them.

``name;frameTime;Loudness_sma3;…`` with semicolons (or commas), a row each 10 ms; or ``file,start,end,Loudness_sma3,…``
with start and end as durations (``0 days 00:00:00.020000``). Functionals, one row a file, are refused: a sentence needs
descriptors over time.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from smfl.interview import CorpusError, FeatureError, FloatArray, Signal

V02: tuple[str, ...] = (
    *("Loudness_sma3", "alphaRatio_sma3", "hammarbergIndex_sma3", "slope0-500_sma3", "slope500-1500_sma3"),
    *("spectralFlux_sma3", "mfcc1_sma3", "mfcc2_sma3", "mfcc3_sma3", "mfcc4_sma3", "F0semitoneFrom27.5Hz_sma3nz"),
    *("jitterLocal_sma3nz", "shimmerLocaldB_sma3nz", "HNRdBACF_sma3nz", "logRelF0-H1-H2_sma3nz"),
    *("logRelF0-H1-A3_sma3nz", "F1frequency_sma3nz", "F1bandwidth_sma3nz", "F1amplitudeLogRelF0_sma3nz"),
    *("F2frequency_sma3nz", "F2bandwidth_sma3nz", "F2amplitudeLogRelF0_sma3nz", "F3frequency_sma3nz"),
    *("F3bandwidth_sma3nz", "F3amplitudeLogRelF0_sma3nz"),
)
"""eGeMAPSv02's 25 descriptors, in order; v01a and v01b lack the bandwidths of F2 and F3."""

F0, VOICED = "F0semitoneFrom27.5Hz_sma3nz", "nz"
AMPLITUDE_FLOOR = -200.0
"""What lies below is openSMILE's mark for an amplitude that is undefined (-201)."""
WINDOW_S, NOMINAL_HZ = 0.020, 100.0

_BEGINNINGS = (("name", "frameTime"), ("file", "start", "end"), ("start", "end"), ("frameTime",))
_FUNCTIONAL = re.compile(r"_(amean|stddevNorm|percentile\d|pctlrange|meanRisingSlope)")
_DURATION = re.compile(r"(?:(?P<days>\d+) days? )?(?P<h>\d+):(?P<m>\d+):(?P<s>\d+(?:\.\d+)?)")


def _cells(path: Path) -> tuple[list[str], str]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        line = file.readline().strip()
    separator = ";" if line.count(";") > line.count(",") else ","
    return [cell.strip().strip("'\"") for cell in line.split(separator)], separator


def _leading(header: Sequence[str]) -> tuple[str, ...]:
    return next((names for names in _BEGINNINGS if tuple(header[: len(names)]) == names), ())


def is_opensmile(path: Path) -> bool:
    """Whether a file's header is one of openSMILE's, with descriptors in it."""
    header, _ = _cells(path)
    return bool(_leading(header)) and any("_sma" in name for name in header)


def faults(path: Path) -> list[str]:
    """What is wrong with a file, as its header shows."""
    header, _ = _cells(path)
    functional = next((name for name in header if _FUNCTIONAL.search(name)), None)
    if functional:
        return [
            f"{path.name}: functionals ({functional}), one row a file; expected low-level descriptors, a row each 10 "
            "ms: SMILExtract -lldcsvoutput, or FeatureLevel.LowLevelDescriptors"
        ]
    return [] if len(set(header)) == len(header) else [f"{path.name}, header: two columns of one name"]


def descriptors(path: Path) -> tuple[str, ...]:
    """The names of a file's descriptors, in order."""
    header, _ = _cells(path)
    return tuple(header[len(_leading(header)) :])


def last_time(path: Path) -> float | None:
    """The end of the last row, s; None where there is none. Reads the end of the file only."""
    header, separator = _cells(path)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - (1 << 14)))
        lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    cells = next(csv.reader(lines[-1:], delimiter=separator, quotechar="'")) if len(lines) > 1 else []
    lead = _leading(header)
    at = lead.index("end") if "end" in lead else lead.index("frameTime") if "frameTime" in lead else -1
    seconds = _seconds(cells[at]) if 0 <= at < len(cells) else None
    return seconds if seconds is None or "end" in lead else seconds + WINDOW_S


def read_opensmile(path: Path, columns: Sequence[str], name: str = "audio") -> Signal:
    """Read a file of descriptors.

    Args:
        path: the file.
        columns: those wanted; ``nan`` where the file lacks one.
        name: of the signal.

    Returns:
        float32 [frames, columns] at the centres of openSMILE's windows; voiced measures ``nan`` where F0 is 0.

    Raises:
        FeatureError: naming row and column of what isn't a number, or times that run backwards.
    """
    header, separator = _cells(path)
    lead = _leading(header)
    clock = lead.index("start") if "start" in lead else lead.index("frameTime")
    places = [header.index(column) if column in header else None for column in columns]
    times: list[float] = []
    rows: list[list[float]] = []
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for number, cells in enumerate(csv.reader(file, delimiter=separator, quotechar="'"), start=1):
            if number == 1 or not any(cells):
                continue
            if len(cells) != len(header):
                raise FeatureError(f"{path.name}, row {number}: {len(cells)} cells; expected {len(header)}")
            start = _seconds(cells[clock])
            if start is None or (times and start < times[-1]):
                what = f"{cells[clock]!r}; expected a time that doesn't run backwards"
                raise FeatureError(f"{path.name}, row {number}, column {header[clock]!r}: {what}")
            times.append(start)
            try:
                rows.append([np.nan if place is None else float(cells[place] or "nan") for place in places])
            except ValueError as fault:
                raise FeatureError(f"{path.name}, row {number}: {fault}; expected numbers") from None
    if not rows:
        raise CorpusError(f"{path.name}: a header without rows; measure the recording again")
    values = without_unvoiced(np.array(rows, dtype=np.float32), columns)
    values[np.isinf(values)] = np.nan
    steps = np.diff(times)
    rate = round(float(1 / np.median(steps)), 3) if len(steps) and np.median(steps) > 0 else NOMINAL_HZ
    return Signal(name, tuple(columns), values, np.array(times) + WINDOW_S / 2, rate)


def without_unvoiced(values: FloatArray, columns: Sequence[str]) -> FloatArray:
    """Measures of a voice that doesn't sound are missing: columns named ``…nz`` where F0 is 0, undefined amplitudes.

    Example:
        >>> without_unvoiced(np.array([[0.5, 0.0, 500.0]], "f4"), ("Loudness_sma3", F0, "F1frequency_sma3nz")).tolist()
        [[0.5, nan, nan]]
    """
    voiced = [place for place, name in enumerate(columns) if name.endswith(VOICED)]
    if F0 in columns:
        silent = values[:, tuple(columns).index(F0)] == 0
        values[np.ix_(silent, voiced)] = np.nan
    values[:, voiced] = np.where(values[:, voiced] < AMPLITUDE_FLOOR, np.nan, values[:, voiced])
    return values


def _seconds(text: str) -> float | None:
    text = text.strip().strip("'\"")
    found = _DURATION.fullmatch(text)
    if found:
        days = int(found["days"] or 0)
        return ((days * 24 + int(found["h"])) * 60 + int(found["m"])) * 60 + float(found["s"])
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) and value >= 0 else None
