"""How good a sound is, and how loud: measured before the voice is, on the samples as they lie in the file.

Two things come of one pass through a recording. The *level* of its speech, to which the voice is normalised, so that
loudness tells how a voice varies and not where somebody left the microphone's gain; and *quality facts*: clipping,
silence, share of speech, signal-to-noise ratio. What is kept of the sound is one small matrix for every 20 ms, so
memory hardly grows with its length.

**Level.** The active speech level of ITU-T Recommendation P.56 (2011), method B: the energy of all, over the time in
which speech is active. Active is what lies above a threshold, and 200 ms more; the threshold is the one that lies
15.9 dB below the level which it leads to. Here it is found on powers of frames instead of an envelope of samples.

**Signal-to-noise ratio.** Speech that is active against what is heard between: power in active frames less the noise's
power, over the noise's. With loud noise all of a recording lies above P.56's threshold; so a frame must also stand out
from the noise's floor, the power that a tenth of the frames stays below (after Martin, R. (2001). Noise power spectral
density estimation based on optimal smoothing and minimum statistics. IEEE Transactions on Speech and Audio Processing
9(5), whose floor is a minimum). Whatever isn't speech and is as loud is speech to it: music, a second person.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import isfinite, log10, nan
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from smfl.features import recording
from smfl.interview import FloatArray, RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import av

FRAME_S = 0.020
"""Powers are those of frames of so many seconds, less their mean: no constant offset, and little rumble, is in them."""

HANGOVER_S = 0.200
"""Speech stays active for so long after a loud frame: the gaps between syllables belong to it (P.56)."""

ONSET_S = 0.040
"""In the ratio of signal to noise, what comes so shortly before speech is its soft beginning, and no noise."""

MARGIN_DB = 15.9
"""How far the threshold of activity lies below the active speech level (P.56)."""

FLOOR_SHARE = 0.10
"""The noise's floor is the power that this share of frames stays below."""

ABOVE_FLOOR_DB = 3.0
"""By how much a frame must stand out from the floor to be speech."""

LEAST_NOISE_S = 0.2
"""Noise is measured where at least so much of a recording isn't speech; else there is no pause to hear it in."""

DIGITAL_SILENCE = 2.0**-16
"""Samples below half a step of 16-bit sound are zero: nothing was recorded, or it was taken out (scrubbed names)."""

FULL_SCALE = 1 - 2.0**-10
"""Samples from here on are at full scale: the positive limit of 16-bit sound is 1 - 2^-15."""

FLAT_RUN = 4
"""So many equal samples in a row near the loudest one are a flat top: a wave that was cut off, then turned down."""

NEAR_PEAK = 0.98
LEAST_PEAK = 0.25
"""Flat tops are looked for from this share of the loudest sample on, in sound that is at least so loud: the steps of
quiet sound are flat by themselves."""

INVERTED = -0.5
"""Channels whose correlation is below this are one sound with opposite signs: added, they would cancel out."""

REFERENCE_DB = -26.0
"""The active speech level to which a voice is normalised, dB of full scale: what speech is tested at (ITU-T P.830)."""

MOST_GAIN_DB = 50.0
"""No sound is amplified by more: below, 16-bit sound has hardly a step left, and what is there is no voice."""

