"""The face as OpenFace measured it, in the columns that the mesh gives too (`smfl.features.face.columns`).

Baltrušaitis, T., et al. (2018). OpenFace 2.0: facial behavior analysis toolkit. FG.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from smfl.features.face import gaze, landmarks, pose
from smfl.features.face.columns import AXES, BLOCK, COLUMNS, frame_values
from smfl.interview import FeatureError, FloatArray, Signal

OPENFACE_LANDMARKS = tuple(f"{axis}_{i}" for i in range(landmarks.LANDMARKS) for axis in ("X", "Y", "Z"))
OPENFACE_GAZE = tuple(f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in AXES)
OPENFACE_SUCCESS = "success"


def from_openface(signal: Signal) -> Signal:
    """The same columns from what OpenFace measured.

    Read are the landmarks ``X_0`` … ``Z_67`` (mm), ``pose_Rx`` … ``pose_Rz`` (rad), and ``gaze_angle_x``,
    ``gaze_angle_y`` (rad) or, where those aren't there, the gaze vectors ``gaze_0_x`` … ``gaze_1_z``. A group that
    isn't there is ``nan``; a missing pose is computed from the landmarks. Landmarks are turned to the front by the same
    fit as the mesh's: one code path for both sources. Rows with ``success`` 0 are ``nan``.

    Args:
        signal: columns in OpenFace's naming, at frame level.

    Returns:
        ``video``, columns `COLUMNS`, float32, with the same time stamps.

    Raises:
        FeatureError: where the signal has no time stamps, or none of these groups.
    """
    if signal.times is None or signal.rate_hz is None:
        raise FeatureError(f"{signal.name}: OpenFace's rows need time stamps; the column 'timestamp' has them")
    groups = (OPENFACE_LANDMARKS, pose.ANGLES, gaze.ANGLES, OPENFACE_GAZE)
    if not any(set(group) <= set(signal.columns) for group in groups):
        raise FeatureError(
            f"{signal.name}: none of OpenFace's landmarks (X_0 … Z_67), head pose (pose_Rx …) or gaze (gaze_0_x …) "
            f"is among its columns: {', '.join(signal.columns[:6])}, …; names are case-sensitive"
        )
    values = np.empty((len(signal), len(COLUMNS)), dtype=np.float32)
    for start in range(0, len(signal), BLOCK):  # speeds need the frame before a block
        begin, stop = max(start - 1, 0), start + BLOCK
        block = replace(signal, values=signal.values[begin:stop], times=signal.times[begin:stop])
        values[start:stop] = _of_openface(block)[start - begin :]
    return Signal("video", COLUMNS, values, signal.times, signal.rate_hz)


def _of_openface(signal: Signal) -> FloatArray:
    """All of `COLUMNS` of a block of OpenFace's rows."""
    points, angles = _group(signal, OPENFACE_LANDMARKS), _group(signal, pose.ANGLES)
    gaze_angles, vectors = _group(signal, gaze.ANGLES), _group(signal, OPENFACE_GAZE)
    rows = len(signal)
    faces = np.full((rows, landmarks.LANDMARKS, 3), np.nan) if points is None else points.reshape(rows, -1, 3)
    fitted = pose.fit(faces)
    if gaze_angles is None:
        both = np.full((rows, 3), np.nan) if vectors is None else vectors.reshape(rows, 2, 3).mean(axis=1)
        gaze_angles = gaze.angles(both)
    clock = np.empty(0) if signal.times is None else signal.times
    return frame_values(faces, fitted, pose.angles(fitted) if angles is None else angles, gaze_angles, clock)


def has_landmarks(signal: Signal) -> bool:
    """Whether what OpenFace measured holds its 68 landmarks in 3-D."""
    return set(OPENFACE_LANDMARKS) <= set(signal.columns) and bool(
        np.isfinite(signal.select(OPENFACE_LANDMARKS).values).any()
    )


def _group(signal: Signal, columns: tuple[str, ...]) -> FloatArray | None:
    """These columns as float64, with failed rows ``nan``; None where one of them isn't there."""
    if not set(columns) <= set(signal.columns):
        return None
    values = signal.select(columns).values.astype(np.float64)
    values[failed_rows(signal)] = np.nan
    return values


def failed_rows(signal: Signal) -> npt.NDArray[np.bool_]:
    """Rows that OpenFace itself calls failed: their values are zero or those of an earlier frame (OpenFace#425)."""
    if OPENFACE_SUCCESS not in signal.columns:
        return np.zeros(len(signal), dtype=bool)
    return np.asarray(signal.select((OPENFACE_SUCCESS,)).values[:, 0] == 0)
