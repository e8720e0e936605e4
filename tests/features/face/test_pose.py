"""Head pose and the frontal face: OpenFace's angles, and nothing of camera or head left in the landmarks."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from smfl.features.face import gaze, pose
from smfl.features.face.landmarks import LANDMARKS, LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from smfl.interview import FloatArray


@pytest.fixture
def face() -> FloatArray:
    """A frontal face: the mean face's steady points among others at random, [68, 3]."""
    points = np.random.default_rng(0).normal(0, 0.4, (LANDMARKS, 3))
    points[list(pose.STEADY)] = list(pose.STEADY.values())
    return points - points[list(pose.STEADY)].mean(axis=0)


def seen(
    face: FloatArray, angles: list[float], *, scale: float = 90.0, at: tuple[float, ...] = (20, -40, 600)
) -> FloatArray:
    """The face as a camera sees it, [1, 68, 3]."""
    turn = pose.rotation(np.array([angles]))[0]
    return (face @ turn.T * scale + np.array(at))[None]


def test_angles_and_rotations_are_each_others_inverse() -> None:
    angles = np.random.default_rng(1).uniform(-1.4, 1.4, (50, 3))
    rotations = pose.rotation(angles)
    np.testing.assert_allclose(
        rotations @ rotations.transpose(0, 2, 1), np.broadcast_to(np.eye(3), (50, 3, 3)), atol=1e-12
    )
    np.testing.assert_allclose(pose.angles(rotations), angles, atol=1e-9)


def test_the_fit_finds_the_pose_that_was_put_in(face: FloatArray) -> None:
    for angles in ([0.0, 0.0, 0.0], [0.4, -0.3, 0.1], [-0.2, 0.6, -0.3]):
        np.testing.assert_allclose(pose.angles(pose.fit(seen(face, angles)))[0], angles, atol=1e-9)


def test_signs_are_openfaces(face: FloatArray) -> None:
    tip, root = 30, 27

    def nose(angles: list[float]) -> FloatArray:
        turned = seen(face, angles)[0]
        return turned[tip] - turned[root]

    assert nose([0.3, 0, 0])[1] > nose([0, 0, 0])[1]  # looking down: the tip of the nose goes down (y)
    assert nose([0, 0.3, 0])[0] < 0  # to the left of the picture
    eyes = seen(face, [0, 0, 0.3])[0]
    assert eyes[LEFT_EYE_OUTER, 1] > eyes[RIGHT_EYE_OUTER, 1]  # clockwise: what is on the picture's right goes down


def test_the_frontal_face_forgets_where_the_camera_was(face: FloatArray) -> None:
    views = np.concatenate(
        [seen(face, [0.3, -0.2, 0.1]), seen(face, [-0.4, 0.5, 0.0], scale=31.0, at=(300, 2, 90)), seen(face, [0, 0, 0])]
    )
    frontal = pose.frontal(views, pose.fit(views))
    np.testing.assert_allclose(frontal, np.broadcast_to(face, frontal.shape), atol=1e-9)
    assert np.linalg.norm(frontal[0, LEFT_EYE_OUTER] - frontal[0, RIGHT_EYE_OUTER]) == pytest.approx(1.0, abs=0.01)


def test_a_lost_face_stays_lost_and_harms_no_other(face: FloatArray) -> None:
    views = np.concatenate([seen(face, [0.1, 0, 0]), np.full((1, LANDMARKS, 3), np.nan), seen(face, [0.2, 0, 0])])
    rotations = pose.fit(views)
    assert np.isnan(rotations[1]).all()
    np.testing.assert_allclose(pose.angles(rotations)[[0, 2], 0], [0.1, 0.2], atol=1e-9)
    assert np.isnan(pose.frontal(views, rotations)[1]).all()


def test_a_face_without_extent_is_missing_not_infinite() -> None:
    point = np.zeros((1, LANDMARKS, 3))
    assert np.isnan(pose.frontal(point, pose.fit(point))).all()


def test_the_fit_agrees_with_openface_on_its_own_file(shared_data: Path) -> None:
    with (shared_data / "openface" / "OpenFace_Test.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    landmarks = np.array([[[float(row[f"{axis}_{i}"]) for axis in "XYZ"] for i in range(LANDMARKS)] for row in rows])
    theirs = np.array([[float(row[name]) for name in pose.ANGLES] for row in rows])
    apart = np.degrees(np.abs(pose.angles(pose.fit(landmarks)) - theirs))
    assert apart.mean() < 0.5
    assert apart.max() < 1.5


def eyes(direction: tuple[float, float], *, turned: list[float] | None = None) -> FloatArray:
    """Right and left eye, the iris where an eyeball turned by ``direction`` (x, y, sines) puts it, [1, 2, 3, 3]."""
    corners = np.array([[[-1.5, 0, 0], [-0.5, 0, 0]], [[1.5, 0, 0], [0.5, 0, 0]]])  # outer, inner; 1 wide
    iris = corners.mean(axis=1) + gaze.RADIUS_IN_EYE_WIDTHS * np.array([*direction, 0.0])
    points = np.concatenate([corners, iris[:, None]], axis=1)
    return (points @ pose.rotation(np.array([turned or [0.0, 0.0, 0.0]]))[0].T)[None]


def test_gaze_follows_the_iris_and_the_head() -> None:
    front = np.eye(3)[None]
    np.testing.assert_allclose(gaze.from_eyes(eyes((0, 0)), front), [[0, 0]], atol=1e-12)
    aside = gaze.from_eyes(eyes((np.sin(0.3), 0)), front)
    np.testing.assert_allclose(aside, [[0.3, 0.0]], atol=1e-9)
    assert gaze.from_eyes(eyes((0, 0.2)), front)[0, 1] > 0.15  # down is positive
    head_down = [0.25, 0.0, 0.0]
    turned = gaze.from_eyes(eyes((0, 0), turned=head_down), pose.rotation(np.array([head_down])))
    np.testing.assert_allclose(turned, [[0.0, 0.25]], atol=1e-9)
    both = gaze.from_eyes(eyes((0, -np.sin(0.25)), turned=head_down), pose.rotation(np.array([head_down])))
    np.testing.assert_allclose(both, [[0.0, 0.0]], atol=1e-9)  # eyes up, head down: into the camera


def test_an_iris_beyond_the_eye_is_held_back() -> None:
    angles = gaze.from_eyes(eyes((3.0, 0.0)), np.eye(3)[None])
    assert angles[0, 0] == pytest.approx(np.arcsin(gaze.GREATEST_SINE))
