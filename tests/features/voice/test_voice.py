"""The voice: openSMILE's descriptors on the recording's clock, and nothing undefined that looks measured."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from smfl.features.voice import descriptors as voice
from smfl.interview import FeatureError, FloatArray, RecordingError, Signal

pytest.importorskip("opensmile")

RATE = 16_000


def tone(seconds: float, hertz: float = 150.0) -> FloatArray:
    """A buzz with harmonics, as a voice has."""
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.1 * sum(np.cos(2 * np.pi * hertz * k * t) / k for k in range(1, 30)), dtype=np.float32)


def noise(seconds: float, level: float = 1e-3) -> FloatArray:
    return (level * np.random.default_rng(0).normal(size=round(seconds * RATE))).astype(np.float32)


def column(signal: Signal, name: str) -> FloatArray:
    return signal.select((name,)).values[:, 0]


def write_wav(path: Path, samples: FloatArray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def test_columns_are_egemaps_in_opensmiles_order() -> None:
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
    assert tuple(smile.feature_names) == voice.COLUMNS
    assert len(voice.COLUMNS) == 25


def test_pitch_where_the_voice_sounds_and_missing_where_not() -> None:
    signal = voice.measure(np.concatenate([noise(1), tone(1) + noise(1), noise(1)]), RATE)
    assert (signal.name, signal.columns, signal.rate_hz) == ("audio", voice.COLUMNS, 100.0)
    assert signal.values.dtype == np.float32
    assert len(signal) == 296
    assert signal.times is not None
    sounding = (signal.times > 1.1) & (signal.times < 1.9)
    pitch = column(signal, voice.F0)
    np.testing.assert_allclose(pitch[sounding], 12 * np.log2(150 / 27.5), atol=0.3)  # semitones over 27.5 Hz
    silent = (signal.times < 0.9) | (signal.times > 2.1)
    assert np.isnan(signal.select(voice.VOICED_COLUMNS).values[silent]).all()
    assert np.isfinite(np.delete(signal.values, [voice.COLUMNS.index(c) for c in voice.VOICED_COLUMNS], axis=1)).all()
    assert not (signal.values <= voice.AMPLITUDE_FLOOR).any()


def test_a_rows_instant_is_the_centre_of_its_window() -> None:
    signal = voice.measure(np.concatenate([noise(1), tone(1) + noise(1), noise(1)]), RATE, start_s=7.0)
    loud = column(signal, voice.LOUDNESS)
    assert signal.times is not None
    sounding = signal.times[loud > (loud.max() + loud.min()) / 2]
    assert (sounding[0] + sounding[-1]) / 2 == pytest.approx(8.5, abs=0.006)


def test_digital_silence_is_missing_as_a_whole() -> None:
    samples = np.concatenate([tone(1), np.zeros(RATE, "f4"), tone(1)])
    signal = voice.measure(samples, RATE)
    missing = np.isnan(signal.values).all(axis=1)
    assert signal.times is not None
    np.testing.assert_array_equal(missing, (signal.times > 1.005) & (signal.times < 1.995))


def test_long_sound_in_chunks_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.concatenate([tone(1.7, 120 + 20 * i) * (i % 3 > 0) + noise(1.7) for i in range(6)])
    whole = voice.measure(samples, RATE)
    monkeypatch.setattr(voice, "CHUNK_S", 4.0)
    chunked = voice.measure(samples, RATE)
    np.testing.assert_array_equal(np.isnan(chunked.values), np.isnan(whole.values))
    np.testing.assert_allclose(chunked.values, whole.values, atol=1e-4)


@pytest.mark.parametrize("rest", [0.0, 0.011, 0.02, 0.035, 0.059, 0.07])
def test_a_chunk_may_end_anywhere(monkeypatch: pytest.MonkeyPatch, rest: float) -> None:
    samples = tone(4.0 + rest) + noise(4.0 + rest)
    whole = voice.measure(samples, RATE)
    monkeypatch.setattr(voice, "CHUNK_S", 4.0)
    np.testing.assert_allclose(voice.measure(samples, RATE).values, whole.values, atol=1e-4)


def test_too_short_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"0\.050 s of sound is too short for a voice; it takes 0\.06 s or more"):
        voice.measure(tone(0.05), RATE)
    with pytest.raises(RecordingError, match=r"click\.wav: 0\.010 s of sound is too short"):
        voice.extract(write_wav(tmp_path / "click.wav", tone(0.01)))


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    seconds: list[float] = []
    voice.extract(write_wav(tmp_path / "tone.wav", tone(1)), progress=seconds.append)
    assert seconds == [pytest.approx(1.0)]


def test_a_silent_sound_track_is_missing(shared_data: Path) -> None:
    signal = voice.extract(shared_data / "recordings" / "face_silent_audio.mp4")
    assert len(signal) == pytest.approx(19.69 * 100, abs=10)
    assert np.isnan(signal.values).all()


def test_a_sound_track_without_speech_has_no_pitch(shared_data: Path) -> None:
    signal = voice.extract(shared_data / "recordings" / "single_face_no_speech.mp4")
    assert np.isnan(column(signal, voice.F0)).mean() > 0.95
    assert np.isfinite(column(signal, voice.LOUDNESS)).all()


def test_a_real_voice(shared_data: Path) -> None:
    signal = voice.extract(shared_data / "speech" / "jfk.flac")
    hertz = 27.5 * 2 ** (column(signal, voice.F0) / 12)
    assert 100 < np.nanmedian(hertz) < 260  # a man addressing a crowd
    assert 0.2 < np.isfinite(hertz).mean() < 0.8
    assert signal.times is not None
    assert signal.times[-1] == pytest.approx(11.0, abs=0.06)