BINS = 200

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SoundQuality:
    """What is known of a sound as a whole. What can't be told is ``nan``.

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
        """The factor that brings the active speech level to `REFERENCE_DB`, at most `MOST_GAIN_DB`; 1 in silence."""
        if not isfinite(self.level_db):
            return 1.0
        return float(10 ** (min(REFERENCE_DB - self.level_db, MOST_GAIN_DB) / 20))

    @property
    def inverted(self) -> tuple[int, ...]:
        """The channels, counted from 1, that are turned over before mixing."""
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
        self._silent = self._samples = 0
        self._clipping = _Clipping()

    def add(self, samples: FloatArray, stored: FloatArray | None = None) -> None:
        """Take the next piece.

        Args:
            samples: at the meter's rate.
            stored: the same piece as it lies in the file, at whatever rate: clipping shows there. None: ``samples``.
        """
        self._clipping.add(samples if stored is None else stored)
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

    def result(self) -> SoundQuality:
        """What the pieces together are."""
        channels = max((part.shape[1] for part in self._covariances), default=1)
        parts = [part for part in self._covariances if part.shape[1] == channels]
        covariances = np.concatenate(parts) if parts else np.zeros((0, 1, 1))
        mix = _mix(covariances.sum(axis=0, dtype=np.float64))
        powers = np.einsum("a,fab,b->f", mix, covariances.astype(np.float64), mix, optimize=True).clip(0)
        n = len(powers)
        level, active = active_level(powers)
        speech = _speech(powers, active)
        return SoundQuality(
            seconds=self._samples / self._rate,
            level_db=level,
            snr_db=_signal_to_noise(powers, speech),
            speech=float(speech.mean()) if n else 0.0,
            silent=self._silent / n if n else 0.0,
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


def of_recording(path: recording.Media, *, note: recording.Note | None = None) -> SoundQuality:
    """Measure the sound of a recording, in one pass that keeps no samples.

    Args:
        path: a sound or video file.
        note: told where the file was cut off, and its sound is measured up to there; None: that is an error.

    Raises:
        RecordingError: where the file can't be read, has no sound, or was cut short (but see ``note``).
        MissingExtraError: where PyAV isn't installed.
    """
    meter = SoundMeter(recording.SPEECH_RATE_HZ)
    for samples, stored in _pieces(path, note):
        meter.add(samples, stored)
    return meter.result()


def of_recordings(paths: Iterable[recording.Media]) -> SoundQuality:
    """Measure the sound of several recordings as one: an interview whose answers are a file each.

    Those that can't be read are passed over; whoever measures the voice in them tells.
    """
    meter = SoundMeter(recording.SPEECH_RATE_HZ)
    for path in paths:
        with suppress(RecordingError):
            for samples, stored in _pieces(path, None):
                meter.add(samples, stored)
    return meter.result()


def _pieces(path: recording.Media, note: recording.Note | None) -> Iterator[tuple[FloatArray, FloatArray]]:
    """The sound at the rate of speech, and as it is stored, in pieces of a second; [channels, n] both."""
    import av

    seconds, speech = None, av.AudioResampler("fltp", rate=recording.SPEECH_RATE_HZ)
    for frame in recording.sound_frames(path, note=note):
        seconds = seconds or av.AudioResampler("fltp", frame_size=frame.sample_rate)
        frame.pts = None
        for second in seconds.resample(frame):
            yield from _resampled(second, speech)
    for second in seconds.resample(None) if seconds else ():
        yield from _resampled(second, speech)
    for last in speech.resample(None):
        yield _channels(last), _channels(last)[:, :0]


def _resampled(second: av.AudioFrame, speech: av.AudioResampler) -> Iterator[tuple[FloatArray, FloatArray]]:
    stored = _channels(second)
    second.pts = None
    parts = [_channels(frame) for frame in speech.resample(second)]
    yield np.concatenate(parts, axis=1) if parts else stored[:, :0], stored


def _channels(frame: av.AudioFrame) -> FloatArray:
    return frame.to_ndarray().astype(np.float32, copy=False)


def active_level(powers: FloatArray) -> tuple[float, BoolArray]:
    """The active speech level, and which frames are active (P.56, method B).

    Args:
        powers: of frames of `FRAME_S`, [F], full scale 1.

    Returns:
        the level, dB, nan where all is silent; and [F].

    Example:
        >>> speech = np.where(np.arange(1000) % 100 < 50, 0.01, 0.0)  # a second at -20 dB, a second of nothing
        >>> level, active = active_level(speech)
        >>> round(level, 1), float(active.mean())  # 200 ms after each second count as active too
        (-20.8, 0.6)
    """
    total, top = float(powers.sum()), float(powers.max(initial=0))
    if total <= 0:
        return nan, np.zeros(len(powers), dtype=bool)

    def excess(threshold_db: float) -> float:
        """By how many dB the level is further above its threshold than it should be."""
        n = int(_held(powers >= top * 10 ** (threshold_db / 10)).sum())
        return 10 * log10(total / n / top) - threshold_db - MARGIN_DB

    low, step = -120.0, 4.0
    while low + step < 0 and excess(low + step) > 0:
        low += step
    high = min(low + step, 0.0)
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    active = _held(powers >= top * 10 ** (high / 10))
    return 10 * log10(total / int(active.sum())), active


def _held(loud: BoolArray) -> BoolArray:
    """Loud frames, and those within `HANGOVER_S` after one."""
    at = np.arange(len(loud))
    last = np.maximum.accumulate(np.where(loud, at, -len(loud) - 1_000))
    return np.asarray(at - last <= round(HANGOVER_S / FRAME_S))


def _speech(powers: FloatArray, active: BoolArray) -> BoolArray:
    """The active frames that stand out from the noise's floor, and what is held after them."""
    heard = powers > powers.max(initial=0) * 1e-10
    if not heard.any():
        return np.zeros(len(powers), dtype=bool)
    smooth = np.convolve(powers, np.full(3, 1 / 3), "same")
    floor = float(np.quantile(smooth[heard], FLOOR_SHARE))
    lowest = float(powers[active].min(initial=0))
    speech = _held((smooth >= max(floor * 10 ** (ABOVE_FLOOR_DB / 10), lowest)) & active & heard)
    for _ in range(round(ONSET_S / FRAME_S)):
        speech[:-1] |= speech[1:]
    return speech


