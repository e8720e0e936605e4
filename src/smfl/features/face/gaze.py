"""Where the eyes look: from a tool's gaze vectors, or from where the iris sits between the corners of the eye.

Angles are OpenFace's: of the mean gaze vector in the camera frame (x right, y down, z away from the camera),
gaze_angle_x = atan2(x, -z) and gaze_angle_y = atan2(y, -z). Looking into the camera is about (0, 0); x grows towards
the right of the picture, y downwards.
"""

from __future__ import annotations

import numpy as np

from smfl.features.face.landmarks import MESH_LEFT_IRIS, MESH_RIGHT_IRIS
from smfl.interview import FloatArray

ANGLES = ("gaze_angle_x", "gaze_angle_y")

MESH_EYES = ((33, 133, MESH_RIGHT_IRIS), (263, 362, MESH_LEFT_IRIS))
"""Outer corner, inner corner and centre of the iris among the mesh's points: right eye, left eye."""

EYEBALL_RADIUS_MM = 12.0
EYE_WIDTH_MM = 30.0
RADIUS_IN_EYE_WIDTHS = EYEBALL_RADIUS_MM / EYE_WIDTH_MM
"""An adult's eyeball and eye (corner to corner) are this size within a millimetre or two, whoever it is."""

GREATEST_SINE = 0.95
"""The iris never turns farther than this from the axis of the head (72 degrees): beyond it is a slip of the mesh."""


def angles(vectors: FloatArray) -> FloatArray:
    """OpenFace's gaze angles of gaze vectors in the camera frame.

    Args:
        vectors: [T, 3], any length above 0.

    Returns:
        gaze_angle_x, gaze_angle_y, rad, [T, 2].

    Example:
        >>> angles(np.array([[0.0, 0.0, -1.0], [1.0, 0.0, -1.0]])).round(3).tolist()
        [[0.0, 0.0], [0.785, 0.0]]
    """
    forward = -vectors[:, 2]
    return np.stack([np.arctan2(vectors[:, 0], forward), np.arctan2(vectors[:, 1], forward)], axis=-1) + 0.0


def from_eyes(eyes: FloatArray, rotations: FloatArray) -> FloatArray:
    """Gaze angles of eyes with irises: a proxy, right to some degrees, for it takes every eyeball to be alike.

    In the head's own frame the iris's offset from the middle between the corners of the eye, over the radius
    of the eyeball, is the sine of the eye's turn. Both eyes' directions are averaged and turned by the head's pose.

    Args:
        eyes: [T, 2, 3, 3]: right and left eye; `MESH_EYES` says which points; x, y, z in any unit; ``nan`` where lost.
        rotations: head pose, [T, 3, 3].

    Returns:
        gaze_angle_x, gaze_angle_y, rad, [T, 2].
    """
    outer, inner, iris = np.moveaxis(np.einsum("tepi,tij->tepj", eyes, rotations), 2, 0)
    width = np.linalg.norm(outer - inner, axis=-1, keepdims=True)
    offset = (iris - (outer + inner) / 2)[..., :2]
    sine = offset / (RADIUS_IN_EYE_WIDTHS * np.where(width > 0, width, np.nan))
    length = np.linalg.norm(sine, axis=-1, keepdims=True)
    sine *= GREATEST_SINE / np.maximum(length, GREATEST_SINE)
    forward = -np.sqrt(1.0 - (sine**2).sum(axis=-1, keepdims=True))
    directions = np.concatenate([sine, forward], axis=-1).mean(axis=1)
    return angles(np.einsum("tij,tj->ti", rotations, directions))
