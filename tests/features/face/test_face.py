"""The face: landmarks against another detector, tracks that begin and end where they do, OpenFace's columns."""

from __future__ import annotations

import csv
import itertools
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.features.face import gaze, landmarks, pose, proxies, video
from smfl.features.face.action_units import action_units
from smfl.features.face.columns import COLUMNS, LANDMARK_COLUMNS
from smfl.features.face.mesh import MeshTracker
from smfl.features.face.openface import OPENFACE_LANDMARKS, from_openface
from smfl.features.face.video import _Rows, measure_face
from smfl.features.recording import growing_array as gathered
from smfl.features.recording.pictures import read_pictures
from smfl.interview import FeatureError, FloatArray, RecordingError, Signal

pytest.importorskip("mediapipe")

MakeVideo = Callable[..., Path]

GRID = "grid_lbbc2a.mpg"


@pytest.fixture(scope="module")
def talking(shared_data: Path) -> Signal:
    return measure_face(shared_data / "recordings" / GRID)


@pytest.fixture(scope="module")
def openface(shared_data: Path) -> Signal:
    with (shared_data / "openface" / "OpenFace_Test.csv").open(newline="") as file:
        header, *rows = list(csv.reader(file, skipinitialspace=True))
    values = np.array(rows, dtype=np.float32)
    return Signal("openface", tuple(header), values, np.arange(len(values)) / 30.0, 30.0)


def column(signal: Signal, name: str) -> FloatArray:
    return signal.select((name,)).values[:, 0]


def test_a_row_a_picture_in_the_common_columns(talking: Signal) -> None:
    assert (talking.name, talking.columns, talking.rate_hz) == ("video", COLUMNS, 25.0)
    assert talking.values.dtype == np.float32
    assert talking.times is not None
    np.testing.assert_allclose(talking.times, np.arange(75) / 25, atol=1e-6)
    speeds = [i for i, name in enumerate(COLUMNS) if name.endswith("speed")]
    assert np.isnan(talking.values[0, speeds]).all()
    assert np.isfinite(np.delete(talking.values, speeds, axis=1)).all()
    assert np.isfinite(talking.values[1:]).all()


def test_what_is_measured_is_a_face_that_talks(talking: Signal) -> None:
    assert np.abs([column(talking, name).mean() for name in pose.ANGLES]).max() < 0.35  # rad: a head held upright
    assert np.abs([column(talking, name).mean() for name in gaze.ANGLES]).max() < 0.35  # eyes near the camera
    mouth = column(talking, "proxy_mouth_open")
    assert mouth.max() - mouth.min() > 0.1
    eyes = column(talking, "proxy_eye_open_left")
    assert 0.15 < np.median(eyes) < 0.5
    assert column(talking, "landmark_45_x").mean() - column(talking, "landmark_36_x").mean() == pytest.approx(
        1, abs=0.1
    )


def test_the_same_video_gives_the_same_bytes(talking: Signal, shared_data: Path) -> None:
    again = measure_face(shared_data / "recordings" / GRID)
    assert again.values.tobytes() == talking.values.tobytes()


def test_thinned_by_rate(shared_data: Path) -> None:
    seconds: list[float] = []
    thin = measure_face(shared_data / "recordings" / GRID, rate_hz=5.0, progress=seconds.append)
    assert len(thin) == 15
    assert thin.rate_hz == pytest.approx(5.0, rel=0.1)
    assert thin.times is not None
    assert seconds == thin.times.tolist()


