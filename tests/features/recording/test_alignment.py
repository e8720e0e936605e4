"""Six clips joined into one recording: features, words and clock agree to a frame (§2.2)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smfl.features import cut
from smfl.features.face.columns import LANDMARK_COLUMNS
from smfl.features.face.video import measure_face
from smfl.features.recording.info import probe
from smfl.features.speech.transcript import read_transcript, sentences_of
from smfl.features.voice import descriptors as voice
from smfl.interview import FloatArray, Sentence, Signal

pytest.importorskip("mediapipe")
pytest.importorskip("opensmile")

FRAMES_OF_A_CLIP = 75


@pytest.fixture(scope="module")
def sentences(joined: Any) -> tuple[Sentence, ...]:
    return sentences_of(read_transcript(joined.transcript, duration_s=probe(joined.recording).duration_s))


@pytest.fixture(scope="module")
def video(joined: Any) -> Signal:
    return measure_face(joined.recording, everyone=True)  # six people, and all are wanted


@pytest.fixture(scope="module")
def audio(joined: Any) -> Signal:
    return voice.extract(joined.recording)


def lag(reference: FloatArray, other: FloatArray, most: int) -> int:
    """By how many rows ``other`` comes later, where the two are most alike."""
    inner = slice(most, len(reference) - most)
    alike = {
        shift: np.corrcoef(reference[inner], other[most + shift : len(reference) - most + shift])[0, 1]
        for shift in range(-most, most + 1)
    }
    return max(alike, key=lambda shift: alike[shift])


def test_the_transcript_is_six_sentences(joined: Any, sentences: tuple[Sentence, ...]) -> None:
    assert [sentence.text for sentence in sentences] == joined.words
    assert [sentence.segment for sentence in sentences] == joined.segments


def test_each_sentence_owns_its_own_pictures(sentences: tuple[Sentence, ...], video: Signal) -> None:
    values, offsets = cut(video, sentences)
    assert np.abs(np.diff(offsets) - FRAMES_OF_A_CLIP).max() <= 1
    assert offsets[-1] == len(values) == len(video)


def test_the_face_changes_exactly_at_the_boundaries(sentences: tuple[Sentence, ...], video: Signal) -> None:
    points = video.select(LANDMARK_COLUMNS).values.reshape(len(video), -1, 3)
    change = np.linalg.norm(np.diff(points, axis=0), axis=-1).mean(axis=1)
    assert video.times is not None
    largest = sorted((np.argsort(change)[-5:] + 1).tolist())
    boundaries = [sentence.segment.start for sentence in sentences[1:] if sentence.segment]
    assert np.abs(video.times[largest] - boundaries).max() < 0.5 / 25


def test_the_mouth_moves_as_in_the_single_clip(joined: Any, sentences: tuple[Sentence, ...], video: Signal) -> None:
    mouth = video.select(("proxy_mouth_open",))
    for i in (1, 4):
        alone = measure_face(joined.clips[i]).select(("proxy_mouth_open",)).values[:, 0]
        rows, _ = cut(mouth, sentences[i : i + 1])
        assert abs(lag(alone, rows[:, 0], 5)) <= 1


def test_the_voice_starts_as_in_the_single_clip(joined: Any, sentences: tuple[Sentence, ...], audio: Signal) -> None:
    loudness = audio.select((voice.LOUDNESS,))
    for clip, sentence in zip(joined.clips, sentences, strict=True):
        alone = voice.extract(clip).select((voice.LOUDNESS,)).values[:, 0]
        rows, _ = cut(loudness, [sentence])
        assert abs(lag(alone[:280], rows[:280, 0], 10)) <= 1


def test_voice_and_lips_are_on_one_clock(joined: Any, video: Signal, audio: Signal) -> None:
    """Lips open where it sounds: over all clips the two go together best within a few pictures of no shift."""
    assert video.times is not None
    assert audio.times is not None
    loud = np.interp(video.times, audio.times, audio.select((voice.LOUDNESS,)).values[:, 0])
    lips = np.nan_to_num(video.select(("proxy_landmark_speed",)).values[:, 0])
    lips = np.minimum(lips, np.percentile(lips, 95))  # changes of person aside
    assert abs(lag(loud, lips, 12)) <= 5


def test_a_face_without_speech(shared_data: Path) -> None:
    path = shared_data / "recordings" / "single_face_no_speech.mp4"
    seen, heard = measure_face(path), voice.extract(path)
    assert len(seen) == 72
    assert np.isfinite(seen.values[1:]).all()
    assert np.isnan(heard.select((voice.F0,)).values).mean() > 0.95


def test_the_example_writes_a_recording_and_its_transcript(shared_data: Path, tmp_path: Path) -> None:
    example = Path(__file__).resolve().parents[3] / "examples" / "join_recordings.py"
    recordings = shared_data / "recordings"
    clips = [recordings / "grid_lwbsza.mpg", recordings / "grid_bbaf2n.mpg"]
    out, words = tmp_path / "two.mp4", recordings / "grid_transcripts.tsv"
    call = [sys.executable, example, *clips, "--out", out, "--words", words]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert "6.00 s of 2 clips" in done.stdout
    assert out.with_suffix(".csv").read_text(encoding="utf-8").splitlines() == [
        "start,stop,speaker,text",
        "0.000,3.000,participant,lay white by s zero again",
        "3.000,6.000,participant,bin blue at f two now",
    ]
    info = probe(out)
    assert (info.has_video, info.has_audio) == (True, True)
    assert info.duration_s == pytest.approx(6.0, abs=0.05)
