"""Recordings: the pictures and the sound of a media file, on one clock.

Time is what the file's own time stamps say, never a frame's number divided by a rate: phones and video calls record at
a rate that varies, and `average_rate` then misleads. Zero is where the first of the two streams starts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from smfl.interview import FloatArray, MissingExtraError, RecordingError

if TYPE_CHECKING:
    import av

RgbImage = npt.NDArray[np.uint8]
"""One picture, [height, width, 3], red, green, blue."""

SPEECH_RATE_HZ = 16_000
"""The rate to which sound is brought before it is measured: that of DAIC-WOZ, so that microphones compare."""

CUT_TOLERANCE_S = 1.0
"""A stream that ends this much before its own header says is a file that was cut."""

GAP_TOLERANCE_S = 0.02
"""Sound whose time stamp is this far from the end of the sound before it starts anew there; less is rounding."""

DUE_TOLERANCE = 0.1
"""When pictures are thinned out to one a period, a picture this share of a period early counts for the next one."""


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """What a recording holds, read from its header.

    Args:
        path: the file.
        duration_s: length, s.
        has_video: whether it has moving pictures; the cover picture of a music file is none.
        has_audio: whether it has sound.
        width: of the pictures as stored, pixels; None without video.
        height: likewise.
        nominal_fps: pictures a second as the header claims; for display, never to compute times from.
        sample_rate: of the sound as stored, Hz; None without sound.
        channels: of the sound; None without sound.
    """

    path: Path
    duration_s: float
    has_video: bool
    has_audio: bool
    width: int | None = None
    height: int | None = None
    nominal_fps: float | None = None
    sample_rate: int | None = None
    channels: int | None = None


class Sound(NamedTuple):
    """Sound on the recording's clock.

    Args:
        samples: mono, float32 in -1 to 1, [samples].
        start_s: the instant of the first sample, s from the start of the recording.
    """

    samples: FloatArray
    start_s: float


def probe(path: Path | str) -> RecordingInfo:
    """Read what a recording holds.

    Raises:
        RecordingError: where it isn't there, or isn't a media file with video or sound.
        MissingExtraError: where PyAV isn't installed.
    """
    path = Path(path)
    with _opened(path) as container:
        video, audio = _video(container), _audio(container)
        if video is None and audio is None:
            raise RecordingError(f"{path}: holds neither video nor sound; give a video or sound file")
        return RecordingInfo(
            path,
            _duration(container),
            video is not None,
            audio is not None,
            width=None if video is None else video.width,
            height=None if video is None else video.height,
            nominal_fps=None if video is None or not video.average_rate else float(video.average_rate),
            sample_rate=None if audio is None else audio.sample_rate,
            channels=None if audio is None else audio.channels,
        )


def frames(path: Path | str, rate_hz: float | None = None) -> Iterator[tuple[float, RgbImage]]:
    """The pictures, one after the other, upright, each with its instant; memory doesn't grow with length.

    Args:
        path: a video file.
        rate_hz: thin out to at most this many pictures a second, by time; None takes them all.

    Yields:
        (time in s from the start of the recording, not decreasing; picture [height, width, 3]).

    Raises:
        RecordingError: where the file can't be read, has no video, or was cut short.
    """
    path = Path(path)
    with _opened(path) as container:
        stream = _video(container)
        if stream is None:
            raise RecordingError(f"{path}: there is no video in it; a face can only be measured in a video file")
        stream.thread_type = "AUTO"
        zero, last, slot = _zero(container), -math.inf, -1
        for frame in _decoded(path, container, stream):
            time = last = max(float(frame.time) - zero, last)
            if rate_hz is not None:
                reached = math.floor(time * rate_hz + DUE_TOLERANCE)
                if reached == slot:
                    continue
                slot = reached
            yield time, _upright(frame)


def sound(path: Path | str, sample_rate: int = SPEECH_RATE_HZ) -> Sound:
    """The sound, mixed down to mono and resampled, on the same clock as the pictures.

    A gap between time stamps is filled with silence, so that what follows stays where it belongs.

    Args:
        path: a sound or video file.
        sample_rate: of the result, Hz.

    Raises:
        RecordingError: where the file can't be read, has no sound, or was cut short.
    """
    path = Path(path)
    with _opened(path) as container:
        stream = _audio(container)
        if stream is None:
            raise RecordingError(f"{path}: there is no sound in it; the voice can only be measured in a file with one")
        parts: list[tuple[float, list[FloatArray]]] = []
        expected = -math.inf
        resampler = _resampler(sample_rate)
        for frame in _decoded(path, container, stream):
            time = float(frame.time)
            if abs(time - expected) > GAP_TOLERANCE_S:
                if parts:
                    parts[-1][1].extend(_samples(resampler.resample(None)))
                resampler = _resampler(sample_rate)
                parts.append((time, []))
            expected = time + frame.samples / frame.sample_rate
            frame.pts = None
            parts[-1][1].extend(_samples(resampler.resample(frame)))
        parts[-1][1].extend(_samples(resampler.resample(None)))
        start = parts[0][0]
        return Sound(_placed([(t - start, p) for t, p in parts], sample_rate), start - _zero(container))


def _placed(parts: list[tuple[float, list[FloatArray]]], sample_rate: int) -> FloatArray:
    """Lay stretches of sound at their instants, silence between them; where two overlap, the later one is heard."""
    stretches = [(max(round(t * sample_rate), 0), np.concatenate(p)) for t, p in parts if p]
    whole = np.zeros(max((at + len(p) for at, p in stretches), default=0), dtype=np.float32)
    for at, samples in stretches:
        whole[at : at + len(samples)] = samples
    return whole


def _samples(resampled: Iterable[Any]) -> list[FloatArray]:
    """One channel of all: their mean, so that the same voice on two channels is no louder than on one."""
    return [frame.to_ndarray().astype(np.float32, copy=False).mean(axis=0) for frame in resampled]


def _resampler(sample_rate: int) -> av.AudioResampler:
    import av

    return av.AudioResampler(format="fltp", rate=sample_rate)


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    try:
        import av
    except ImportError:
        raise MissingExtraError("av", extra="face") from None
    if not path.is_file():
        raise RecordingError(f"{path}: there is no such file; check the path of the recording")
    try:
        container = av.open(str(path))
    except (av.FFmpegError, OSError) as fault:
        size = path.stat().st_size
        what = "the file is empty" if size == 0 else "not a media file that can be read, or cut off while it was copied"
        raise RecordingError(f"{path}: {what} ({_reason(fault)}); copy it again, or convert it to mp4 or wav") from None
    with container:
        yield container


def _decoded(path: Path, container: av.container.InputContainer, stream: Any) -> Iterator[Any]:
    """Decode one stream; a damaged packet is passed over, its instants stay empty.

    Raises:
        RecordingError: where reading breaks off, or ends before the stream's own header says.
    """
    import av

    reached, seen = 0.0, 0
    try:
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in decoded:
                if frame.time is not None:
                    reached, seen = float(frame.time), seen + 1
                    yield frame
    except (av.FFmpegError, OSError) as fault:
        raise RecordingError(
            f"{path}: the {stream.type} breaks off at {reached:.1f} s ({_reason(fault)}); copy the file again"
        ) from None
    if not seen:
        raise RecordingError(f"{path}: its {stream.type} can't be decoded: damaged or empty; convert it to mp4 or wav")
    if stream.duration:
        end = float((stream.duration + (stream.start_time or 0)) * stream.time_base)
        if reached < end - CUT_TOLERANCE_S:
            raise RecordingError(
                f"{path}: the {stream.type} ends at {reached:.1f} s, but by its header at {end:.1f} s: "
                f"the file was cut off; copy it again"
            )


def _video(container: av.container.InputContainer) -> Any:
    import av

    moving = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    return moving[0] if moving else None


def _audio(container: av.container.InputContainer) -> Any:
    return container.streams.audio[0] if container.streams.audio else None


def _zero(container: av.container.InputContainer) -> float:
    """The first instant of the file's own time stamps, s: the earlier start of video and sound."""
    streams = [s for s in (_video(container), _audio(container)) if s is not None]
    return min((float(s.start_time * s.time_base) for s in streams if s.start_time is not None), default=0.0)


def _duration(container: av.container.InputContainer) -> float:
    if container.duration is not None:
        return float(container.duration) / 1e6  # in microseconds
    ends = [
        float((packet.pts + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux()
        if packet.pts is not None and packet.time_base is not None
    ]
    return max(ends, default=0.0) - _zero(container)


def _upright(frame: Any) -> RgbImage:
    """The picture as it is meant to be seen: turned by the file's display matrix (a phone held upright)."""
    picture: RgbImage = frame.to_ndarray(format="rgb24")
    quarters = round(frame.rotation / 90) % 4  # PyAV: degrees, counter-clockwise, like `np.rot90`
    return np.ascontiguousarray(np.rot90(picture, quarters)) if quarters else picture


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault).lower()
