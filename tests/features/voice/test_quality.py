"""How good a sound is: known mixtures, known faults, and every way in which the same voice may lie in a file."""

from __future__ import annotations

import resource
import wave
from pathlib import Path

import numpy as np
import pytest

from smfl.features.recording.info import probe
from smfl.features.recording.sound import read_sound
from smfl.features.voice import descriptors as voice
from smfl.features.voice import quality
from smfl.features.voice.quality import SoundMeter, of_recording, of_samples
from smfl.interview import FloatArray, RecordingError, Segment

pytest.importorskip("av")

RATE = 16_000


@pytest.fixture(scope="module")
def speech(shared_data: Path) -> FloatArray:
    """Eleven seconds of a man addressing a crowd, mono, at `RATE`."""
    return read_sound(shared_data / "speech" / "jfk.flac").samples.astype(np.float64)


def bursts(seconds: float, rate: int = RATE, level: float = 0.1) -> FloatArray:
    """A buzz with harmonics, on and off, over a hiss below 4 kHz: something like speech where none is at hand."""
    t = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.cos(2 * np.pi * 120 * k * t) / k for k in range(1, 20)) * (t % 1 < 0.6)
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=len(t)))
    spectrum[np.fft.rfftfreq(len(t), 1 / rate) > 3_500] = 0
    hiss = np.fft.irfft(spectrum, len(t))
    return np.asarray(level * (buzz + 0.02 * hiss / hiss.std()))


def write_wav(path: Path, channels: FloatArray, rate: int = RATE, width: int = 2) -> Path:
    """A wav file of ``width`` bytes a sample; channels [C, n] or [n]."""
    scale = 2 ** (8 * width - 1)
    steps = np.clip(np.round(np.atleast_2d(channels).T * scale), -scale, scale - 1).astype("<i4")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(steps.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(steps.reshape(-1, 1).view("u1").reshape(-1, 4)[:, :width].tobytes())
    return path


def in_decibels(factor_db: float) -> float:
    return float(10 ** (factor_db / 20))


@pytest.mark.parametrize("colour", ["white", "pink"])
def test_signal_to_noise_of_known_mixtures(speech: FloatArray, colour: str) -> None:
    noise = np.random.default_rng(1).normal(size=len(speech))
    if colour == "pink":
        spectrum = np.fft.rfft(noise)
        noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), len(noise))
    noise /= noise.std()
    clean = of_samples(speech, RATE)
    levels = [clean.level_db - snr for snr in (20, 10, 0)]
    found = [of_samples(speech + noise * in_decibels(level), RATE).snr_db for level in levels]
    np.testing.assert_allclose(found, [20, 10, 0], atol=4)  # pink noise has a part of its power below any voice
    assert clean.snr_db > found[0] > found[1] > found[2]
    assert 22 < clean.snr_db < 30  # the crowd and the tape


@pytest.mark.parametrize("gain_db", [-60.0, -20.0, 6.02, 13.7])
def test_gain_changes_the_level_and_nothing_else(speech: FloatArray, gain_db: float) -> None:
    one, other = of_samples(speech, RATE), of_samples(speech * in_decibels(gain_db), RATE)
    assert other.level_db == pytest.approx(one.level_db + gain_db, abs=0.01)
    assert other.snr_db == pytest.approx(one.snr_db, abs=0.01)
    assert other.speech == one.speech


def test_the_level_is_that_of_active_speech(speech: FloatArray) -> None:
    one = of_samples(speech, RATE)
    rest = np.concatenate([speech, np.zeros(20 * RATE)])
    assert of_samples(rest, RATE).level_db == pytest.approx(one.level_db, abs=0.2)
    assert of_samples(rest, RATE).silent == pytest.approx(20 / 31, abs=0.01)
    assert of_samples(speech + 0.2, RATE).level_db == pytest.approx(one.level_db, abs=0.01), "an offset isn't loud"


