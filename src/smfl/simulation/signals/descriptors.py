"""The 25 low-level descriptors of eGeMAPSv02, as openSMILE would measure them of a simulated voice.

Pitch, loudness, pauses and formants follow the voice's tracks; the other columns are tied to them by linear rules whose
means and sds resemble what openSMILE finds in read and free speech. ``nan`` stands in the unvoiced frames of the
columns that end in ``nz``, which openSMILE itself would fill with 0.
"""

from __future__ import annotations

import numpy as np

from smfl.simulation.signals.face import FloatArray
from smfl.simulation.signals.voice import SPEECH_DB, VoiceTracks

DESCRIPTORS: tuple[str, ...] = (
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


def describe(rng: np.random.Generator, voice: VoiceTracks) -> FloatArray:
    """The descriptors of every instant of a voice, [n, 25], in the order of `DESCRIPTORS`.

    Loudness follows Zwicker's law: it doubles with 10 dB, and is about 0.7 in ordinary speech.
    """
    n = len(voice.times)
    energy = (voice.level - SPEECH_DB) / 6.0
    loudness = 0.7 * 2 ** ((voice.level - SPEECH_DB) / 10)
    hiss = voice.fricative
    first, second, third = voice.noise.T
    vowel = (voice.formants - voice.formants.mean(axis=0)) / voice.formants.std(axis=0)
    onset = np.abs(np.gradient(loudness)) if n > 1 else np.zeros(n)
    semitones = voice.semitones

    def around(mean: float, sd: float) -> FloatArray:
        return mean + sd * rng.standard_normal(n)

    columns = {
        "Loudness_sma3": loudness * np.exp(0.06 * rng.standard_normal(n)),
        "alphaRatio_sma3": around(-15, 3) + 14 * hiss + 1.5 * energy + 3 * first,
        "hammarbergIndex_sma3": around(27, 3) - 20 * hiss + 3 * second,
        "slope0-500_sma3": around(0.04, 0.012) - 0.02 * hiss + 0.012 * energy + 0.006 * vowel[:, 0],
        "slope500-1500_sma3": around(-0.014, 0.006) + 0.02 * hiss - 0.004 * energy + 0.004 * vowel[:, 1],
        "spectralFlux_sma3": np.abs(0.25 * loudness + 0.8 * onset + 0.05 * rng.standard_normal(n)),
        "mfcc1_sma3": around(26, 5) - 26 * hiss + 2 * energy + 4 * third,
        "mfcc2_sma3": around(9, 5) - 5 * vowel[:, 1] + 4 * first,
        "mfcc3_sma3": around(4, 6) - 8 * vowel[:, 0] - 3 * energy + 5 * second,
        "mfcc4_sma3": around(-3, 6) + 6 * vowel[:, 2] - 2 * energy + 5 * third,
        "F0semitoneFrom27.5Hz_sma3nz": semitones + 0.15 * rng.standard_normal(n),
        "jitterLocal_sma3nz": np.exp(around(-4.3, 0.6) - 0.15 * energy),
        "shimmerLocaldB_sma3nz": np.exp(around(-0.5, 0.6) - 0.2 * energy),
        "HNRdBACF_sma3nz": around(8, 1.8) + 1.2 * energy + 1.2 * first,
        "logRelF0-H1-H2_sma3nz": around(5, 4) - 1.5 * energy - 2.5 * vowel[:, 0],
        "logRelF0-H1-A3_sma3nz": around(25, 4) - 2.5 * energy + 3 * second,
        "F1frequency_sma3nz": voice.formants[:, 0] * np.exp(around(0, 0.06)),
        "F1bandwidth_sma3nz": around(1300, 160) + 60 * second,
        "F1amplitudeLogRelF0_sma3nz": around(-12, 7) + 3 * vowel[:, 0] + 2 * energy,
        "F2frequency_sma3nz": voice.formants[:, 1] * np.exp(around(0, 0.05)),
        "F2bandwidth_sma3nz": around(1050, 180) - 60 * vowel[:, 1],
        "F2amplitudeLogRelF0_sma3nz": around(-24, 8) + 3 * energy - 2 * vowel[:, 1],
        "F3frequency_sma3nz": voice.formants[:, 2] * np.exp(around(0, 0.04)),
        "F3bandwidth_sma3nz": around(950, 200) + 40 * third,
        "F3amplitudeLogRelF0_sma3nz": around(-31, 8) + 3 * energy,
    }
    for name, values in columns.items():
        if name.endswith("nz"):
            values[~voice.voiced] = np.nan
    return np.stack([columns[name] for name in DESCRIPTORS], axis=1)
