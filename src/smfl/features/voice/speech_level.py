"""How loud speech is, and how far it stands out from noise: found in the powers of frames of `FRAME_S`.

**Level.** The active speech level of ITU-T Recommendation P.56 (2011), method B: the energy of all, over the time in
which speech is active. Active is what lies above a threshold, and 200 ms more; the threshold is the one that lies
15.9 dB below the level which it leads to. Here it is found on powers of frames instead of an envelope of samples.

**Signal-to-noise ratio.** Speech that is active against the sound between: power in active frames less the noise's
power, over the noise's. With loud noise all of a recording lies above P.56's threshold; so a frame must also stand out
from the noise's floor, the power that a tenth of the frames stays below (after Martin, R. (2001). Noise power spectral
density estimation based on optimal smoothing and minimum statistics. IEEE Transactions on Speech and Audio Processing
9(5), whose floor is a minimum). Whatever isn't speech and is as loud is speech to it: music, a second person.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log10, nan

import numpy as np
import numpy.typing as npt

from smfl.interview import FloatArray, Segment

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

MIN_SPEECH_S = 0.5
"""The participant's level is measured on at least so much of their speech; else it is that of all."""

MIN_NOISE_S = 0.2
"""Noise is measured where at least so much of a recording isn't speech; else there is no pause to measure it in."""

BoolArray = npt.NDArray[np.bool_]


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
        n = int(_with_hangover(powers >= top * 10 ** (threshold_db / 10)).sum())
        return 10 * log10(total / n / top) - threshold_db - MARGIN_DB

    low, step = -120.0, 4.0
    while low + step < 0 and excess(low + step) > 0:
        low += step
    high = min(low + step, 0.0)
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    active = _with_hangover(powers >= top * 10 ** (high / 10))
    return 10 * log10(total / int(active.sum())), active


def _with_hangover(loud: BoolArray) -> BoolArray:
    """Loud frames, and those within `HANGOVER_S` after one."""
    at = np.arange(len(loud))
    last = np.maximum.accumulate(np.where(loud, at, -len(loud) - 1_000))
    return np.asarray(at - last <= round(HANGOVER_S / FRAME_S))


def speech_frames(powers: FloatArray, active: BoolArray, all_powers: FloatArray) -> BoolArray:
    """The active frames that stand out from the noise's floor of the whole recording, with the hangover after them.

    Args:
        powers: [F].
        active: which of them `active_level` says are active, [F].
        all_powers: of the whole recording, of which ``powers`` may be a part.
    """
    audible = _above_digital_silence(all_powers)
    if not audible.any() or not active.any():
        return np.zeros(len(powers), dtype=bool)
    floor = float(np.quantile(_smooth(all_powers)[audible], FLOOR_SHARE))
    least = max(floor * 10 ** (ABOVE_FLOOR_DB / 10), float(powers[active].min()))
    speech = _with_hangover((_smooth(powers) >= least) & active & (powers > 0))
    for _ in range(round(ONSET_S / FRAME_S)):
        speech[:-1] |= speech[1:]
    return speech


def _smooth(powers: FloatArray) -> FloatArray:
    return np.convolve(powers, np.full(3, 1 / 3), "same")[: len(powers)]


def _above_digital_silence(powers: FloatArray) -> BoolArray:
    """Frames that aren't digital silence, as seen from the loudest one."""
    return np.asarray(powers > powers.max(initial=0) * 1e-10)


def participant(
    powers: FloatArray, within: Sequence[Segment] | None, level: float, speech: BoolArray
) -> tuple[float, BoolArray]:
    """Level and frames of the participant's speech; of all speech where there is next to none in these stretches.

    Args:
        powers: of the whole recording, [F].
        within: when the participant speaks, s from the first frame on; None where that isn't known.
        level: of all speech, dB.
        speech: the frames of all speech, [F].
    """
    inside = np.zeros(len(powers), dtype=bool)
    for stretch in within or ():
        inside[round(stretch.start / FRAME_S) : round(stretch.stop / FRAME_S)] = True
    own_level, active = active_level(powers[inside])
    own = np.zeros(len(powers), dtype=bool)
    own[inside] = speech_frames(powers[inside], active, powers)
    return (own_level, own) if own.sum() * FRAME_S >= MIN_SPEECH_S else (level, speech)


def signal_to_noise(speech: FloatArray, between: FloatArray) -> float:
    """Speech over noise, dB; nan where either is missing, and digital silence isn't noise.

    Args:
        speech: powers of frames of speech, which the noise is in as well.
        between: powers of frames of none.

    Example:
        >>> round(signal_to_noise(np.full(50, 0.011), np.full(50, 0.001)), 1)
        10.0
    """
    noise = between[between > speech.max(initial=0) * 1e-10]
    if not len(speech) or len(noise) * FRAME_S < MIN_NOISE_S:
        return nan
    return 10 * log10(max(float(speech.mean() / noise.mean()) - 1, 1e-3))
