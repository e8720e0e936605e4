"""One interview: where each modality comes from, and what the ledger tells where it can't be had."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smfl.features.extraction.extract import Extracted, extract
from smfl.features.face.columns import COLUMNS
from smfl.features.recording.info import RecordingInfo
from smfl.features.settings import ExtractionSettings
from smfl.features.side_by_side import joined, thinned
from smfl.features.text import encoders as text
from smfl.features.voice import descriptors as voice
from smfl.interview import Entry, FeatureError, Interview, MissingExtraError, Segment, Sentence, Signal, TranscriptError

SENTENCES = tuple(Sentence(Segment(i, i + 0.8), f"sentence {i}") for i in range(4))
AUDIO_ONLY, GIVEN = ExtractionSettings(modalities=("audio",)), ExtractionSettings(modalities=("audio", "eeg"))


def signal(name: str, columns: tuple[str, ...], rate: float, seconds: float = 4.0, value: float = 1.0) -> Signal:
    times = np.arange(0, seconds, 1 / rate)
    return Signal(name, columns, np.full((len(times), len(columns)), value, "f4"), times, rate)


def openface(*more: str) -> Signal:
    return signal("openface", ("success", "pose_Rx", "pose_Ry", "pose_Rz", *more), 30.0)


def interview(**signals: Signal | Callable[[], Signal]) -> Interview:
    readers = {name: given if callable(given) else (lambda s=given: s) for name, given in signals.items()}
    return Interview("a", "a", SENTENCES, signals=readers)


def told(extracted: Extracted, action: str) -> list[str]:
    return [f"{entry.what}: {entry.why}" for entry in extracted.ledger if entry.action == action]


def test_given_features_are_used_as_they_are() -> None:
    made = extract(interview(audio=signal("audio", ("x", "y"), 10.0), eeg=signal("eeg", ("alpha",), 5.0)), GIVEN)
    assert made.modalities["audio"].extractor == made.modalities["eeg"].extractor == "given"
    assert made.modalities["audio"].columns == ("x", "y")
    assert made.features.rows("eeg", 0).shape == (4, 1)


def test_given_features_are_left_as_they_were() -> None:
    given = signal("audio", ("x",), 10.0)
    given.values[:, 0] = np.arange(len(given))
    before = given.values.copy()
    extract(interview(audio=given), AUDIO_ONLY)
    np.testing.assert_array_equal(given.values, before)


def test_openface_becomes_the_common_columns_and_its_action_units_where_asked() -> None:
    one = interview(openface=openface("AU04_r", "AU12_r"))
    common = extract(one, ExtractionSettings(modalities=("video",)))
    assert common.modalities["video"].columns == COLUMNS
    own = extract(one, ExtractionSettings(features="own", modalities=("video",)))
    assert own.modalities["video"].columns == (*COLUMNS, "AU04_r", "AU12_r")


def test_the_face_rate_thins_what_a_tool_measured() -> None:
    made = extract(interview(openface=openface()), ExtractionSettings(face_rate=10.0, modalities=("video",)))
    assert made.modalities["video"].rate_hz == 10.0
    assert len(made.features.rows("video", 0)) == 8


def test_covarep_and_formants_are_joined_by_time() -> None:
    one = interview(covarep=signal("covarep", ("F0",), 100.0), formant=signal("formant", ("F1",), 100.0, seconds=2.0))
    made = extract(one, ExtractionSettings(features="own", modalities=("audio",)))
    assert made.modalities["audio"].columns == ("F0", "F1")
    assert made.modalities["audio"].extractor == "covarep"
    assert not np.isnan(made.features.rows("audio", 0)).any()
    assert np.isnan(made.features.rows("audio", 3)[:, 1]).all()


def test_common_features_without_a_recording_say_what_is_there() -> None:
    with pytest.raises(FeatureError, match="no recording; covarep are there: features='own' reads them"):
        extract(interview(covarep=signal("covarep", ("F0",), 100.0)), AUDIO_ONLY)


def test_infinite_values_are_missing_ones() -> None:
    given = signal("audio", ("x", "y"), 10.0)
    given.values[3, 1] = -np.inf
    made = extract(interview(audio=given), AUDIO_ONLY)
    assert np.isnan(made.features.values["audio"][3, 1])
    assert np.isfinite(made.features.values["audio"]).sum() == made.features.values["audio"].size - 1
    assert told(made, "repaired") == ["audio: 1 infinite values in y are missing ones: "]


def test_sentences_without_a_modality_are_counted() -> None:
    made = extract(interview(audio=signal("audio", ("x",), 10.0, seconds=2.0)), AUDIO_ONLY)
    assert told(made, "missing") == ["audio of 2 of 4 sentences: "]
    assert np.diff(made.features.offsets["audio"]).tolist() == [8, 8, 0, 0]


def test_a_modality_that_cannot_be_had_is_missing_and_the_rest_goes_on() -> None:
    def broken() -> Signal:
        raise FeatureError("features/video/a.npy: 3-D, expected 2-D")

    made = extract(
        interview(video=broken, audio=signal("audio", ("x",), 10.0)), ExtractionSettings(modalities=("video", "audio"))
    )
    assert tuple(made.modalities) == ("audio",)
    assert told(made, "missing") == ["video: features/video/a.npy: 3-D, expected 2-D"]


def test_a_missing_library_is_a_missing_modality(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: Any, **__: Any) -> Signal:
        raise MissingExtraError("opensmile", extra="voice")

    monkeypatch.setattr(voice, "extract", absent)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(bytes(80_000))
    one = Interview("a", "a", SENTENCES, recording=tmp_path / "a.wav", signals={"x": lambda: signal("x", ("x",), 10.0)})
    made = extract(one, ExtractionSettings(modalities=("audio", "x")))
    [reason] = told(made, "missing")
    assert "pip install 'smfl[voice]'" in reason


def test_an_encoder_that_cannot_be_loaded_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def unreachable(info: text.EncoderInfo) -> text.TextEncoder:
        tried.append(info.name)
        raise FeatureError("the hub can't be reached")

    monkeypatch.setitem(text.ENCODERS._entries, "far", text.EncoderInfo("far", "far", unreachable, offline=True))
    settings = ExtractionSettings(text_encoder="far", modalities=("audio", "text"))
    for _ in range(2):
        made = extract(interview(audio=signal("audio", ("x",), 10.0)), settings)
        assert told(made, "missing") == ["text: the hub can't be reached"]
    assert tried == ["far"]


def test_sentences_without_words_are_no_text() -> None:
    one = Interview(
        "a",
        "a",
        tuple(Sentence(s.segment, " ") for s in SENTENCES),
        signals={"audio": lambda: signal("audio", ("x",), 10.0)},
    )
    made = extract(one, ExtractionSettings(modalities=("audio", "text")))
    assert told(made, "missing") == ["text: no sentence has words"]


@pytest.fixture
def lasts(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let every recording last so many seconds."""

    def set_duration(seconds: float) -> None:
        monkeypatch.setattr(
            "smfl.features.recording.info.probe",
            lambda path: RecordingInfo(path, seconds, has_video=False, has_audio=True),
        )

    return set_duration