def test_level_and_noise_are_the_participants_however_loud_the_interviewer_is(speech: FloatArray) -> None:
    hiss = 1e-4 * np.random.default_rng(3).normal(size=(4, len(speech)))
    far = 0.05 * speech
    turns = np.concatenate([speech + hiss[0], far + hiss[1], speech + hiss[2], far + hiss[3]])
    seconds = len(speech) / RATE
    meter = SoundMeter(RATE)
    meter.add(turns[None])
    own = meter.result([Segment(seconds, 2 * seconds), Segment(3 * seconds, 4 * seconds)])
    alone = of_samples(far + hiss[1], RATE)
    assert own.level_db == pytest.approx(alone.level_db, abs=0.3)
    assert meter.result().level_db == pytest.approx(of_samples(speech, RATE).level_db, abs=3)
    assert meter.result().level_db > own.level_db + 20
    assert own.snr_db < meter.result().snr_db - 10
    assert meter.result([Segment(1000, 1001)]) == meter.result(), "where nobody speaks, it is all speech"


def test_pieces_of_any_length_are_the_whole(speech: FloatArray) -> None:
    meter = SoundMeter(RATE)
    for start, stop in [(0, 1), (1, 1), (1, 333), (333, 40_000), (40_000, len(speech))]:
        meter.add(speech[None, start:stop])
    assert meter.result() == of_samples(speech, RATE)


def test_clipping_is_counted_at_full_scale_and_turned_down(speech: FloatArray) -> None:
    loud = np.clip(speech * in_decibels(12), -1, 1)
    assert of_samples(speech, RATE).clipped == 0.0
    assert of_samples(loud, RATE).clipped == pytest.approx(np.mean(np.abs(loud) == 1), abs=2e-3)
    assert of_samples(loud * 0.5, RATE).clipped > 0.5 * np.mean(np.abs(loud) == 1), "flat tops"
    quiet = np.round(speech * in_decibels(-50) * 2**15) / 2**15
    assert of_samples(quiet, RATE).clipped == 0.0, "steps of quiet sound are no flat tops"


def test_silence_has_no_level_and_a_hiss_no_speech() -> None:
    silent = of_samples(np.zeros(RATE), RATE)
    assert np.isnan([silent.level_db, silent.snr_db]).all()
    assert (silent.silent, silent.speech, silent.gain) == (1.0, 0.0, 1.0)
    hiss = of_samples(0.01 * np.random.default_rng(0).normal(size=10 * RATE), RATE)
    assert np.isnan(hiss.snr_db) or hiss.snr_db < 0
    assert hiss.speech < 0.2
    assert np.isnan(of_samples(np.ones((1, 10)), RATE).level_db), "shorter than a frame"
    tone = np.sin(2 * np.pi * 300 * np.arange(3 * RATE) / RATE) / 4
    assert np.isnan(of_samples(tone, RATE).snr_db), "without a pause, nothing tells the noise"


def test_no_gain_beyond_what_sixteen_bits_hold() -> None:
    faint = of_samples(bursts(3) * 1e-6, RATE)
    assert 20 * np.log10(faint.gain) == pytest.approx(quality.MAX_GAIN_DB)


