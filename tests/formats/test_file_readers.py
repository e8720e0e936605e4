"""Files as tools write them: arrays, pickles that nothing unpickles, archives, workbooks, sound, tools' output."""

from __future__ import annotations

import pickle
import struct
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smfl.formats import openface as openface_files
from smfl.formats import opensmile as opensmile_files
from smfl.formats.kaldi import read_index, read_matrix
from smfl.formats.npy import read_rows, read_shape
from smfl.formats.opensmile import V02, read_opensmile
from smfl.formats.pickled_arrays import read_pickled_array
from smfl.formats.wav import read_header
from smfl.formats.workbooks import read_sheet
from smfl.interview import CorpusError, FeatureError, Problems
from smfl.simulation.defects.damage import drop_rows, second_face, stale_frames
from smfl.simulation.session import draw_session
from smfl.simulation.signals.openface import VARIANTS, openface_table, write_openface
from smfl.simulation.study import Study
from smfl.simulation.writers.files import write_sheet


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["<f4", ">f8", "<i2"])
def test_a_pickled_array_is_read_without_unpickling(tmp_path: Path, protocol: int, order: Any, kind: str) -> None:
    values = np.asarray(np.arange(12).reshape(3, 4), dtype=kind, order=order)
    path = tmp_path / "Q1.pkl"
    path.write_bytes(pickle.dumps(values, protocol=protocol))
    np.testing.assert_array_equal(read_pickled_array(path), values.astype(np.float32))


def test_nan_of_a_pickled_array_stays(tmp_path: Path) -> None:
    values = np.array([[1.0, np.nan]])
    values.dump(tmp_path / "a.pkl")
    np.testing.assert_array_equal(read_pickled_array(tmp_path / "a.pkl"), values.astype(np.float32))


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_pickle_that_asks_for_more_is_refused_and_runs_nothing(tmp_path: Path, protocol: int) -> None:
    path, trace = tmp_path / "Q1.pkl", tmp_path / "trace"
    path.write_bytes(pickle.dumps(Evil(trace), protocol=protocol))
    with pytest.raises(CorpusError, match=r"Q1.pkl: asks for \S+; a pickle is read here only where it is an array"):
        read_pickled_array(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (np.array([None], dtype=object), "elements that aren't numbers"),
        ({"a": 1}, "the instruction EMPTY_DICT"),
        ("words", "something that isn't an array"),
    ],
)
def test_other_pickles_are_refused_by_what_they_hold(tmp_path: Path, made: Any, told: str) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(made))
    with pytest.raises(CorpusError, match=told):
        read_pickled_array(tmp_path / "a.pkl")


def test_what_is_no_pickle_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(b"RIFF")
    with pytest.raises(CorpusError, match=r"a.pkl: not a pickled array \(.*\); copy it again"):
        read_pickled_array(tmp_path / "a.pkl")


def test_arrays_tell_their_shape_and_their_faults(tmp_path: Path) -> None:
    path = tmp_path / "0_visual.npy"
    np.save(path, np.arange(2 * 68 * 2, dtype="f8").reshape(2, 68, 2))
    assert read_shape(path) == (2, 68, 2)
    assert read_rows(path, 136).shape == (2, 136), "points of two coordinates are flattened"
    with pytest.raises(CorpusError, match=r"0_visual.npy: an array of shape \(2, 68, 2\); expected rows of 25"):
        read_rows(path, 25)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(CorpusError, match=r"0_visual.npy: cut off: \d+ bytes; expected \d+ for \(2, 68, 2\)"):
        read_shape(path)
    np.save(path, np.array(["a"]))
    with pytest.raises(CorpusError, match=r"0_visual.npy: an array of <U1; expected numbers"):
        read_shape(path)


