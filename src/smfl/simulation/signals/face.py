"""A face: 68 points in three dimensions that smiles, speaks, blinks and turns.

Axes are OpenFace's, in mm: x to the right of the picture, y *down*, z away from the camera; the numbering is iBUG's
(0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67 mouth). The generic face is drawn here from curves; a person's
shape scales and bends it. In head coordinates the origin lies between the eyes' height and the nose, and

    X = R S + T,    R = Rx Ry Rz,    S = person's shape + expression · deformations
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

N_POINTS = 68
JAW, BROWS, EYES = slice(0, 17), slice(17, 27), slice(36, 48)
UPPER_LIDS, LOWER_LIDS = (37, 38, 43, 44), (41, 40, 47, 46)
MOUTH_CORNERS, LOWER_LIP, LOWER_JAW = (48, 54, 60, 64), (55, 56, 57, 58, 59, 65, 66, 67), tuple(range(4, 13))
EXPRESSIONS = ("smile", "mouth_open", "brow_raise", "blink")
"""Units: AU 12 intensity (0 to 5), mm, mm, share of the eye that is closed (0 to 1)."""


def _mirror(right: FloatArray) -> FloatArray:
    """The other half of a symmetric row of points, outermost last."""
    return np.asarray(right[::-1] * np.array([-1.0, 1.0, 1.0]), dtype=np.float64)


def generic_face() -> FloatArray:
    """An average adult's face at rest, mm, [68, 3].

    Example:
        >>> face = generic_face()
        >>> width = face[16, 0] - face[0, 0]
        >>> float(width), bool(face[30, 2] < face[27, 2] < face[0, 2]), bool(face[8, 1] > face[57, 1] > face[36, 1])
        (140.0, True, True)
    """
    face = np.zeros((N_POINTS, 3))
    turn = np.linspace(-np.pi / 2, np.pi / 2, 17)
    face[JAW, 0] = 70 * np.sign(turn) * np.abs(np.sin(turn)) ** 0.9
    face[JAW, 1] = -8 + 94 * np.cos(turn) ** 0.75
    face[JAW, 2] = 72 - 68 * np.cos(turn) ** 0.8
    brow = np.array([[-62, -20, 26], [-53, -29, 13], [-41, -32, 4], [-28, -30, -1], [-16, -25, -3]], dtype=np.float64)
    face[17:22], face[22:27] = brow, _mirror(brow)
    face[27:31] = np.array([[0, -6, -4], [0, 6, -10], [0, 18, -17], [0, 30, -24]])
    nostril = np.array([[-14, 38, -5], [-7, 41, -9], [0, 43, -11]], dtype=np.float64)
    face[31:34], face[34:36] = nostril, _mirror(nostril[:2])
    eye = np.array(
        [[-46, -3, 18], [-38, -8.5, 11], [-28, -8.5, 9], [-18, -1, 12], [-28, 2.5, 10], [-38, 2.5, 12]],
        dtype=np.float64,
    )
    face[36:42] = eye
    face[42:48] = (eye * np.array([-1.0, 1.0, 1.0]))[[3, 2, 1, 0, 5, 4]]
    lip = np.array([[-26, 60, 8], [-15, 55, -1], [-5, 53, -6]], dtype=np.float64)
    face[48:51], face[51], face[52:55] = lip, np.array([0, 54, -7]), _mirror(lip)
    under = np.array([[15, 66, 1], [6, 69, -4]], dtype=np.float64)
    face[55:57], face[57], face[58:60] = under, np.array([0, 70, -5]), _mirror(under)
    face[60:65] = np.array([[-23, 60, 7], [-8, 59, -3], [0, 59.5, -4], [8, 59, -3], [23, 60, 7]])
    face[65:68] = np.array([[8, 61, -3], [0, 61.5, -4], [-8, 61, -3]])
    return face


def deformations() -> FloatArray:
    """What a unit of each of `EXPRESSIONS` moves, mm, [4, 68, 3].

    A smile draws the corners out, up and back and lifts the lower lids; an open mouth lowers lip and jaw.
    """
    move = np.zeros((len(EXPRESSIONS), N_POINTS, 3))
    smile, mouth_open, brow_raise, blink = move
    side = np.stack([np.sign(generic_face()[:, 0]), np.ones(N_POINTS), np.ones(N_POINTS)], axis=1)
    for point in MOUTH_CORNERS:
        smile[point] = side[point] * [1.7, -1.6, 1.0]
    for point in (49, 53, 55, 59, 61, 63, 65, 67):
        smile[point] = side[point] * [0.8, -0.6, 0.4]
    for point in LOWER_LIDS:
        smile[point, 1] = -0.35
    for point in LOWER_LIP:
        mouth_open[point, 1] = 0.85
    mouth_open[50:53, 1] = mouth_open[61:64, 1] = -0.15
    distance = np.abs(np.array(LOWER_JAW) - 8)
    mouth_open[list(LOWER_JAW), 1] = 0.75 * (1 - distance / 6)
    brow_raise[BROWS, 1] = -1.0
    rest = generic_face()
    blink[list(UPPER_LIDS), 1] = 0.95 * (rest[list(LOWER_LIDS), 1] - rest[list(UPPER_LIDS), 1])
    return move


def draw_shape(rng: np.random.Generator) -> FloatArray:
    """A person's face at rest, mm, [68, 3]: size, length, depth, features and a little asymmetry of their own."""
    face = generic_face()
    size = 1 + 0.04 * rng.standard_normal()
    face = face * size * (1 + 0.04 * rng.standard_normal(3))
    mouth, eyes, brows, nose = (slice(48, 68), EYES, BROWS, slice(27, 36))
    face[mouth, 0] *= 1 + 0.07 * rng.standard_normal()
    face[mouth, 1] += 2.0 * rng.standard_normal()
    face[eyes, 0] *= 1 + 0.03 * rng.standard_normal()
    face[brows, 1] += 2.0 * rng.standard_normal()
    face[nose, 1] *= 1 + 0.06 * rng.standard_normal()
    for corner in (48, 54):
        face[corner, 1] += 1.0 * rng.standard_normal()
    return np.asarray(face + 0.7 * rng.standard_normal(face.shape), dtype=np.float64)


