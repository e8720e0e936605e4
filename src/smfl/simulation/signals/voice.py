"""A voice over time: pitch, loudness, voicing and formants, from which descriptors and sound are made.

The latent markers set each sentence (semitones are from 27.5 Hz):

    mean F0      the person's resting pitch + 2.0 x st       sd of F0 inside the sentence    2.2 exp(.10 x) st
    loudness     1.2 x dB about the person's usual level     pauses                          smfl…timeline

Inside a sentence the pitch falls, with accents on top; syllables of 4 to 5 a second swell and fade; about a quarter of
the speech is unvoiced. Outside, there is silence, breath, and the interviewer far away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smfl.interview import PARTICIPANT
from smfl.simulation.conversation.person import Person
from smfl.simulation.conversation.timeline import Timeline
from smfl.simulation.model import BoolArray, Latent
from smfl.simulation.signals.face import FloatArray
from smfl.simulation.signals.motion import smooth, speaking, wander

LOWEST_HZ = 27.5
PITCH_UNIT = 2.0
SPREAD_REST, SPREAD_UNIT = 2.2, 0.10
LOUDNESS_UNIT = 1.2
SPEECH_DB, SILENCE_DB, BLEED_DB = -24.0, -62.0, -48.0
UNVOICED_SHARE = 0.25
VOWELS = np.array(
    [
        [730, 1090, 2440],
        [530, 1840, 2480],
        [390, 1990, 2550],
        [270, 2290, 3010],
        [570, 840, 2410],
        [440, 1020, 2240],
        [300, 870, 2240],
        [640, 1190, 2390],
        [490, 1350, 1690],
        [660, 1720, 2410],
    ],
    dtype=np.float64,
)
"""F1 to F3 of American English vowels, Hz: men's averages (Peterson & Barney 1952)."""


@dataclass(frozen=True, eq=False, slots=True)
class VoiceTracks:
    """The participant's voice on a grid of n instants.

    Args:
        times: s, [n].
        f0: Hz, [n]; ``nan`` where unvoiced.
        level: dB below full scale, [n].
        speech: whether words are uttered, [n].
        fricative: unvoiced share of the excitation, 0 to 1, [n].
        formants: F1 to F3, Hz, [n, 3].
        bleed: whether the interviewer speaks, [n].
        noise: three slow tracks, sd 1, for whatever else varies, [n, 3].
    """

    times: FloatArray
    f0: FloatArray
    level: FloatArray
    speech: BoolArray
    fricative: FloatArray
    formants: FloatArray
    bleed: BoolArray
    noise: FloatArray

    @property
    def voiced(self) -> BoolArray:
        """Whether there is a pitch, [n]."""
        return ~np.isnan(self.f0)

    @property
    def semitones(self) -> FloatArray:
        """F0 in semitones from 27.5 Hz, [n]."""
        return np.asarray(12 * np.log2(self.f0 / LOWEST_HZ), dtype=np.float64)


def _contour(rng: np.random.Generator, n: int, *, rate: float, spread: float) -> FloatArray:
    """A sentence's melody about its mean, in semitones, [n]: a fall with accents, of sd ``spread``."""
    if n < 3:
        return np.zeros(n)
    fall = np.linspace(1.0, -1.0, n)
    accents = smooth(wander(rng, n, rate=rate, seconds=0.25, sd=1.6), rate=rate, seconds=0.1)
    melody = fall + accents
    melody -= melody.mean()
    return np.asarray(spread * melody / max(float(melody.std()), 1e-6), dtype=np.float64)


def speak(rng: np.random.Generator, latent: Latent, person: Person, timeline: Timeline, *, rate: float) -> VoiceTracks:
    """Render a participant's voice for the whole interview.

    Args:
        rng: source of chance.
        latent: the markers.
        person: resting pitch and length of the vocal tract.
        timeline: when words are uttered.
        rate: instants a second.
    """
    n = int(timeline.seconds * rate)
    times = np.arange(n) / rate
    speech = speaking(times, timeline)
    syllable = np.cumsum(4.4 + wander(rng, n, rate=rate, seconds=0.5, sd=0.7)) / rate
    phase = syllable % 1.0
    swell = np.sin(np.pi * phase)
    nucleus = 1 - UNVOICED_SHARE * np.clip(1 + 0.5 * wander(rng, n, rate=rate, seconds=0.3, sd=1.0), 0.2, 1.8)
    voiced = speech & (phase < nucleus)

    f0, level = np.full(n, np.nan), np.full(n, SILENCE_DB) + wander(rng, n, rate=rate, seconds=0.3, sd=1.0)
    pitch, spread, loud = (latent.marker(name) for name in ("pitch level", "pitch variability", "loudness"))
    for i, utterance in enumerate(timeline.sentences):
        inside = slice(int(np.searchsorted(times, utterance.start)), int(np.searchsorted(times, utterance.stop)))
        length = inside.stop - inside.start
        melody = _contour(rng, length, rate=rate, spread=SPREAD_REST * float(np.exp(SPREAD_UNIT * spread[i])))
        semitones = person.pitch + PITCH_UNIT * float(pitch[i]) + melody
        f0[inside] = np.clip(LOWEST_HZ * 2 ** (semitones / 12), 55.0, 600.0)
        usual = SPEECH_DB + LOUDNESS_UNIT * float(loud[i])
        shape = 6.0 * (swell[inside] - 0.64) + wander(rng, length, rate=rate, seconds=0.4, sd=1.5)
        level[inside] = np.where(speech[inside], usual + shape, level[inside])
    f0[~voiced] = np.nan
    level[speech & ~voiced] -= 6.0

    bleed = np.zeros(n, dtype=np.bool_)
    for utterance in timeline.utterances:
        if utterance.speaker != PARTICIPANT:
            bleed[np.searchsorted(times, utterance.start) : np.searchsorted(times, utterance.stop)] = True
    level[bleed & ~speech] += BLEED_DB - SILENCE_DB

    vowel = VOWELS[rng.integers(len(VOWELS), size=int(syllable[-1]) + 2)][syllable.astype(np.int64)]
    glide = np.stack([smooth(vowel[:, i], rate=rate, seconds=0.08) for i in range(3)], axis=1)
    drift = np.stack([wander(rng, n, rate=rate, seconds=0.5, sd=1.0) for _ in range(3)], axis=1)
    formants = person.tract * 1.05 * glide * (1 + 0.03 * drift)
    noise = np.stack([wander(rng, n, rate=rate, seconds=0.2, sd=1.0) for _ in range(3)], axis=1)
    fricative = np.where(voiced, 0.08, 1.0) * speech
    return VoiceTracks(times, f0, level, speech, fricative, formants, bleed, noise)
