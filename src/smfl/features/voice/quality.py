"""How good a sound is, and how loud: measured before the voice is, on the samples as they are stored in the file.

Two things come of one pass through a recording. The *level* of its speech, to which the voice is normalised, so that
loudness shows how a voice varies and not how the microphone's gain was set; and *quality facts*: clipping,
silence, share of speech, signal-to-noise ratio. What is kept of the sound is one small matrix for every 20 ms, so
memory hardly grows with its length. How level and ratio are found in the powers of frames, `speech_level` says.

Where it is known when the participant speaks, both are of the participant's speech alone: an interviewer close to the
microphone must not change what is measured of the voice further away.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from smfl.features.recording.decoding import Media, Note
from smfl.features.recording.sound import GAP_TOLERANCE_S, SPEECH_RATE_HZ, read_sound_frames
from smfl.features.voice.clipping import ClippingMeter
from smfl.features.voice.speech_level import FRAME_S, active_level, participant, signal_to_noise, speech_frames
from smfl.interview import FloatArray, RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import av

    from smfl.interview import Segment

DIGITAL_SILENCE = 2.0**-16
"""Samples below half a step of 16-bit sound are zero: nothing was recorded, or it was removed (scrubbed names)."""

INVERTED = -0.5
"""Channels whose correlation is below this are one sound with opposite signs: added, they would cancel out."""

REFERENCE_DB = -26.0
"""The active speech level to which a voice is normalised, dB of full scale: what speech is tested at (ITU-T P.830)."""

MAX_GAIN_DB = 50.0
"""No sound is amplified by more: below, 16-bit sound has hardly a step left, and what is there is no voice."""

PIECE_S = 10
"""A recording is read in pieces of so many seconds."""


@dataclass(frozen=True, slots=True)
class SoundQuality:
    """What is known of a sound as a whole. What isn't known is ``nan``.

    Args:
        seconds: length, s.
        level_db: active speech level, dB of full scale (a full-scale square wave has 0); nan in silence.
        snr_db: signal-to-noise ratio, dB; nan where there is no speech, or no pause in it.
        speech: share of the time in which speech is active, 0 to 1.
        silent: share of the time in which nothing at all was recorded (digital silence), 0 to 1.
        clipped: share of samples at full scale or on a flat top, 0 to 1.
        mix: by what each channel is to be multiplied before they are added; negative where one is inverted.

    Example:
        >>> SoundQuality(1.0, -46.0, 30.0, 0.5, 0.0, 0.0, (1.0,)).gain
        10.0
    """

    seconds: float
    level_db: float
    snr_db: float
    speech: float
    silent: float
    clipped: float
    mix: tuple[float, ...]

    @property
    def gain(self) -> float:
        """The factor that brings the active speech level to `REFERENCE_DB`, at most `MAX_GAIN_DB`; 1 in silence."""
        if not isfinite(self.level_db):
            return 1.0
        return float(10 ** (min(REFERENCE_DB - self.level_db, MAX_GAIN_DB) / 20))

    @property
    def inverted(self) -> tuple[int, ...]:
        """The channels, counted from 1, whose sign is turned before mixing."""
        return tuple(i for i, weight in enumerate(self.mix, start=1) if weight < 0)


class SoundMeter:
    """Measures sound piece by piece: `add` each, then ask for the `result`.

    Shape:
        samples are [channels, n], float, -1 to 1.

    Args:
        sample_rate: Hz.

    Example:
        >>> t = np.arange(16_000) / 16_000
        >>> meter = SoundMeter(16_000)
        >>> for second in range(8):  # a hum of half the seconds, 0.1 strong, in silence
        ...     meter.add(0.1 * np.sin(2 * np.pi * 200 * t)[None] * (second % 2))
        >>> found = meter.result()
        >>> round(found.level_db, 1), found.silent, found.clipped  # 200 ms more than the hum is active
        (-23.6, 0.5, 0.0)
    """

    def __init__(self, sample_rate: int) -> None:
        self._frame = round(FRAME_S * sample_rate)
        self._rate = sample_rate
        self._rest: FloatArray = np.zeros((1, 0))
        self._covariances: list[FloatArray] = []
        self._silent = self._samples = self._paused = 0
        self._clipping = ClippingMeter()

    def add(self, samples: FloatArray, stored: FloatArray | None = None) -> None:
        """Take the next piece.

        Args:
            samples: at the meter's rate.
            stored: the same piece as it is stored in the file, at whatever rate: clipping shows there. None:
                ``samples``.
        """
        self._clipping.add(samples if stored is None else stored)
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
        self._samples += samples.shape[1]
        if len(self._rest) != len(samples):
            self._rest = np.zeros((len(samples), 0))
        joined = np.concatenate([self._rest, samples], axis=1)
        whole = joined.shape[1] // self._frame * self._frame
        self._rest = joined[:, whole:]
        frames = joined[:, :whole].reshape(len(joined), -1, self._frame).astype(np.float64)
        self._silent += int((np.abs(frames).max(axis=(0, 2), initial=0) < DIGITAL_SILENCE).sum())
        frames -= frames.mean(axis=2, keepdims=True)
        products = np.einsum("afn,bfn->fab", frames, frames, optimize=True) / self._frame
        self._covariances.append(products.astype(np.float32))

    def pause(self, seconds: float) -> None:
        """Nothing was recorded for so long: time goes on."""
        frames = round((seconds + self._rest.shape[1] / self._rate) / FRAME_S)
        self._rest = self._rest[:, :0]
        self._paused += frames
        self._covariances.append(np.zeros((frames, len(self._rest), len(self._rest)), dtype=np.float32))

    def result(self, within: Sequence[Segment] | None = None) -> SoundQuality:
        """What the pieces together are.

        Args:
            within: when the participant speaks, s from the first sample on: level and ratio are of that speech. None,
                or where there is next to nothing in these stretches: of all speech.
        """
        channels = max((part.shape[1] for part in self._covariances), default=1)
        parts = [part for part in self._covariances if part.shape[1] == channels]
        covariances = np.concatenate(parts) if parts else np.zeros((0, 1, 1))
        mix = _mix(covariances.sum(axis=0, dtype=np.float64))
        powers = np.einsum("a,fab,b->f", mix, covariances.astype(np.float64), mix, optimize=True).clip(0)
        n = len(powers)
        level, active = active_level(powers)
        speech = speech_frames(powers, active, powers)
        level, own = participant(powers, within, level, speech)
        return SoundQuality(
            seconds=self._samples / self._rate + self._paused * FRAME_S,
            level_db=level,
            snr_db=signal_to_noise(powers[own], powers[~speech & ~own]),
            speech=float((speech | own).mean()) if n else 0.0,
            silent=self._silent / (n - self._paused) if n > self._paused else 0.0,
            clipped=self._clipping.share,
            mix=tuple(mix.tolist()),
        )


def of_samples(samples: FloatArray, sample_rate: int) -> SoundQuality:
    """The same of sound in memory.

    Args:
        samples: [n] or [channels, n], -1 to 1.
        sample_rate: Hz.
    """
    meter = SoundMeter(sample_rate)
    meter.add(np.atleast_2d(samples))
    return meter.result()


def of_recording(path: Media, *, within: Sequence[Segment] | None = None, note: Note | None = None) -> SoundQuality:
    """Measure the sound of a recording, in one pass that keeps no samples.

    Args:
        path: a sound or video file.
        within: when the participant speaks, s on the recording's clock; see `SoundMeter.result`.
        note: called with where the file was cut off, and its sound is measured up to there; None: that is an error.

    Raises:
        RecordingError: where the file can't be read, has no sound, or was cut short (but see ``note``).
        MissingExtraError: where PyAV isn't installed.
    """
    meter = SoundMeter(SPEECH_RATE_HZ)
    for gap_s, samples, stored in _pieces(path, note):
        meter.add(samples, stored)
        if gap_s:
            meter.pause(gap_s)
    return meter.result(within)


def of_recordings(paths: Iterable[Media]) -> SoundQuality:
    """Measure the sound of several recordings as one: an interview whose answers are a file each.

    Those that can't be read are passed over; the ledger says so where the voice is measured.
    """
    meter = SoundMeter(SPEECH_RATE_HZ)
    for path in paths:
        with suppress(RecordingError):
            for _, samples, stored in _pieces(path, None):
                meter.add(samples, stored)
    return meter.result()


Piece = tuple[float, FloatArray, FloatArray]


def _pieces(path: Media, note: Note | None) -> Iterator[Piece]:
    """The sound, piece by piece: at the rate of speech, and as it is stored, [channels, n].

    Before each stretch comes an empty piece with the gap before it, s.
    """
    import av

    blocks = speech = None
    expected = 0.0
    for time, frame in read_sound_frames(path, note=note):
        gap = time - expected
        if blocks is None or speech is None or abs(gap) > GAP_TOLERANCE_S:
            if blocks is not None and speech is not None:
                yield from _last(blocks, speech)
            blocks = av.AudioResampler("fltp", frame_size=PIECE_S * frame.sample_rate)
            speech = av.AudioResampler("fltp", rate=SPEECH_RATE_HZ)
            nothing = np.zeros((len(frame.layout.channels), 0), dtype=np.float32)
            yield max(gap, 0.0), nothing, nothing
        expected = time + frame.samples / frame.sample_rate
        frame.pts = None
        for piece in blocks.resample(frame):
            yield _resampled(piece, speech)
    if blocks is not None and speech is not None:
        yield from _last(blocks, speech)


def _last(blocks: av.AudioResampler, speech: av.AudioResampler) -> Iterator[Piece]:
    """The rest of the sound in both."""
    for piece in blocks.resample(None):
        yield _resampled(piece, speech)
    for frame in speech.resample(None):
        yield 0.0, _channels(frame), _channels(frame)[:, :0]


def _resampled(piece: av.AudioFrame, speech: av.AudioResampler) -> Piece:
    stored = _channels(piece)
    piece.pts = None
    parts = [_channels(frame) for frame in speech.resample(piece)]
    return 0.0, np.concatenate(parts, axis=1) if parts else stored[:, :0], stored


def _channels(frame: av.AudioFrame) -> FloatArray:
    return frame.to_ndarray().astype(np.float32, copy=False)


def _mix(covariance: FloatArray) -> FloatArray:
    """Equal weights; negative for channels that are the loudest one with its sign turned."""
    power = np.diag(covariance)
    loudest = int(power.argmax())
    scale = np.sqrt(power * power[loudest])
    correlation = np.divide(covariance[loudest], scale, out=np.ones(len(power)), where=scale > 0)
    signs = np.where(correlation < INVERTED, -1.0, 1.0)
    return np.asarray(signs / len(signs))
