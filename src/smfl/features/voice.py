"""The voice, every 10 ms: the 25 low-level descriptors of eGeMAPSv02 (method §1).

Eyben, F., et al. (2016). The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for voice research and affective
computing. IEEE Transactions on Affective Computing 7(2).

**Loudness.** The same voice gives the same descriptors whatever the microphone's gain was: before anything is measured,
the recording's active speech level is brought to -26 dB of full scale (`quality`: ITU-T P.56), so that loudness tells
how a voice varies within an interview. How loud a person speaks can't be told from a recording without a calibrated
microphone. The level is that of all who speak in it. Two channels that are one sound with opposite signs are mixed with
the sign put right.

They are measured by openSMILE (audEERING), which is free for research and teaching only: its licence, not this
project's, governs commercial use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.features import quality, recording
from smfl.features.quality import SoundQuality
from smfl.interview import FeatureError, FloatArray, MissingExtraError, RecordingError, Signal

VOICED_COLUMNS: tuple[str, ...] = (
    "F0semitoneFrom27.5Hz_sma3nz", "jitterLocal_sma3nz", "shimmerLocaldB_sma3nz", "HNRdBACF_sma3nz",
    "logRelF0-H1-H2_sma3nz", "logRelF0-H1-A3_sma3nz",
    "F1frequency_sma3nz", "F1bandwidth_sma3nz", "F1amplitudeLogRelF0_sma3nz",
    "F2frequency_sma3nz", "F2bandwidth_sma3nz", "F2amplitudeLogRelF0_sma3nz",
    "F3frequency_sma3nz", "F3bandwidth_sma3nz", "F3amplitudeLogRelF0_sma3nz",
)  # fmt: skip
"""Pitch, its perturbations, harmonics and formants: defined where the voice sounds, so ``nan`` where F0 is 0.

Semitones from 27.5 Hz; ratio; dB; dB; dB; dB; then Hz, Hz and dB for each formant."""

COLUMNS: tuple[str, ...] = (
    "Loudness_sma3", "alphaRatio_sma3", "hammarbergIndex_sma3", "slope0-500_sma3", "slope500-1500_sma3",
    "spectralFlux_sma3", "mfcc1_sma3", "mfcc2_sma3", "mfcc3_sma3", "mfcc4_sma3",
    *VOICED_COLUMNS,
)  # fmt: skip
"""Every column of ``audio``, in openSMILE's order."""

EXTRACTOR = "voice-lld"
"""The name of these columns in a feature schema."""

F0, LOUDNESS = "F0semitoneFrom27.5Hz_sma3nz", "Loudness_sma3"

HOP_S = 0.010
WINDOW_S = 0.020
LONGEST_WINDOW_S = 0.060
RATE_HZ = 1 / HOP_S

AMPLITUDE_FLOOR = -200.0
"""Formant amplitudes below this are openSMILE's mark (-201) for 'undefined', not dB."""

STEP = 2.0**-15
"""openSMILE hears 16 bits: steps of so much of full scale, which end one step short of 1."""

DIGITAL_SILENCE = STEP / 2
"""Samples that, at the reference level, are below this (70 dB under speech) are zero to openSMILE: nothing was
recorded, or it was taken out (scrubbed names)."""

CHUNK_S = 600.0
MARGIN_S = 5.0
"""Long sound is measured in chunks, each with this much of its neighbours: smoothing sees them, and the tracking of
pitch periods, which starts anew where the voice does; nobody holds a tone for so long."""

Progress = Callable[[float], None]
"""Told how many seconds of the recording are done."""


def extract(path: recording.Media, *, heard: SoundQuality | None = None, progress: Progress | None = None) -> Signal:
    """Measure the voice in a sound or video file.

    Row i is openSMILE's i-th 20 ms window; its instant is the window's centre, 10 ms after its start. (The descriptors
    of pitch, which openSMILE measures in 60 ms windows with the same start, lie 20 ms later in truth.) Undefined is
    ``nan``, never 0: the `VOICED_COLUMNS` where there is no pitch, and whole rows in digital silence.

    Args:
        path: the recording.
        heard: what `quality.of_recording` says of it, which is asked where None.
        progress: called with the seconds done.

    Returns:
        ``audio``, columns `COLUMNS`, float32, 100 Hz, on the recording's clock.

    Raises:
        RecordingError: where the file can't be read, has no sound, or is shorter than one window.
        MissingExtraError: where PyAV or openSMILE isn't installed.
    """
    heard = heard or quality.of_recording(path)
    samples, start_s = recording.sound(path, mix=heard.mix)
    try:
        return measure(samples, recording.SPEECH_RATE_HZ, gain=heard.gain, start_s=start_s, progress=progress)
    except FeatureError as fault:
        raise RecordingError(f"{path}: {fault}") from None


