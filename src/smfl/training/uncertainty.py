"""How sure a prediction is: an interval of its probability, and when to give none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.features import SentenceFeatures

FEWEST_SENTENCES = 3
"""Below this an interview isn't judged: attention over one or two sentences compares nothing."""

ENOUGH_COVERAGE = 0.5
"""A modality counts as there where it has rows in at least this share of the sentences; and of the modalities that a
model reads, at least this share must be there."""


def interval(
    probability: float, validation: Mapping[str, Sequence[float]] | None
) -> tuple[tuple[float, float] | None, str]:
    """An interval of one interview's probability, and how it was made.

    It is the Venn–Abers interval (Vovk and Petej, 2014) of the training people, each judged by members that weren't
    trained on them: the probabilities which isotonic calibration gives were this interview one more of them, once with
    each label; widened to hold the probability itself.

    Args:
        probability: of depression.
        validation: ``labels`` and ``probabilities`` of people outside the fit; None where unknown.

    Example:
        >>> known = {"labels": [0, 0, 1, 0, 1, 1], "probabilities": [0.1, 0.2, 0.3, 0.4, 0.8, 0.9]}
        >>> low_high, how = interval(0.35, known)
        >>> [round(x, 2) for x in low_high], how
        ([0.33, 0.67], 'Venn–Abers over 6 people outside the fit')
    """
    labels = np.asarray(validation["labels"] if validation else (), dtype=np.float64)
    if len(np.unique(labels)) < 2 or validation is None:
        return None, "none: nobody outside the fit to calibrate on"
    from sklearn.isotonic import IsotonicRegression

    scores = np.append(np.asarray(validation["probabilities"], dtype=np.float64), probability)
    supposed = [
        float(IsotonicRegression(y_min=0, y_max=1).fit(scores, np.append(labels, y)).predict([probability])[0])
        for y in (0.0, 1.0)
    ]
    low, high = min(*supposed, probability), max(*supposed, probability)
    return (low, high), f"Venn–Abers over {len(labels)} people outside the fit"


def coverage(one: SentenceFeatures, modality: str) -> float:
    """The share of sentences that have at least one row of a modality, 0 to 1.

    Example:
        >>> one = SentenceFeatures("a", "a", {"audio": np.ones((3, 1), "f4")}, {"audio": np.array([0, 3, 3])},
        ...                        np.zeros((2, 2)), ("one", "two"))
        >>> coverage(one, "audio"), coverage(one, "video")
        (0.5, 0.0)
    """
    if modality not in one.offsets or not len(one):
        return 0.0
    return float((np.diff(one.offsets[modality]) > 0).mean())


def reason_to_abstain(one: SentenceFeatures, modalities: Sequence[str]) -> str | None:
    """Why this interview shouldn't be judged; None where it can be.

    Args:
        one: what the model is given.
        modalities: those that the model reads.
    """
    if len(one) < FEWEST_SENTENCES:
        return f"{len(one)} sentence{'s' * (len(one) != 1)}: at least {FEWEST_SENTENCES} are needed"
    present = [name for name in modalities if coverage(one, name) >= ENOUGH_COVERAGE]
    if len(present) < ENOUGH_COVERAGE * len(modalities):
        shares = ", ".join(f"{name} in {coverage(one, name):.0%}" for name in modalities)
        return f"too little of what the model reads is there: {shares} of the sentences"
    return None


def warnings_of(
    one: SentenceFeatures, modalities: Sequence[str], facts: Mapping[str, Any], members: npt.NDArray[np.float64]
) -> list[str]:
    """What a reader must know before the number.

    Args:
        one: what the model is given.
        modalities: those that the model reads.
        facts: of the model's training people.
        members: probabilities, [members].
    """
    found = []
    if facts.get("simulated"):
        found.append("The model was trained on made-up people: its number means nothing for a real person.")
    for name in modalities:
        share = coverage(one, name)
        if share == 0:
            found.append(f"There is no {name}: the model goes without it.")
        elif share < ENOUGH_COVERAGE:
            found.append(f"There is {name} in {share:.0%} of the sentences only.")
    if len(members) > 1 and members.min() < 0.5 <= members.max():
        found.append("The model's members disagree on which side of .5 this interview is.")
    return found