def rotations(angles: FloatArray) -> FloatArray:
    """R = Rx Ry Rz of angles [n, 3] in rad, [n, 3, 3]. A positive first angle looks down.

    Example:
        >>> forward = rotations(np.array([[0.3, 0.0, 0.0]]))[0] @ [0, 0, -1]
        >>> bool(forward[1] > 0)
        True
    """
    c, s = np.cos(angles), np.sin(angles)
    one, zero = np.ones(len(angles)), np.zeros(len(angles))

    def stack(*rows: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
        return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)

    rx = stack((one, zero, zero), (zero, c[:, 0], -s[:, 0]), (zero, s[:, 0], c[:, 0]))
    ry = stack((c[:, 1], zero, s[:, 1]), (zero, one, zero), (-s[:, 1], zero, c[:, 1]))
    rz = stack((c[:, 2], -s[:, 2], zero), (s[:, 2], c[:, 2], zero), (zero, zero, one))
    return np.asarray(rx @ ry @ rz, dtype=np.float64)


def render(shape: FloatArray, expression: FloatArray, translation: FloatArray, angles: FloatArray) -> FloatArray:
    """Landmarks in camera coordinates.

    Args:
        shape: the person at rest, mm, [68, 3].
        expression: `EXPRESSIONS` over time, [n, 4].
        translation: T, mm, [n, 3].
        angles: Rx, Ry, Rz, rad, [n, 3].

    Returns:
        mm, [n, 68, 3].
    """
    moved = shape + np.tensordot(expression, deformations(), axes=1)
    return np.asarray(moved @ rotations(angles).transpose(0, 2, 1) + translation[:, None, :], dtype=np.float64)
