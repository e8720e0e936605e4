"""What an interview is about: topics in blocks, one question and some sentences of answer each.

The order of topics doesn't depend on the label. Four topics touch the participant's feelings (`AFFECT_TOPICS`) and hold
about 15 % of the sentences; which topic a sentence answers is audible in its words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

AFFECT_TOPICS = ("sleep", "mood", "family", "future")
OTHER_TOPICS = (
    "work",
    "studies",
    "travel",
    "hobbies",
    "city",
    "food",
    "weather",
    "friends",
    "sports",
    "films",
    "pets",
    "weekend",
)
TOPICS = AFFECT_TOPICS + OTHER_TOPICS

SENTENCES_A_MINUTE = (11.0, 1.1)
"""Mean and sd over participants; clipped to 8.5 to 14: 34 to 56 sentences in four minutes."""
AFFECT_SHARE = (0.13, 0.18)
FEWEST_SENTENCES, FEWEST_AFFECT = 6, 2


@dataclass(frozen=True, eq=False, slots=True)
class TopicSequence:
    """The order of topics.

    Args:
        numbers: for each of n sentences its place in `TOPICS`, int64 [n].
        blocks: for each sentence the number of the question that it answers, int64 [n], 0, 0, 1, 1, 1, ….

    Example:
        >>> topics = draw_topics(np.random.default_rng(0), minutes=4.0)
        >>> len(topics.numbers), round(float(topics.affect.mean()), 2)
        (45, 0.13)
    """

    numbers: npt.NDArray[np.int64]
    blocks: npt.NDArray[np.int64]

    @property
    def affect(self) -> npt.NDArray[np.bool_]:
        """Whether each sentence answers one of `AFFECT_TOPICS`, [n]."""
        return self.numbers < len(AFFECT_TOPICS)


def _block_sizes(rng: np.random.Generator, total: int, least: int, most: int) -> list[int]:
    parts: list[int] = []
    while sum(parts) < total:
        parts.append(min(int(rng.integers(least, most + 1)), total - sum(parts)))
    return parts


def draw_topics(rng: np.random.Generator, *, minutes: float) -> TopicSequence:
    """Draw topics and the number of sentences for an interview of nominally ``minutes`` minutes."""
    mean, sd = SENTENCES_A_MINUTE
    rate = float(np.clip(rng.normal(mean, sd), 8.5, 14.0))
    n = max(FEWEST_SENTENCES, round(rate * minutes))
    n_affect = max(FEWEST_AFFECT, round(float(rng.uniform(*AFFECT_SHARE)) * n))
    affect_sizes = _block_sizes(rng, n_affect, 1, 3)
    other_sizes = _block_sizes(rng, n - n_affect, 2, 5)
    first_affect, first_other = rng.permutation(len(AFFECT_TOPICS)), rng.permutation(len(OTHER_TOPICS))
    blocks = [(int(first_affect[i % len(AFFECT_TOPICS)]), size) for i, size in enumerate(affect_sizes)]
    blocks += [
        (len(AFFECT_TOPICS) + int(first_other[i % len(OTHER_TOPICS)]), size) for i, size in enumerate(other_sizes)
    ]
    order = rng.permutation(len(blocks))
    sizes = [blocks[i][1] for i in order]
    return TopicSequence(np.repeat([blocks[i][0] for i in order], sizes), np.repeat(np.arange(len(blocks)), sizes))
