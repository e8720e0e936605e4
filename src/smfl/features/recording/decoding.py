"""Media files opened and decoded, stream by stream, on one clock.

Time is what the file's own time stamps say, never a frame's number divided by a rate: phones and video calls record at
a rate that varies, and `average_rate` is then wrong. Zero is where the first of the two streams starts.

A file that was cut off gives what it holds. Who reads it for features passes ``note``, which is called with where it
ends and where it should have ended; without ``note`` the same is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smfl.interview import MissingExtraError, RecordingError

if TYPE_CHECKING:
    import av

Media = Path | str
"""A recording: a sound or video file."""

CUT_TOLERANCE_S = 1.0
"""A stream that ends this much before its own header says is a file that was cut."""

Note = Callable[[str], None]
"""Called with a sentence on each fault of a recording that can be read in spite of it."""


@contextmanager
def opened(path: Path) -> Iterator[av.container.InputContainer]:
    """Open a media file; it is closed at the end of the context.

    Raises:
        RecordingError: where it isn't there, or can't be read.
        MissingExtraError: where PyAV isn't installed.
    """
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


def decoded_frames(
    path: Path, container: av.container.InputContainer, stream: Any, note: Note | None = None
) -> Iterator[Any]:
    """Decode one stream; a damaged packet is skipped, and nothing is at its instants.

    Raises:
        RecordingError: where nothing can be decoded; without ``note``, where reading breaks off, or ends before the
            header says.
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


def video_stream(container: av.container.InputContainer) -> Any:
    """The first stream of moving pictures; None without one. The cover picture of a music file is none."""
    import av

    moving = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    return moving[0] if moving else None


def required_audio_stream(path: Path, container: av.container.InputContainer) -> Any:
    """The first stream of sound; a `RecordingError` where there is none."""
    stream = audio_stream(container)
    if stream is None:
        raise RecordingError(f"{path}: there is no sound in it; the voice can only be measured in a file with one")
    return stream


def audio_stream(container: av.container.InputContainer) -> Any:
    """The first stream of sound that can be decoded; None without one."""
    return next((s for s in container.streams.audio if s.codec_context is not None), None)  # None: an unknown codec


def first_instant(container: av.container.InputContainer) -> float:
    """The first instant of the file's own time stamps, s: the earlier start of video and sound."""
    streams = [s for s in (video_stream(container), audio_stream(container)) if s is not None]
    return min((float(s.start_time * s.time_base) for s in streams if s.start_time is not None), default=0.0)


def duration(container: av.container.InputContainer) -> float:
    """The length, s: by the header, or else by the time stamps."""
    if container.duration is not None:
        return float(container.duration) / 1e6  # in microseconds
    ends = [
        float((packet.pts + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux()
        if packet.pts is not None and packet.time_base is not None
    ]
    return max(ends, default=0.0) - first_instant(container)


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault).lower()
