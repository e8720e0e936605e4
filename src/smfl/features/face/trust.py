"""How far a face mesh can be trusted, picture by picture: a measure of this project, since mediapipe gives none.

(Its `presence` and `visibility` are empty for the face mesh, and the score by which it drops a track isn't given.)
Four causes of a bad mesh are measured, each on a scale from 1, where it has no effect, to 0, where the mesh is useless.
The confidence is the least of the four; it is not a probability.

==========  =======================================  ======  ======
what        measured as                              0 at    1 at
==========  =======================================  ======  ======
size        eye distance, pixels                     10      30
edge        share of the mesh inside the picture     0.5     1.0
turn        |pose_Ry| or |pose_Rx|, degrees          80      40
steadiness  step of the steady points of the frontal 0.03    0.005
            face from one picture to the next, eye
            distances
==========  =======================================  ======  ======

Below `MIN_CONFIDENCE` a frame is missing. How that was chosen, on clips of the GRID corpus: against the mesh of the
whole, large picture the landmarks are off by 2 % of the eye distance at 40 pixels, 4 % at 24; by 5 % with three
quarters of the mesh inside the picture, and 10 % or more with half of it. Beyond 60 degrees half of the face is
behind the other half. People's steady points step by up to 0.003 from picture to picture; a mesh that leaves the face
steps farther.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from smfl.features.face import landmarks, pose
from smfl.interview import FloatArray

MIN_CONFIDENCE = 0.5
"""Frames below aren't used."""

EYE_DISTANCE_PX = (10.0, 30.0)
INSIDE = (0.5, 1.0)
TURN_RAD = (np.deg2rad(80.0), np.deg2rad(40.0))
STEP = (0.03, 0.005)

NEXT_PICTURE_S = 0.1
"""A step is one from picture to picture only where they are no farther apart."""


def confidence(
    points: FloatArray, inside: FloatArray, times: FloatArray, begins: npt.NDArray[np.bool_] | None = None
) -> FloatArray:
    """The confidence of each frame.

    Args:
        points: the 68 landmarks as the camera sees them, [T, 68, 3], pixels; ``nan`` where no face was found.
        inside: share of the mesh that lies in the picture, [T].
        times: s, [T].
        begins: which frames begin a track, and so don't step from the frame before, [T]; None: none.

    Returns:
        [T], 0 to 1; ``nan`` where no face was found.

    Example:
        >>> from smfl.features.face.landmarks import LANDMARKS
        >>> face = np.random.default_rng(0).normal(0, 30, (LANDMARKS, 3))
        >>> face[list(pose.STEADY)] = np.array(list(pose.STEADY.values())) * 60  # 60 pixels from eye to eye
        >>> seen = np.stack([face, face / 3, face])
        >>> confidence(seen, np.array([1.0, 1.0, 0.6]), np.array([0.0, 0.2, 0.4])).round(2).tolist()
        [1.0, 0.5, 0.2]
    """
    rotations = pose.fit(points)
    steps = _steps(pose.frontal(points, rotations), times)
    if begins is not None:
        steps[begins] = 0.0
    turned = pose.angles(rotations)
    eyes = points[:, landmarks.LEFT_EYE_OUTER] - points[:, landmarks.RIGHT_EYE_OUTER]
    parts = [
        _between(np.linalg.norm(eyes, axis=1), EYE_DISTANCE_PX),
        _between(inside, INSIDE),
        _between(np.abs(turned[:, 0]), TURN_RAD),
        _between(np.abs(turned[:, 1]), TURN_RAD),
        _between(steps, STEP),
    ]
    least: FloatArray = np.where(np.isfinite(eyes[:, 0]), np.nanmin(parts, axis=0), np.nan)
    return least


def _steps(faces: FloatArray, times: FloatArray) -> FloatArray:
    """How far the steady points of a frontal face step, mean; 0 where there is no picture right before."""
    steady = faces[:, list(pose.STEADY)]
    steps = np.zeros(len(faces))
    steps[1:] = np.linalg.norm(np.diff(steady, axis=0), axis=-1).mean(axis=-1)
    steps[1:][np.diff(times) > NEXT_PICTURE_S] = 0.0
    steps[np.isnan(steps)] = 0.0
    return steps


def _between(values: FloatArray, ends: tuple[float, float]) -> FloatArray:
    """0 at the first end, 1 at the second, in proportion between."""
    worthless, good = ends
    part: FloatArray = np.clip((values - worthless) / (good - worthless), 0.0, 1.0)
    return part