@pytest.mark.filterwarnings("ignore:pkg_resources")
def test_the_68_landmarks_are_dlibs(shared_data: Path) -> None:
    dlib = pytest.importorskip("dlib")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        models = pytest.importorskip("face_recognition_models")
    # on some processors dlib's detector finds a face in the same bytes once and not again: several pictures are shown
    detect = dlib.get_frontal_face_detector()
    predict = dlib.shape_predictor(models.pose_predictor_model_location())
    errors = []
    for clip in sorted((shared_data / "recordings").glob("grid_*.mpg")):
        with MeshTracker() as track:
            for i, (_, picture) in enumerate(itertools.islice(read_pictures(clip), 41)):
                mesh = track(picture)
                if i not in range(10, 41, 5) or not (boxes := detect(picture, 1)):
                    continue
                shape = predict(picture, max(boxes, key=lambda box: box.area()))
                theirs = np.array([(shape.part(k).x, shape.part(k).y) for k in range(landmarks.LANDMARKS)])
                assert mesh is not None
                ours = landmarks.from_mesh(mesh)[:, :2]
                eye_distance = np.linalg.norm(theirs[landmarks.LEFT_EYE_OUTER] - theirs[landmarks.RIGHT_EYE_OUTER])
                errors.append(np.linalg.norm(ours - theirs, axis=1) / eye_distance)
    assert len(errors) >= 20
    assert np.median(errors) < 0.05
    assert np.median(errors, axis=0).max() < 0.12


def test_a_face_that_leaves_and_comes_back_is_missing_in_between(shared_data: Path, tmp_path: Path) -> None:
    import av

    path = tmp_path / "leaves.mp4"
    away = range(20, 35)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "14", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 360, 288, "yuv420p"
        for i, (_, picture) in enumerate(read_pictures(shared_data / "recordings" / GRID)):
            shown = np.full_like(picture, 90) if i in away else picture
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode())
    signal = measure_face(path)
    lost = np.isnan(signal.values).all(axis=1)
    assert np.flatnonzero(lost).tolist() == list(away)
    assert signal.times is not None
    assert len(signal.times) == 75  # every picture keeps its time stamp
    whole = measure_face(shared_data / "recordings" / GRID)
    points = [COLUMNS.index(name) for name in LANDMARK_COLUMNS]
    back = np.abs(signal.values[35:38, points] - whole.values[35:38, points])
    assert np.median(back) < 0.01  # the first picture of the new track has settled already


def test_a_video_without_a_face_is_all_missing(make_video: MakeVideo) -> None:
    signal = measure_face(make_video([i / 25 for i in range(6)]))
    assert len(signal) == 6
    assert np.isnan(signal.values).all()


def test_a_single_picture_is_no_video(make_video: MakeVideo) -> None:
    with pytest.raises(RecordingError, match=r"made\.mkv: holds a single picture"):
        measure_face(make_video([0.0]))


def test_mediapipe_is_kept_quiet(shared_data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with MeshTracker() as track:
        _, picture = next(read_pictures(shared_data / "recordings" / GRID))
        assert track(picture) is not None
        print("our own words", file=sys.stderr)
    assert capfd.readouterr().err == "our own words\n"


def test_the_rows_of_a_long_track_are_held_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "RESERVED_BYTES", 2**23)
    monkeypatch.setattr(video, "BLOCK", 64)
    meshes = np.random.default_rng(0).normal(300, 50, (50, landmarks.MESH_POINTS, 3))
    tracemalloc.start()
    track = _Rows()
    for i in range(9_500):
        track.add(i / 30, meshes[i % len(meshes)], (720, 1280), is_first=False)
    rows = track.values()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 9_500
    assert peak < 1.3 * rows.nbytes


