"""Answers to a questionnaire's items that add up to its score."""

from __future__ import annotations

import numpy as np


def item_answers(rng: np.random.Generator, score: int, items: int = 8, *, highest: int = 3) -> list[int]:
    """Answers of 0 to ``highest`` to the items, which add up to the score; by default those of PHQ-8.

    Example:
        >>> answers = item_answers(np.random.default_rng(0), 12, 9)
        >>> sum(answers), len(answers), max(answers) <= 3
        (12, 9, True)
    """
    answers = np.zeros(items, dtype=np.int64)
    for _ in range(score):
        answers[int(rng.choice(np.flatnonzero(answers < highest)))] += 1
    return [int(answer) for answer in answers]
