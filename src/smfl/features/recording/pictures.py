"""The pictures of a video file, upright, each with its time stamp (`smfl.features.recording.decoding`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.features.recording.decoding import Media, Note, decoded_frames, first_instant, opened, video_stream
from smfl.interview import FloatArray, RecordingError, Segment

RgbImage = npt.NDArray[np.uint8]
"""One picture, [height, width, 3], red, green, blue."""

LONGEST_SIDE = 1280
"""Larger pictures are made smaller while they are decoded, to this many pixels: the mesh reads a face at 256."""

DUE_TOLERANCE = 0.1
"""When pictures are thinned out to one a period, a picture this share of a period early counts for the next one."""


def read_pictures(
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
        note: called with where the file was cut off, and its pictures are read up to there; None: that is an error.

    Yields:
        (time in s from the start of the recording, not decreasing; picture [height, width, 3], no side longer than
        `LONGEST_SIDE`).

    Raises:
        RecordingError: where the file can't be read, has no video, or was cut short (but see ``note``).
    """
    path = Path(path)
    with opened(path) as container:
        stream = video_stream(container)
        if stream is None:
            raise RecordingError(f"{path}: there is no video in it; a face can only be measured in a video file")
        stream.thread_type = "AUTO"
        zero, last, slot, next_segment = first_instant(container), -math.inf, -1, 0
        for frame in decoded_frames(path, container, stream, note):
            time = last = max(float(frame.time) - zero, last)
            if within is not None:
                while next_segment < len(within) and within[next_segment].stop <= time:
                    next_segment += 1
                if next_segment == len(within) or time < within[next_segment].start:
                    continue
            if rate_hz is not None:
                reached = math.floor(time * rate_hz + DUE_TOLERANCE)
                if reached == slot:
                    continue
                slot = reached
            yield time, _upright(frame)


def picture_times(path: Media) -> FloatArray:
    """The instants of all pictures of a video, s, [pictures], from its time stamps alone: nothing is decoded.

    Raises:
        RecordingError: where the file can't be read or has no video.
    """
    path = Path(path) if isinstance(path, str) else path
    with opened(path) as container:
        stream = video_stream(container)
        if stream is None:
            raise RecordingError(f"{path}: there is no video in it; what was measured of a face belongs to one")
        stamps = [packet.pts for packet in container.demux(stream) if packet.pts is not None]
        return np.sort(np.array(stamps, dtype=np.float64)) * float(stream.time_base) - first_instant(container)


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
