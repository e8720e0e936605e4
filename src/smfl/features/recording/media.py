"""Recordings: the pictures and the sound of a media file, on one clock.

Time is what the file's own time stamps say, never a frame's number divided by a rate: phones and video calls record at
a rate that varies, and `average_rate` then misleads. Zero is where the first of the two streams starts.

A file that was cut off gives what is there. Who reads it for features passes ``note`` and is told where it ends and
where it should have; without ``note`` the same is an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from smfl.interview import FloatArray, MissingExtraError, RecordingError, Segment

if TYPE_CHECKING:
    import av

Media = Path | str
"""A recording: a sound or video file."""

RgbImage = npt.NDArray[np.uint8]
"""One picture, [height, width, 3], red, green, blue."""

SPEECH_RATE_HZ = 16_000
"""The rate to which sound is brought before it is measured: that of DAIC-WOZ, so that microphones compare."""

CUT_TOLERANCE_S = 1.0
"""A stream that ends this much before its own header says is a file that was cut."""

GAP_TOLERANCE_S = 0.02
"""Sound whose time stamp is this far from the end of the sound before it starts anew there; less is rounding."""

LONGEST_SIDE = 1280
"""Larger pictures are made smaller while they are decoded, to this many pixels: the mesh reads a face at 256."""

DUE_TOLERANCE = 0.1
"""When pictures are thinned out to one a period, a picture this share of a period early counts for the next one."""

Note = Callable[[str], None]
"""Told what is amiss with a recording that can be read all the same, in words."""


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


def probe(path: Media) -> RecordingInfo:
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


def frames(
    path: Media,
    rate_hz: float | None = None,
    *,
    within: Sequence[Segment] | None = None,
    note: Note | None = None,
) -> Iterator[tuple[float, RgbImage]]:
    """The pictures, one after the other, upright, each with its instant; memory doesn't grow with length.

    Args:
        path: a video file.
        rate_hz: thin out to at most this many pictures a second, by time; None takes them all.
        within: only the pictures in these stretches, in time order; None takes them all.
        note: told where the file was cut off, and its pictures are had up to there; None: that is an error.

    Yields:
        (time in s from the start of the recording, not decreasing; picture [height, width, 3], no side longer than
        `LONGEST_SIDE`).

    Raises:
        RecordingError: where the file can't be read, has no video, or was cut short (but see ``note``).
    """
    path = Path(path)
    with _opened(path) as container:
        stream = _video(container)
        if stream is None:
            raise RecordingError(f"{path}: there is no video in it; a face can only be measured in a video file")
        stream.thread_type = "AUTO"
        zero, last, slot, ahead = _zero(container), -math.inf, -1, 0
        for frame in _decoded(path, container, stream, note):
            time = last = max(float(frame.time) - zero, last)
            if within is not None:
                while ahead < len(within) and within[ahead].stop <= time:
                    ahead += 1
                if ahead == len(within) or time < within[ahead].start:
                    continue
            if rate_hz is not None:
                reached = math.floor(time * rate_hz + DUE_TOLERANCE)
                if reached == slot:
                    continue
                slot = reached
            yield time, _upright(frame)


def instants(path: Media) -> FloatArray:
    """The instants of all pictures of a video, s, [pictures], from its time stamps alone: nothing is decoded.

    Raises:
        RecordingError: where the file can't be read or has no video.
    """
    path = Path(path) if isinstance(path, str) else path
    with _opened(path) as container:
        stream = _video(container)
        if stream is None:
            raise RecordingError(f"{path}: there is no video in it; what was measured of a face belongs to one")
        stamps = [packet.pts for packet in container.demux(stream) if packet.pts is not None]
        return np.sort(np.array(stamps, dtype=np.float64)) * float(stream.time_base) - _zero(container)


def sound_frames(path: Media, *, note: Note | None = None) -> Iterator[tuple[float, av.AudioFrame]]:
    """The sound as it lies in the file, neither mixed nor resampled: for what only shows there, such as clipping.

    Yields:
        (time in s from the start of the recording, frame).

    Raises:
        RecordingError: where the file can't be read, has no sound, or was cut short (but see ``note`` of `sounds`).
    """
    path = Path(path)
    with _opened(path) as container:
        zero = _zero(container)
        for frame in _decoded(path, container, _audio_there(path, container), note):
            yield float(frame.time) - zero, frame


def sound(
    path: Media, sample_rate: int = SPEECH_RATE_HZ, *, mix: Sequence[float] | None = None, note: Note | None = None
) -> Sound:
    """The sound as a whole; see `sounds`."""
    pieces = list(sounds(path, sample_rate, mix=mix, note=note))
    return Sound(np.concatenate([piece.samples for piece in pieces]), pieces[0].start_s)


def sounds(
    path: Media,
    sample_rate: int = SPEECH_RATE_HZ,
    *,
    mix: Sequence[float] | None = None,
    note: Note | None = None,
) -> Iterator[Sound]:
    """The sound, mixed down to mono and resampled, on the same clock as the pictures, a piece after the other.

    Each piece begins where the one before it ends; memory doesn't grow with length. A gap between time stamps is filled
    with silence, so that what follows stays where it belongs; where two stretches overlap, the earlier one is heard.

    Args:
        path: a sound or video file.
        sample_rate: of the result, Hz.
        mix: by what each channel is multiplied before they are added; None: their mean.
        note: told where the file was cut off, and its sound is had up to there; None: that is an error.

    Raises:
        RecordingError: where the file can't be read, has no sound, or was cut short (but see ``note``).
    """
    path = Path(path)
    with _opened(path) as container:
        stream = _audio_there(path, container)
        resampler = _resampler(sample_rate)
        zero, start, expected, position, late = _zero(container), math.nan, -math.inf, 0, 0
        for frame in _decoded(path, container, stream, note):
            time = float(frame.time)
            pieces: list[FloatArray] = []
            if abs(time - expected) > GAP_TOLERANCE_S:
                start = time if math.isnan(start) else start
                pieces = _samples(resampler.resample(None), mix) if position else []
                resampler = _resampler(sample_rate)
                away = round((time - start) * sample_rate) - position - sum(map(len, pieces))
                pieces += _silence(away, sample_rate)
                late = max(-away, 0)
            expected = time + frame.samples / frame.sample_rate
            frame.pts = None
            for piece in _samples(resampler.resample(frame), mix):
                pieces.append(piece[late:])
                late = max(late - len(piece), 0)
            for piece in pieces:
                yield Sound(piece, start - zero + position / sample_rate)
                position += len(piece)
        for piece in _samples(resampler.resample(None), mix):
            yield Sound(piece[late:], start - zero + position / sample_rate)
            position, late = position + len(piece[late:]), max(late - len(piece), 0)


def _silence(samples: int, sample_rate: int) -> list[FloatArray]:
    """So much silence, in views of one second: none takes more memory than that."""
    second = np.zeros(sample_rate, dtype=np.float32)
    whole, rest = divmod(max(samples, 0), sample_rate)
    return [*[second] * whole, second[:rest]]


def _samples(resampled: Iterable[Any], mix: Sequence[float] | None) -> list[FloatArray]:
    """One channel of all: their mean, so that the same voice on two channels is no louder than on one.

    What isn't a number, as a file of floats may hold, is silence.
    """
    found = []
    for frame in resampled:
        channels = frame.to_ndarray().astype(np.float32, copy=False)
        clean = channels if np.isfinite(channels).all() else np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0)
        weights = mix if mix is not None and len(mix) == len(channels) else [1 / len(channels)] * len(channels)
        found.append(np.asarray(weights, dtype=np.float32) @ clean)
    return found


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
        in_large_packets = {"max_size": "65536", "max_probe_packets": "1"} if path.suffix.casefold() == ".wav" else {}
        container = av.open(str(path), options=in_large_packets)
    except (av.FFmpegError, OSError) as fault:
        size = path.stat().st_size
        what = "the file is empty" if size == 0 else "not a media file that can be read, or cut off while it was copied"
        raise RecordingError(f"{path}: {what} ({_reason(fault)}); copy it again, or convert it to mp4 or wav") from None
    with container:
        yield container


def _decoded(
    path: Path, container: av.container.InputContainer, stream: Any, note: Note | None = None
) -> Iterator[Any]:
    """Decode one stream; a damaged packet is passed over, its instants stay empty.

    Raises:
        RecordingError: where nothing can be decoded; where nobody is there to be told that reading breaks off, or ends
            before the file says.
    """
    import av

    reached, seen, fault, is_torn = 0.0, 0, "", False
    try:
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in decoded:
                if frame.time is not None:
                    lasts = frame.samples / frame.sample_rate if stream.type == "audio" else 0.0
                    reached, seen, is_torn = float(frame.time) + lasts, seen + 1, frame.is_corrupt
                    yield frame
    except (av.FFmpegError, OSError) as broken:
        fault = f"{path}: the {stream.type} breaks off at {reached:.1f} s ({_reason(broken)}); copy the file again"
    if not seen and not fault:
        raise RecordingError(f"{path}: its {stream.type} can't be decoded: damaged or empty; convert it to mp4 or wav")
    end = _declared_end(container, stream)
    if not fault and end is not None and reached < end - CUT_TOLERANCE_S:
        fault = (
            f"{path}: the {stream.type} ends at {reached:.1f} s, but by its header at {end:.1f} s: "
            "the file was cut off; copy it again"
        )
    if not fault and is_torn:  # an MPEG stream declares no length: half a picture at its end is all there is to see
        fault = (
            f"{path}: the {stream.type} ends at {reached:.1f} s, in the middle of a picture or sound: "
            "the file was cut off; copy it again"
        )
    if fault and (note is None or not seen):
        raise RecordingError(fault)
    if fault and note is not None:
        note(fault)


def _declared_end(container: av.container.InputContainer, stream: Any) -> float | None:
    """Where a stream ends by what the file says of it, in the file's own time, s; None where it says nothing.

    Matroska says it of the whole file, or, where the writer was thorough, in a tag of the stream.
    """
    if stream.duration:
        return float((stream.duration + (stream.start_time or 0)) * stream.time_base)
    clock = stream.metadata.get("DURATION", "").split(":")
    if len(clock) == 3:
        return sum(float(part) * unit for part, unit in zip(clock, (3600, 60, 1), strict=True))
    whole: int | None = container.duration
    return whole / 1e6 if whole and len(container.streams) == 1 else None


def _video(container: av.container.InputContainer) -> Any:
    import av

    moving = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    return moving[0] if moving else None


def _audio_there(path: Path, container: av.container.InputContainer) -> Any:
    stream = _audio(container)
    if stream is None:
        raise RecordingError(f"{path}: there is no sound in it; the voice can only be measured in a file with one")
    return stream


def _audio(container: av.container.InputContainer) -> Any:
    return next((s for s in container.streams.audio if s.codec_context is not None), None)  # None: an unknown codec


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
    smaller = min(LONGEST_SIDE / max(frame.width, frame.height), 1.0)
    if smaller < 1.0:
        width, height = round(frame.width * smaller), round(frame.height * smaller)
        picture: RgbImage = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="AREA")
    else:
        picture = frame.to_ndarray(format="rgb24")
    quarters = round(frame.rotation / 90) % 4  # PyAV: degrees, counter-clockwise, like `np.rot90`
    return np.ascontiguousarray(np.rot90(picture, quarters)) if quarters else picture


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault).lower()
