"""The face in each picture of a video: landmarks, head pose, gaze, movements.

There are two sources and one set of columns. `extract` measures a video with the face mesh; `from_openface` reads what
OpenFace measured. Landmarks are normalised per frame (method §1: translation, scale, rotation by head pose), so that
neither the camera's distance nor where the head turns is in them. A frame whose face was lost keeps its time stamp;
its row is ``nan``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.features import gaze, landmarks, pose, proxies, recording
from smfl.features.mesh import MeshTracker
from smfl.interview import FeatureError, FloatArray, RecordingError, Signal

AXES = ("x", "y", "z")

LANDMARK_COLUMNS = tuple(f"landmark_{i}_{axis}" for i in range(landmarks.LANDMARKS) for axis in AXES)
"""The 68 landmarks of the frontal face, eye distances; x rightwards in the picture, y down, z away from the camera."""

COLUMNS: tuple[str, ...] = (*LANDMARK_COLUMNS, *pose.ANGLES, *gaze.ANGLES, *proxies.MOVEMENTS)
"""Every column of ``video``: landmarks (eye distances), head pose (rad), gaze (rad), movements (see `proxies`)."""

EXTRACTOR = "face-common"
"""The name of these columns in a feature schema."""

ACTION_UNIT = re.compile(r"AU\d{2}_[rc]")

OPENFACE_LANDMARKS = tuple(f"{axis}_{i}" for i in range(landmarks.LANDMARKS) for axis in ("X", "Y", "Z"))
OPENFACE_GAZE = tuple(f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in AXES)
OPENFACE_SUCCESS = "success"

Progress = Callable[[float], None]
"""Told how many seconds of the recording are done."""


def extract(path: Path | str, *, rate_hz: float | None = None, progress: Progress | None = None) -> Signal:
    """Measure the face in every picture of a video, with the face mesh.

    Args:
        path: a video file.
        rate_hz: measure at most this many pictures a second; None: all.
        progress: called with the seconds done, picture by picture.

    Returns:
        ``video``, columns `COLUMNS`, float32; its rate is the median of what the time stamps say.

    Raises:
        RecordingError: where the file can't be read or has no video, or holds a single picture.
        MissingExtraError: where PyAV or mediapipe isn't installed.
    """
    times: list[float] = []
    faces: list[FloatArray] = []
    eyes: list[FloatArray] = []
    with MeshTracker() as track:
        for time, picture in recording.frames(path, rate_hz):
            mesh = track(picture)
            if mesh is None:
                mesh = np.full((landmarks.MESH_POINTS, len(AXES)), np.nan)
            times.append(time)
            faces.append(landmarks.from_mesh(mesh).astype(np.float32))
            eyes.append(mesh[np.array(gaze.MESH_EYES)].astype(np.float32))
            if progress is not None:
                progress(time)
    if len(times) < 2:
        raise RecordingError(f"{path}: holds a single picture; a face is followed through a video")
    points, clock = np.stack(faces), np.array(times)
    rotations = pose.fit(points)
    values = _values(points, rotations, pose.angles(rotations), gaze.from_eyes(np.stack(eyes), rotations), clock)
    steps = np.diff(clock)
    return Signal("video", COLUMNS, values, clock, round(float(1.0 / np.median(steps[steps > 0])), 3))


def from_openface(signal: Signal) -> Signal:
    """The same columns from what OpenFace measured.

    Read are the landmarks ``X_0`` … ``Z_67`` (mm), ``pose_Rx`` … ``pose_Rz`` (rad), and ``gaze_angle_x``,
    ``gaze_angle_y`` (rad) or, where those aren't there, the gaze vectors ``gaze_0_x`` … ``gaze_1_z``. A group that
    isn't there is ``nan``; the pose can be had from the landmarks. Landmarks are turned to the front by the same fit as
    the mesh's: one code path for both sources. Rows with ``success`` 0 are ``nan``.

    Args:
        signal: columns in OpenFace's naming, at frame level.

    Returns:
        ``video``, columns `COLUMNS`, float32, with the same time stamps.

    Raises:
        FeatureError: where the signal has no time stamps, or none of these groups.
    """
    if signal.times is None or signal.rate_hz is None:
        raise FeatureError(f"{signal.name}: OpenFace's rows need time stamps; the column 'timestamp' has them")
    points, angles = _group(signal, OPENFACE_LANDMARKS), _group(signal, pose.ANGLES)
    gaze_angles, vectors = _group(signal, gaze.ANGLES), _group(signal, OPENFACE_GAZE)
    if points is None and angles is None and gaze_angles is None and vectors is None:
        raise FeatureError(
            f"{signal.name}: none of OpenFace's landmarks (X_0 … Z_67), head pose (pose_Rx …) or gaze (gaze_0_x …) "
            f"is among its columns: {', '.join(signal.columns[:6])}, …; names are case-sensitive"
        )
    rows = len(signal)
    faces = np.full((rows, landmarks.LANDMARKS, 3), np.nan) if points is None else points.reshape(rows, -1, 3)
    fitted = pose.fit(faces)
    if gaze_angles is None:
        both = np.full((rows, 3), np.nan) if vectors is None else vectors.reshape(rows, 2, 3).mean(axis=1)
        gaze_angles = gaze.angles(both)
    values = _values(faces, fitted, pose.angles(fitted) if angles is None else angles, gaze_angles, signal.times)
    return Signal("video", COLUMNS, values, signal.times, signal.rate_hz)


def action_units(signal: Signal) -> Signal:
    """The action units of what OpenFace measured: intensities ``AU01_r`` … (0 to 5), presences ``AU01_c`` … (0 or 1).

    Which there are depends on OpenFace's version; they are found by name.

    Raises:
        FeatureError: where there is none.

    Example:
        >>> wide = Signal("openface", ("confidence", "AU12_r"), np.ones((2, 2), "f4"), np.arange(2.0), 30.0)
        >>> action_units(wide).columns
        ('AU12_r',)
    """
    found = tuple(name for name in signal.columns if ACTION_UNIT.fullmatch(name))
    if not found:
        raise FeatureError(f"{signal.name}: no action unit (AU01_r, AU12_c, …) among its {len(signal.columns)} columns")
    units = signal.select(found)
    values = np.where(_failed(signal)[:, None], np.nan, units.values).astype(np.float32)
    return Signal("video", found, values, signal.times, signal.rate_hz)


def _values(
    points: FloatArray, rotations: FloatArray, angles: FloatArray, gaze_angles: FloatArray, times: FloatArray
) -> FloatArray:
    """All of `COLUMNS`, [T, columns], from landmarks as seen by the camera [T, 68, 3]: the one path of both sources."""
    faces = pose.frontal(points, rotations)
    movements = proxies.movements(faces, pose.rotation(angles), times)
    return np.concatenate(
        [faces.reshape(len(faces), -1), angles, gaze_angles, movements], axis=1, dtype=np.float32, casting="same_kind"
    )


def _group(signal: Signal, columns: tuple[str, ...]) -> FloatArray | None:
    """These columns as float64, with failed rows ``nan``; None where one of them isn't there."""
    if not set(columns) <= set(signal.columns):
        return None
    values = signal.select(columns).values.astype(np.float64)
    values[_failed(signal)] = np.nan
    return values


def _failed(signal: Signal) -> npt.NDArray[np.bool_]:
    """Rows that OpenFace itself calls failed: their values are zero or those of an earlier frame (OpenFace#425)."""
    if OPENFACE_SUCCESS not in signal.columns:
        return np.zeros(len(signal), dtype=bool)
    return np.asarray(signal.select((OPENFACE_SUCCESS,)).values[:, 0] == 0)
