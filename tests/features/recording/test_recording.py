"""Recordings: the clock is the file's own, for pictures and sound alike; what can't be read says why."""

from __future__ import annotations

import struct
import tracemalloc
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.features.recording.info import probe
from smfl.features.recording.pictures import picture_times, read_pictures
from smfl.features.recording.sound import read_sound, read_sound_pieces
from smfl.interview import RecordingError, Segment

MakeVideo = Callable[..., Path]


def test_times_are_the_files_own_at_a_variable_rate(make_video: MakeVideo) -> None:
    times = [0.0, 0.1, 0.13, 0.5, 0.52, 1.4]
    found = [time for time, _ in read_pictures(make_video(times))]
    np.testing.assert_allclose(found, times, atol=0.001)  # Matroska counts milliseconds


def test_pictures_come_in_order_and_as_they_were(make_video: MakeVideo) -> None:
    path = make_video([i / 25 for i in range(30)])
    levels = [int(picture[-10:, -10:].mean()) for _, picture in read_pictures(path)]
    assert np.abs(np.array(levels) - np.arange(40, 70)).max() <= 2


def test_sound_and_pictures_share_the_earlier_start_as_zero(make_video: MakeVideo) -> None:
    path = make_video([0.5 + i / 25 for i in range(50)], tone_start=1.25)
    assert next(read_pictures(path))[0] == pytest.approx(0.0, abs=0.001)
    samples, start = read_sound(path)
    assert start == pytest.approx(0.75, abs=0.001)
    assert len(samples) == pytest.approx(16_000, abs=32)
    sound_first = make_video([0.5 + i / 25 for i in range(50)], tone_start=0.2, name="sound_first.mkv")
    assert read_sound(sound_first).start_s == pytest.approx(0.0, abs=0.001)
    assert next(read_pictures(sound_first))[0] == pytest.approx(0.3, abs=0.001)


