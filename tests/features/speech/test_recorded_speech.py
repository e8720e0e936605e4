"""A recording without a transcript: its sentences with their words, and a plain word where there are none."""

from __future__ import annotations

import wave
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from smfl.features.speech.recorded_speech import recognise_speech
from smfl.features.speech.speakers import Voices
from smfl.features.speech.words_to_sentences import sentences
from smfl.interview import INTERVIEWER, PARTICIPANT, RecordingError, Segment, TranscriptError, Word

pytest.importorskip("faster_whisper")
pytest.importorskip("resemblyzer")
pytest.importorskip("silero_vad")


def write_sound(path: Path, samples: Any, rate: int = 16_000) -> Path:
    """A 16-bit wav of [samples] or [channels, samples]."""
    channels = np.atleast_2d(samples)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((channels.T * 32767).astype("<i2").tobytes())
    return path


def said(*words: tuple[float, float, str]) -> list[Word]:
    return [Word(Segment(start, stop), text) for start, stop, text in words]


def cut(words: list[Word], voices: Voices) -> list[tuple[int, str]]:
    return [(voice, " ".join(word.text for word in one)) for voice, one in sentences(words, voices)]


def test_sentences_end_with_punctuation_and_pauses() -> None:
    words = said((0, 1, "I"), (1, 2, "sleep.”"), (2, 3, "Not"), (3.5, 4, "well,"), (5, 6, "you"), (6, 7, "know?"))
    assert cut(words, Voices(np.zeros(1), np.zeros(1, dtype=np.int64), "")) == [
        (0, "I sleep.”"),
        (0, "Not well,"),
        (0, "you know?"),
    ]


def test_sentences_end_where_another_voice_begins_but_not_for_an_instant() -> None:
    voices = Voices(np.array([0.5, 1.5, 2.2, 2.6, 3.5, 4.5, 5.5]), np.array([0, 0, 1, 0, 1, 1, 1]), "")
    words = said((0, 1, "how"), (1, 2, "do"), (2, 2.3, "you"), (2.4, 3, "sleep"), (3, 4, "not"), (4, 5, "well"))
    assert cut(words, voices) == [(0, "how do you sleep"), (1, "not well")]
    assert cut([], voices) == []


def test_a_conversation_has_sentences_of_both_with_the_words_and_their_times(shared_data: Path) -> None:
    turns = recognise_speech(shared_data / "speech" / "ami_dev00.wav").turns(1)
    assert {turn.speaker for turn in turns} == {PARTICIPANT, INTERVIEWER}
    assert [turn.segment for turn in turns] == sorted(turn.segment for turn in turns)
    for turn in turns:
        assert turn.text == " ".join(word.text for word in turn.words)
        assert turn.segment.start == turn.words[0].segment.start
        assert turn.segment.stop == max(word.segment.stop for word in turn.words)
    assert "marketing expert" in " ".join(turn.text for turn in turns)


def test_what_is_heard_does_not_depend_on_how_many_cores_there_are(shared_data: Path) -> None:
    import torch
    from threadpoolctl import threadpool_limits

    made = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            before = torch.get_num_threads()
            made.append(recognise_speech(shared_data / "speech" / "ami_dev00.wav"))
            assert torch.get_num_threads() == before
    assert made[0].recognised == made[1].recognised
    assert made[0].voices.how == made[1].voices.how
    assert (made[0].voices.labels == made[1].voices.labels).all()


def test_a_quiet_recording_is_heard_like_a_loud_one(
    shared_data: Path, tmp_path: Path, speech_study: ModuleType
) -> None:
    from smfl.features.recording.sound import read_sound

    samples, _ = read_sound(shared_data / "speech" / "jfk.flac")
    heard = recognise_speech(write_sound(tmp_path / "quiet.wav", samples / 300))
    wrong = speech_study.word_error_rate(speech_study.SAID["jfk.flac"], heard.recognised.text())
    assert wrong <= speech_study.MOST_WORD_ERRORS


def test_two_channels_with_a_voice_each(shared_data: Path, tmp_path: Path) -> None:
    from smfl.features.recording.sound import read_sound

    first, _ = read_sound(shared_data / "speech" / "jfk.flac")
    second, _ = read_sound(shared_data / "speech" / "librispeech_1995-1837-0001.wav")
    channels = np.zeros((2, len(first) + len(second)))
    channels[0, : len(first)], channels[1, len(first) :] = first, second / 4
    heard = recognise_speech(write_sound(tmp_path / "two.wav", channels))
    assert "one a channel" in heard.voices.how
    by = {who: " ".join(t.text for t in heard.turns(0) if t.speaker == who) for who in (PARTICIPANT, INTERVIEWER)}
    assert by[PARTICIPANT].startswith("And so my fellow Americans")
    assert by[INTERVIEWER].startswith("It was the first great sorrow of his life.")


def test_times_are_the_recordings(shared_data: Path, tmp_path: Path) -> None:
    from smfl.features.recording.sound import read_sound

    samples, _ = read_sound(shared_data / "speech" / "librispeech_1995-1837-0001.wav")
    later = write_sound(tmp_path / "later.wav", np.concatenate([np.zeros(5 * 16_000), samples]))
    begin = (
        recognise_speech(shared_data / "speech" / "librispeech_1995-1837-0001.wav").recognised.words[0].segment.start
    )
    assert recognise_speech(later).recognised.words[0].segment.start == pytest.approx(begin + 5, abs=0.25)


def test_silence_says_so(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "silent.wav", np.zeros(32_000))
    with pytest.raises(
        TranscriptError, match=r"silent\.wav: nobody is heard to speak in its 2\.0 s of sound \(it is s"
    ):
        recognise_speech(path)


def test_noise_is_no_speech(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "noise.wav", np.random.default_rng(0).normal(0, 0.05, 32_000))
    with pytest.raises(
        TranscriptError, match=r"nobody is heard to speak in its 2\.0 s of sound, and there is no trans"
    ):
        recognise_speech(path)


def test_a_film_without_sound_says_so(make_video: Any) -> None:
    with pytest.raises(TranscriptError, match="there is no sound in it, and no transcript beside it"):
        recognise_speech(make_video([i / 25 for i in range(10)]))


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"not a film" * 100)
    with pytest.raises(RecordingError, match=r"broken\.mp4"):
        recognise_speech(tmp_path / "broken.mp4")