def test_archives_of_matrices_in_both_forms(tmp_path: Path) -> None:
    path, values = tmp_path / "text.ark", np.arange(6, dtype="<f4").reshape(2, 3)
    head = struct.pack("<bibi", 4, 2, 4, 3)
    words = b"p2  [\n  0 1 2\n  3 4 5 ]\n"
    path.write_bytes(
        b"p1 \0BFM " + head + values.tobytes() + words + b"p3 \0BDM " + head + values.astype("f8").tobytes()
    )
    index = read_index(path)
    assert list(index) == ["p1", "p2", "p3"]
    for matrix in index.values():
        np.testing.assert_array_equal(read_matrix(matrix), values)


def test_archives_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    path = tmp_path / "text.ark"
    path.write_bytes(b"p1 \0BCM " + bytes(64))
    with pytest.raises(CorpusError, match=r"text.ark, 'p1': a matrix of type 'CM'; expected FM or DM"):
        read_index(path)
    path.write_bytes(b"p1 \0BFM " + struct.pack("<bibi", 4, 9, 4, 9))
    with pytest.raises(CorpusError, match=r"text.ark, 'p1': cut off; copy the archive again"):
        read_index(path)


def test_workbooks_are_tables(tmp_path: Path) -> None:
    path = tmp_path / "info.xlsx"
    write_sheet(path, "hamd", [["id", "all", None], ["007", 12.0, None], [None, None, None], ["008", None, "x"]])
    table = read_sheet(path, sheet="hamd", required=("id", "all"))
    assert [dict(row.cells) for row in table.rows] == [{"id": "007", "all": "12"}, {"id": "008", "all": ""}]
    assert table.rows[1].place == "info.xlsx, row 4"
    with pytest.raises(Problems, match=r"info.xlsx: no column 'score' in its first row"):
        read_sheet(path, required=("score",))
    with pytest.raises(Problems, match=r"info.xlsx: no sheet 'phq'; it has 'hamd'"):
        read_sheet(path, sheet="phq", required=())
    path.write_bytes(b"not a workbook")
    with pytest.raises(Problems, match=r"info.xlsx: not an .xlsx workbook \(.*\); save it as one"):
        read_sheet(path, required=())
    with pytest.raises(Problems, match=r"none.xlsx: not there"):
        read_sheet(tmp_path / "none.xlsx", required=())


