"""What OpenFace and py-feat wrote beside a recording: found, timed by the recording, told in the ledger."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import face_tables
from smfl.features.extraction.extract import Extracted, extract
from smfl.features.settings import ExtractionSettings
from smfl.interview import FeatureError, FloatArray, Interview, Segment, Sentence
from smfl.pipeline.load import load, with_face_table

OPENFACE = "frame, face_id, timestamp, confidence, success, pose_Rx, pose_Ry, pose_Rz, AU12_r, AU12_c\n"
PYFEAT = "FaceRectX,FaceRectY,FaceRectWidth,FaceRectHeight,FaceScore,Pitch,Roll,Yaw,AU01,AU12,anger,input,frame\n"
SENTENCES = (Sentence(Segment(0.0, 1.0), "one"), Sentence(Segment(1.5, 2.9), "two"))


def clock(frames: int = 50, step: float = 0.04) -> FloatArray:
    return np.arange(frames) * step + 0.1


def openface(path: Path, step: float, rows: int = 50) -> Path:
    lines = [f"{i + 1}, 0, {i * step:.3f}, 0.98, 1, 0.1, 0.2, 0.3, {i % 5}, 1\n" for i in range(rows)]
    path.parent.mkdir(exist_ok=True)
    path.write_text(OPENFACE + "".join(lines))
    return path


def pyfeat(path: Path) -> Path:
    lines = []
    for i in range(10):
        score = "" if i == 4 else "0.99"
        lines.append(f"10,10,60,60,{score},1,2,3,0.{i},0.5,0.1,visit.mp4,{i}\n")
        if i == 7:
            lines.append(f"90,10,30,30,0.99,1,2,3,0.9,0.9,0.1,visit.mp4,{i}\n")
    path.write_text(PYFEAT + "".join(lines))
    return path


@pytest.mark.parametrize(
    "name", ["visit_openface.csv", "visit.csv", "openface/visit.csv", "processed/visit.csv", "pyfeat/visit_pyfeat.csv"]
)
def test_a_table_beside_a_recording_is_found(tmp_path: Path, name: str) -> None:
    recording = tmp_path / "visit.mp4"
    assert face_tables.table_for(recording) is None
    table = openface(tmp_path / name, 0.04)
    assert face_tables.table_for(recording) == table


def test_a_transcript_of_that_name_is_no_table_and_a_table_no_transcript(tmp_path: Path) -> None:
    recording = tmp_path / "visit.mp4"
    recording.write_bytes(b"")
    (tmp_path / "visit.csv").write_text("start,stop,speaker,text\n0,1,participant,well\n")
    assert face_tables.table_for(recording) is None
    [interview] = load(recording)
    assert interview.transcript == tmp_path / "visit.csv"
    openface(tmp_path / "visit.csv", 0.04)
    (tmp_path / "visit.srt").write_text("")
    [interview] = load(recording)
    assert interview.transcript == tmp_path / "visit.srt"
    assert list(interview.signals) == ["openface"]
    assert "face from visit.csv" in [entry.what for entry in interview.ledger]


def test_features_that_are_brought_go_first(tmp_path: Path) -> None:
    openface(tmp_path / "visit_openface.csv", 0.04)
    one = Interview("a", "a", recording=tmp_path / "visit.mp4", signals={"video": lambda: None})  # type: ignore[dict-item]
    assert with_face_table(one) is one
    assert with_face_table(Interview("a", "a")).signals == {}


def test_times_that_are_right_are_kept(tmp_path: Path) -> None:
    signal = face_tables.read(openface(tmp_path / "visit.csv", 0.04), clock, "a")
    assert signal.times is not None
    np.testing.assert_allclose(signal.times, np.arange(50) * 0.04)
    assert (signal.notes, signal.rate_hz) == ((), 25.0)
    assert "frame" not in signal.columns


def test_times_that_are_no_seconds_are_repaired_by_the_recordings(tmp_path: Path) -> None:
    signal = face_tables.read(openface(tmp_path / "visit.csv", 0.001), clock, "a")
    assert signal.times is not None
    np.testing.assert_allclose(signal.times, clock())
    assert signal.rate_hz == 25.0
    [note] = signal.notes
    assert (note.interview, note.action) == ("a", "repaired")
    assert note.what == "its time stamps step by 0.001 s from frame to frame, the recording's by 0.04 s"


def test_frames_that_the_recording_has_not_are_left_out(tmp_path: Path) -> None:
    table = openface(tmp_path / "visit.csv", 0.001)
    signal = face_tables.read(table, lambda: clock(30), "a")
    assert len(signal) == 30
    assert signal.notes[1].what == "20 of its 50 rows are of frames that the recording hasn't"
    short = openface(tmp_path / "late.csv", 0.001, rows=60)
    lines = short.read_text().splitlines(keepends=True)
    short.write_text("".join([lines[0], *lines[45:]]))
    with pytest.raises(FeatureError, match=r"late\.csv: not one of its 16 frames is in the recording, which has 30"):
        face_tables.read(short, lambda: clock(30), "a")


def test_py_feats_units_are_had_by_frame(tmp_path: Path) -> None:
    signal = face_tables.read(pyfeat(tmp_path / "visit.csv"), clock, "a")
    assert signal.columns == ("AU01", "AU12")
    assert signal.times is not None
    np.testing.assert_allclose(signal.times, clock()[:10])
    assert np.isnan(signal.values[4]).all()
    assert signal.values[7].tolist() == pytest.approx([0.7, 0.5])  # the larger of two faces
    assert "of several faces in a frame the largest" in signal.notes[0].what
    empty = tmp_path / "no_units.csv"
    empty.write_text(PYFEAT.replace("AU01,AU12,", ""))
    with pytest.raises(FeatureError, match=r"no_units\.csv, header: no action unit"):
        face_tables.read(empty, clock, "a")


def prepared(folder: Path, features: str) -> Extracted:
    [interview] = load(folder / "visit.mpg", transcript=folder / "visit.tsv")
    return extract(interview, ExtractionSettings(features=features, modalities=("video",)))


@pytest.fixture
def visit(shared_data: Path, tmp_path: Path) -> Path:
    pytest.importorskip("mediapipe")
    shutil.copy(shared_data / "recordings" / "grid_lbbc2a.mpg", tmp_path / "visit.mpg")
    rows = [f"{s.segment.start}\t{s.segment.stop}\tparticipant\t{s.text}\n" for s in SENTENCES if s.segment]
    (tmp_path / "visit.tsv").write_text("start\tstop\tspeaker\ttext\n" + "".join(rows))
    return tmp_path


def test_a_real_table_of_openface_takes_the_meshs_place(visit: Path, shared_data: Path) -> None:
    shutil.copy(shared_data / "openface" / "OpenFace_Test.csv", visit / "visit_openface.csv")
    common, own = prepared(visit, "common"), prepared(visit, "own")
    told = [entry.what for entry in own.ledger]
    assert "face from visit_openface.csv" in told
    assert "its time stamps step by 0.001 s from frame to frame, the recording's by 0.04 s" in told
    assert "25 of its 100 rows are of frames that the recording hasn't" in told
    assert not any("face seen" in what for what in told)  # the mesh wasn't asked
    assert len(common.features.rows("video", 0)) == 25
    assert len(common.modalities["video"].columns) == 217
    assert len(own.modalities["video"].columns) == 217 + 17 + 18
    assert own.modalities["video"].columns[-1] == "AU45_c"


def test_without_landmarks_only_the_action_units_are_the_tools(visit: Path) -> None:
    pyfeat(visit / "visit_pyfeat.csv")
    own = prepared(visit, "own")
    assert own.modalities["video"].columns[-2:] == ("AU01", "AU12")
    assert any("face seen in 100.0%" in entry.what for entry in own.ledger)
    rows = own.features.rows("video", 0)
    assert np.isfinite(rows[3, :204]).all()  # the mesh's landmarks
    assert rows[3, -2:].tolist() == pytest.approx([0.3, 0.5])
    assert np.isnan(rows[12, -2:]).all()  # py-feat measured ten frames
