"""The columns of ``video``, which the face mesh and OpenFace's output both give, and how they follow from landmarks.

Landmarks are normalised per frame (method §1: translation, scale, rotation by head pose), so that neither the camera's
distance nor where the head turns is in them.
"""

from __future__ import annotations

import numpy as np

from smfl.features.face import gaze, landmarks, pose, proxies
from smfl.interview import FloatArray

AXES = ("x", "y", "z")

LANDMARK_COLUMNS = tuple(f"landmark_{i}_{axis}" for i in range(landmarks.LANDMARKS) for axis in AXES)
"""The 68 landmarks of the frontal face, eye distances; x rightwards in the picture, y down, z away from the camera."""

COLUMNS: tuple[str, ...] = (*LANDMARK_COLUMNS, *pose.ANGLES, *gaze.ANGLES, *proxies.MOVEMENTS)
"""Every column of ``video``: landmarks (eye distances), head pose (rad), gaze (rad), movements (see `proxies`)."""

SPEEDS = tuple(i for i, name in enumerate(COLUMNS) if name.endswith("_speed"))
"""Where the columns are that compare a frame with the one before."""

BLOCK = 1024
"""So many frames at a time become rows: memory holds the meshes of these, and rows of all."""


def frame_values(
    points: FloatArray, rotations: FloatArray, angles: FloatArray, gaze_angles: FloatArray, times: FloatArray
) -> FloatArray:
    """All of `COLUMNS`, [T, columns], from landmarks as seen by the camera [T, 68, 3]: the one path of both sources."""
    faces = pose.frontal(points, rotations)
    movements = proxies.movements(faces, pose.rotation(angles), times)
    return np.concatenate(
        [faces.reshape(len(faces), -1), angles, gaze_angles, movements], axis=1, dtype=np.float32, casting="same_kind"
    )