def visit(tmp_path: Path) -> Interview:
    return Interview(
        "a",
        "a",
        SENTENCES,
        recording=tmp_path / "a.wav",
        signals={"audio": lambda: signal("audio", ("x",), 10.0)},
        ledger=(Entry("a", "noted", "as found"),),
    )


def test_what_runs_past_the_end_is_cut_or_stopped(tmp_path: Path, lasts: Callable[[float], None]) -> None:
    lasts(2.1)
    made = extract(visit(tmp_path), AUDIO_ONLY)
    assert made.features.times.tolist() == [[0, 0.8], [1, 1.8], [2, 2.1]]
    assert [(e.action, e.what) for e in made.ledger] == [
        ("noted", "as found"),
        ("cut", "1 sentences start after the end, 2.1 s"),
        ("repaired", "1 sentences ran past the end, 2.1 s"),
    ]


def test_another_recordings_transcript_is_refused(tmp_path: Path, lasts: Callable[[float], None]) -> None:
    lasts(0.9)
    with pytest.raises(TranscriptError, match=r"lasts 0\.9 s, but 3 of 4 sentences start after its end.*milliseconds"):
        extract(visit(tmp_path), AUDIO_ONLY)


def test_a_transcript_file_gives_the_sentences(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "start,stop,speaker,text\n0,0.5,interviewer,how are you\n1,1.8,participant,well\n"
        "2,2.5,interviewer,oh\n3,3.9,participant,not so well\n"
    )
    one = Interview("a", "a", transcript=path, signals={"audio": lambda: signal("audio", ("x",), 10.0)})
    assert extract(one, AUDIO_ONLY).features.texts == ("well", "not so well")


def test_thinning_keeps_one_frame_a_period_where_the_rate_varies() -> None:
    clock = np.array([0.0, 0.03, 0.12, 0.13, 0.31, 0.39])
    kept = thinned(Signal("openface", ("i",), np.arange(6, dtype="f4")[:, None], clock, 30.0), 10.0)
    assert kept.values.ravel().tolist() == [0, 2, 4]


def test_signals_without_times_cannot_be_joined() -> None:
    with pytest.raises(FeatureError, match="can't be joined without time stamps"):
        joined("audio", [signal("covarep", ("F0",), 100.0), Signal("formant", ("F1",), np.zeros((3, 1), "f4"))])