def write_wav(path: Path, seconds: float, bits: int = 16) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((2, bits // 8, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(int(seconds * 48_000) * 2 * (bits // 8)))


def test_headers_of_sound(tmp_path: Path) -> None:
    path = tmp_path / "01.wav"
    write_wav(path, 1.5, bits=24)
    assert (read_header(path).seconds, read_header(path).bits, read_header(path).channels) == (1.5, 24, 2)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(CorpusError, match=r"01.wav: cut off: 1956 bytes of sound; its header tells of 432000; copy it"):
        read_header(path)
    path.write_bytes(b"ID3" + bytes(50))
    with pytest.raises(CorpusError, match=r"01.wav: isn't a wav file; copy it again, or convert it to wav"):
        read_header(path)
    path.write_bytes(b"")
    with pytest.raises(CorpusError, match=r"01.wav: is empty"):
        read_header(path)
    write_wav(path, 0)
    with pytest.raises(CorpusError, match=r"01.wav: holds no sound"):
        read_header(path)
    with pytest.raises(CorpusError, match=r"02.wav: isn't there"):
        read_header(tmp_path / "02.wav")


@pytest.fixture(scope="module")
def face() -> Any:
    return draw_session(Study(participants=2, minutes=0.25), 0).face(25.0)


def table(face: Any, variant: str) -> Any:
    return openface_table(np.random.default_rng(0), face, variant)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("separator", [",", ", "])
def test_every_version_of_openface_is_read_by_name(tmp_path: Path, face: Any, variant: str, separator: str) -> None:
    path, made = tmp_path / "a.csv", table(face, variant)
    write_openface(path, made, separator=separator)
    assert openface_files.faults(path) == []
    columns = openface_files.agreed_columns([path])
    assert ("X_0" in columns) == (variant in ("all", "first", "points")), "x_0 is another column"
    signal = openface_files.read_openface(path, openface_files.COLUMNS)
    found = dict(zip(signal.columns, signal.values.T, strict=True))
    tracked = np.asarray(made["success"]) == 1
    np.testing.assert_allclose(found["AU12_r"][tracked], made["AU12_r"][tracked], atol=1e-6)
    np.testing.assert_allclose(found["pose_Tx"][tracked], made["pose_Tx"][tracked], rtol=1e-6)
    assert np.isnan(found["AU12_r"][~tracked]).all()
    assert np.isnan(found["X_0"]).all() == ("X_0" not in columns)
    assert signal.rate_hz == pytest.approx(25.0)
    assert openface_files.last_time(path) == pytest.approx(signal.times[-1])  # type: ignore[index]


def test_stale_frames_are_missing_and_times_are_openfaces(tmp_path: Path, face: Any) -> None:
    path, made = tmp_path / "a.csv", table(face, "points")
    made["success"][:], made["confidence"][:] = 1, 0.98
    write_openface(path, made, separator=", ")
    stale_frames(path, 10, 20)
    drop_rows(path, 5)
    signal = openface_files.read_openface(path, ("AU12_r",))
    kept = np.arange(len(made["frame"])) % 5 != 4  # rows 5, 10, … of the file, counted from 1 after the header
    np.testing.assert_allclose(np.asarray(signal.times), made["timestamp"][kept])
    stale = np.isin(np.arange(len(kept)), np.arange(10, 20))[kept]
    np.testing.assert_array_equal(np.isnan(signal.values[:, 0]), stale)


def test_of_two_faces_the_longer_track_is_read(tmp_path: Path, face: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path, made = tmp_path / "a.csv", table(face, "points")
    write_openface(path, made)
    alone = openface_files.read_openface(path, ("AU12_r", "pose_Rx"))
    second_face(path)
    both = openface_files.read_openface(path, ("AU12_r", "pose_Rx"))
    np.testing.assert_array_equal(both.values, alone.values)
    (entry,) = openface_files.several_faces(path, "p1")
    assert entry.what == "2 faces were followed: the one that was found in most frames is read"
    assert both.notes == ()
    monkeypatch.setattr(openface_files, "PEEK", 2000)
    assert openface_files.several_faces(path, "p1") == [], "too late in the file to be seen before it is read"
    late = openface_files.read_openface(path, ("AU12_r",), interview="p1")
    assert late.notes == (entry,)


def test_openface_that_cannot_be_read_is_told(tmp_path: Path, face: Any) -> None:
    path, made = tmp_path / "a.csv", table(face, "short")
    write_openface(path, {name: values for name, values in made.items() if name not in ("frame", "timestamp")})
    assert openface_files.faults(path) == [
        "a.csv, header: no column timestamp; expected OpenFace's FeatureExtraction; pictures measured one by one "
        "(FaceLandmarkImg) have no times"
    ]
    write_openface(path, made | {"timestamp": np.asarray(made["timestamp"])[::-1]})
    with pytest.raises(FeatureError, match=r"a.csv, row 3, column 'timestamp': [\d.]+; before the row before"):
        openface_files.read_openface(path, ("AU12_r",))
    path.write_text("", encoding="utf-8")
    assert openface_files.faults(path) == ["a.csv: is empty; copy it again"]
    path.write_text("timestamp,confidence,success,x_0,x_0\n0,1,1,1,1\n", encoding="utf-8")
    assert openface_files.faults(path) == ["a.csv, header: two columns named 'x_0'; were names put into lower case?"]


def lld_rows(count: int) -> list[list[float]]:
    values = np.ones((count, len(V02)))
    values[1, V02.index(opensmile_files.F0)] = 0.0
    values[2, V02.index("F1amplitudeLogRelF0_sma3nz")] = -201.0
    return values.tolist()


@pytest.mark.parametrize("wrapper", [True, False])
def test_opensmiles_descriptors_of_both_programs(tmp_path: Path, wrapper: bool) -> None:
    path = tmp_path / "a.csv"
    if wrapper:
        head = ["file,start,end," + ",".join(V02)]
        times = [f"a.wav,0 days 00:00:00.0{k}0000,0 days 00:00:00.0{k + 2}0000," for k in range(4)]
        lines = [lead + ",".join(map(str, row)) for lead, row in zip(times, lld_rows(4), strict=True)]
    else:
        head = ["name;frameTime;" + ";".join(V02)]
        lines = [f"'a;b';{k / 100:.2f};" + ";".join(map(str, row)) for k, row in enumerate(lld_rows(4))]
    path.write_text("\n".join(head + lines), encoding="utf-8")
    assert opensmile_files.is_opensmile(path)
    assert opensmile_files.descriptors(path) == V02
    assert opensmile_files.last_time(path) == pytest.approx(0.05)
    signal = read_opensmile(path, V02)
    np.testing.assert_allclose(np.asarray(signal.times), [0.01, 0.02, 0.03, 0.04])
    assert signal.rate_hz == 100.0
    voiced = [name.endswith("nz") for name in V02]
    np.testing.assert_array_equal(np.isnan(signal.values[1]), voiced)
    assert np.isnan(signal.select(("F1amplitudeLogRelF0_sma3nz",)).values[2, 0]), "-201 is no amplitude"
    assert np.isnan(signal.values).sum() == sum(voiced) + 1


def test_functionals_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("file,start,end,F0semitoneFrom27.5Hz_sma3nz_amean\na.wav,0,1,30\n", encoding="utf-8")
    (fault,) = opensmile_files.faults(path)
    assert fault.startswith(
        "a.csv: functionals (F0semitoneFrom27.5Hz_sma3nz_amean), one row a file; expected low-level"
    )


def test_opensmile_rows_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name;frameTime;Loudness_sma3\n'a';0.0;1\n'a';0.01;loud\n", encoding="utf-8")
    with pytest.raises(
        FeatureError, match=r"a.csv, row 3: could not convert string to float: 'loud'; expected numbers"
    ):
        read_opensmile(path, ("Loudness_sma3",))
    path.write_text("name;frameTime;Loudness_sma3\n'a';0.02;1\n'a';0.01;1\n", encoding="utf-8")
    with pytest.raises(FeatureError, match=r"row 3, column 'frameTime': '0.01'; expected a time that doesn't run back"):
        read_opensmile(path, ("Loudness_sma3",))


def test_what_opensmile_itself_writes(tmp_path: Path) -> None:
    """The Python package's own table, saved as it says: three seconds of a tone give 296 rows."""
    opensmile = pytest.importorskip("opensmile")
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
    tone = np.sign(np.sin(2 * np.pi * 110 * np.arange(48_000) / 16_000)).astype("f4") / 4
    smile.process_signal(tone, 16_000).to_csv(tmp_path / "a.csv")
    assert opensmile_files.is_opensmile(tmp_path / "a.csv")
    assert opensmile_files.descriptors(tmp_path / "a.csv") == V02
    signal = read_opensmile(tmp_path / "a.csv", V02)
    assert (len(signal), signal.rate_hz) == (296, 100.0)
    assert np.nanmedian(signal.select((opensmile_files.F0,)).values) == pytest.approx(24.0, abs=0.1)


def test_real_openface_output_is_read(shared_data: Path) -> None:
    path = shared_data / "openface" / "OpenFace_Test.csv"
    assert openface_files.faults(path) == []
    columns = openface_files.agreed_columns([path])
    signal = openface_files.read_openface(path, columns)
    assert len(signal) == 100
    assert {"X_0", "pose_Rx", "gaze_0_x", "AU12_r"} <= set(columns)
    assert "gaze_angle_x" not in columns, "OpenFace 1.0 has no gaze angles"
    assert np.isfinite(signal.select(("AU12_r",)).values).mean() > 0.5
