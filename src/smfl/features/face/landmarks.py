"""The 68 facial landmarks (iBUG 300-W, as dlib and OpenFace number them), and where the 478-point mesh has them.

Right and left are the person's own: the right eye is on the left side of the picture.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from smfl.interview import FloatArray

JAW = tuple(range(17))
RIGHT_BROW = tuple(range(17, 22))
LEFT_BROW = tuple(range(22, 27))
NOSE = tuple(range(27, 36))
RIGHT_EYE = tuple(range(36, 42))
LEFT_EYE = tuple(range(42, 48))
OUTER_LIP = tuple(range(48, 60))
INNER_LIP = tuple(range(60, 68))
LANDMARKS = len(JAW + RIGHT_BROW + LEFT_BROW + NOSE + RIGHT_EYE + LEFT_EYE + OUTER_LIP + INNER_LIP)

RIGHT_EYE_OUTER, RIGHT_EYE_INNER, LEFT_EYE_INNER, LEFT_EYE_OUTER = 36, 39, 42, 45
MOUTH_RIGHT, MOUTH_LEFT = 48, 54

MESH_POINTS = 478
"""Points of the mesh: 468 of the face, then five of each iris."""

MESH_RIGHT_IRIS, MESH_LEFT_IRIS = 468, 473
"""The centre of each iris among the mesh's points."""

_MESH_TO_68 = (
    "127 234 93 215 138 136 149 176 152 400 378 365 367 435 323 454 356 "  # jaw, right ear to left
    "70 63 105 66 55 "  # right brow, outer end first
    "285 296 334 293 300 "  # left brow, inner end first
    "168 197 195 4 "  # bridge of the nose, downwards
    "75 97 2 326 305 "  # base of the nose, right to left
    "33 159 158 155 153 144 "  # right eye, outer corner first, over the upper lid
    "382 385 386 263 373 380 "  # left eye, inner corner first, over the upper lid
    "61 39 37 0 267 269 291 404 314 17 84 180 "  # outer lip, right corner first, over the upper lip
    "78 82 13 312 308 317 14 87 "  # inner lip, likewise
)
MESH_TO_68 = tuple(int(point) for point in _MESH_TO_68.split())
"""The mesh point of each of the 68 landmarks.

How it was made: both detectors (mediapipe 0.10.14's mesh; dlib's 68-point predictor) ran over the same 563 pictures of
eight people, six of them from the GRID corpus. Each mesh point was paired with its mirror image on the other half of
the face; then each mirrored pair of landmarks was given the mirrored pair of mesh points with the least mean squared
distance, faces levelled and scaled by the eye distance (outer corners), people weighing the same. Landmarks on the
midline took points on the midline. For a person left out of the fit, the median distance to dlib is 2.5 to 3.4 % of
the eye distance, greatest at the jaw and the brows, where dlib itself wavers.
"""


def from_mesh(mesh: FloatArray) -> FloatArray:
    """The 68 landmarks of a mesh.

    Args:
        mesh: [..., 478, 3].

    Returns:
        [..., 68, 3].

    Example:
        >>> from_mesh(np.zeros((5, MESH_POINTS, 3))).shape
        (5, 68, 3)
    """
    index: npt.NDArray[np.intp] = np.array(MESH_TO_68)
    landmarks: FloatArray = mesh[..., index, :]
    return landmarks
