"""What a recording holds, read from its header."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smfl.features.recording.decoding import Media, audio_stream, duration, opened, video_stream
from smfl.interview import RecordingError


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


def probe(path: Media) -> RecordingInfo:
    """Read what a recording holds.

    Raises:
        RecordingError: where it isn't there, or isn't a media file with video or sound.
        MissingExtraError: where PyAV isn't installed.
    """
    path = Path(path)
    with opened(path) as container:
        video, audio = video_stream(container), audio_stream(container)
        if video is None and audio is None:
            raise RecordingError(f"{path}: holds neither video nor sound; give a video or sound file")
        return RecordingInfo(
            path,
            duration(container),
            video is not None,
            audio is not None,
            width=None if video is None else video.width,
            height=None if video is None else video.height,
            nominal_fps=None if video is None or not video.average_rate else float(video.average_rate),
            sample_rate=None if audio is None else audio.sample_rate,
            channels=None if audio is None else audio.channels,
        )