def test_a_gap_in_the_sound_is_silence_of_its_length(joining: object, tmp_path: Path) -> None:
    import av

    path = tmp_path / "gap.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for start in (0, 24_000):  # half a second of sound at 0 s and at 1.5 s
            frame = av.AudioFrame.from_ndarray(np.full((1, 8_000), 9_000, np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts = 16_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    samples, start_s = read_sound(path)
    assert start_s == 0.0
    assert len(samples) == 32_000
    assert np.abs(samples[8_100:23_900]).max() == 0.0
    assert samples[24_100:31_900].min() > 0.2


def test_where_two_stretches_of_sound_overlap_the_earlier_one_is_heard(tmp_path: Path) -> None:
    import av

    path = tmp_path / "overlap.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for start, level in ((0, 9_000), (4_000, 3_000)):  # half a second each; the second begins too early
            frame = av.AudioFrame.from_ndarray(np.full((1, 8_000), level, np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts = 16_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    pieces = list(read_sound_pieces(path))
    ends = [piece.start_s + len(piece.samples) / 16_000 for piece in pieces]
    np.testing.assert_allclose([piece.start_s for piece in pieces[1:]], ends[:-1], atol=1e-9)
    samples = read_sound(path).samples
    assert len(samples) == 12_000
    assert samples[100:7_900].min() > 0.25 > 0.1 > samples[8_100:11_900].max()


def test_the_instants_of_pictures_are_had_without_decoding(make_video: MakeVideo) -> None:
    times = [0.0, 0.1, 0.13, 0.5, 0.52, 1.4]
    np.testing.assert_allclose(picture_times(make_video(times)), times, atol=0.001)


def test_only_pictures_within_what_is_asked_for(make_video: MakeVideo) -> None:
    stretches = [Segment(0.2, 0.4), Segment(1.0, 1.1)]
    found = [time for time, _ in read_pictures(make_video([i / 25 for i in range(50)]), within=stretches)]
    np.testing.assert_allclose(found, [0.2, 0.24, 0.28, 0.32, 0.36, 1.0, 1.04, 1.08], atol=0.001)


def test_two_channels_are_no_louder_than_one(tmp_path: Path) -> None:
    mono, stereo = tmp_path / "mono.wav", tmp_path / "stereo.wav"
    samples = (12_000 * np.sin(np.arange(16_000) * 0.2)).astype("<i2")
    for path, channels in ((mono, 1), (stereo, 2)):
        with wave.open(str(path), "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(16_000)
            file.writeframes(np.repeat(samples, channels).tobytes())
    np.testing.assert_allclose(read_sound(stereo).samples, read_sound(mono).samples, atol=1e-4)


@pytest.mark.parametrize(("rate", "expected"), [(5.0, 10), (10.0, 20), (25.0, 50), (50.0, 50)])
def test_thinning_is_by_time(make_video: MakeVideo, rate: float, expected: int) -> None:
    path = make_video([i / 25 for i in range(50)])
    times = [time for time, _ in read_pictures(path, rate)]
    assert len(times) == expected
    assert np.diff(times).max() <= 1 / rate + 1 / 25 + 1e-6


def test_a_phone_held_upright_gives_upright_pictures(make_video: MakeVideo, tmp_path: Path) -> None:
    flat = make_video([i / 25 for i in range(5)], name="flat.mp4")
    box = bytearray(flat.read_bytes())
    at = box.index(b"tkhd") + 4 + 40  # the matrix of a version 0 track header
    box[at : at + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30
    )  # shown turned clockwise
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(bytes(box))
    _, lying = next(read_pictures(flat))
    _, upright = next(read_pictures(turned))
    assert lying.shape == (48, 64, 3)
    assert lying[:20, :28].mean() > 250 > 60 > lying[:20, 40:].mean()
    assert upright.shape == (64, 48, 3)
    assert upright[:28, 28:].mean() > 250 > 60 > upright[:28, :20].mean()  # the white corner is on the right now


def test_probe_tells_what_there_is(make_video: MakeVideo) -> None:
    info = probe(make_video([i / 25 for i in range(50)], tone_start=0.0))
    assert (info.has_video, info.has_audio, info.width, info.height) == (True, True, 64, 48)
    assert (info.sample_rate, info.channels) == (16_000, 1)
    assert info.duration_s == pytest.approx(2.0, abs=0.05)


def test_a_video_without_sound_and_sound_without_video_say_so(make_video: MakeVideo, tmp_path: Path) -> None:
    silent = make_video([0.0, 0.04, 0.08])
    with pytest.raises(RecordingError, match=r"made\.mkv: there is no sound in it; the voice can only"):
        read_sound(silent)
    only_sound = tmp_path / "voice.wav"
    with wave.open(str(only_sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\0\1" * 8_000)
    assert not probe(only_sound).has_video
    with pytest.raises(RecordingError, match=r"voice\.wav: there is no video in it; a face can only"):
        next(read_pictures(only_sound))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"not a film at all\n" * 50, "not a media file that can be read"),
        (None, "no such file"),
    ],
)
def test_what_is_no_recording_is_told(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "interview.mp4"
    if content is not None:
        path.write_bytes(content)
    for call in (probe, read_sound, lambda p: next(read_pictures(p))):
        with pytest.raises(RecordingError, match=rf"interview\.mp4: .*{says}"):
            call(path)


def test_a_file_cut_off_is_told(shared_data: Path, tmp_path: Path) -> None:
    whole = (shared_data / "recordings" / "face_silent_audio.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        RecordingError, match=r"cut\.mp4: the audio ends at 9\.\d s, but by its header at 19\.\d s: .*cut"
    ):
        read_sound(path)
    with pytest.raises(RecordingError, match=r"the video ends at 9\.\d s"):
        list(read_pictures(path, rate_hz=1.0))


def test_memory_does_not_grow_with_length(make_video: MakeVideo) -> None:
    path = make_video([i / 25 for i in range(200)])
    tracemalloc.start()
    largest = max(picture.nbytes for _, picture in read_pictures(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * largest
