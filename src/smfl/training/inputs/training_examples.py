"""Training interviews as networks read them, prepared once where several networks learn from the same interviews.

The rows of a comparison differ in the network, not in what it reads. Reading, measuring and transforming the interviews
of a fold takes as long as training a small network on them, so the last ones are cached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from smfl.features import SentenceFeatures
from smfl.features.sentences import longest_of
from smfl.training.inputs.batching import Example
from smfl.training.inputs.preprocessing import Inputs, InputSettings


@dataclass(frozen=True, eq=False)
class TrainingExamples:
    """Training interviews, transformed. Shared by all networks that learn from them next: nothing in it is changed.

    Args:
        inputs: the transformations, fitted on them.
        examples: what a network reads of each, n of them.
        participants: who, of each, [n].
    """

    inputs: Inputs
    examples: Sequence[Example]
    participants: npt.NDArray[np.str_]


def training_examples(
    interviews: Sequence[SentenceFeatures],
    settings: InputSettings,
    modalities: Sequence[str],
    words: str,
    max_sentences: int,
) -> TrainingExamples:
    """Transform these interviews by what is measured on them; the last result is cached by their ``fingerprint``.

    Args:
        interviews: training interviews. Those that have a ``fingerprint``, as `smfl.features.Prepared` has, aren't even
            read where it is that of the cached ones.
        settings: what is done to features.
        modalities: which are read.
        words: the modality whose sentences have topics.
        max_sentences: the threshold M.

    Raises:
        FeatureError: where not one of them has one of the modalities.
    """
    fingerprint = getattr(interviews, "fingerprint", None)
    if fingerprint is None:
        return _transformed(interviews, settings, modalities, words, max_sentences)
    return _cached(_Fingerprinted(fingerprint, interviews), settings, tuple(modalities), words, max_sentences)


def example_of(one: SentenceFeatures, inputs: Inputs, max_sentences: int) -> Example:
    """One interview as a network reads it, no longer than the threshold M."""
    shown = one if len(one) <= max_sentences else one.keep(longest_of(one.lengths, max_sentences))
    return Example(inputs.apply(shown), len(shown))


@dataclass(frozen=True)
class _Fingerprinted:
    fingerprint: str
    interviews: Sequence[SentenceFeatures] = field(compare=False)


@lru_cache(maxsize=1)
def _cached(
    given: _Fingerprinted, settings: InputSettings, modalities: tuple[str, ...], words: str, max_sentences: int
) -> TrainingExamples:
    return _transformed(given.interviews, settings, modalities, words, max_sentences)


def _transformed(
    interviews: Sequence[SentenceFeatures],
    settings: InputSettings,
    modalities: Sequence[str],
    words: str,
    max_sentences: int,
) -> TrainingExamples:
    read = [interviews[i] for i in range(len(interviews))]
    inputs = Inputs(settings, modalities, words).fit(read)
    examples = [example_of(one, inputs, max_sentences) for one in read]
    return TrainingExamples(inputs, examples, np.array([one.participant for one in read]))
