r"""Is the attention faithful? What a model says without the sentences that it attends to most, against chance.

Attention shows where a network looks, which need not be what its answer rests on (Jain and Wallace 2019). So the
sentences with the most attention are left out, and it is measured how far the log-odds :math:`\ell` move,

.. math:: \Delta_{top} = |\ell(\text{all}) - \ell(\text{all but the top } k)|,

against the same for k sentences drawn at random, many times: the test that is called comprehensiveness where words are
left out (DeYoung et al. 2020). Attention that is no better than chance moves no further than most of those draws.

References: Jain, S., and Wallace, B. C. (2019). Attention is not explanation. NAACL.
DeYoung, J., et al. (2020). ERASER: a benchmark to evaluate rationalized NLP models. ACL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from smfl.features import SentenceFeatures

Array = npt.NDArray[np.float64]
SHARE, DRAWS = 0.2, 40
FEWEST = 5
"""Sentences that an interview needs for the question to make sense."""
TINY = 1e-9


class Model(Protocol):
    """A fitted model that says how probable depression is."""

    def predict_proba(self, X: list[SentenceFeatures], /) -> Array:
        """Probabilities of not depressed and depressed, [n, 2]."""


@dataclass(frozen=True, eq=False)
class Occlusion:
    """How far log-odds move without some sentences.

    Args:
        left_out: k, sentences that are left out.
        top: the change without the k sentences of most weight.
        random: the changes without k sentences at random, [draws].
    """

    left_out: int
    top: float
    random: Array

    @property
    def beyond(self) -> float:
        """The share of random draws that move the answer less: near 1 is faithful, .5 is chance, 0 … 1."""
        return float(((self.random < self.top) + 0.5 * (self.random == self.top)).mean())


def occlusion(
    model: Model,
    one: SentenceFeatures,
    weights: Array,
    *,
    share: float = SHARE,
    draws: int = DRAWS,
    seed: int = 0,
) -> Occlusion | None:
    """Leave out the sentences of most weight, and as many at random.

    Args:
        model: fitted.
        one: an interview.
        weights: of its sentences, [S], such as the attention of `smfl.training.SMFLClassifier.explain`.
        share: of the sentences that are left out; at least one is, and at least one stays.
        draws: random sets.
        seed: of the draws.

    Returns:
        None for an interview of fewer than `FEWEST` sentences.

    Example:
        >>> class Loudest:  # rests on the third sentence alone
        ...     def predict_proba(self, X):
        ...         p = np.array([0.9 if "third" in one.texts else 0.2 for one in X])
        ...         return np.stack([1 - p, p], axis=1)
        >>> texts = ("first", "second", "third", "fourth", "fifth")
        >>> one = SentenceFeatures("a", "a", {}, {}, np.zeros((5, 2)), texts)
        >>> found = occlusion(Loudest(), one, np.array([0.1, 0.1, 0.6, 0.1, 0.1]))
        >>> found.left_out, round(found.top, 2), found.beyond > 0.8
        (1, 3.58, True)
    """
    if len(one) < FEWEST:
        return None
    count = min(max(1, round(share * len(one))), len(one) - 1)
    rng = np.random.default_rng(seed)
    without = [np.argsort(-np.asarray(weights), kind="stable")[:count]]
    without += [rng.choice(len(one), size=count, replace=False) for _ in range(draws)]
    shown = [one, *(one.keep(np.setdiff1d(np.arange(len(one)), left)) for left in without)]
    predicted = np.clip(np.asarray(model.predict_proba(shown))[:, 1], TINY, 1 - TINY)
    odds = np.log(predicted / (1 - predicted))
    moved = np.abs(odds[1:] - odds[0])
    return Occlusion(count, float(moved[0]), moved[1:])
