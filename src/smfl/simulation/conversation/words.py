"""Words: a sentence for each topic, valence and person, from a small grammar.

    sentence = [filler] opener clause [tail]

The clause (`smfl.simulation.conversation.phrases`) holds topic and valence; openers and tails hold the
first person or not.
"""

from __future__ import annotations

import re

import numpy as np

from smfl.simulation.conversation.phrases import CLAUSES, QUESTIONS
from smfl.simulation.model import VALENCES, Latent
from smfl.simulation.topics import TOPICS

SELF_OPENERS = (
    "i think",
    "i feel like",
    "i guess",
    "i mean",
    "i would say",
    "i know",
    "i've noticed",
    "honestly i think",
)
OTHER_OPENERS = ("", "", "well", "you know", "so", "it's like", "yeah", "people say")
SELF_TAILS = ("", "", "", "for me", "in my case", "in my life", "if you ask me", "to me")
OTHER_TAILS = (
    "",
    "",
    "",
    "",
    "",
    "these days",
    "lately",
    "most of the time",
    "since the move",
    "and so on",
    "right now",
    "as usual",
)
FILLERS = ("um", "uh", "uhm")
FILLER_SHARE = 0.2

_CHOICE = re.compile(r"\(([^()]*)\)")


def _pick(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def expand(rng: np.random.Generator, template: str) -> str:
    """Choose at each ``(a|b)`` of a template.

    Example:
        >>> expand(np.random.default_rng(0), "the weekend was (fine|fine)")
        'the weekend was fine'
    """
    return _CHOICE.sub(lambda found: _pick(rng, tuple(found[1].split("|"))), template)


def _fresh(rng: np.random.Generator, clauses: tuple[str, ...], used: set[str]) -> str:
    """A clause that wasn't used yet; when all were, all may be used again."""
    left = tuple(clause for clause in clauses if clause not in used)
    if not left:
        used.difference_update(clauses)
        left = clauses
    chosen = _pick(rng, left)
    used.add(chosen)
    return chosen


def say(rng: np.random.Generator, topic: str, valence: str, *, self_focus: bool, used: set[str]) -> str:
    """One sentence of the participant.

    Args:
        rng: source of chance.
        topic: one of `smfl.simulation.topics.TOPICS`.
        valence: one of `smfl.simulation.model.VALENCES`.
        self_focus: whether it is said from the first person.
        used: clauses that this participant has said; grows.

    Example:
        >>> say(np.random.default_rng(4), "sleep", "negative", self_focus=True, used=set())
        'honestly i think waking up worn out is the worst part to me'
    """
    parts = [
        _pick(rng, FILLERS) if rng.random() < FILLER_SHARE else "",
        _pick(rng, SELF_OPENERS if self_focus else OTHER_OPENERS),
        expand(rng, _fresh(rng, CLAUSES[topic][valence], used)),
        _pick(rng, SELF_TAILS if self_focus else OTHER_TAILS),
    ]
    return " ".join(part for part in parts if part)


def sentences(rng: np.random.Generator, latent: Latent) -> list[str]:
    """The participant's n sentences, as the latent topics, valences and first persons say."""
    used: set[str] = set()
    return [
        say(rng, TOPICS[topic], VALENCES[valence], self_focus=bool(self_focus), used=used)
        for topic, valence, self_focus in zip(latent.topics.numbers, latent.valence, latent.self_focus, strict=True)
    ]


def question(rng: np.random.Generator, topic: str) -> str:
    """The interviewer's question on a topic: it doesn't depend on the participant."""
    return _pick(rng, QUESTIONS[topic])
