"""Who speaks when: questions, answers and the pauses inside them, in seconds.

A sentence's length follows from its words, the speaker's rate and the latent pause marker: a share
``sigmoid(-1.3 + .22 x)`` of it is silence (21 % at x = 0), spread over gaps between words. The answer's latency grows
with the same marker. Everything else is independent of the label.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from smfl.interview import INTERVIEWER, PARTICIPANT
from smfl.simulation.conversation.person import Person
from smfl.simulation.conversation.phrases import BACKCHANNELS, CLOSING, OPENING
from smfl.simulation.conversation.words import question
from smfl.simulation.model import Latent
from smfl.simulation.topics import TOPICS

PAUSE_LOGIT, PAUSE_LOGIT_UNIT = -1.3, 0.22
BACKCHANNEL_SHARE = 0.5
INTERVIEWER_WORDS_A_SECOND = 3.0


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words without a pause."""

    start: float
    stop: float
    text: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """A question, a back-channel, or one of the participant's sentences.

    Args:
        speaker: `smfl.interview.PARTICIPANT` or `smfl.interview.INTERVIEWER`.
        runs: stretches of speech between its pauses, in time order.
        sentence: number of the participant's sentence, from 0; -1 for the interviewer.
    """

    speaker: str
    runs: tuple[Run, ...]
    sentence: int = -1

    @property
    def start(self) -> float:
        """First instant, s."""
        return self.runs[0].start

    @property
    def stop(self) -> float:
        """End, s."""
        return self.runs[-1].stop

    @property
    def text(self) -> str:
        """All its words."""
        return " ".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Timeline:
    """An interview as it went, and its length in seconds."""

    utterances: tuple[Utterance, ...]
    seconds: float

    @property
    def sentences(self) -> tuple[Utterance, ...]:
        """The participant's, in order."""
        return tuple(u for u in self.utterances if u.speaker == PARTICIPANT)


def pause_share(marker: float) -> float:
    """Share of a sentence that is silence.

    Example:
        >>> round(pause_share(0.0), 2), round(pause_share(3.0), 2)
        (0.21, 0.35)
    """
    return float(1 / (1 + np.exp(-(PAUSE_LOGIT + PAUSE_LOGIT_UNIT * marker))))


def spoken(rng: np.random.Generator, text: str, *, start: float, rate: float, silence: float) -> tuple[Run, ...]:
    """Lay words out in time.

    Args:
        rng: source of chance.
        text: the words.
        start: s.
        rate: words a second between pauses.
        silence: share of pauses, in [0, 1).

    Returns:
        Runs of whole words; the last ends where the sentence ends.
    """
    words = text.split()
    speech = len(words) / rate
    pause = speech * silence / (1 - silence)
    n = min(len(words) - 1, 1 + len(words) // 5) if silence > 0 else 0
    cuts = np.sort(rng.choice(np.arange(1, len(words)), size=n, replace=False)) if n else np.array([], dtype=np.int64)
    gaps = pause * rng.dirichlet(np.full(n, 2.0)) if n else np.array([])
    edges = [0, *(int(cut) for cut in cuts), len(words)]
    runs, now = [], start
    for i, (a, b) in enumerate(pairwise(edges)):
        stop = now + (b - a) / rate
        runs.append(Run(round(now, 3), round(stop, 3), " ".join(words[a:b])))
        now = stop + (float(gaps[i]) if i < n else 0.0)
    return tuple(runs)


def lay_out(rng: np.random.Generator, latent: Latent, person: Person, sentences: list[str]) -> Timeline:
    """Lay an interview out in time.

    Args:
        rng: source of chance.
        latent: topics and pause markers.
        person: speech rate.
        sentences: the participant's words, one text a sentence.
    """
    utterances: list[Utterance] = []
    now = float(rng.uniform(0.8, 2.0))

    def ask(text: str) -> None:
        nonlocal now
        utterances.append(
            Utterance(INTERVIEWER, spoken(rng, text, start=now, rate=INTERVIEWER_WORDS_A_SECOND, silence=0.0))
        )
        now = utterances[-1].stop

    ask(OPENING)
    now += float(rng.uniform(0.5, 1.0))
    blocks, pauses = latent.topics.blocks, latent.marker("pause")
    for i, text in enumerate(sentences):
        silence = pause_share(float(pauses[i]))
        if i == 0 or blocks[i] != blocks[i - 1]:
            ask(question(rng, TOPICS[latent.topics.numbers[i]]))
            now += 0.2 + 2.0 * silence * float(rng.uniform(0.7, 1.3))
        elif rng.random() < BACKCHANNEL_SHARE:
            now += float(rng.uniform(0.1, 0.3))
            ask(BACKCHANNELS[int(rng.integers(len(BACKCHANNELS)))])
            now += float(rng.uniform(0.2, 0.5))
        else:
            now += float(rng.uniform(0.2, 0.6))
        rate = person.words_a_second * float(np.exp(rng.normal(0, 0.08)))
        utterances.append(Utterance(PARTICIPANT, spoken(rng, text, start=now, rate=rate, silence=silence), i))
        now = utterances[-1].stop + float(rng.uniform(0.2, 0.6))
    ask(CLOSING)
    return Timeline(tuple(utterances), round(now + float(rng.uniform(0.5, 1.5)), 3))