@pytest.mark.parametrize(
    ("rate", "width", "channels"),
    [(8_000, 2, 1), (16_000, 2, 2), (22_050, 3, 1), (44_100, 2, 2), (48_000, 3, 2), (48_000, 4, 1)],
)
def test_the_same_voice_in_files_of_every_kind(tmp_path: Path, rate: int, width: int, channels: int) -> None:
    one = of_samples(bursts(4), RATE)
    path = write_wav(tmp_path / "voice.wav", np.tile(bursts(4, rate), (channels, 1)), rate, width)
    found = of_recording(path)
    assert found.seconds == pytest.approx(4.0, abs=0.01)
    assert found.level_db == pytest.approx(one.level_db, abs=0.5)
    assert found.snr_db == pytest.approx(one.snr_db, abs=1)
    assert found.mix == pytest.approx((1 / channels,) * channels)
    assert found.clipped == 0.0


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_stretches_are_on_the_recordings_clock_across_gaps(tmp_path: Path, layout: str) -> None:
    import av

    path, quiet, loud = tmp_path / "gap.mkv", bursts(3) * 0.1, bursts(3)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout=layout)
        pictures = container.add_stream("libx264", rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        for i in range(50):  # from 0 s on; the sound begins at 1 s
            container.mux(
                pictures.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), i, np.uint8), format="rgb24"))
            )
        container.mux(pictures.encode())
        for start, part in ((RATE, quiet), (10 * RATE, loud)):
            for first in range(0, len(part), 1600):
                steps = (part[first : first + 1600] * 32767).astype(np.int16)
                steps = np.repeat(steps, 2 if layout == "stereo" else 1)[None]
                frame = av.AudioFrame.from_ndarray(steps, format="s16", layout=layout)
                frame.sample_rate, frame.pts = RATE, start + first
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    found = of_recording(path, within=[Segment(3.0, 4.0)])  # a second early or late, and there is nothing
    assert found.seconds == pytest.approx(13.0, abs=0.05)
    assert found.silent == 0, "a gap isn't silence that was recorded"
    assert found.level_db == pytest.approx(of_samples(quiet, RATE).level_db, abs=0.3)
    assert of_recording(path, within=[Segment(10.0, 13.0)]).level_db == pytest.approx(found.level_db + 20, abs=0.3)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.flac", "flac"), ("a.m4a", "aac"), ("a.mp3", "libmp3lame"), ("a.mka", "libopus")]
)
def test_the_same_voice_through_codecs(tmp_path: Path, name: str, codec: str) -> None:
    import av

    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(bursts(4, 48_000)[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for part in (*av.AudioResampler(stream.format, frame_size=960).resample(frame), None):
            container.mux(stream.encode(part))
    one, found = of_samples(bursts(4), RATE), of_recording(tmp_path / name)
    assert found.level_db == pytest.approx(one.level_db, abs=0.5)
    assert found.snr_db == pytest.approx(one.snr_db, abs=6)  # codecs spare themselves the hiss
    assert found.clipped == 0


def test_floats_that_are_no_numbers_are_silence(tmp_path: Path) -> None:
    import av

    samples = bursts(4).astype(np.float32)[None]
    samples[0, 20_000], samples[0, 40_000] = np.nan, np.inf
    with av.open(str(tmp_path / "a.wav"), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=RATE, layout="mono")
        for first in range(0, samples.shape[1], 1600):
            frame = av.AudioFrame.from_ndarray(samples[:, first : first + 1600], format="flt", layout="mono")
            frame.sample_rate, frame.pts = RATE, first
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    found, one = of_recording(tmp_path / "a.wav"), of_samples(bursts(4), RATE)
    assert found.level_db == pytest.approx(one.level_db, abs=0.1)
    assert np.isfinite(read_sound(tmp_path / "a.wav").samples).all()


def test_clipping_is_seen_before_mixing_and_resampling(tmp_path: Path) -> None:
    loud = np.clip(bursts(3, 48_000, level=0.6), -1, 1)
    path = write_wav(tmp_path / "loud.wav", np.stack([loud, 0.1 * bursts(3, 48_000)]), 48_000)
    found = of_recording(path)
    assert found.clipped == pytest.approx(np.mean(np.abs(loud) == 1) / 2, rel=0.1)
    assert found.clipped > 0.005


def test_channels_with_opposite_signs_do_not_cancel_out(tmp_path: Path) -> None:
    buzz = bursts(3)
    hiss = 1e-3 * np.random.default_rng(2).normal(size=(2, len(buzz)))
    plain = write_wav(tmp_path / "plain.wav", np.stack([buzz, buzz]) + hiss)
    turned = write_wav(tmp_path / "turned.wav", np.stack([buzz, -0.5 * buzz]) + hiss)
    apart = write_wav(tmp_path / "apart.wav", np.stack([buzz, 0 * buzz]) + hiss)
    assert of_recording(plain).mix == of_recording(apart).mix == (0.5, 0.5)
    found = of_recording(turned)
    assert (found.mix, found.inverted) == ((0.5, -0.5), (2,))
    assert np.abs(read_sound(turned).samples).std() < 0.3 * np.abs(read_sound(plain).samples).std()
    mixed, one = voice.extract(turned), voice.extract(plain)
    pitch = [signal.select((voice.F0,)).values[:, 0] for signal in (mixed, one)]
    np.testing.assert_allclose(pitch[0], pitch[1], atol=0.2)


@pytest.mark.parametrize(
    ("gain_db", "width", "within"),
    [(-20.0, 3, 0.02), (6.0, 2, 0.05), (-45.0, 3, 0.05), (-20.0, 2, 0.3)],  # 16 bits: their steps are a hiss in MFCCs
)
def test_the_voice_is_the_same_at_any_gain(
    speech: FloatArray, tmp_path: Path, gain_db: float, width: int, within: float
) -> None:
    pytest.importorskip("opensmile")
    quiet = speech * in_decibels(-8)  # room for 6 dB more
    one = voice.extract(write_wav(tmp_path / "one.wav", quiet, width=3))
    other = voice.extract(write_wav(tmp_path / "other.wav", quiet * in_decibels(gain_db), width=width))
    loud = [signal.select((voice.LOUDNESS,)).values[:, 0] for signal in (one, other)]
    there = np.isfinite(loud[0]) & np.isfinite(loud[1])
    assert there.sum() > 0.99 * np.isfinite(loud[0]).sum()
    np.testing.assert_allclose(loud[1][there], loud[0][there], atol=0.02 * np.nanmax(loud[0]))
    voiced = [np.isfinite(signal.select((voice.F0,)).values[:, 0]) for signal in (one, other)]
    assert np.mean(voiced[0] == voiced[1]) > 0.99
    spread = np.nanstd(one.values, axis=0)
    assert (np.nanmedian(np.abs(one.values - other.values), axis=0) < within * spread).all()


def test_an_event_far_louder_than_speech_does_not_turn_its_sign(speech: FloatArray) -> None:
    pytest.importorskip("opensmile")
    quiet = speech * in_decibels(-40)
    slammed = quiet.copy()
    slammed[5 * RATE : 5 * RATE + 800] = 0.99
    signal = voice.measure(slammed.astype(np.float32), RATE, gain=of_samples(quiet, RATE).gain)
    assert np.isfinite(signal.select((voice.LOUDNESS,)).values[50:-50]).all()
    assert (np.abs(voice._in_steps(slammed, 100.0)) <= 1).all()
    assert (np.sign(voice._in_steps(slammed, 100.0)) * np.sign(slammed) >= 0).all()


def test_a_wav_that_was_cut_is_as_long_as_it_is(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "cut.wav", bursts(6))
    path.write_bytes(path.read_bytes()[: 3 * RATE * 2])
    assert of_recording(path).seconds == pytest.approx(3.0, abs=0.01)
    assert probe(path).duration_s == pytest.approx(3.0, abs=0.01)
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(RecordingError, match=r"cut\.wav: not a media file that can be read, or cut off"):
        of_recording(path)


def test_three_hours_take_seconds_and_little_memory(tmp_path: Path) -> None:
    path, minute = tmp_path / "long.wav", 60
    buzz = write_wav(tmp_path / "minute.wav", bursts(minute, 8_000), 8_000).read_bytes()
    data = bytearray(buzz[:44])
    size = 3 * 60 * minute * 8_000 * 2
    data[4:8], data[40:44] = (size + 36).to_bytes(4, "little"), size.to_bytes(4, "little")
    with path.open("wb") as file:  # the first, a middle and the last minute have a voice; holes between
        file.write(data)
        for at in (0, 90, 179):
            file.seek(44 + at * minute * 16_000)
            file.write(buzz[44:])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = of_recording(path)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert found.seconds == pytest.approx(3 * 3600, abs=0.01)
    assert found.silent == pytest.approx(177 / 180, abs=1e-3)
    assert found.snr_db == pytest.approx(of_samples(bursts(minute), RATE).snr_db, abs=1)
    assert grown_kb < 150_000, "all its samples would be 690 MB"


def test_sound_in_one_long_packet_is_not_cut_off(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        steps = (bursts(5)[None] * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(steps, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert of_recording(tmp_path / "a.mkv").seconds == pytest.approx(5.0)
