"""Movements of the face: each grows with what it is named for, and speeds are over real time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from smfl.features.face import pose, proxies
from smfl.features.face.landmarks import (
    INNER_LIP,
    LANDMARKS,
    LEFT_BROW,
    LEFT_EYE,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    RIGHT_BROW,
    RIGHT_EYE,
)
from smfl.interview import FloatArray

FRONT = np.eye(3)


def neutral() -> FloatArray:
    """A schematic frontal face in eye distances, [68, 3]."""
    face = np.zeros((LANDMARKS, 3))
    for eye, outer, inner in ((RIGHT_EYE, -0.5, -0.2), (LEFT_EYE, 0.2, 0.5)):
        face[list(eye), 0] = np.array([0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3]) * (inner - outer) + outer
        face[list(eye), 1] = [0, -0.05, -0.05, 0, 0.05, 0.05]
    face[list(RIGHT_BROW), :2] = np.stack([np.linspace(-0.55, -0.12, 5), np.full(5, -0.25)], axis=1)
    face[list(LEFT_BROW), :2] = np.stack([np.linspace(0.12, 0.55, 5), np.full(5, -0.25)], axis=1)
    face[[MOUTH_RIGHT, MOUTH_LEFT], :2] = [[-0.28, 0.75], [0.28, 0.75]]
    face[list(INNER_LIP), 0] = [-0.2, -0.1, 0, 0.1, 0.2, 0.1, 0, -0.1]
    face[list(INNER_LIP), 1] = [0.75, 0.74, 0.74, 0.74, 0.75, 0.76, 0.76, 0.76]
    return face


def smile(face: FloatArray) -> None:
    face[[MOUTH_RIGHT, MOUTH_LEFT], :2] += [[-0.05, -0.05], [0.05, -0.05]]


def open_mouth(face: FloatArray) -> None:
    face[[65, 66, 67], 1] += 0.1


def close_right_eye(face: FloatArray) -> None:
    face[[37, 38], 1] = face[[41, 40], 1] = 0


def close_left_eye(face: FloatArray) -> None:
    face[[43, 44], 1] = face[[47, 46], 1] = 0


def raise_brows(face: FloatArray) -> None:
    face[list(RIGHT_BROW + LEFT_BROW), 1] -= 0.08


def frown(face: FloatArray) -> None:
    face[[RIGHT_BROW[-1], LEFT_BROW[0]], :2] += [[0.03, 0.04], [-0.03, 0.04]]


def measure(face: FloatArray) -> dict[str, float]:
    values = proxies.movements(face[None], FRONT[None], np.zeros(1))[0]
    return dict(zip(proxies.MOVEMENTS, values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("move", "measured", "sign"),
    [
        (smile, "proxy_smile", 1),
        (open_mouth, "proxy_mouth_open", 1),
        (close_right_eye, "proxy_eye_open_right", -1),
        (close_left_eye, "proxy_eye_open_left", -1),
        (raise_brows, "proxy_brow_raise", 1),
        (frown, "proxy_brow_lower", 1),
    ],
)
def test_each_measure_follows_its_movement(move: Callable[[FloatArray], None], measured: str, sign: int) -> None:
    moved = neutral()
    move(moved)
    before, after = measure(neutral()), measure(moved)
    assert sign * (after[measured] - before[measured]) > 0.02
    if "eye" in measured:
        other = "proxy_eye_open_left" if measured.endswith("right") else "proxy_eye_open_right"
        assert after[measured] == pytest.approx(0.0)
        assert after[other] == before[other]


def test_speeds_are_over_the_real_time_between_frames() -> None:
    times = np.array([0.0, 0.04, 0.14])
    faces = np.stack([neutral(), neutral() + 0.02, neutral() + 0.04])
    turns = pose.rotation(np.array([[0.0, 0.0, 0.0], [0.02, 0.0, 0.0], [0.02, 0.05, 0.0]]))
    values = proxies.movements(faces, turns, times)
    names = list(proxies.MOVEMENTS)
    step = 0.02 * np.sqrt(3)
    np.testing.assert_allclose(
        values[:, names.index("proxy_landmark_speed")], [np.nan, step / 0.04, step / 0.10], atol=1e-9
    )
    np.testing.assert_allclose(
        values[:, names.index("proxy_head_speed")], [np.nan, 0.02 / 0.04, 0.05 / 0.10], atol=1e-9
    )


def test_no_speed_across_a_lost_face_or_a_clock_that_stands() -> None:
    faces = np.stack([neutral(), np.full((LANDMARKS, 3), np.nan), neutral(), neutral()])
    rotations = np.stack([FRONT, np.full((3, 3), np.nan), FRONT, FRONT])
    values = proxies.movements(faces, rotations, np.array([0.0, 0.04, 0.08, 0.08]))
    speeds = [i for i, name in enumerate(proxies.MOVEMENTS) if name.endswith("speed")]
    assert np.isnan(values[:, speeds]).all()
    assert np.isfinite(np.delete(values[2], speeds)).all()
