"""Sound: a voice's tracks made audible, 16 kHz.

A source–filter synthesis. The glottal flow's derivative is KLGLOTT88's (Klatt & Klatt 1990): with phase φ in [0, 1) and
open quotient Q, 2φ - 3φ²/Q while open, 0 while closed; each cycle has its own small jitter and shimmer. Noise stands
in for fricatives and breath. Formants filter both, frame by frame, by the gain of resonators in cascade,

    |H(f)| = Π_i F_i² / √((F_i² - f²)² + (B_i f)²)

and the level of every frame is then set to that of the tracks. Beneath lie the room's noise and the interviewer, faint.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from smfl.simulation.signals.face import FloatArray
from smfl.simulation.signals.motion import wander
from smfl.simulation.signals.voice import BLEED_DB, SILENCE_DB, VoiceTracks

SAMPLE_RATE = 16_000
OPEN_QUOTIENT = 0.65
JITTER, SHIMMER, HISS = 0.006, 0.05, 0.08
BANDWIDTHS = (70.0, 100.0, 150.0, 250.0, 300.0)
HIGHER_FORMANTS = (3600.0, 4600.0)
INTERVIEWER_HZ = 215.0
FFT_SIZE = 1024
FRAMES_AT_ONCE = 2000


def _samples(track: FloatArray, hop: int) -> FloatArray:
    """A track of n instants at the sample rate, joined by straight lines, [n hop].

    Example:
        >>> _samples(np.array([0.0, 1.0]), 4).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0]
    """
    rise = np.diff(track, append=track[-1:])
    return np.asarray((track[:, None] + rise[:, None] * (np.arange(hop) / hop)).ravel(), dtype=np.float64)


def pulses(f0: FloatArray) -> FloatArray:
    """The glottal flow's derivative of a pitch contour, [n].

    Args:
        f0: Hz at every sample, [n].

    Example:
        >>> wave = pulses(np.full(1600, 100.0))
        >>> np.allclose(wave[160:320], wave[320:480], atol=1e-6)
        True
    """
    phase = np.cumsum(f0 / SAMPLE_RATE) % 1.0
    return np.where(phase < OPEN_QUOTIENT, 2 * phase - 3 * phase**2 / OPEN_QUOTIENT, 0.0)


def formant_gain(formants: FloatArray) -> FloatArray:
    """|H| of formants [frames, F] in Hz, at the frequencies of the transform, [frames, `FFT_SIZE` / 2 + 1]."""
    frequency = np.fft.rfftfreq(FFT_SIZE, 1 / SAMPLE_RATE)[None, :]
    gain = np.ones((len(formants), frequency.shape[1]))
    for i, bandwidth in enumerate(BANDWIDTHS[: formants.shape[1]]):
        centre = formants[:, i : i + 1]
        gain *= centre**2 / np.sqrt((centre**2 - frequency**2) ** 2 + (bandwidth * frequency) ** 2)
    return gain


def _filtered(source: FloatArray, formants: FloatArray, frames: npt.NDArray[np.int64], hop: int) -> FloatArray:
    """The source through its formants, one set a hop, by overlapping and adding Hann windows of three hops.

    Only these ``frames`` are filtered; elsewhere there is silence.
    """
    width = 3 * hop
    window = np.hanning(width + 1)[:-1] / 1.5
    padded = np.pad(source, (hop, width))
    result = np.zeros(len(padded) + FFT_SIZE)
    for first in range(0, len(frames), FRAMES_AT_ONCE):
        which = frames[first : first + FRAMES_AT_ONCE]
        pieces = np.lib.stride_tricks.sliding_window_view(padded, width)[which * hop] * window
        shaped = np.fft.irfft(np.fft.rfft(pieces, FFT_SIZE) * formant_gain(formants[which]), FFT_SIZE)
        shaped = np.roll(shaped, FFT_SIZE // 4, axis=1)  # the gain has no phase: its response also rings backwards
        for frame, piece in zip(which, shaped, strict=True):
            result[frame * hop : frame * hop + FFT_SIZE] += piece
    start = hop + FFT_SIZE // 4
    return result[start : start + len(source)]


def _level(wave: FloatArray, hop: int) -> FloatArray:
    """Root mean square over three hops about each, [n]."""
    power = np.square(wave).reshape(-1, hop).mean(axis=1)
    return np.sqrt(np.convolve(power, np.full(3, 1 / 3), mode="same"))


def synthesise(rng: np.random.Generator, voice: VoiceTracks, *, rate: float) -> npt.NDArray[np.int16]:
    """The recording of the participant's microphone.

    Args:
        rng: source of chance.
        voice: the tracks.
        rate: their instants a second; divides `SAMPLE_RATE`.

    Returns:
        16-bit samples at `SAMPLE_RATE`.
    """
    hop = round(SAMPLE_RATE / rate)
    frames = len(voice.times)
    n = frames * hop
    voiced = np.flatnonzero(voice.voiced)
    contour = np.interp(np.arange(frames), voiced, voice.f0[voiced]) if len(voiced) else np.full(frames, 120.0)
    shaken = contour * (1 + JITTER * rng.standard_normal(frames))
    loud = voice.voiced * (1 + SHIMMER * rng.standard_normal(frames))
    hiss = np.diff(rng.standard_normal(n + 1)) * _samples(voice.fricative, hop)
    source = _samples(loud, hop) * pulses(_samples(shaken, hop)) + HISS * hiss

    heard = np.flatnonzero(np.convolve(voice.speech, np.ones(3), mode="same") > 0)
    higher = np.broadcast_to(HIGHER_FORMANTS, (frames, len(HIGHER_FORMANTS)))
    speech = _filtered(source, np.concatenate([voice.formants, higher], axis=1), heard, hop)
    now = _level(speech, hop)
    wanted = np.where(voice.speech, 10 ** (voice.level / 20), 0.0)
    speech *= _samples(wanted / np.maximum(now, 0.02 * max(float(now.max()), 1e-9)), hop)

    wobble = 1 + 0.1 * wander(rng, frames, rate=rate, seconds=0.3, sd=1.0)
    far = pulses(_samples(INTERVIEWER_HZ * wobble, hop)) * np.repeat(voice.bleed, hop)
    room = rng.standard_normal(n) * 10 ** (SILENCE_DB / 20)
    total = speech + far * 10 ** (BLEED_DB / 20) + room
    return (np.clip(total, -0.99, 0.99) * 32767).astype(np.int16)
