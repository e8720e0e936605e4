"""What OpenFace would have written of a simulated face: any of its versions and groups, with both styles of header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.simulation.signals.face import N_POINTS, FloatArray
from smfl.simulation.signals.motion import FaceMotion
from smfl.simulation.signals.trackers import write_numbers

FOCAL_PX, CENTRE_PX = 500.0, (320.0, 240.0)
EYE_POINTS, SHAPE_MODES = 56, 34
INTENSITIES = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)
PRESENCES = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 28, 45)
GROUPS = ("gaze", "gaze-angle", "eyes", "pose", "2d", "3d", "shape", "aus")
VARIANTS: Mapping[str, tuple[str, ...]] = {
    "all": GROUPS,  # OpenFace 2, everything: 714 columns
    "first": ("gaze", "pose", "2d", "3d", "shape", "aus"),  # OpenFace 1.0: 431, no face_id, angles or eyes
    "short": ("pose", "gaze", "gaze-angle", "aus"),  # as in E-DAIC: 53, pose before gaze, no face_id
    "points": ("gaze", "gaze-angle", "pose", "3d", "aus"),
    "picture": ("gaze", "gaze-angle", "pose", "2d", "aus"),
}

Columns = dict[str, npt.NDArray[np.generic]]


def openface_table(rng: np.random.Generator, face: FaceMotion, variant: str = "points") -> Columns:
    """OpenFace's columns of a face, in order; where the face was lost, zeros, or stale values of the frame before.

    Example:
        >>> from smfl.simulation.study import Study
        >>> from smfl.simulation.session import draw_session
        >>> face = draw_session(Study(minutes=0.25), 0).face(10.0)
        >>> [len(openface_table(np.random.default_rng(0), face, name)) for name in ("all", "first", "short")]
        [714, 431, 53]
    """
    n, groups = len(face.times), VARIANTS[variant]
    parts: list[tuple[list[str], FloatArray, int]] = []
    points = np.nan_to_num(face.landmarks)
    depth = np.maximum(points[:, :, 2:], 1.0)
    pixels = points[:, :, :2] / depth * FOCAL_PX + np.array(CENTRE_PX)
    angles = np.arctan2(face.gaze[:, :, :2].mean(axis=1), -face.gaze[:, :, 2].mean(axis=1)[:, None])
    made = {
        "gaze": ([f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz"], face.gaze.reshape(n, -1), 6),
        "gaze-angle": (["gaze_angle_x", "gaze_angle_y"], angles, 3),
        "eyes": (
            [f"eye_lmk_{axis}_{k}" for axis in "xyXYZ" for k in range(EYE_POINTS)],
            np.zeros((n, 5 * EYE_POINTS)),
            1,
        ),
        "pose": (
            [f"pose_{name}" for name in ("Tx", "Ty", "Tz", "Rx", "Ry", "Rz")],
            np.concatenate([face.translation, face.angles], axis=1),
            3,
        ),
        "2d": ([f"{axis}_{k}" for axis in "xy" for k in range(N_POINTS)], pixels.transpose(0, 2, 1).reshape(n, -1), 1),
        "3d": ([f"{axis}_{k}" for axis in "XYZ" for k in range(N_POINTS)], points.transpose(0, 2, 1).reshape(n, -1), 1),
        "shape": (
            ["p_scale", "p_rx", "p_ry", "p_rz", "p_tx", "p_ty", *(f"p_{k}" for k in range(SHAPE_MODES))],
            np.zeros((n, 6 + SHAPE_MODES)),
            3,
        ),
        "aus": (
            [*(f"AU{k:02d}_r" for k in INTENSITIES), *(f"AU{k:02d}_c" for k in PRESENCES)],
            _action_units(rng, face),
            2,
        ),
    }
    parts = [made[group] for group in groups]
    shared: Columns = {"frame": np.arange(1, n + 1)}
    if variant not in ("first", "short"):
        shared["face_id"] = np.zeros(n, dtype=np.int64)
    shared |= {
        "timestamp": np.round(face.times, 3),
        "confidence": np.round(face.confidence, 2),
        "success": face.success.astype(np.int64),
    }
    for names, values, digits in parts:
        filled = np.round(np.nan_to_num(np.where(face.success[:, None], values, 0.0)), digits) + 0.0
        shared |= {name: filled[:, i] for i, name in enumerate(names)}
    return shared


def _action_units(rng: np.random.Generator, face: FaceMotion) -> FloatArray:
    n = len(face.times)
    active = {
        "AU01_r": 0.6 * face.brow_raise,
        "AU06_r": 0.6 * face.smile,
        "AU12_r": face.smile,
        "AU25_r": 0.3 * face.mouth_open,
        "AU45_r": 5 * face.blink,
        "AU12_c": face.smile > 1,
        "AU45_c": face.blink > 0.5,
    }
    columns = []
    for name in (*(f"AU{k:02d}_r" for k in INTENSITIES), *(f"AU{k:02d}_c" for k in PRESENCES)):
        base = np.asarray(active.get(name, np.zeros(n)), dtype=np.float64)
        noisy = np.clip(base + rng.normal(-0.05, 0.15, n), 0, 5) if name.endswith("_r") else base
        columns.append(noisy)
    return np.stack(columns, axis=1)


def cut(table: Columns, start: float, stop: float) -> Columns:
    """The frames of a stretch, as OpenFace would have written a file of it alone: frames from 1, times from 0."""
    times = np.asarray(table["timestamp"], dtype=np.float64)
    inside = slice(int(np.searchsorted(times, start)), int(np.searchsorted(times, stop)))
    piece = {name: values[inside] for name, values in table.items()}
    count = inside.stop - inside.start
    return piece | {"frame": np.arange(1, count + 1), "timestamp": np.round(times[inside] - times[inside.start], 3)}


def write_openface(path: Path, table: Columns, *, separator: str = ",") -> None:
    """Write a table; ``", "`` is how builds up to 2.1 and those for Windows separate cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_numbers(path, table, header=True, separator=separator)


def rewrite(path: Path, change: Iterable[tuple[int, str]]) -> None:
    """Replace lines of a text file by number, from 0."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in change:
        lines[number] = line
    path.write_text("\n".join(lines), encoding="utf-8")
