"""What DAIC-WOZ's tools would have measured: CLNF's tables of the face, COVAREP's and the formants' of the voice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.simulation.signals.face import N_POINTS, FloatArray, rotations
from smfl.simulation.signals.motion import FaceMotion
from smfl.simulation.signals.voice import SPEECH_DB, VoiceTracks

Table = Mapping[str, npt.NDArray[np.generic]]

ACTION_UNITS = (
    *(f"AU{k:02d}_r" for k in (1, 2, 4, 5, 6, 9, 10, 12, 14, 15, 17, 20, 25, 26)),
    *(f"AU{k:02d}_c" for k in (4, 12, 15, 23, 28, 45)),
)
N_MCEP, N_HMPDM, N_HMPDD = 25, 25, 13
GLOTTAL = {
    "NAQ": (0.11, 0.03),
    "QOQ": (0.35, 0.10),
    "H1H2": (5.0, 3.0),
    "PSP": (0.32, 0.10),
    "MDQ": (0.11, 0.02),
    "peakSlope": (-0.35, 0.08),
    "Rd": (1.2, 0.4),
    "Rd_conf": (0.6, 0.15),
}
"""Mean and sd of COVAREP's measures of the glottal source in voiced frames."""
CREAK_SHARE = 0.04


def clnf_tables(rng: np.random.Generator, face: FaceMotion) -> dict[str, Table]:
    """The four tables of the face: ``features3D``, ``gaze``, ``pose``, ``AUs``; zeros where the face was lost."""
    n = len(face.times)
    shared: dict[str, npt.NDArray[np.generic]] = {
        "frame": np.arange(1, n + 1),
        "timestamp": np.round(face.times, 6),
        "confidence": np.round(face.confidence, 6),
        "success": face.success.astype(np.int64),
    }

    def measured(names: Iterable[str], values: FloatArray, digits: int) -> Table:
        filled = np.round(np.where(face.success[:, None], np.nan_to_num(values), 0.0), digits) + 0.0
        return shared | {name: filled[:, i] for i, name in enumerate(names)}

    in_head = np.einsum("nij,nei->nej", rotations(np.nan_to_num(face.angles)), face.gaze)
    return {
        "features3D": measured(
            (f"{axis}{point}" for axis in "XYZ" for point in range(N_POINTS)),
            face.landmarks.transpose(0, 2, 1).reshape(n, -1),
            3,
        ),
        "gaze": measured(
            (f"{axis}_{frame}{eye}" for frame in ("", "h") for eye in (0, 1) for axis in "xyz"),
            np.concatenate([face.gaze.reshape(n, -1), in_head.reshape(n, -1)], axis=1),
            6,
        ),
        "pose": measured(
            ("Tx", "Ty", "Tz", "Rx", "Ry", "Rz"), np.concatenate([face.translation, face.angles], axis=1), 5
        ),
        "AUs": measured(ACTION_UNITS, _action_units(rng, face), 5),
    }


def _action_units(rng: np.random.Generator, face: FaceMotion) -> FloatArray:
    """Intensities 0 to 5 and presences 0 or 1, [n, 20], in the order of `ACTION_UNITS`: AU 12 is the smile."""
    n = len(face.times)
    active = {
        "AU01_r": 0.6 * face.brow_raise,
        "AU02_r": 0.5 * face.brow_raise,
        "AU06_r": 0.6 * face.smile,
        "AU12_r": face.smile,
        "AU25_r": 0.30 * face.mouth_open,
        "AU26_r": 0.15 * face.mouth_open,
        "AU12_c": face.smile > 1,
        "AU45_c": face.blink > 0.5,
    }
    columns = []
    for name in ACTION_UNITS:
        base = np.asarray(active.get(name, np.zeros(n)), dtype=np.float64)
        if name.endswith("_r"):
            columns.append(np.clip(base + rng.normal(-0.05, 0.15, n), 0, 5))
        else:
            columns.append(base if name in active else (rng.random(n) < 0.03).astype(np.float64))
    return np.stack(columns, axis=1)


def covarep(rng: np.random.Generator, voice: VoiceTracks) -> Table:
    """COVAREP's 74 columns: pitch, voicing, glottal source, mel-cepstrum, phase distortion."""
    n = len(voice.times)
    voiced = np.flatnonzero(voice.voiced)
    f0 = np.interp(np.arange(n), voiced, voice.f0[voiced]) if len(voiced) else np.full(n, 120.0)
    energy = (voice.level - SPEECH_DB) / 6.0
    vowel = (voice.formants - voice.formants.mean(axis=0)) / voice.formants.std(axis=0)
    columns: dict[str, npt.NDArray[np.generic]] = {
        "F0": np.round(f0 * (1 + 0.005 * rng.standard_normal(n)), 1),
        "VUV": voice.voiced.astype(np.int64),
    }
    for name, (mean, sd) in GLOTTAL.items():
        columns[name] = np.round(mean + sd * rng.standard_normal(n), 5)
    columns["creak"] = (voice.voiced & (rng.random(n) < CREAK_SHARE)).astype(np.int64)
    for k in range(N_MCEP):
        heard = -6 + 1.5 * energy if k == 0 else 0.3 * vowel[:, k % 3] / (1 + k / 6) - 0.2 * voice.fricative
        columns[f"MCEP_{k}"] = np.round(heard + rng.standard_normal(n) * 0.25 / (1 + k / 10), 4)
    for name, count in (("HMPDM", N_HMPDM), ("HMPDD", N_HMPDD)):
        for k in range(count):
            columns[f"{name}_{k}"] = np.round(rng.standard_normal(n) * 0.5, 4)
    return columns


def formants(rng: np.random.Generator, voice: VoiceTracks) -> Table:
    """F1 to F5, Hz."""
    n = len(voice.times)
    higher = np.array([3600.0, 4600.0]) * (1 + 0.03 * rng.standard_normal((n, 2)))
    values = np.concatenate([voice.formants * (1 + 0.02 * rng.standard_normal((n, 3))), higher], axis=1)
    return {f"F{i + 1}": np.round(values[:, i], 2) for i in range(values.shape[1])}


def write_numbers(path: Path, table: Table, *, header: bool, separator: str) -> None:
    """Write a table of numbers quickly.

    Args:
        path: the file.
        table: columns of the same length, by name; floats are written as short as they round-trip.
        header: whether the names stand in the first row.
        separator: between cells; CLNF's is a comma and a space.
    """
    import io

    import pyarrow as pa
    from pyarrow import csv

    buffer = io.BytesIO()
    csv.write_csv(pa.table(dict(table)), buffer, csv.WriteOptions(include_header=False))
    rows = buffer.getvalue()
    if separator != ",":
        rows = rows.replace(b",", separator.encode())
    with path.open("wb") as file:
        if header:
            file.write(separator.join(table).encode() + b"\n")
        file.write(rows)
