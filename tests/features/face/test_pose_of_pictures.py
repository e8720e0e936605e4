"""Pose and gaze of real pictures: mirrored, rotated and warped ones change as OpenFace's conventions say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.features.face import gaze, landmarks, pose
from smfl.features.face.mesh import MeshTracker
from smfl.features.recording.pictures import RgbImage, read_pictures
from smfl.interview import FloatArray

pytest.importorskip("mediapipe")
Image = pytest.importorskip("PIL.Image")

Angles = tuple[FloatArray, FloatArray]
RX, RY, RZ = range(3)
TIP_OF_THE_NOSE = 30


def measured(picture: RgbImage) -> Angles:
    """Head pose and gaze of one picture, once the mesh has settled, rad."""
    with MeshTracker() as track:
        track(picture)
        mesh = track(picture)
    assert mesh is not None
    rotations = pose.fit(landmarks.from_mesh(mesh)[None])
    eyes = mesh[np.array(gaze.MESH_EYES)][None]
    return pose.angles(rotations)[0], gaze.from_eyes(eyes, rotations)[0]


@pytest.fixture(scope="module")
def portrait() -> RgbImage:
    """NASA's portrait of Eileen Collins, who looks at the camera."""
    data = pytest.importorskip("skimage.data")
    whole: RgbImage = data.astronaut()
    return np.ascontiguousarray(whole[:320, 60:400])


def turned(picture: RgbImage, degrees: float) -> RgbImage:
    """The picture turned clockwise, as one sees it."""
    image = Image.fromarray(picture).rotate(-degrees, resample=Image.Resampling.BICUBIC)
    return np.asarray(image)


def mirrored(picture: RgbImage) -> RgbImage:
    return np.ascontiguousarray(picture[:, ::-1])


def test_a_mirror_flips_yaw_and_roll_and_the_gaze_sideways(portrait: RgbImage) -> None:
    tilted = turned(portrait, 15)
    (head, look), (other_head, other_look) = measured(tilted), measured(mirrored(tilted))
    assert head[RZ] > np.deg2rad(10)
    np.testing.assert_allclose(other_head, head * (1, -1, -1), atol=np.deg2rad(3))
    np.testing.assert_allclose(other_look, look * (-1, 1), atol=np.deg2rad(5))


@pytest.mark.parametrize("degrees", [-25.0, -10.0, 10.0, 25.0])
def test_a_picture_that_is_rotated_rolls_the_head_by_as_much(portrait: RgbImage, degrees: float) -> None:
    before, after = measured(portrait)[0], measured(turned(portrait, degrees))[0]
    change = pose.rotation(after[None])[0] @ pose.rotation(before[None])[0].T
    about_the_lens = pose.rotation(np.deg2rad([[0.0, 0.0, degrees]]))[0]  # clockwise is positive
    apart = np.arccos(np.clip((np.trace(about_the_lens.T @ change) - 1) / 2, -1, 1))
    assert np.rad2deg(apart) < 6
    assert after[RZ] - before[RZ] == pytest.approx(np.deg2rad(degrees), abs=np.deg2rad(5))


def test_a_nod_is_seen_as_one(portrait: RgbImage) -> None:
    """The chin drawn up, as when the head goes down: what is above the eyes stretches, what is below shrinks."""
    height = len(portrait)
    eyes = 0.37 * height
    rows = np.arange(height, dtype=float)
    from_down = np.where(rows < eyes, eyes - (eyes - rows) / 1.15, eyes + (rows - eyes) / 0.85)
    from_up = np.where(rows < eyes, eyes - (eyes - rows) / 0.85, eyes + (rows - eyes) / 1.15)
    down, up = (
        np.ascontiguousarray(portrait[np.clip(np.round(at), 0, height - 1).astype(int)]) for at in (from_down, from_up)
    )
    assert measured(down)[0][RX] > measured(up)[0][RX] + np.deg2rad(2)


def test_a_head_that_turns_away_is_mirrored_with_its_sign(shared_data: Path) -> None:
    turns = []
    for time, picture in read_pictures(shared_data / "recordings" / "face_silent_audio.mp4", 0.5):
        (head, _), (other, _) = measured(picture), measured(mirrored(picture))
        assert other[RY] == pytest.approx(-head[RY], abs=np.deg2rad(5)), time
        with MeshTracker() as track:
            mesh = track(picture)
        assert mesh is not None
        points = landmarks.from_mesh(mesh)[:, :2]
        right, left = points[landmarks.RIGHT_EYE_OUTER], points[landmarks.LEFT_EYE_OUTER]
        along_the_eyes = (points[TIP_OF_THE_NOSE] - (right + left) / 2) @ (left - right) / ((left - right) ** 2).sum()
        turns.append((head[RY], -along_the_eyes))  # to the left of the picture is positive
    yaw, nose_left = np.array(turns).T
    assert np.abs(yaw).max() > np.deg2rad(15)
    assert np.corrcoef(yaw, nose_left)[0, 1] > 0.9


@pytest.mark.parametrize("clip", ["grid_bbaf2n.mpg", "grid_lwbsza.mpg", "grid_sbia1a.mpg"])
def test_people_who_talk_are_mirrored_too(shared_data: Path, clip: str) -> None:
    pictures = [picture for _, picture in read_pictures(shared_data / "recordings" / clip, 5.0)]

    def all_of(change: Callable[[RgbImage], RgbImage]) -> Angles:
        heads, looks = zip(*(measured(change(picture)) for picture in pictures[::3]), strict=True)
        return np.stack(heads), np.stack(looks)

    (heads, looks), (other_heads, other_looks) = all_of(lambda picture: picture), all_of(mirrored)
    assert np.abs(other_heads - heads * (1, -1, -1)).mean() < np.deg2rad(2.5)
    assert np.abs(other_looks - looks * (-1, 1)).mean() < np.deg2rad(4)
