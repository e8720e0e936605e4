"""Recordings without a transcript, from file to prepared features and a prediction; with one, as before."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smfl.features import Prepared
from smfl.features.extraction.extract import extract
from smfl.features.extraction.fingerprint import fingerprint
from smfl.features.recording.pictures import read_pictures
from smfl.features.recording.sound import read_sound
from smfl.features.settings import ExtractionSettings
from smfl.features.speech.participant_sentences import RECOGNISED_LINE
from smfl.interview import CallError, Entry, FeatureError, Interview, RecordingError, TranscriptError
from smfl.pipeline.prepare import prepare

av = pytest.importorskip("av")
pytest.importorskip("faster_whisper")
pytest.importorskip("resemblyzer")
pytest.importorskip("silero_vad")

FRAME_RATE, SOUND_RATE, ROUNDS = 25, 16_000, 4
SPOKEN = ExtractionSettings(modalities=("audio",))


def in_turns(clip: Path, other: Path, out: Path) -> Path:
    """A face that speaks, then is still while a voice from elsewhere speaks; four times, the voice talking more."""
    pictures = [picture for _, picture in read_pictures(clip)]
    own, voice = read_sound(clip).samples, read_sound(other).samples
    still = len(voice) // ROUNDS * FRAME_RATE // SOUND_RATE
    step = SOUND_RATE // FRAME_RATE
    own = np.resize(np.pad(own, (0, step * len(pictures))), step * len(pictures))
    heard = [part for i in range(ROUNDS) for part in (own, voice[i * still * step : (i + 1) * still * step])]
    seen = [*pictures, *[pictures[-1]] * still] * ROUNDS
    with av.open(str(out), "w") as container:
        video = container.add_stream("libx264", rate=FRAME_RATE, options={"preset": "ultrafast"})
        video.height, video.width, _ = pictures[0].shape
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=SOUND_RATE, layout="mono")
        for i, picture in enumerate(seen):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, FRAME_RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        samples = (np.concatenate(heard) * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
        container.mux(audio.encode(frame))
        container.mux(audio.encode())
    return out


@pytest.fixture(scope="module")
def conversation(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A talking head of GRID, and President Kennedy from off camera, who talks more."""
    clip, other = shared_data / "recordings" / "grid_lwbsza.mpg", shared_data / "speech" / "jfk.flac"
    return in_turns(clip, other, tmp_path_factory.mktemp("conversation") / "visit.mkv")


@pytest.fixture(scope="module")
def prepared(conversation: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The same, prepared: nobody was told what is said, or by whom."""
    return prepare(conversation, tmp_path_factory.mktemp("out"), face_rate=12.5, modalities=("video", "audio"))


def told(entries: list[Entry], begins: str) -> Entry:
    [entry] = [entry for entry in entries if entry.what.startswith(begins)]
    return entry


def test_a_recording_without_a_transcript_is_prepared(prepared: Prepared) -> None:
    one = prepared[0]
    assert set(one.values) == {"video", "audio"}
    assert len(one.texts) >= ROUNDS
    assert all(text.strip() for text in one.texts)
    assert all(len(one.rows("video", i)) for i in range(len(one.texts)))


def test_the_lips_on_camera_tell_the_participant_from_who_talks_more(prepared: Prepared) -> None:
    words = " ".join(prepared[0].texts).casefold()
    assert words.count("again") == ROUNDS
    assert "country" not in words
    line = told(prepared.ledger(), "participant: the first voice, from 0.")
    assert line.why.startswith("the lips on camera move more while it is heard")


def test_the_ledger_tells_what_was_done(prepared: Prepared) -> None:
    line = told(prepared.ledger(), RECOGNISED_LINE)
    assert "words were recognised by tiny.en (language: en), sure of a word by 0." in line.what
    assert told(prepared.ledger(), "2 voices heard").why.startswith("two voices, told apart by their sound")
    assert prepared.schema.settings.speech_model == "tiny.en"


def test_the_participant_can_be_named(conversation: Path) -> None:
    one = Interview("a", "a", recording=conversation)
    second = extract(one, replace(SPOKEN, participant="second"))
    assert "country" in " ".join(second.features.texts)
    assert told(list(second.ledger), "participant: the second voice").why == "as asked for"
    everyone = " ".join(extract(one, replace(SPOKEN, participant="all")).features.texts)
    assert "country" in everyone
    assert "again" in everyone


def test_a_transcript_beside_the_recording_is_preferred(conversation: Path, tmp_path: Path) -> None:
    shutil.copy(conversation, tmp_path)
    (tmp_path / "visit.csv").write_text("start,stop,speaker,text\n0,2,Anna,one\n2,4,Ben,two\n", encoding="utf-8")
    made = prepare(tmp_path / "visit.mkv", tmp_path / "out", modalities=("audio",), participant="ben")
    assert made[0].texts == ("two",)
    assert not any(entry.what.startswith(RECOGNISED_LINE) for entry in made.ledger())


def test_what_decides_is_part_of_the_fingerprint(conversation: Path) -> None:
    one = Interview("a", "a", recording=conversation)
    changes = ({}, {"speech_model": "small"}, {"language": "en"}, {"participant": "first"})
    settings = [ExtractionSettings().changed(**change) for change in changes]
    assert len({fingerprint(one, each, {}) for each in settings}) == len(settings)


def test_an_unreadable_recording_says_that_it_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "visit.mp4").write_bytes(b"\0" * 4096)
    with pytest.raises(RecordingError, match=r"visit\.mp4"):
        extract(Interview("a", "a", recording=tmp_path / "visit.mp4"), SPOKEN)
    with pytest.raises(FeatureError, match=r"visit: .*visit\.mp4") as fault:
        prepare(tmp_path / "visit.mp4", tmp_path / "out")
    assert "sentence" not in str(fault.value)


def test_a_silent_film_says_that_nobody_speaks(shared_data: Path) -> None:
    path = shared_data / "recordings" / "face_silent_audio.mp4"
    with pytest.raises(TranscriptError, match=r"nobody is heard to speak in its 19\.7 s of sound \(it is silent\)"):
        extract(Interview("a", "a", recording=path), ExtractionSettings())


def test_two_sentences_are_enough(shared_data: Path) -> None:
    path = shared_data / "speech" / "librispeech_1995-1837-0001.wav"
    made = extract(Interview("a", "a", recording=path), ExtractionSettings(modalities=("video", "audio")))
    assert len(made.features.texts) == 2
    assert set(made.features.values) == {"audio"}
    assert told(list(made.ledger), "video").why.endswith("a face can only be measured in a video file")


def test_an_interview_with_nothing_says_what_a_sentence_needs() -> None:
    with pytest.raises(TranscriptError, match="no sentences of the participant; a sentence needs a start"):
        extract(Interview("a", "a"), SPOKEN)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"speech_model": "tiny.em"}, r"unknown speech model 'tiny\.em'; did you mean 'tiny\.en'\?"),
        ({"language": "de"}, r"the speech model 'tiny\.en' can't read the language 'de'"),
    ],
)
def test_what_no_model_can_do_is_refused_at_once(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    with pytest.raises(CallError, match=message):
        prepare(tmp_path / "a.wav", tmp_path / "out", **settings)