def measure(
    samples: FloatArray,
    sample_rate: int,
    *,
    gain: float | None = None,
    start_s: float = 0.0,
    progress: Progress | None = None,
) -> Signal:
    """The same of sound that is in memory.

    Args:
        samples: mono, -1 to 1, [samples].
        sample_rate: Hz; 16 000 is what `extract` takes, and what models are trained on.
        gain: the factor that brings it to the reference level; measured on ``samples`` where None.
        start_s: the instant of the first sample, s.
        progress: called with the seconds done.

    Raises:
        FeatureError: where the sound is shorter than openSMILE's longest window.

    Example:
        >>> tone = np.sign(np.sin(2 * np.pi * 110 * np.arange(16_000) / 16_000)).astype("f4") / 4
        >>> voice = measure(tone, 16_000)
        >>> len(voice), round(float(np.nanmedian(voice.select((F0,)).values)))  # 110 Hz: two octaves over 27.5
        (96, 24)
    """
    seconds = len(samples) / sample_rate
    if seconds < LONGEST_WINDOW_S:
        raise FeatureError(
            f"{seconds:.3f} s of sound is too short for a voice; it takes {LONGEST_WINDOW_S:g} s or more"
        )
    if gain is None:
        gain = quality.of_samples(samples, sample_rate).gain
    smile = _smile()
    chunks = []
    for first in range(0, round(seconds / HOP_S), round(CHUNK_S / HOP_S)):
        chunks.append(_chunk(smile, samples, sample_rate, first, gain))
        if progress is not None:
            progress(min(first * HOP_S + CHUNK_S, seconds))
    values = np.concatenate(chunks)
    times = start_s + np.arange(len(values)) * HOP_S + WINDOW_S / 2
    values[_silent(samples, sample_rate, len(values), DIGITAL_SILENCE / gain)] = np.nan
    return Signal("audio", COLUMNS, values, times, RATE_HZ)


def _chunk(smile: Any, samples: FloatArray, sample_rate: int, first: int, gain: float) -> FloatArray:
    """Rows ``first`` onwards of one chunk, undefined values ``nan``; fewer at the end, where the sound is."""
    margin = round(MARGIN_S / HOP_S)
    before = min(first, margin)
    rows = round(CHUNK_S / HOP_S)
    hop = HOP_S * sample_rate
    last = first + rows
    is_end = last * hop >= len(samples)
    piece = samples[round((first - before) * hop) : None if is_end else round((last + margin) * hop)]
    table = smile.process_signal(_in_steps(piece, gain), sample_rate)
    table = table.iloc[before : None if is_end else before + rows]
    values: FloatArray = table[list(COLUMNS)].to_numpy(dtype=np.float32, copy=True)
    voiced = [COLUMNS.index(name) for name in VOICED_COLUMNS]
    block = values[:, voiced]
    block[values[:, COLUMNS.index(F0)] == 0] = np.nan
    block[block < AMPLITUDE_FLOOR] = np.nan
    values[:, voiced] = block
    return values


def _in_steps(samples: FloatArray, gain: float) -> FloatArray:
    """The sound at the reference level, in openSMILE's steps.

    Rounded, as openSMILE truncates; and kept within full scale, past which its whole numbers change their sign.
    """
    return np.clip(np.round(samples * (gain / STEP)) * STEP, -1, 1 - STEP).astype(np.float32)


def _silent(samples: FloatArray, sample_rate: int, rows: int, least: float) -> npt.NDArray[np.bool_]:
    """Which windows hold nothing but samples below ``least``: digital silence."""
    heard = np.concatenate([[0], np.cumsum(np.abs(samples) >= least)])
    starts = np.minimum(np.round(np.arange(rows) * HOP_S * sample_rate).astype(np.int64), len(samples))
    stops = np.minimum(starts + round(WINDOW_S * sample_rate), len(samples))
    return np.asarray(heard[stops] == heard[starts])


def _smile() -> Any:
    try:
        import opensmile
    except ImportError:
        raise MissingExtraError("opensmile", extra="voice") from None
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.LowLevelDescriptors
    )
    if tuple(smile.feature_names) != COLUMNS:
        raise FeatureError(
            "this openSMILE names its eGeMAPSv02 descriptors otherwise than 2.6 does; install opensmile 2.6"
        )
    return smile
