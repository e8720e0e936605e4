"""Whose face it is: the one who stays is followed, others are missing, and frames that can't be trusted too."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from smfl.features.face import persons, pose, trust, video
from smfl.features.face.columns import COLUMNS, LANDMARK_COLUMNS, SPEEDS
from smfl.features.face.landmarks import LANDMARKS
from smfl.features.face.mesh import MeshTracker
from smfl.features.face.video import FollowedFace, follow_face, measure_face
from smfl.features.recording.pictures import RgbImage, read_pictures
from smfl.interview import RecordingError, Segment

pytest.importorskip("mediapipe")
av = pytest.importorskip("av")

HEIGHT, WIDTH = 288, 360
FPS = 25


@pytest.fixture(scope="module")
def one(shared_data: Path) -> list[RgbImage]:
    return pictures(shared_data / "recordings" / "grid_lbbc2a.mpg")


@pytest.fixture(scope="module")
def other(shared_data: Path) -> list[RgbImage]:
    return pictures(shared_data / "recordings" / "grid_bbaf2n.mpg")


def pictures(path: Path) -> list[RgbImage]:
    return [picture for _, picture in read_pictures(path)]


def write(path: Path, shown: Sequence[RgbImage]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "14", "preset": "ultrafast"})
        stream.height, stream.width, _ = shown[0].shape
        stream.pix_fmt = "yuv420p"
        for picture in shown:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def side_by_side(left: RgbImage | None, right: RgbImage | None) -> RgbImage:
    grey = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    return np.concatenate([grey if left is None else left, grey if right is None else right], axis=1)


def told(watched: FollowedFace, action: str) -> str:
    return "; ".join(entry.what for entry in watched.entries("a") if entry.action == action)


def test_a_cut_to_another_person_is_noticed_and_nobody_is_mixed_in(
    one: list[RgbImage], other: list[RgbImage], tmp_path: Path
) -> None:
    watched = follow_face(write(tmp_path / "cuts.mp4", [*one[:30], *other[:20], *one[30:55]]))
    expected = np.repeat([0, 1, 0], [30, 20, 25])
    assert watched.persons.tolist() == expected.tolist()
    assert np.isnan(watched.signal.values).all(axis=1).tolist() == (expected == 1).tolist()
    np.testing.assert_allclose(watched.switches, [1.2, 2.0])
    assert watched.tracks == 2
    assert watched.seen == pytest.approx(55 / 75)
    assert "20 frames of 1 other face(s); the face changes at 1.2, 2.0 s" in told(watched, "missing")
    assert "face seen in 73.3% of 75 frames, in 2 track(s)" in told(watched, "noted")
    speeds = list(SPEEDS)
    assert np.isnan(watched.signal.values[[0, 50]][:, speeds]).all()  # no speed from one face to the next
    assert np.isfinite(watched.signal.values[51:, speeds]).all()
    both = measure_face(tmp_path / "cuts.mp4", everyone=True)
    assert np.isfinite(both.values[:, : len(LANDMARK_COLUMNS)]).all()


def test_the_same_person_at_another_place_is_the_same(one: list[RgbImage], tmp_path: Path) -> None:
    nearer = [np.ascontiguousarray(np.roll(picture, 60, axis=1)) for picture in one]
    watched = follow_face(write(tmp_path / "moved.mp4", [*one[:20], *nearer[20:40], *one[40:55]]))
    assert (watched.persons == 0).all()
    assert watched.tracks == 3
    assert len(watched.switches) == 0


def test_a_second_face_in_the_picture_is_left_alone(one: list[RgbImage], other: list[RgbImage], tmp_path: Path) -> None:
    shown = [side_by_side(one[i], other[i] if i >= 15 else None) for i in range(60)]
    watched = follow_face(write(tmp_path / "two.mp4", shown))
    assert (watched.persons == 0).all()
    assert watched.tracks == 1
    assert watched.several > 0.3
    assert "more than one face at" in told(watched, "noted")


def test_who_stays_is_found_again_beside_another(one: list[RgbImage], other: list[RgbImage], tmp_path: Path) -> None:
    hidden = range(30, 40)
    shown = [side_by_side(None if i in hidden else one[i], other[i] if i >= 20 else None) for i in range(75)]
    watched = follow_face(write(tmp_path / "back.mp4", shown))
    assert (watched.persons[:30] == 0).all()
    assert (watched.persons[30:40] != 0).all()
    back = int(np.argmax(watched.persons[40:] == 0))
    assert back <= FPS * 1.0  # at the next look
    assert (watched.persons[40 + back :] == 0).all()
    x = [COLUMNS.index(name) for name in ("landmark_33_y", "landmark_8_y")]
    alone = measure_face(write(tmp_path / "alone.mp4", [side_by_side(picture, None) for picture in one]))
    assert np.abs(watched.signal.values[70:75, x] - alone.values[70:75, x]).max() < 0.02


def test_a_face_that_goes_out_of_the_picture_is_dropped_before_it_is_lost(one: list[RgbImage], tmp_path: Path) -> None:
    shown = []
    for i, picture in enumerate(one):
        away = 4 * max(i - 20, 0)
        blank = np.full_like(picture, 90)
        blank[:, away:] = picture[:, : WIDTH - away]
        shown.append(blank)
    watched = follow_face(write(tmp_path / "leaves.mp4", shown))
    trusted = watched.confidence >= trust.MIN_CONFIDENCE
    assert trusted[:30].all()
    doubted = np.isfinite(watched.confidence) & ~trusted
    assert doubted.any()
    assert np.isnan(watched.signal.values[doubted]).all()
    assert "frames of the face can't be trusted" in told(watched, "missing")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 1.0),
        ({"eyes": 20.0}, 0.5),
        ({"eyes": 9.0}, 0.0),
        ({"inside": 0.6}, 0.2),
        ({"turn": 60.0}, 0.5),
        ({"turn": -85.0}, 0.0),
        ({"step": 0.0175}, 0.5),
    ],
)
def test_confidence_is_the_least_of_four(change: dict[str, float], expected: float) -> None:
    frontal = np.random.default_rng(0).normal(0, 0.4, (LANDMARKS, 3))
    frontal[list(pose.STEADY)] = list(pose.STEADY.values())
    turn = pose.rotation(np.deg2rad([[0.0, change.get("turn", 0.0), 0.0]]))[0]
    seen = np.stack([frontal, frontal]) @ turn.T * change.get("eyes", 80.0)
    jerk = np.where(np.arange(LANDMARKS) % 2, 1.0, -1.0) * change.get("step", 0.0) * 80.0
    seen[1, :, 1] += jerk
    found = trust.confidence(seen, np.array([1.0, change.get("inside", 1.0)]), np.array([0.0, 0.04]))
    assert found[1] == pytest.approx(expected, abs=0.06)


def test_no_face_no_confidence() -> None:
    assert np.isnan(trust.confidence(np.full((1, LANDMARKS, 3), np.nan), np.zeros(1), np.zeros(1))).all()


def test_only_what_is_asked_for_is_looked_at(one: list[RgbImage], other: list[RgbImage], tmp_path: Path) -> None:
    path = write(tmp_path / "turns.mp4", [*other[:50], *one[:25], *other[:50]])  # the interviewer is seen for longer
    watched = follow_face(path, within=[Segment(2.0, 2.6), Segment(2.65, 3.0)])
    assert watched.signal.times is not None
    assert watched.signal.times[0] == pytest.approx(1.8)  # a little before, then all up to the end of the second one
    assert watched.signal.times[-1] == pytest.approx(2.96)
    assert watched.signal.rate_hz == 25.0
    mine = watched.signal.times >= 2.0
    assert (watched.persons[mine] == 0).all()
    with pytest.raises(RecordingError, match="fewer than two pictures lie in the participant's sentences"):
        follow_face(path, within=[Segment(60.0, 61.0)])


def test_looking_at_all_faces_at_once_agrees_with_the_mesh(one: list[RgbImage], other: list[RgbImage]) -> None:
    both = side_by_side(one[0], other[0])
    with MeshTracker() as track:
        boxes = track.faces(both)
        assert len(boxes) == 2
        first = track(both)
        left = int(np.argmin(boxes[:, 0]))
        for wanted in (left, 1 - left):
            mesh = track.follow_box(both, wanted, boxes)
            assert mesh is not None
            middle = mesh[:, :2].mean(axis=0)
            assert (boxes[wanted, :2] < middle).all()
            assert (middle < boxes[wanted, 2:]).all()
        assert first is not None
        again = track(both)  # the last one is followed on, though the other is in the picture again
        assert again is not None
        assert np.abs(again - mesh).max() < 3.0
    with MeshTracker() as track:
        assert track.faces(np.zeros_like(both)).shape == (0, 4)


CLIPS = (
    "grid_bbaf2n.mpg",
    "grid_lbax4n.mpg",
    "grid_lbbc2a.mpg",
    "grid_lrwp9a.mpg",
    "grid_lwbsza.mpg",
    "grid_sbia1a.mpg",
    "single_face_no_speech.mp4",
    "face_silent_audio.mp4",
)
ALIKE_CLIPS = (("grid_bbaf2n.mpg", "grid_lbax4n.mpg"), ("grid_lrwp9a.mpg", "grid_sbia1a.mpg"))
"""People at the same place before a like background: the hardest to tell apart."""


def told_apart(folder: Path, one: str, other: str) -> bool:
    """Whether a cut to another person and back is seen as one."""
    first, second = pictures(folder / one)[:60], pictures(folder / other)[:12]
    with persons.Follower() as follow:
        for i, picture in enumerate([*first[:20], *second, *first[40:60]]):
            follow(i / FPS, picture)
        return follow.persons().tolist() == [0] * 20 + [1] * 12 + [0] * 20


@pytest.mark.parametrize(("first", "second"), ALIKE_CLIPS)
def test_people_who_look_alike_are_told_apart(shared_data: Path, first: str, second: str) -> None:
    assert told_apart(shared_data / "recordings", first, second)


@pytest.mark.slow
def test_all_people_at_hand_are_told_apart(shared_data: Path) -> None:
    pairs = list(itertools.permutations(CLIPS, 2))
    wrong = [pair for pair in pairs if not told_apart(shared_data / "recordings", *pair)]
    assert not wrong


@pytest.mark.parametrize("clip", ["grid_lbbc2a.mpg", "grid_lwbsza.mpg"])
@pytest.mark.parametrize("missing", [10, 70])
def test_who_was_lost_is_found_again_as_the_same(shared_data: Path, clip: str, missing: int) -> None:
    shown = pictures(shared_data / "recordings" / clip)
    blank = np.full_like(shown[0], 90)
    with persons.Follower() as follow:
        for i, picture in enumerate([*shown[:25], *[blank] * missing, *shown[50:]]):
            follow(i / FPS, picture)
        assert follow.tracks == 2
        assert follow.persons().tolist() == [0] * 25 + [persons.NOBODY] * missing + [0] * 25


def test_rows_are_the_same_however_many_are_made_at_once(
    one: list[RgbImage], other: list[RgbImage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "blocks.mp4", [*one[:20], *other[:10], *one[20:33]])
    at_once = follow_face(path)
    monkeypatch.setattr(video, "BLOCK", 6)
    in_blocks = follow_face(path)
    np.testing.assert_array_equal(in_blocks.confidence, at_once.confidence)
    np.testing.assert_allclose(in_blocks.signal.values, at_once.signal.values, rtol=1e-5, atol=1e-6)
