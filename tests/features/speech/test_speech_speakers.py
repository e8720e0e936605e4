"""Whose voice it is: on a real conversation, on made voices, on two channels."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest

from smfl.features.recording.sound import SPEECH_RATE_HZ, read_sound
from smfl.features.speech import activity, speakers
from smfl.features.speech.recorded_speech import recognise_speech
from smfl.features.speech.speakers import Voices, by_channel, by_voice
from smfl.interview import Segment, Turn

pytest.importorskip("resemblyzer")
pytest.importorskip("silero_vad")

Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def script() -> tuple[Floats, tuple[Turn, ...]]:
    """The demo's script: two synthetic voices, and who speaks when."""
    pytest.importorskip("espeakng_loader")
    from scipy.signal import resample_poly

    from smfl.simulation.demo_recording import speak

    samples, rate, turns = speak()
    return resample_poly(samples / 32768, SPEECH_RATE_HZ, rate).astype(np.float32), turns


def told(voices: Voices, turns: tuple[Turn, ...]) -> float:
    """Share of turns whose voice is the one that the participant's has most often."""
    labels = np.array([voices.of(turn.segment) for turn in turns])
    who = np.array([turn.by_participant for turn in turns], dtype=int)
    return float(max((labels == who).mean(), (labels != who).mean()))


def test_the_speakers_of_a_real_conversation_are_told_apart(shared_data: Path, speech_study: ModuleType) -> None:
    heard = recognise_speech(shared_data / "speech" / speech_study.CONVERSATION)
    truth = speech_study.read_rttm(shared_data / "speech" / speech_study.TURNS)
    whole, within = speech_study.speaker_time(speech_study.by_instant(heard), truth)
    assert heard.voices.count == 2
    assert whole >= speech_study.LEAST_SPEAKER_TIME
    assert within >= 0.9


@pytest.mark.parametrize("name", ["jfk.flac", "librispeech_1995-1837-0001.wav", "sonnet001.mp3"])
def test_one_speaker_is_one_voice(shared_data: Path, name: str) -> None:
    samples, _ = read_sound(shared_data / "speech" / name)
    voices = by_voice(samples, activity.speech(samples))
    assert voices.count == 1
    assert voices.how.startswith("one voice")


def test_two_made_voices_are_told_apart(script: tuple[Floats, tuple[Turn, ...]]) -> None:
    samples, turns = script
    voices = by_voice(samples, activity.speech(samples))
    assert voices.count == 2
    assert voices.labels[0] == 0
    assert told(voices, turns) >= 0.9


def test_a_voice_is_the_same_loud_and_soft(script: tuple[Floats, tuple[Turn, ...]]) -> None:
    samples, _ = script
    times = np.arange(2.0, 6.0, 0.5)
    loud, soft = speakers.embed(samples, times), speakers.embed(samples * np.float32(0.05), times)
    assert (loud * soft).sum(axis=1).min() > 0.999


def test_one_voice_can_be_forced_into_two(script: tuple[Floats, tuple[Turn, ...]]) -> None:
    samples, turns = script
    alone = np.concatenate(
        [samples[round(t.segment.start * 16_000) : round(t.segment.stop * 16_000)] for t in turns if t.by_participant]
    )
    stretches = activity.speech(alone)
    assert by_voice(alone, stretches).count == 1
    assert by_voice(alone, stretches, force=True).count == 2


def test_many_windows_are_told_apart_by_some_of_them(
    script: tuple[Floats, tuple[Turn, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    samples, turns = script
    monkeypatch.setattr(speakers, "MAX_WINDOWS", 60)
    assert told(by_voice(samples, activity.speech(samples)), turns) >= 0.9


def on_two_channels(script: tuple[Floats, tuple[Turn, ...]], crosstalk: float, gain: float = 1.0) -> Floats:
    """Each speaker on a channel of their own, heard on the other one by so much."""
    samples, turns = script
    own = np.zeros((2, len(samples)), dtype=np.float32)
    for turn in turns:
        part = slice(round(turn.segment.start * 16_000), round(turn.segment.stop * 16_000))
        own[int(turn.by_participant), part] = samples[part]
    mixed = own + crosstalk * own[::-1]
    return np.asarray(mixed * np.array([[1.0], [gain]]), dtype=np.float32)


@pytest.mark.parametrize("gain", [1.0, 0.1])
def test_channels_tell_voices_apart_whatever_their_gain(script: tuple[Floats, tuple[Turn, ...]], gain: float) -> None:
    channels = on_two_channels(script, crosstalk=0.2, gain=gain)
    voices = by_channel(channels, activity.speech(channels.mean(axis=0)))
    assert voices is not None
    assert "one a channel" in voices.how
    assert told(voices, script[1]) == 1.0


def test_a_stereo_microphone_is_not_two_channels_of_voices(script: tuple[Floats, tuple[Turn, ...]]) -> None:
    channels = on_two_channels(script, crosstalk=0.8)
    assert by_channel(channels, activity.speech(channels.mean(axis=0))) is None
    both = np.stack([script[0], script[0]])
    assert by_channel(both, activity.speech(script[0])) is None


def test_too_little_speech_is_one_voice() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, SPEECH_RATE_HZ).astype(np.float32)
    voices = by_voice(samples, [Segment(0.0, 1.0)])
    assert (voices.count, voices.how) == (1, "too little speech to tell voices apart")
    assert by_channel(np.stack([samples, samples]), [Segment(0.0, 1.0)]) is None
    assert Voices(np.zeros(0), np.zeros(0, dtype=np.int64), "").of(Segment(1, 2)) == 0
