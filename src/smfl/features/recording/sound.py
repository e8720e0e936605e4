"""The sound of a recording, mixed to one channel and resampled (`smfl.features.recording.decoding`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from smfl.features.recording.decoding import Media, Note, decoded_frames, first_instant, opened, required_audio_stream
from smfl.interview import FloatArray

if TYPE_CHECKING:
    import av

SPEECH_RATE_HZ = 16_000
"""The rate to which sound is brought before it is measured: that of DAIC-WOZ, so that microphones compare."""

GAP_TOLERANCE_S = 0.02
"""Sound whose time stamp is this far from the end of the sound before it starts anew there; less is rounding."""


class Sound(NamedTuple):
    """Sound on the recording's clock.

    Args:
        samples: mono, float32 in -1 to 1, [samples].
        start_s: the instant of the first sample, s from the start of the recording.
    """

    samples: FloatArray
    start_s: float


def read_sound_frames(path: Media, *, note: Note | None = None) -> Iterator[tuple[float, av.AudioFrame]]:
    """The sound as it is stored in the file, neither mixed nor resampled: for what only shows there, such as clipping.

    Args:
        path: a sound or video file.
        note: called with where the file was cut off, and its sound is read up to there; None: that is an error.

    Yields:
        (time in s from the start of the recording, frame).

    Raises:
        RecordingError: where the file can't be read, has no sound, or was cut short (but see ``note``).
    """
    path = Path(path)
    with opened(path) as container:
        zero = first_instant(container)
        for frame in decoded_frames(path, container, required_audio_stream(path, container), note):
            yield float(frame.time) - zero, frame


def read_sound(
    path: Media, sample_rate: int = SPEECH_RATE_HZ, *, mix: Sequence[float] | None = None, note: Note | None = None
) -> Sound:
    """The sound as a whole; see `read_sound_pieces`."""
    pieces = list(read_sound_pieces(path, sample_rate, mix=mix, note=note))
    return Sound(np.concatenate([piece.samples for piece in pieces]), pieces[0].start_s)


def read_sound_pieces(
    path: Media,
    sample_rate: int = SPEECH_RATE_HZ,
    *,
    mix: Sequence[float] | None = None,
    note: Note | None = None,
) -> Iterator[Sound]:
    """The sound, mixed down to mono and resampled, on the same clock as the pictures, piece by piece.

    Each piece begins where the one before it ends; memory doesn't grow with length. A gap between time stamps is filled
    with silence, so that what follows stays where it belongs; where two stretches overlap, the earlier one is kept.

    Args:
        path: a sound or video file.
        sample_rate: of the result, Hz.
        mix: by what each channel is multiplied before they are added; None: their mean.
        note: called with where the file was cut off, and its sound is read up to there; None: that is an error.

    Raises:
        RecordingError: where the file can't be read, has no sound, or was cut short (but see ``note``).
    """
    path = Path(path)
    with opened(path) as container:
        stream = required_audio_stream(path, container)
        resampler = _resampler(sample_rate)
        zero, start, expected, position, late = first_instant(container), math.nan, -math.inf, 0, 0
        for frame in decoded_frames(path, container, stream, note):
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
