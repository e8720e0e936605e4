"""Training people as networks read them, had once where several networks learn from the same people.

The rows of a comparison differ in the network, not in what it reads. Reading, measuring and transforming the people of
a fold takes as long as training a small network on them.
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
class Ready:
    """Training people, measured. Shared by whoever learns from them next: nothing in it is changed.

    Args:
        inputs: what they showed.
        examples: they themselves, n of them.
        participants: who, of each, [n].
    """

    inputs: Inputs
    examples: Sequence[Example]
    participants: npt.NDArray[np.str_]


def ready(
    people: Sequence[SentenceFeatures], settings: InputSettings, modalities: Sequence[str], words: str, most: int
) -> Ready:
    """These people, measured by themselves; the last ones are kept, and known again by their ``fingerprint``.

    Args:
        people: training interviews. Those that tell a ``fingerprint``, as `smfl.features.Prepared` does, aren't even
            read where it is the last one's.
        settings: what is done to features.
        modalities: which are read.
        words: the modality whose sentences have topics.
        most: the threshold M.

    Raises:
        FeatureError: where not one of them has one of the modalities.
    """
    fingerprint = getattr(people, "fingerprint", None)
    if fingerprint is None:
        return _measured(people, settings, modalities, words, most)
    return _kept(_Known(fingerprint, people), settings, tuple(modalities), words, most)


def example_of(one: SentenceFeatures, inputs: Inputs, most: int) -> Example:
    """One interview as a network reads it, no longer than the threshold M."""
    shown = one if len(one) <= most else one.keep(longest_of(one.lengths, most))
    return Example(inputs.apply(shown), len(shown))


@dataclass(frozen=True)
class _Known:
    fingerprint: str
    people: Sequence[SentenceFeatures] = field(compare=False)


@lru_cache(maxsize=1)
def _kept(known: _Known, settings: InputSettings, modalities: tuple[str, ...], words: str, most: int) -> Ready:
    return _measured(known.people, settings, modalities, words, most)


def _measured(
    people: Sequence[SentenceFeatures], settings: InputSettings, modalities: Sequence[str], words: str, most: int
) -> Ready:
    read = [people[i] for i in range(len(people))]
    inputs = Inputs(settings, modalities, words).fit(read)
    examples = [example_of(one, inputs, most) for one in read]
    return Ready(inputs, examples, np.array([one.participant for one in read]))
