"""The simulated corpus in the open format: what is planted is in the frames, and nothing else betrays the label."""

from __future__ import annotations

import csv
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest

from smfl.interview import CallError
from smfl.simulation import simulate
from smfl.simulation.session import Session, draw_session
from smfl.simulation.signals.descriptors import DESCRIPTORS
from smfl.simulation.signals.face import generic_face
from smfl.simulation.study import Study
from smfl.simulation.writers.manifest import FACE_COLUMNS, FACE_HZ, VOICE_HZ

PARTICIPANTS = 12


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated") / "corpus"
    return simulate("manifest", out, participants=PARTICIPANTS, minutes=2.0, seed=5)


@pytest.fixture(scope="module")
def sessions() -> list[Session]:
    study = Study(participants=PARTICIPANTS, minutes=2.0, seed=5)
    return [draw_session(study, k) for k in range(PARTICIPANTS)]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def by_sentence(values: np.ndarray, rate: float, session: Session, measure) -> np.ndarray:
    times = np.arange(len(values)) / rate
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a sentence whose face was lost has no mean
        return np.array([
            measure(values[(times >= u.start) & (times < u.stop)]) for u in session.timeline.sentences
        ])  # fmt: skip


def test_the_folder_is_the_open_format(corpus: Path) -> None:
    settings = tomllib.loads((corpus / "corpus.toml").read_text())
    assert settings["format"] == 1
    assert settings["simulated"] is True
    assert settings["label"] == {"scale": "PHQ-8", "cutoff": 10}
    assert tuple(settings["features"]["audio"]["columns"]) == DESCRIPTORS
    assert len(DESCRIPTORS) == 25
    assert len(FACE_COLUMNS) == 2 + 204 + 6 + 6
    interviews = rows(corpus / "interviews.csv")
    assert len(interviews) == PARTICIPANTS
    assert all(int(row["label"]) == (int(row["score"]) >= 10) for row in interviews)
    assert sum(int(row["label"]) for row in interviews) == 4
    assert {row["split"] for row in interviews} == {"train", "validation", "test"}
    for row in interviews:
        for folder, rate, width in (("openface", FACE_HZ, len(FACE_COLUMNS)), ("audio", VOICE_HZ, 25)):
            values = np.load(corpus / "features" / folder / f"{row['interview']}.npy")
            assert values.dtype == np.float32
            assert values.shape[1] == width
            assert 90 < len(values) / rate < 180
    spoken = [row for row in rows(corpus / "sentences.csv") if row["speaker"] == "participant"]
    assert all(float(row["start"]) < float(row["stop"]) and row["text"] for row in spoken)
    assert {row["speaker"] for row in rows(corpus / "sentences.csv")} == {"participant", "interviewer"}


def test_the_truth_is_that_of_the_study(corpus: Path, sessions: list[Session]) -> None:
    truth = rows(corpus / "truth.csv")
    for row, session in zip(truth, sessions, strict=True):
        assert int(row["score"]) == session.latent.score
        ratios = session.study.ratios(session.latent)
        assert float(row["llr"]) == pytest.approx(ratios["llr"], abs=1e-5)
        assert float(row["llr_text"]) == pytest.approx(ratios["llr_text"], abs=1e-5)


def test_a_participant_is_the_same_however_many_there_are(corpus: Path, tmp_path: Path) -> None:
    small = simulate("manifest", tmp_path / "small", participants=2, minutes=2.0, seed=5)
    other = simulate("manifest", tmp_path / "other", participants=2, minutes=2.0, seed=6)
    for folder in ("openface", "audio"):
        first = Path("features") / folder / "sim-0002.npy"
        assert (small / first).read_bytes() == (corpus / first).read_bytes()
        assert (other / first).read_bytes() != (corpus / first).read_bytes()


@pytest.mark.parametrize(
    ("marker", "column", "measure"),
    [
        ("pitch level", "F0semitoneFrom27.5Hz_sma3nz", np.nanmean),
        ("pitch variability", "F0semitoneFrom27.5Hz_sma3nz", np.nanstd),
        ("loudness", "Loudness_sma3", lambda x: np.log(np.percentile(x, 75))),
        ("pause", "Loudness_sma3", lambda x: (x < 0.12).mean()),
        ("gaze lowered", "gaze_0_y", np.nanmean),
        ("head lowered", "pose_Rx", np.nanmean),
    ],
)
def test_the_frames_hold_the_markers(corpus: Path, sessions: list[Session], marker: str, column: str, measure) -> None:
    """A plain measure of a sentence's frames finds its marker again, gender taken out."""
    folder, rate, columns = (
        ("audio", VOICE_HZ, DESCRIPTORS) if column in DESCRIPTORS else ("openface", FACE_HZ, FACE_COLUMNS)
    )
    found, planted = [], []
    for number, session in enumerate(sessions):
        values = np.load(corpus / "features" / folder / f"sim-{number + 1:04d}.npy")[:, columns.index(column)]
        seen = by_sentence(values, rate, session, measure)
        rest = session.person.pitch if marker == "pitch level" else 0.0
        found.append(seen - rest)
        planted.append(session.latent.marker(marker))
    a, b = np.concatenate(found), np.concatenate(planted)
    finite = np.isfinite(a)
    assert finite.mean() > 0.95
    assert np.corrcoef(a[finite], b[finite])[0, 1] > 0.8


