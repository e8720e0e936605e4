"""Who a sentence is about: how many of its words are the speaker.

    share = first-person singular pronouns / words          in 0 … 1

People with depression say *I*, *me* and *my* more often. It is one of the few signs in words that meta-analyses agree
on, and one that a sentence's vector hardly contains: encoders are trained on what is said, not on who it is about.
English only.

References: Edwards, T., and Holtzman, N. S. (2017). A meta-analysis of correlations between depression and first person
singular pronoun use. Journal of Research in Personality 68, 63–68.
Tølbøll, K. B. (2019). Linguistic features in depression: a meta-analysis. Journal of Language Works 4(2), 39–59.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

COLUMN = "first_person"

PRONOUNS = frozenset(("i", "me", "my", "mine", "myself"))

_WORD = re.compile(r"[^\W\d_]+")


def share(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """The share of first-person singular pronouns among the words of each text.

    Args:
        texts: S sentences, in English. Contractions count as the pronoun and the rest: *I'm* is *I*.

    Returns:
        float32 [S] in 0 … 1, ``nan`` for a text without words.

    Example:
        >>> share(["I think I'm fine", "the dog is mine", "you know", ""]).astype(float).round(2).tolist()
        [0.4, 0.25, 0.0, nan]
    """
    return np.array([_share(_WORD.findall(text.lower())) for text in texts], dtype=np.float32)


def _share(words: Sequence[str]) -> float:
    return sum(word in PRONOUNS for word in words) / len(words) if words else float("nan")