def _signal_to_noise(powers: FloatArray, speech: BoolArray) -> float:
    """Speech over noise, dB; digital silence isn't noise."""
    between = powers[~speech & (powers > powers.max(initial=0) * 1e-10)]
    if not speech.any() or len(between) * FRAME_S < LEAST_NOISE_S:
        return nan
    noise = float(between.mean())
    return 10 * log10(max(float(powers[speech].mean()) / noise - 1, 1e-3))


def _mix(covariance: FloatArray) -> FloatArray:
    """Equal weights; negative for channels that are the loudest one with its sign turned."""
    power = np.diag(covariance)
    loudest = int(power.argmax())
    scale = np.sqrt(power * power[loudest])
    correlation = np.divide(covariance[loudest], scale, out=np.ones(len(power)), where=scale > 0)
    signs = np.where(correlation < INVERTED, -1.0, 1.0)
    return np.asarray(signs / len(signs))


class _Clipping:
    """Counts samples at full scale, and flat tops by how loud they are: which are the loudest is known at the end."""

    def __init__(self) -> None:
        self._samples = self._full = 0
        self._peak = 0.0
        self._flat = np.zeros(BINS + 1, dtype=np.int64)

    def add(self, samples: FloatArray) -> None:
        size = np.abs(samples)
        self._samples += size.size
        self._peak = max(self._peak, float(size.max(initial=0)))
        self._full += int((size >= FULL_SCALE).sum())
        if samples.shape[1] < FLAT_RUN or self._peak < LEAST_PEAK:
            return
        same = samples[:, 1:] == samples[:, :-1]
        runs = np.logical_and.reduce([same[:, k : same.shape[1] - FLAT_RUN + 2 + k] for k in range(FLAT_RUN - 1)])
        flat = np.zeros(samples.shape, dtype=bool)
        for k in range(FLAT_RUN):
            flat[:, k : k + runs.shape[1]] |= runs
        tops = size[flat & (size >= LEAST_PEAK) & (size < FULL_SCALE)]
        self._flat += np.bincount(np.minimum(tops * BINS, BINS).astype(np.int64), minlength=BINS + 1)

    @property
    def share(self) -> float:
        if not self._samples:
            return 0.0
        tops = self._flat[int(self._peak * NEAR_PEAK * BINS) :].sum() if self._peak < FULL_SCALE else 0
        return float((self._full + tops) / self._samples)