def test_the_landmarks_hold_the_smile(corpus: Path, sessions: list[Session]) -> None:
    """The mouth's width, over the eyes' distance: its mean within a person, its swing whoever smiles."""
    swings, planted = [], []
    index = {name: i for i, name in enumerate(FACE_COLUMNS)}
    for number, session in enumerate(sessions):
        values = np.load(corpus / "features" / "openface" / f"sim-{number + 1:04d}.npy")
        points = {
            p: values[:, [index[f"{axis}_{p}"] for axis in "XYZ"]] for p in (36, 45, 48, 54)
        }  # fmt: skip
        width = np.linalg.norm(points[54] - points[48], axis=1) / np.linalg.norm(points[45] - points[36], axis=1)
        seen = by_sentence(width, FACE_HZ, session, np.nanmean)
        finite = np.isfinite(seen)
        assert np.corrcoef(seen[finite], session.latent.marker("smile")[finite])[0, 1] > 0.7
        swing = by_sentence(width, FACE_HZ, session, np.nanstd)
        finite = np.isfinite(swing)
        swings.append(swing[finite])
        planted.append(session.latent.marker("smile")[finite])
    assert np.corrcoef(np.concatenate(swings), np.concatenate(planted))[0, 1] > 0.8


def test_the_face_is_one(corpus: Path) -> None:
    """Upright, in front of the camera, of a head's size; lost frames are nan and say so."""
    values = np.concatenate([np.load(path) for path in sorted((corpus / "features" / "openface").iterdir())])
    index = {name: i for i, name in enumerate(FACE_COLUMNS)}
    seen = values[:, index["success"]] == 1
    assert 0.9 < seen.mean() < 1
    assert np.isnan(values[~seen][:, index["X_0"] :]).all()
    assert (values[~seen, index["confidence"]] < 0.5).all()
    face = values[seen]
    assert (face[:, index["Y_8"]] > face[:, index["Y_27"]]).all()
    assert np.abs(face[:, index["X_16"]] - face[:, index["X_0"]] - 140).max() < 40
    assert (face[:, index["Z_30"]] > 300).all()
    for eye in (0, 1):
        gaze = face[:, [index[f"gaze_{eye}_{axis}"] for axis in "xyz"]]
        np.testing.assert_allclose(np.linalg.norm(gaze, axis=1), 1, atol=1e-5)
        assert (gaze[:, 2] < 0).all()
    assert np.allclose(generic_face()[:17, 0], -generic_face()[16::-1, 0])


def test_the_interviewer_and_the_setting_know_nothing(tmp_path: Path) -> None:
    """With an effect of 0 two corpora of different labels differ in nothing but the scores."""
    few, many = (
        simulate("manifest", tmp_path / str(p), participants=2, minutes=0.5, effect=0.0, positives=p, seed=1)
        for p in (0.1, 0.9)
    )
    assert (few / "sentences.csv").read_bytes() == (many / "sentences.csv").read_bytes()
    audio = Path("features") / "audio" / "sim-0001.npy"
    assert (few / audio).read_bytes() == (many / audio).read_bytes()
    assert {row["label"] for row in rows(few / "interviews.csv")} == {"0"}
    assert {row["label"] for row in rows(many / "interviews.csv")} == {"1"}


def test_going_on_and_refusing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    settings = {"participants": 3, "minutes": 0.5, "seed": 2}

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        simulate("manifest", out, **settings, progress=stop)
    first = out / "features" / "audio" / "sim-0001.npy"
    written = first.stat().st_mtime_ns
    steps: list[tuple[int, int]] = []
    simulate("manifest", out, **settings, progress=lambda done, total: steps.append((done, total)))
    assert first.stat().st_mtime_ns == written
    assert steps == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(CallError, match="other settings"):
        simulate("manifest", out, participants=3, minutes=0.5, seed=3)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(CallError, match="isn't empty"):
        simulate("manifest", tmp_path / "mine", **settings)


def test_only_some_modalities(tmp_path: Path) -> None:
    out = simulate("manifest", tmp_path / "voice", participants=2, minutes=0.5, modalities=("audio",))
    assert not (out / "features" / "openface").exists()
    assert all(row["text"] == "" for row in rows(out / "sentences.csv"))
    row = rows(out / "truth.csv")[0]
    assert row["llr"] == row["llr_audio"] != row["llr_video"]
    with pytest.raises(CallError, match="did you mean 'video'"):
        simulate("manifest", tmp_path / "wrong", participants=2, modalities=("vidoe",))


def test_words_vary_and_look_transcribed() -> None:
    study = Study(participants=30, seed=1)
    texts = [u.text for k in range(30) for u in draw_session(study, k).timeline.sentences]
    assert len(set(texts)) > 500
    assert all(text == text.lower() and text.replace("'", "").replace(" ", "").isalpha() for text in texts)


def test_splits_have_the_corpus_s_proportions_in_each_class() -> None:
    study = Study()
    splits, labels = np.array(study.splits()), study.labels()
    assert [int((splits == name).sum()) for name in ("train", "validation", "test")] == [107, 35, 47]
    assert int(labels.sum()) == 57
    for name in ("train", "validation", "test"):
        assert abs(labels[splits == name].mean() - 0.3) < 0.03
