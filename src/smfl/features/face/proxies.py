"""Movements of the face, measured on its landmarks: proxies of action units.

A trained detector of action units sees wrinkles and shadows; these measures see 68 points. One code path measures
them, whether the landmarks come from the mesh or from OpenFace, so that a model trained on one reads the other.

On frames where a person sees a blink or a smile they move as they should (docs/images/proxies.svg). What they can't
distinguish: a face about to cry draws the corners of the mouth apart too, and measures as a smile.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smfl.features.face.landmarks import (
    LEFT_BROW,
    LEFT_EYE,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
)
from smfl.interview import FloatArray

MOVEMENTS: dict[str, str] = {
    "proxy_smile": "corners of the mouth drawn apart and up: width of the mouth less the mean distance from its "
    "corners to the outer corners of the eyes, eye distances (after AU12)",
    "proxy_mouth_open": "height over width of the gap between the lips (after AU25, AU26)",
    "proxy_eye_open_right": "height over width of the opening of the right eye, near 0 in a blink (against AU45)",
    "proxy_eye_open_left": "the same of the left eye",
    "proxy_brow_raise": "mean height of the brows over the corners of the eyes, eye distances (after AU1, AU2)",
    "proxy_brow_lower": "brows drawn down and together: half the sum of the distance between their inner ends and "
    "their height over the inner corners of the eyes, negative, eye distances (after AU4)",
    "proxy_landmark_speed": "mean speed of the 68 landmarks in the frontal face, eye distances a second",
    "proxy_head_speed": "angular speed of the head, rad a second",
}
"""Each measure in words, with the action unit that it stands in for."""

INNER_LIP_PAIRS = ((61, 67), (62, 66), (63, 65))
INNER_LIP_CORNERS = (60, 64)


def movements(faces: FloatArray, rotations: FloatArray, times: FloatArray) -> FloatArray:
    """Every one of `MOVEMENTS`, frame by frame.

    Args:
        faces: frontal landmarks in eye distances, [T, 68, 3]; ``nan`` where the face is lost.
        rotations: of the head, [T, 3, 3].
        times: s, [T]. Speeds are over the real time between two frames; ``nan`` for a frame without one before it.

    Returns:
        [T, len(MOVEMENTS)], columns in the order of `MOVEMENTS`.
    """
    width = _distance(faces, MOUTH_RIGHT, MOUTH_LEFT)
    to_eyes = (_distance(faces, MOUTH_RIGHT, RIGHT_EYE_OUTER) + _distance(faces, MOUTH_LEFT, LEFT_EYE_OUTER)) / 2
    gap = np.mean([_distance(faces, upper, lower) for upper, lower in INNER_LIP_PAIRS], axis=0)
    measured = {
        "proxy_smile": width - to_eyes,
        "proxy_mouth_open": _ratio(gap, _distance(faces, *INNER_LIP_CORNERS)),
        "proxy_eye_open_right": eye_aspect_ratio(faces, RIGHT_EYE),
        "proxy_eye_open_left": eye_aspect_ratio(faces, LEFT_EYE),
        "proxy_brow_raise": _brow_height(faces),
        "proxy_brow_lower": _brow_lower(faces),
        "proxy_landmark_speed": _landmark_speed(faces, times),
        "proxy_head_speed": _head_speed(rotations, times),
    }
    return np.stack([measured[name] for name in MOVEMENTS], axis=-1)


def eye_aspect_ratio(faces: FloatArray, eye: Sequence[int]) -> FloatArray:
    """Height over width of an eye's opening.

    EAR = (|p2 - p6| + |p3 - p5|) / (2 |p1 - p4|): Soukupová, T., and Čech, J. (2016). Real-time eye blink detection
    using facial landmarks. 21st Computer Vision Winter Workshop.

    Args:
        faces: [T, 68, 3].
        eye: six landmarks, from one corner over the upper lid to the other and back under it.

    Returns:
        [T], about 0.3 open, near 0 closed.
    """
    p1, p2, p3, p4, p5, p6 = eye
    return _ratio(_distance(faces, p2, p6) + _distance(faces, p3, p5), 2 * _distance(faces, p1, p4))


def _brow_height(faces: FloatArray) -> FloatArray:
    heights = []
    for brow, corners in (
        (RIGHT_BROW, (RIGHT_EYE_OUTER, RIGHT_EYE_INNER)),
        (LEFT_BROW, (LEFT_EYE_INNER, LEFT_EYE_OUTER)),
    ):
        heights.append(faces[:, corners, 1].mean(axis=1) - faces[:, brow, 1].mean(axis=1))  # y points down
    mean: FloatArray = np.mean(heights, axis=0)
    return mean


def _brow_lower(faces: FloatArray) -> FloatArray:
    right, left = RIGHT_BROW[-1], LEFT_BROW[0]
    height = faces[:, (RIGHT_EYE_INNER, LEFT_EYE_INNER), 1].mean(axis=1) - faces[:, (right, left), 1].mean(axis=1)
    lowered: FloatArray = -(_distance(faces, right, left) + height) / 2
    return lowered


def _landmark_speed(faces: FloatArray, times: FloatArray) -> FloatArray:
    path = np.linalg.norm(np.diff(faces, axis=0), axis=-1).mean(axis=1)
    return _per_second(path, times)


def _head_speed(rotations: FloatArray, times: FloatArray) -> FloatArray:
    turn = np.einsum("tji,tjk->tik", rotations[:-1], rotations[1:])
    # |R - I| is 2√2 sin(θ/2) for a turn by θ: exact for small turns too, where the trace isn't
    chord = np.linalg.norm(turn - np.eye(3), axis=(1, 2)) / (2 * np.sqrt(2))
    return _per_second(2 * np.arcsin(np.clip(chord, 0.0, 1.0)), times)


def _per_second(change: FloatArray, times: FloatArray) -> FloatArray:
    speed = np.full(len(times), np.nan)
    speed[1:] = _ratio(change, np.diff(times))
    return speed


def _distance(faces: FloatArray, a: int, b: int) -> FloatArray:
    distance: FloatArray = np.linalg.norm(faces[:, a] - faces[:, b], axis=-1)
    return distance


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Their quotient; ``nan`` where there is nothing to divide by."""
    quotient: FloatArray = above / np.where(below > 0, below, np.nan)
    return quotient
