"""What a sentence is about: how near it is to each of the eight topics that the PHQ-8 asks for.

A topic is the mean vector of a few descriptions, and a sentence's nearness to it the cosine

    cos(v, t) = v·t / (|v| |t|)   in −1 … 1

Depression scales have been used in this way to choose which posts of a person a detector reads (Zhang et al. 2022).
Here the descriptions tell of both ends of a topic: "i sleep fine" and "i can't sleep" are both about sleep. The columns
say what is talked about, not whether the person is ill.

References: Zhang, Z., Chen, S., Wu, M., and Zhu, K. Q. (2022). Psychiatric scale guided risky post screening for early
detection of depression. IJCAI. arXiv:2205.09497.
Kroenke, K., Strine, T. W., Spitzer, R. L., Williams, J. B. W., Berry, J. T., and Mokdad, A. H. (2009). The PHQ-8 as a
measure of current depression in the general population. Journal of Affective Disorders 114, 163–173.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

DESCRIPTIONS = MappingProxyType(
    {
        "interest": (
            "I take pleasure in my hobbies and look forward to doing things.",
            "Nothing is fun for me any more; I have lost interest in what I used to enjoy.",
        ),
        "mood": (
            "I have been sad and gloomy, and I see no hope.",
            "I am in good spirits, cheerful and hopeful.",
            "This is how my mood has been lately.",
        ),
        "sleep": (
            "I lie awake at night and can't get to sleep.",
            "I sleep well and wake up rested.",
            "I stay in bed and sleep far too long.",
        ),
        "energy": (
            "I am worn out, tired all day and without any energy.",
            "I am fit, lively and full of energy.",
        ),
        "appetite": (
            "I have no appetite and hardly eat.",
            "I enjoy my meals and eat normally.",
            "I can't stop eating and have put on weight.",
        ),
        "failure": (
            "I am a failure, worthless, and a disappointment to my family.",
            "I am proud of myself and of what I have achieved.",
            "This is what I think of myself as a person.",
        ),
        "concentration": (
            "My mind wanders, and I can't keep my attention on what I read or watch.",
            "I find it easy to concentrate and think clearly.",
        ),
        "movement": (
            "I move and talk as slowly as if I walked through water.",
            "I am restless, I fidget and pace up and down and can't sit still.",
            "I can sit calmly, and move at my usual pace.",
        ),
    }
)
"""Both ends of each topic, and what lies between, in the words of the people who made this; not the scale's own."""

COLUMNS = tuple(f"symptom_{topic}" for topic in DESCRIPTIONS)

Vectors = npt.NDArray[np.floating]


def topics(encode: Callable[[Sequence[str]], Vectors]) -> npt.NDArray[np.float64]:
    """The vectors of the topics.

    Args:
        encode: from N texts to their vectors, [N, dimensions].

    Returns:
        [8, dimensions], in the order of `DESCRIPTIONS`.

    Example:
        >>> topics(lambda texts: np.array([[float("sleep" in text)] for text in texts]))[:, 0].tolist()
        [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    means = [encode(described).astype(np.float64).mean(axis=0) for described in DESCRIPTIONS.values()]
    return np.stack(means)


def similarities(vectors: Vectors, topics: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Cosines between sentences and topics.

    Computed in double precision, so that the result doesn't depend on how a machine adds up.

    Args:
        vectors: [S, dimensions]; a row of ``nan`` is a sentence without words.
        topics: [8, dimensions].

    Returns:
        [S, 8] in −1 … 1, ``nan`` where the vector is.

    Example:
        >>> similarities(np.array([[2.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 3.0], [-1.0, 0.0]])).tolist()
        [[1.0, 0.0, -1.0]]
    """
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True) * np.linalg.norm(topics, axis=1)
    cosines: npt.NDArray[np.float64] = np.clip(wide @ topics.T / lengths, -1.0, 1.0)
    return cosines.astype(np.float32)