@pytest.mark.parametrize("room", [1, 2**20])
def test_gathered_rows_are_the_blocks_one_after_the_other(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(gathered, "RESERVED_BYTES", room)
    blocks = [np.random.default_rng(i).normal(size=(n, 3)).astype("f4") for i, n in enumerate((0, 4, 0, 1, 90, 7))]
    found = gathered.GrowingArray(3)
    for block in blocks:
        found.add(block)
    np.testing.assert_array_equal(found.rows, np.concatenate(blocks))


def test_openface_is_read_into_the_same_columns(openface: Signal) -> None:
    common = from_openface(openface)
    assert (common.name, common.columns, common.rate_hz) == ("video", COLUMNS, 30.0)
    assert common.values.dtype == np.float32
    for name in pose.ANGLES:
        np.testing.assert_array_equal(column(common, name), column(openface, name))
    assert np.abs(column(common, "gaze_angle_x")).max() < 0.2  # this person looks ahead
    assert column(common, "landmark_45_x").mean() == pytest.approx(0.5, abs=0.05)
    assert 0.15 < column(common, "proxy_eye_open_left").mean() < 0.5
    points = np.stack([column(common, f"landmark_{i}_y") for i in (27, 30, 8)])
    assert (np.diff(points, axis=0) > 0).all()  # y points down: bridge, tip, chin


def test_the_camera_does_not_show_in_openfaces_landmarks(openface: Signal) -> None:
    moved = openface.values.copy()
    for i, name in enumerate(openface.columns):
        if name[:2] in ("X_", "Y_", "Z_"):
            moved[:, i] = moved[:, i] * 1.5 + 40
    other = Signal("openface", openface.columns, moved, openface.times, openface.rate_hz)
    before, after = from_openface(openface), from_openface(other)
    np.testing.assert_allclose(after.values, before.values, atol=2e-3)


def test_both_sources_share_scale_and_signs(openface: Signal, talking: Signal) -> None:
    points = [name for name in LANDMARK_COLUMNS if not name.endswith("_z")]
    ours = np.nanmean(talking.select(tuple(points)).values, axis=0)
    theirs = np.nanmean(from_openface(openface).select(tuple(points)).values, axis=0)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.98
    assert np.median(np.abs(ours - theirs)) < 0.06  # eye distances, between two different people


def test_groups_that_are_not_there_are_missing(openface: Signal) -> None:
    pose_only = from_openface(openface.select(pose.ANGLES))
    there = np.isfinite(pose_only.values[1:]).all(axis=0)
    assert [n for n, is_there in zip(COLUMNS, there, strict=True) if is_there] == [
        *pose.ANGLES,
        "proxy_head_speed",
    ]
    without_pose = from_openface(openface.select(OPENFACE_LANDMARKS))
    apart = np.abs(without_pose.select(pose.ANGLES).values - openface.select(pose.ANGLES).values)
    assert np.degrees(apart).max() < 1.5
    assert np.isnan(column(without_pose, "gaze_angle_x")).all()


def test_failed_rows_are_missing_whatever_they_hold(openface: Signal) -> None:
    values = openface.values.copy()
    values[10:20, openface.columns.index("success")] = 0
    failed = Signal("openface", openface.columns, values, openface.times, openface.rate_hz)
    common, units = from_openface(failed), action_units(failed)
    assert np.flatnonzero(np.isnan(common.values).all(axis=1)).tolist() == list(range(10, 20))
    assert np.flatnonzero(np.isnan(units.values).all(axis=1)).tolist() == list(range(10, 20))


def test_action_units_by_name(openface: Signal) -> None:
    units = action_units(openface)
    assert len(units.columns) == 17 + 18
    assert units.columns[0] == "AU01_r"
    np.testing.assert_array_equal(column(units, "AU12_r"), column(openface, "AU12_r"))
    with pytest.raises(FeatureError, match=r"openface: no action unit"):
        action_units(openface.select(pose.ANGLES))


def test_what_openface_did_not_write_is_refused(openface: Signal) -> None:
    lower = Signal("openface", ("x_0", "y_0"), openface.values[:, :2], openface.times, 30.0)
    with pytest.raises(FeatureError, match=r"none of OpenFace's landmarks.*x_0, y_0.*case-sensitive"):
        from_openface(lower)
    with pytest.raises(FeatureError, match="need time stamps; the column 'timestamp'"):
        from_openface(Signal("openface", ("pose_Rx",), np.zeros((2, 1), "f4")))


def test_ten_thousand_frames_of_openface_in_a_moment(openface: Signal) -> None:
    many = Signal("openface", openface.columns, np.tile(openface.values, (100, 1)), np.arange(10_000) / 30, 30.0)
    begin = time.perf_counter()
    from_openface(many)
    assert time.perf_counter() - begin < 5.0  # 0.4 s on a quiet core


def test_every_movement_is_explained() -> None:
    assert all(name.startswith("proxy_") and words for name, words in proxies.MOVEMENTS.items())
    assert set(proxies.MOVEMENTS) < set(COLUMNS)
