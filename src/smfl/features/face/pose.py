"""Head pose, and faces turned to the front: the movement of the head and that of the face, separated (method §1).

Axes are OpenFace's camera frame: x to the right of the picture, y down, z away from the camera; right-handed. Angles
are OpenFace's too: R = Rx · Ry · Rz, and a point of the frontal face is seen at R · point. So a positive pose_Rx looks
down, a positive pose_Ry turns to the left of the picture (the person's right), a positive pose_Rz tilts clockwise as
the picture shows it. Axes and order were checked against a file that OpenFace wrote.
"""

from __future__ import annotations

import numpy as np

from smfl.interview import FloatArray

ANGLES = ("pose_Rx", "pose_Ry", "pose_Rz")

STEADY: dict[int, tuple[float, float, float]] = {
    27: (0.000, -0.305, 0.025),
    28: (0.000, -0.144, -0.101),
    29: (0.000, -0.074, -0.173),
    30: (0.000, 0.100, -0.286),
    31: (-0.153, 0.237, -0.060),
    32: (-0.092, 0.274, -0.088),
    33: (0.000, 0.276, -0.107),
    34: (0.092, 0.274, -0.088),
    35: (0.153, 0.237, -0.060),
    36: (-0.500, -0.226, 0.266),
    39: (-0.209, -0.212, 0.203),
    42: (0.209, -0.212, 0.203),
    45: (0.500, -0.226, 0.266),
}
"""The steady points of a frontal mean face, in eye distances (outer corner to outer corner), from their centre: nose
and corners of the eyes, which speech and mimicry hardly move.

How it was made: the mesh's landmarks of eight recorded people, each turned to the others by the least squares fit
below, averaged, made symmetric, and turned about x as OpenFace's own frontal face stands. On a file of OpenFace
the angles fitted to its landmarks then agree with its own to 0.2 degrees.
"""

_POINTS = list(STEADY)
_REFERENCE = np.array(list(STEADY.values())) - np.mean(list(STEADY.values()), axis=0)
_REFERENCE_SIZE = float(np.sqrt((_REFERENCE**2).sum()))


def rotation(angles: FloatArray) -> FloatArray:
    """Rotation matrices of OpenFace's angles.

    Args:
        angles: pose_Rx, pose_Ry, pose_Rz, rad, [T, 3].

    Returns:
        [T, 3, 3].

    Example:
        >>> looking_down = rotation(np.array([[0.5, 0.0, 0.0]]))[0]
        >>> front = looking_down @ np.array([0.0, 0.0, -1.0])
        >>> bool(front[1] > 0)
        True
    """
    cx, cy, cz = np.moveaxis(np.cos(angles), -1, 0)
    sx, sy, sz = np.moveaxis(np.sin(angles), -1, 0)
    rows = (
        (cy * cz, -cy * sz, sy),
        (cx * sz + sx * sy * cz, cx * cz - sx * sy * sz, -sx * cy),
        (sx * sz - cx * sy * cz, sx * cz + cx * sy * sz, cx * cy),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def angles(rotations: FloatArray) -> FloatArray:
    """OpenFace's angles of rotation matrices, rad: the inverse of `rotation` for |pose_Ry| < π/2.

    Args:
        rotations: [T, 3, 3].

    Returns:
        pose_Rx, pose_Ry, pose_Rz, [T, 3].

    Example:
        >>> angles(rotation(np.array([[0.3, -0.2, 0.1]]))).round(6).tolist()
        [[0.3, -0.2, 0.1]]
    """
    r = rotations
    return np.stack(
        [
            np.arctan2(-r[:, 1, 2], r[:, 2, 2]),
            np.arcsin(np.clip(r[:, 0, 2], -1.0, 1.0)),
            np.arctan2(-r[:, 0, 1], r[:, 0, 0]),
        ],
        axis=-1,
    )


def fit(landmarks: FloatArray) -> FloatArray:
    """The rotation that takes the frontal mean face nearest to each face, by least squares over the steady points.

    Kabsch, W. (1976). A solution for the best rotation to relate two sets of vectors. Acta Crystallographica A32.

    Args:
        landmarks: [T, 68, 3], any unit; ``nan`` where the face is lost.

    Returns:
        [T, 3, 3]; ``nan`` where the face is lost.
    """
    steady = np.asarray(landmarks[:, _POINTS], dtype=np.float64)
    seen = np.isfinite(steady).all(axis=(1, 2))
    result = np.full((len(landmarks), 3, 3), np.nan)
    centred = steady[seen] - steady[seen].mean(axis=1, keepdims=True)
    u, _, vt = np.linalg.svd(np.einsum("tni,nj->tij", centred, _REFERENCE))
    u[:, :, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]  # a rotation, never a mirror image
    result[seen] = u @ vt
    return result


def frontal(landmarks: FloatArray, rotations: FloatArray) -> FloatArray:
    """Faces without the effect of camera and head pose: centred, scaled and turned to the front, frame by frame.

    The centre is that of the steady points. The scale brings their size (root of the summed squared distances from
    the centre) to that of the mean face, whose eye distance is 1: steadier than the eye distance of a single frame, and
    the person's own proportions remain.

    Args:
        landmarks: [T, 68, 3], any unit.
        rotations: of `fit`, [T, 3, 3].

    Returns:
        [T, 68, 3], in eye distances; ``nan`` where the face is lost.
    """
    steady = landmarks[:, _POINTS]
    centre = steady.mean(axis=1, keepdims=True)
    size = np.sqrt(((steady - centre) ** 2).sum(axis=(1, 2), keepdims=True))
    scale = _REFERENCE_SIZE / np.where(size > 0, size, np.nan)
    turned: FloatArray = np.einsum("tni,tij->tnj", (landmarks - centre) * scale, rotations)
    return turned
