"""Whether attention is faithful is a question that has both answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from smfl.features import SentenceFeatures
from smfl.training.occlusion import occlusion

S = 20


class Sum:
    """Log-odds are the sum of what each sentence says."""

    def predict_proba(self, X: list[SentenceFeatures]) -> Any:
        odds = np.array([sum(float(text) for text in one.texts) for one in X])
        p = 1 / (1 + np.exp(-odds))
        return np.stack([1 - p, p], axis=1)


def interview(says: np.ndarray) -> SentenceFeatures:
    return SentenceFeatures("a", "a", {}, {}, np.zeros((len(says), 2)), tuple(str(x) for x in says))


@pytest.fixture
def says() -> np.ndarray:
    values = np.zeros(S)
    values[[3, 8, 11, 15]] = 1.0
    return values


def test_attention_on_what_counts_is_faithful(says: np.ndarray) -> None:
    found = occlusion(Sum(), interview(says), says)
    assert found is not None
    assert found.left_out == 4
    assert found.top == pytest.approx(4.0)
    assert found.beyond > 0.95
    assert found.random.max() < 4.0 + 1e-6


def test_attention_on_what_doesnt_is_not(says: np.ndarray) -> None:
    found = occlusion(Sum(), interview(says), 1 - says)
    assert found is not None
    assert found.top == pytest.approx(0.0, abs=1e-6)
    assert found.beyond < 0.5


def test_flat_attention_is_chance() -> None:
    rng = np.random.default_rng(1)
    beyond = [occlusion(Sum(), interview(rng.normal(size=S)), rng.random(S), seed=i).beyond for i in range(60)]  # type: ignore[union-attr]
    assert np.mean(beyond) == pytest.approx(0.5, abs=0.12)


def test_too_few_sentences_are_not_asked() -> None:
    assert occlusion(Sum(), interview(np.ones(4)), np.ones(4)) is None
