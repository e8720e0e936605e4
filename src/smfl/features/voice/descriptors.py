"""The voice, every 10 ms: the 25 low-level descriptors of eGeMAPSv02 (method §1).

Eyben, F., et al. (2016). The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for voice research and affective
computing. IEEE Transactions on Affective Computing 7(2).

**Loudness.** The same voice gives the same descriptors whatever the microphone's gain was: before anything is measured,
the recording's active speech level is brought to -26 dB of full scale (`quality`: ITU-T P.56), so that loudness shows
how a voice varies within an interview. How loud a person speaks isn't known from a recording without a calibrated
microphone. The level is the participant's where their sentences are known: how loud the interviewer is changes nothing.
Two channels that are one sound with opposite signs are mixed with
the sign put right.

They are measured by openSMILE (audEERING), which is free for research and teaching only: its licence, not this
project's, governs commercial use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.features.deidentify.sound import silenced
from smfl.features.recording.decoding import Media, Note
from smfl.features.recording.growing_array import GrowingArray
from smfl.features.recording.sound import SPEECH_RATE_HZ, read_sound_pieces
from smfl.features.voice import quality
from smfl.features.voice.chunks import CHUNK_S, HOP_S, Chunk, chunks
from smfl.features.voice.quality import SoundQuality
from smfl.interview import FeatureError, FloatArray, MissingExtraError, RecordingError, Segment, Signal

VOICED_COLUMNS: tuple[str, ...] = (
    "F0semitoneFrom27.5Hz_sma3nz",
    "jitterLocal_sma3nz",
    "shimmerLocaldB_sma3nz",
    "HNRdBACF_sma3nz",
    "logRelF0-H1-H2_sma3nz",
    "logRelF0-H1-A3_sma3nz",
    "F1frequency_sma3nz",
    "F1bandwidth_sma3nz",
    "F1amplitudeLogRelF0_sma3nz",
    "F2frequency_sma3nz",
    "F2bandwidth_sma3nz",
    "F2amplitudeLogRelF0_sma3nz",
    "F3frequency_sma3nz",
    "F3bandwidth_sma3nz",
    "F3amplitudeLogRelF0_sma3nz",
)
"""Pitch, its perturbations, harmonics and formants: defined where the voice sounds, so ``nan`` where F0 is 0.

Semitones from 27.5 Hz; ratio; dB; dB; dB; dB; then Hz, Hz and dB for each formant."""

COLUMNS: tuple[str, ...] = (
    "Loudness_sma3",
    "alphaRatio_sma3",
    "hammarbergIndex_sma3",
    "slope0-500_sma3",
    "slope500-1500_sma3",
    "spectralFlux_sma3",
    "mfcc1_sma3",
    "mfcc2_sma3",
    "mfcc3_sma3",
    "mfcc4_sma3",
    *VOICED_COLUMNS,
)
"""Every column of ``audio``, in openSMILE's order."""

F0, LOUDNESS = "F0semitoneFrom27.5Hz_sma3nz", "Loudness_sma3"

WINDOW_S = 0.020
LONGEST_WINDOW_S = 0.060
RATE_HZ = 1 / HOP_S

AMPLITUDE_FLOOR = -200.0
"""Formant amplitudes below this are openSMILE's mark (-201) for 'undefined', not dB."""

STEP = 2.0**-15
"""openSMILE reads 16 bits: steps of so much of full scale, which end one step short of 1."""

DIGITAL_SILENCE = STEP / 2
"""Samples that, at the reference level, are below this (70 dB under speech) are zero to openSMILE: nothing was
recorded, or it was removed (scrubbed names)."""

Progress = Callable[[float], None]
"""Called with how many seconds of the recording are done."""


