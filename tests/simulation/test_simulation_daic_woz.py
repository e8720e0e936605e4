"""The simulated DAIC-WOZ: the real one's files, formats and habits, with the same truth as the open format's."""

from __future__ import annotations

import csv
import wave
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import open_corpus
from smfl.interview import CallError
from smfl.simulation import simulate
from smfl.simulation.session import draw_session
from smfl.simulation.signals.sound import SAMPLE_RATE, synthesise
from smfl.simulation.signals.trackers import clnf_tables
from smfl.simulation.signals.voice import VoiceTracks
from smfl.simulation.study import Study
from smfl.simulation.writers.daic_woz import IDS, ITEMS
from smfl.simulation.writers.questionnaires import item_answers

SETTINGS = {"participants": 4, "minutes": 0.5, "seed": 3, "positives": 0.5}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate("daic-woz", tmp_path_factory.mktemp("daic") / "corpus", **SETTINGS)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(path: Path, *, skip: int = 0) -> np.ndarray:
    return np.loadtxt(path, delimiter=",", skiprows=skip, ndmin=2)


def test_the_files_are_the_real_ones(corpus: Path) -> None:
    assert len(IDS) == 189
    assert not {342, 394, 398, 460} & set(IDS)
    assert (IDS[0], IDS[-1]) == (300, 492)
    kinds = (
        "AUDIO.wav", "TRANSCRIPT.csv", "COVAREP.csv", "FORMANT.csv",
        "CLNF_features3D.txt", "CLNF_gaze.txt", "CLNF_pose.txt", "CLNF_AUs.txt",
    )  # fmt: skip
    for number in IDS[:4]:
        assert {path.name for path in (corpus / f"{number}_P").iterdir()} == {f"{number}_{kind}" for kind in kinds}
    with wave.open(str(corpus / "300_P" / "300_AUDIO.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        seconds = sound.getnframes() / sound.getframerate()
    assert 20 < seconds < 60
    for kind, width in (("COVAREP", 74), ("FORMANT", 5)):
        values = numbers(corpus / "300_P" / f"300_{kind}.csv")
        assert values.shape[1] == width
        assert len(values) / 100 == pytest.approx(seconds, abs=0.02)
    for kind, width in (("features3D", 208), ("gaze", 16), ("pose", 10), ("AUs", 24)):
        path = corpus / "300_P" / f"300_CLNF_{kind}.txt"
        header, first, second, *_ = path.read_text().splitlines()
        assert header.startswith("frame, timestamp, confidence, success, ")
        assert first.startswith("1, 0, ")
        assert second.startswith("2, 0.033333, ")
        values = numbers(path, skip=1)
        assert values.shape[1] == width
        assert len(values) / 30 == pytest.approx(seconds, abs=0.05)


def test_a_lost_face_is_zero_and_says_so() -> None:
    face = draw_session(Study(participants=2, seed=1), 0).face(30.0)
    assert 0.9 < face.success.mean() < 1
    for measured in clnf_tables(np.random.default_rng(0), face).values():
        values = np.stack([np.asarray(column, dtype=float) for column in measured.values()], axis=1)
        assert np.isfinite(values).all()
        assert not values[~face.success, 4:].any()
        assert values[face.success, 4:].any(axis=1).all()
        assert (values[~face.success, 2] < 0.5).all()


def test_the_transcript(corpus: Path) -> None:
    lines = (corpus / "301_P" / "301_TRANSCRIPT.csv").read_text().splitlines()
    assert lines[0] == "start_time\tstop_time\tspeaker\tvalue"
    rows = [line.split("\t") for line in lines[1:]]
    assert {row[2] for row in rows} == {"Ellie", "Participant"}
    assert rows[0][3] == "<synch>"
    assert rows[1][2] == "Participant"
    rows = rows[2:]
    starts = np.array([float(row[0]) for row in rows])
    stops = np.array([float(row[1]) for row in rows])
    assert (np.diff(starts) > 0).all()
    assert (starts < stops).all()
    mine = np.array([row[2] == "Participant" for row in rows])
    follows = mine[1:] & mine[:-1]
    assert (starts[1:] - stops[:-1])[follows].min() > 0.299
    assert follows.sum() > len(draw_session(Study(**SETTINGS), 1).latent) / 2


def test_ellie_is_logged_after_363(tmp_path: Path) -> None:
    out = simulate("daic-woz", tmp_path / "many", participants=65, minutes=0.25, modalities=("text",))
    by_hand, logged = ((out / f"{n}_P" / f"{n}_TRANSCRIPT.csv").read_text() for n in (363, 364))
    assert "Ellie\thi thanks for coming in" in by_hand
    assert "Ellie\thi_thanks_for_coming (hi thanks for coming in" in logged
    assert "scrubbed_entry" in "".join(path.read_text() for path in out.glob("*_P/*_TRANSCRIPT.csv"))
    assert "<laughter>" in logged


def test_the_labels_are_in_their_three_layouts(corpus: Path) -> None:
    truth = {row["interview"]: row for row in table(corpus / "truth.csv")}
    seen = set()
    for part in ("train", "dev"):
        for row in table(corpus / f"{part}_split_Depression_AVEC2017.csv"):
            assert sum(int(row[f"PHQ8_{item}"]) for item in ITEMS) == int(row["PHQ8_Score"])
            assert row["PHQ8_Binary"] == truth[row["Participant_ID"]]["label"]
            seen.add(row["Participant_ID"])
    hidden = table(corpus / "test_split_Depression_AVEC2017.csv")
    shown = table(corpus / "full_test_split.csv")
    assert all(set(row) == {"participant_ID", "Gender"} for row in hidden)
    assert all(set(row) == {"Participant_ID", "PHQ_Binary", "PHQ_Score", "Gender"} for row in shown)
    assert [row["participant_ID"] for row in hidden] == [row["Participant_ID"] for row in shown]
    assert seen | {row["Participant_ID"] for row in shown} == set(truth)
    for score in range(25):
        answers = item_answers(np.random.default_rng(score), score)
        assert sum(answers) == score
        assert set(answers) <= {0, 1, 2, 3}


def test_the_same_seed_plants_the_same_truth(corpus: Path, tmp_path: Path) -> None:
    other = simulate("manifest", tmp_path / "open", **SETTINGS)
    columns = ("label", "score", "llr", "llr_video", "llr_audio", "llr_text")
    ours, theirs = ([[row[c] for c in columns] for row in table(x / "truth.csv")] for x in (corpus, other))
    assert ours == theirs


def test_the_reader_finds_what_was_planted(corpus: Path) -> None:
    cohort = open_corpus(corpus)
    assert cohort.source.simulated
    for number, interview in enumerate(cohort):
        session = draw_session(Study(**SETTINGS), number)
        assert interview.label is not None
        assert interview.label.score == session.latent.score
        assert interview.gender == session.person.gender
        spoken = " ".join(utterance.text for utterance in session.timeline.sentences)
        read = " ".join(sentence.text for sentence in interview.sentences)
        assert set(read.split()) <= set(spoken.split())
        assert len(read) > 0.9 * len(spoken)
        face, voice = interview.signals["openface"](), interview.signals["covarep"]()
        assert face.times is not None
        smile = np.asarray(face.values[:, face.columns.index("AU12_r")], dtype=float)
        means = [np.nanmean(smile[(face.times >= u.start) & (face.times < u.stop)]) for u in session.timeline.sentences]
        assert np.corrcoef(means, session.latent.marker("smile"))[0, 1] > 0.7
        pitch = 12 * np.log2(np.nanmean(voice.values[:, voice.columns.index("F0")]) / 27.5)
        assert pitch == pytest.approx(session.person.pitch, abs=8)


@pytest.fixture(scope="module", params=[0, 2])
def sung(request: pytest.FixtureRequest) -> tuple[VoiceTracks, np.ndarray]:
    voice = draw_session(Study(**SETTINGS), request.param).voice(100.0)
    return voice, synthesise(np.random.default_rng(0), voice, rate=100.0)


def test_opensmile_hears_the_planted_pitch_and_loudness(sung: tuple[VoiceTracks, np.ndarray]) -> None:
    opensmile = pytest.importorskip("opensmile")
    voice, samples = sung
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.LowLevelDescriptors
    )
    heard = smile.process_signal(samples / 32768, SAMPLE_RATE)
    n = min(len(heard), len(voice.times))
    pitch = heard["F0semitoneFrom27.5Hz_sma3nz"].to_numpy()[:n]
    both = (pitch > 0) & voice.voiced[:n]
    error = pitch[both] - voice.semitones[:n][both]
    assert both.sum() > 0.8 * voice.voiced.sum()
    assert abs(np.median(error)) < 0.2
    assert (np.abs(error) < 1).mean() > 0.8
    loudness = heard["Loudness_sma3"].to_numpy()[:n]
    speech = voice.speech[:n]
    assert loudness[speech].mean() > 4 * loudness[~speech].mean()
    assert np.corrcoef(np.log(loudness[speech]), voice.level[:n][speech])[0, 1] > 0.6


def test_only_words_and_too_many(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="DAIC-WOZ has 189 participants; got 190"):
        simulate("daic-woz", tmp_path / "much", participants=190)
    out = simulate("daic-woz", tmp_path / "face", participants=2, minutes=0.25, modalities=("video",))
    assert not list(out.glob("*/*_AUDIO.wav"))
    assert all(line.endswith("\t") for line in (out / "300_P" / "300_TRANSCRIPT.csv").read_text().splitlines()[1:])


def test_going_on_where_it_stopped(tmp_path: Path) -> None:
    settings = {"participants": 3, "minutes": 0.25, "modalities": ("text",)}
    out = simulate("daic-woz", tmp_path / "out", **settings)
    first = out / "300_P" / "300_TRANSCRIPT.csv"
    before, words = first.stat().st_mtime_ns, (out / "301_P" / "301_TRANSCRIPT.csv").read_bytes()
    for path in (out / "301_P").iterdir():
        path.unlink()
    (out / "301_P").rmdir()
    simulate("daic-woz", out, **settings)
    assert first.stat().st_mtime_ns == before
    assert (out / "301_P" / "301_TRANSCRIPT.csv").read_bytes() == words
