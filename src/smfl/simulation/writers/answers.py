"""An interview cut into answers, each with its sound, face and vectors, for corpora that come answer by answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smfl.simulation.model import VALENCES, Latent
from smfl.simulation.session import Session
from smfl.simulation.signals.face import FloatArray
from smfl.simulation.signals.sound import SAMPLE_RATE, synthesise

VOICE_HZ = 100.0
VGGISH, VGGISH_S = 128, 0.96
MARGIN_S = 0.2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sentences that are one answer, and when they were said, s."""

    sentences: tuple[int, ...]
    start: float
    stop: float


def answers_of(session: Session, count: int) -> list[Stretch]:
    """At most ``count`` answers of about as many sentences each; fewer where fewer sentences were said."""
    sentences = session.timeline.sentences
    groups = np.array_split(np.arange(len(sentences)), min(count, len(sentences)))
    return [
        Stretch(tuple(map(int, g)), max(sentences[g[0]].start - MARGIN_S, 0.0), sentences[g[-1]].stop + MARGIN_S)
        for g in groups
    ]


def sound_of(session: Session) -> npt.NDArray[np.int16]:
    """The whole interview's sound, 16 kHz."""
    return synthesise(session.study.generator(session.number, "noise"), session.voice(VOICE_HZ), rate=VOICE_HZ)


def excerpt(samples: npt.NDArray[np.int16], start: float, stop: float) -> npt.NDArray[np.int16]:
    """A stretch of sound; what the interviewer says inside it stays faint."""
    return samples[round(start * SAMPLE_RATE) : round(stop * SAMPLE_RATE)]


def mixed(rng: np.random.Generator, values: FloatArray, width: int, *, noise: float = 0.1) -> npt.NDArray[np.float32]:
    """What a network might have made of some measures: their mixture in ``width`` dimensions, always the same one.

    Args:
        rng: source of the noise.
        values: [n, k], ``nan`` counted as 0.
        width: of the vectors.
        noise: its sd.
    """
    weights = np.random.default_rng(width).standard_normal((values.shape[1], width)) / np.sqrt(values.shape[1])
    vectors = np.nan_to_num(values) @ weights + noise * rng.standard_normal((len(values), width))
    return np.asarray(vectors, dtype=np.float32)


def means_of(values: FloatArray, rate: float, seconds: float) -> FloatArray:
    """Means of a track over stretches of ``seconds``, [n, k]; ``nan`` left out of them."""
    size = round(rate * seconds)
    count = len(values) // size
    if not count:
        return np.asarray(np.nan_to_num(values).mean(axis=0, keepdims=True), dtype=np.float64)
    blocks = values[: count * size].reshape(count, size, -1)
    measured = ~np.isnan(blocks)
    sums, counts = np.where(measured, blocks, 0.0).sum(axis=1), measured.sum(axis=1)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), 0.0), dtype=np.float64)


def vggish(rng: np.random.Generator, descriptors: FloatArray, rate: float) -> npt.NDArray[np.float32]:
    """What VGGish might give for a voice: rows of 128, one each .96 s, from its standardised descriptors."""
    means = means_of(descriptors, rate, VGGISH_S)
    spread = np.nanstd(np.nan_to_num(descriptors), axis=0)
    centred = (means - np.nanmean(np.nan_to_num(descriptors), axis=0)) / np.maximum(spread, 1e-6)
    return np.maximum(mixed(rng, centred, VGGISH), 0)


def text_vectors(rng: np.random.Generator, latent: Latent, sentences: tuple[int, ...], width: int) -> FloatArray:
    """What a sentence encoder might give for an answer: how negative, positive and about oneself it is, [width]."""
    facts = [[latent.valence[i] == v for v in range(len(VALENCES))] + [bool(latent.self_focus[i])] for i in sentences]
    return np.asarray(mixed(rng, np.array(facts, dtype=np.float64).mean(axis=0, keepdims=True), width)[0])