def extract(
    path: Media,
    *,
    sound_quality: SoundQuality | None = None,
    silence: Sequence[Segment] = (),
    within: Sequence[Segment] | None = None,
    note: Note | None = None,
    progress: Progress | None = None,
) -> Signal:
    """Measure the voice in a sound or video file, in chunks: memory holds one of them, and the rows.

    Row i is openSMILE's i-th 20 ms window; its instant is the window's centre, 10 ms after its start. (The descriptors
    of pitch, which openSMILE measures in 60 ms windows with the same start, really lie 20 ms later.) Undefined is
    ``nan``, never 0: the `VOICED_COLUMNS` where there is no pitch, and whole rows in digital silence.

    Args:
        path: the recording.
        sound_quality: of `quality.of_recording`; measured where None.
        silence: stretches to be silenced, s (`smfl.features.deidentify.sound`).
        within: keep only the rows in these stretches, such as the participant's sentences; None: all.
        note: called with where the file was cut off; None: that is an error.
        progress: called with the seconds done.

    Returns:
        ``audio``, columns `COLUMNS`, float32, 100 Hz, on the recording's clock.

    Raises:
        RecordingError: where the file can't be read, has no sound, or is shorter than one window.
        MissingExtraError: where PyAV or openSMILE isn't installed.
    """
    sound_quality = sound_quality or quality.of_recording(path, within=within, note=note)
    rate = SPEECH_RATE_HZ
    pieces = read_sound_pieces(path, mix=sound_quality.mix, note=note)
    first = next(pieces)
    sound = (silenced(piece.samples, rate, piece.start_s, silence) for piece in chain([first], pieces))
    try:
        return _measured(sound, rate, sound_quality.gain, first.start_s, within, progress)
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
    _check_length(len(samples) / sample_rate)
    if gain is None:
        gain = quality.of_samples(samples, sample_rate).gain
    return _measured([samples], sample_rate, gain, start_s, None, progress)


def _measured(
    pieces: Iterable[FloatArray],
    sample_rate: int,
    gain: float,
    start_s: float,
    within: Sequence[Segment] | None,
    progress: Progress | None,
) -> Signal:
    """Measure sound that comes in pieces, each where the one before it ends."""
    smile = _smile()
    values = GrowingArray(len(COLUMNS))
    times: list[FloatArray] = []
    for chunk in chunks(pieces, sample_rate):
        _check_length(chunk.seconds)
        rows = _rows(smile, chunk, sample_rate, gain)
        clock = start_s + (chunk.first + np.arange(len(rows))) * HOP_S + WINDOW_S / 2
        kept = _inside(clock, within)
        values.add(rows[kept])
        times.append(clock[kept])
        if progress is not None:
            progress(chunk.seconds)
        del chunk, rows  # so that memory never holds two
    return Signal("audio", COLUMNS, values.rows, np.concatenate(times), RATE_HZ)


def _check_length(seconds: float) -> None:
    if seconds < LONGEST_WINDOW_S:
        raise FeatureError(
            f"{seconds:.3f} s of sound is too short for a voice; it takes {LONGEST_WINDOW_S:g} s or more"
        )


def _rows(smile: Any, chunk: Chunk, sample_rate: int, gain: float) -> FloatArray:
    """The rows of one chunk, undefined values ``nan``; fewer at the end, where the sound is."""
    table = smile.process_signal(_in_steps(chunk.samples, gain), sample_rate)
    table = table.iloc[chunk.before : None if chunk.is_end else chunk.before + round(CHUNK_S / HOP_S)]
    values: FloatArray = table[list(COLUMNS)].to_numpy(dtype=np.float32, copy=True)
    voiced = [COLUMNS.index(name) for name in VOICED_COLUMNS]
    block = values[:, voiced]
    block[values[:, COLUMNS.index(F0)] == 0] = np.nan
    block[block < AMPLITUDE_FLOOR] = np.nan
    values[:, voiced] = block
    silent = _silent(chunk.samples, sample_rate, chunk.before + len(values), DIGITAL_SILENCE / gain)
    values[silent[chunk.before :]] = np.nan
    return values


def _inside(clock: FloatArray, within: Sequence[Segment] | None) -> npt.NDArray[np.bool_]:
    """Which instants lie in any of the stretches."""
    if within is None:
        return np.ones(len(clock), dtype=bool)
    inside = np.zeros(len(clock), dtype=bool)
    for stretch in within:
        inside[np.searchsorted(clock, stretch.start) : np.searchsorted(clock, stretch.stop)] = True
    return inside


def _in_steps(samples: FloatArray, gain: float) -> FloatArray:
    """The sound at the reference level, in openSMILE's steps.

    Rounded, as openSMILE truncates; and kept within full scale, past which its whole numbers change their sign.
    """
    return np.clip(np.round(samples * (gain / STEP)) * STEP, -1, 1 - STEP).astype(np.float32)


def _silent(samples: FloatArray, sample_rate: int, rows: int, least: float) -> npt.NDArray[np.bool_]:
    """Which windows hold nothing but samples below ``least``: digital silence."""
    audible = np.concatenate([[0], np.cumsum(np.abs(samples) >= least)])
    starts = np.minimum(np.round(np.arange(rows) * HOP_S * sample_rate).astype(np.int64), len(samples))
    stops = np.minimum(starts + round(WINDOW_S * sample_rate), len(samples))
    return np.asarray(audible[stops] == audible[starts])


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
