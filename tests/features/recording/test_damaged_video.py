"""Video as people have it: cut off, at a rate that varies, held upright, without a face, of one picture."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from smfl.features.extraction.extract import Extracted, extract
from smfl.features.face import pose
from smfl.features.face.video import follow_face, measure_face
from smfl.features.recording.pictures import RgbImage, picture_times, read_pictures
from smfl.features.recording.prefetch import prefetched
from smfl.features.settings import ExtractionSettings
from smfl.features.voice import descriptors as voice
from smfl.interview import Entry, Interview, RecordingError, Segment, Sentence

pytest.importorskip("mediapipe")
av = pytest.importorskip("av")

MakeVideo = Callable[..., Path]
FPS, SECONDS, RATE = 25, 6, 16_000
SENTENCES = (Sentence(Segment(0.2, 1.8), "one"), Sentence(Segment(4.2, 5.8), "two"))


@pytest.fixture(scope="module")
def clip(shared_data: Path) -> list[RgbImage]:
    """Three seconds of a face."""
    return [picture for _, picture in read_pictures(shared_data / "recordings" / "grid_lbbc2a.mpg")]


def film(path: Path, clip: list[RgbImage], codec: str, sound: str, **options: str) -> Path:
    """The clip forth and back with a tone, `SECONDS` long."""
    with av.open(str(path), "w", options=options) as container:
        video = container.add_stream(codec, rate=FPS, options={"preset": "ultrafast"} if codec == "libx264" else {})
        video.width, video.height, video.pix_fmt, video.bit_rate = 360, 288, "yuv420p", 1_500_000
        audio = container.add_stream(sound, rate=RATE if sound == "aac" else 44_100)
        audio.layout = "mono"
        for i, picture in enumerate([*clip, *clip[::-1]]):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            container.mux(video.encode(frame))
            n = audio.rate // FPS
            t = (i * n + np.arange(n)) / audio.rate
            tone = (8_000 * np.sign(np.sin(2 * np.pi * 150 * t))).astype(np.int16)[None]
            heard = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = audio.rate, i * n, Fraction(1, audio.rate)
            container.mux(audio.encode(heard))
        container.mux(video.encode())
        container.mux(audio.encode())
    return path


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def prepared(path: Path, *modalities: str) -> Extracted:
    return extract(
        Interview("a", "a", SENTENCES, recording=path), ExtractionSettings(modalities=modalities or ("video", "audio"))
    )


def why(made: Extracted) -> list[str]:
    return [f"{entry.what} {entry.why}".strip() for entry in made.ledger if entry.action == "missing"]


@pytest.mark.parametrize(
    ("name", "codecs", "options", "says"),
    [
        ("cut.mp4", ("libx264", "aac"), {"movflags": "faststart"}, r"the video ends at \d\.\d s, but by its"),
        ("cut.mkv", ("libx264", "aac"), {}, r"the video ends at \d\.\d s, but by its header at 6\.\d s"),
        ("cut.mpg", ("mpeg1video", "mp2"), {}, r"the video ends at \d\.\d s, in the middle of a picture"),
    ],
)
def test_a_file_cut_in_the_middle_gives_what_is_there_and_the_ledger_says_so(
    clip: list[RgbImage],
    tmp_path: Path,
    name: str,
    codecs: tuple[str, str],
    options: dict[str, str],
    says: str,
) -> None:
    path = cut(film(tmp_path / name, clip, *codecs, **options), 0.6)
    watched = follow_face(path)
    assert len(watched.faults) == 1
    assert np.isfinite(watched.signal.values[2:-2]).all()
    assert re.search(rf"{name}: {says}.*cut off; copy it again", watched.faults[0])
    made = prepared(path)
    assert set(made.modalities) == {"video", "audio"}
    assert np.diff(made.features.offsets["video"])[0] == 40
    told = " | ".join(why(made)) + " | ".join(e.what for e in made.ledger if e.action in ("cut", "repaired"))
    assert re.search(says, told)
    with pytest.raises(RecordingError, match="cut off; copy it again"):
        list(read_pictures(path))


def test_a_real_program_stream_cut_off_is_noticed(shared_data: Path, tmp_path: Path) -> None:
    whole = (shared_data / "recordings" / "grid_lbbc2a.mpg").read_bytes()
    path = tmp_path / "cut.mpg"
    path.write_bytes(whole[: len(whole) // 2])
    watched = follow_face(path)
    assert any("ends at 1.4 s, in the middle of a picture" in what for what in watched.faults)
    assert not follow_face(shared_data / "recordings" / "grid_lbbc2a.mpg").faults


def test_an_mp4_without_its_index_is_one_clear_message(clip: list[RgbImage], tmp_path: Path) -> None:
    path = cut(film(tmp_path / "late.mp4", clip, "libx264", "aac"), 0.7)
    with pytest.raises(RecordingError, match=r"late\.mp4: not a media file that can be read, or cut off while it was"):
        follow_face(path)


def test_the_voice_of_a_file_cut_off_is_had_up_to_there(clip: list[RgbImage], tmp_path: Path) -> None:
    path = cut(film(tmp_path / "cut.mp4", clip, "libx264", "aac", movflags="faststart"), 0.6)
    faults: list[str] = []
    heard = voice.extract(path, note=faults.append)
    assert heard.times is not None
    assert 2.5 < heard.times[-1] < 4.5
    assert any("the audio ends at" in what for what in faults)
    with pytest.raises(RecordingError, match="the audio ends at"):
        voice.extract(path)


def test_the_voice_within_stretches_is_that_of_the_whole(clip: list[RgbImage], tmp_path: Path) -> None:
    path = film(tmp_path / "whole.mp4", clip, "libx264", "aac")
    whole, part = voice.extract(path), voice.extract(path, within=[Segment(1.0, 2.0), Segment(4.0, 4.5)])
    assert whole.times is not None
    assert part.times is not None
    kept = ((whole.times >= 1.0) & (whole.times < 2.0)) | ((whole.times >= 4.0) & (whole.times < 4.5))
    np.testing.assert_array_equal(part.times, whole.times[kept])
    np.testing.assert_array_equal(part.values, whole.values[kept])


def test_a_rate_that_varies_keeps_every_instant(clip: list[RgbImage], tmp_path: Path) -> None:
    instants = np.cumsum(np.where(np.arange(40) % 5 == 0, 0.2, 0.033)) - 0.2
    path = tmp_path / "varies.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = 360, 288, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        for instant, picture in zip(instants, clip, strict=False):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(instant * 1000), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode())
    signal = measure_face(path)
    assert signal.times is not None
    np.testing.assert_allclose(signal.times, instants, atol=0.0011)
    np.testing.assert_allclose(picture_times(path), instants, atol=0.0011)
    assert signal.rate_hz == pytest.approx(1 / 0.033, rel=0.01)
    assert np.isfinite(signal.values[1:]).all()


def test_a_phone_held_upright_gives_an_upright_head(clip: list[RgbImage], tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = 288, 360, "yuv420p"
        for picture in clip[:12]:
            lying = np.ascontiguousarray(np.rot90(picture))
            container.mux(video.encode(av.VideoFrame.from_ndarray(lying, format="rgb24")))
        container.mux(video.encode())
    box = bytearray(path.read_bytes())
    at = box.index(b"tkhd") + 4 + 40
    turn = np.array([0, 1 << 16, 0, -(1 << 16), 0, 0, 360 << 16, 0, 1 << 30], dtype=">i4")
    box[at : at + 36] = turn.tobytes()
    path.write_bytes(bytes(box))
    upright = measure_face(path).select(pose.ANGLES).values
    assert np.isfinite(upright).all()
    assert np.abs(upright[:, 2]).max() < np.deg2rad(15)


def test_no_face_at_all_is_a_missing_modality(make_video: MakeVideo) -> None:
    path = make_video([i / FPS for i in range(FPS * SECONDS)], tone_start=0.0, tone_seconds=6.0)
    made = prepared(path)
    assert tuple(made.modalities) == ("audio",)
    assert "video not one sentence has a frame of it" in why(made)
    seen = [entry.what for entry in made.ledger if "face seen" in entry.what]
    assert seen == ["face seen in 0.0% of 90 frames, in 0 track(s)"]


def test_one_picture_is_no_video(make_video: MakeVideo) -> None:
    with pytest.raises(RecordingError, match=r"made\.mkv: holds a single picture; a face is followed through a video"):
        follow_face(make_video([0.0]))


def test_large_pictures_are_made_smaller(tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 3840, 2160, "yuv420p"
        picture = np.zeros((2160, 3840, 3), np.uint8)
        picture[:1080, :1920] = 255
        container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())
    _, seen = next(read_pictures(path))
    assert seen.shape == (720, 1280, 3)
    assert seen[:340, :620].mean() > 250 > 5 > seen[380:, 660:].mean()


def test_what_goes_ahead_stops_where_nobody_wants_more() -> None:
    closed = []

    def counting() -> Iterator[int]:
        try:
            yield from itertools.count()
        finally:
            closed.append(True)

    numbers = prefetched(counting())
    assert list(itertools.islice(numbers, 3)) == [0, 1, 2]
    numbers.close()
    assert closed == [True]

    def broken() -> Iterator[int]:
        yield 1
        raise RecordingError("it breaks off")

    with pytest.raises(RecordingError, match="it breaks off"):
        list(prefetched(broken()))


def test_the_ledger_of_a_whole_file_names_nothing_missing(clip: list[RgbImage], tmp_path: Path) -> None:
    made = prepared(film(tmp_path / "whole.mp4", clip, "libx264", "aac"))
    assert why(made) == []
    assert (
        Entry("a", "noted", "face seen in 100.0% of 90 frames, in 1 track(s)", str(tmp_path / "whole.mp4"))
        in made.ledger
    )
