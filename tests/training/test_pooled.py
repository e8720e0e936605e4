"""Comparators without a network: they find what is planted, take what is missing, and choose inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
from sklearn.preprocessing import FunctionTransformer

from smfl.features import SentenceFeatures
from smfl.interview import CallError, FeatureError
from smfl.training.comparators.averages import average
from smfl.training.comparators.pooled import (
    LateFusion,
    Majority,
    PooledGradientBoosting,
    PooledLogisticRegression,
    TfidfLinear,
)
from smfl.training.penalty import choose

READERS = (PooledLogisticRegression, PooledGradientBoosting, LateFusion)
ALL = (*READERS, TfidfLinear, Majority)


def interview(
    i: int, label: int, *, effect: float = 1.5, without: tuple[str, ...] = (), width: int = 3
) -> SentenceFeatures:
    rng = np.random.default_rng([i, 5])
    values, offsets = {}, {}
    for name in ("audio", "video"):
        frames = rng.normal(size=(12, width)).astype(np.float32)
        frames[:, 0] += effect * label + rng.normal()
        frames[3, 1] = np.nan
        values[name] = frames[:0] if name in without else frames
        offsets[name] = np.array([0, 0, 0] if name in without else [0, 5, 12])
    sad, plain = rng.random(2) < (0.8 if label else 0.2)
    texts = (f"I feel {'sad' if sad else 'fine'} today", f"work is {'tiring' if plain else 'good'}")
    return SentenceFeatures(f"i{i}", f"p{i // 2}", values, offsets, np.zeros((2, 2)), texts)


Y = np.arange(80) // 2 % 2
X = [interview(i, int(label)) for i, label in enumerate(Y)]
TEST_Y = np.arange(200) % 2
TEST_X = [interview(1000 + i, int(label)) for i, label in enumerate(TEST_Y)]


@pytest.mark.parametrize("kind", ALL)
def test_scikit_learns_contract(kind: Any) -> None:
    model = clone(kind(modalities=("audio",), seed=3))
    assert (model.seed, model.modalities) == (3, ("audio",))
    assert model.fit(X, Y) is model
    said = model.predict_proba(TEST_X)
    assert said.shape == (200, 2)
    np.testing.assert_allclose(said.sum(axis=1), 1)
    assert model.predict(TEST_X).tolist() == (said[:, 1] >= 0.5).astype(int).tolist()
    assert model.n_parameters_ > 0
    assert model.classes_.tolist() == [0, 1]
    np.testing.assert_array_equal(said, clone(model).fit(X, Y).predict_proba(TEST_X))


@pytest.mark.parametrize("kind", [*READERS, TfidfLinear])
def test_planted_signs_are_found_and_shuffled_labels_arent(kind: Any) -> None:
    found = roc_auc_score(TEST_Y, kind().fit(X, Y).predict_proba(TEST_X)[:, 1])
    assert found > 0.75
    shuffled = [
        roc_auc_score(TEST_Y, kind().fit(X, np.random.default_rng(s).permutation(Y)).predict_proba(TEST_X)[:, 1])
        for s in range(2)
    ]
    assert np.mean(shuffled) < found - 0.1


def test_cross_val_score_runs() -> None:
    people = [one.participant for one in X]
    folds = StratifiedGroupKFold(3)
    scores = cross_val_score(PooledLogisticRegression(("audio",)), X, Y, groups=people, cv=folds)
    assert scores.mean() > 0.6


@pytest.mark.parametrize("kind", READERS)
def test_a_missing_modality_is_taken(kind: Any) -> None:
    some = [interview(i, int(label), without=("video",) if i % 3 == 0 else ()) for i, label in enumerate(Y)]
    model = kind().fit(some, Y)
    nothing = interview(0, 1, without=("audio", "video"))
    said = model.predict_proba([nothing, interview(1, 1, without=("audio",)), TEST_X[0]])
    assert np.isfinite(said).all()


@pytest.mark.parametrize("kind", READERS)
def test_no_features_are_refused(kind: Any) -> None:
    with pytest.raises(FeatureError, match="there are: audio, video"):
        kind(modalities=("text",)).fit(X, Y)


@pytest.mark.parametrize("kind", READERS)
def test_another_width_is_refused(kind: Any) -> None:
    model = kind(modalities=("audio",)).fit(X, Y)
    with pytest.raises(FeatureError, match="interview i0: audio has 4 features; the model was fitted on 3"):
        model.predict_proba([interview(0, 0, width=4)])


@pytest.mark.parametrize("kind", [*READERS, TfidfLinear])
def test_one_class_is_refused(kind: Any) -> None:
    with pytest.raises(CallError, match=r"training needs labels 0 and 1, both of them; got \[1\]"):
        kind().fit(X, np.ones(len(X)))


def test_words_are_needed() -> None:
    silent = [SentenceFeatures(str(i), str(i), {}, {}, np.zeros((1, 2)), ("",)) for i in range(4)]
    with pytest.raises(FeatureError, match="no training interview has words"):
        TfidfLinear().fit(silent, [0, 1, 0, 1])


def test_chinese_is_read_by_characters() -> None:
    def one(i: int, text: str) -> SentenceFeatures:
        return SentenceFeatures(str(i), str(i), {}, {}, np.zeros((1, 2)), (text,))

    people = [one(i, f"{'我很难过' if i % 2 else '我很高兴'}第{i}天") for i in range(12)]
    model = TfidfLinear().fit(people, [i % 2 for i in range(12)])
    assert model.predict([one(20, "今天难过"), one(21, "今天高兴")]).tolist() == [1, 0]


def test_averages_leave_missing_frames_out() -> None:
    means = average([X[0]])[0].vectors["audio"]
    frames = X[0].values["audio"].astype(float)
    np.testing.assert_allclose(means, np.r_[np.nanmean(frames, axis=0), np.nanstd(frames, axis=0)])


def test_the_indicator_tells_missing_from_average() -> None:
    labels = np.arange(60) % 2
    rng = np.random.default_rng(1)
    people = [interview(i, 0, without=("video",) if rng.random() < 0.1 + 0.8 * y else ()) for i, y in enumerate(labels)]
    said = (
        PooledLogisticRegression(("video",))
        .fit(people, labels)
        .predict_proba([interview(900, 0, without=("video",)), interview(901, 0)])[:, 1]
    )
    assert said[0] > said[1]


def test_the_strength_is_chosen_on_whole_training_participants() -> None:
    groups = np.array([one.participant for one in X])
    calls: list[tuple[set[int], set[int]]] = []

    class Watcher:
        def fit(self, vectors: np.ndarray[Any, Any], labels: Any) -> Watcher:
            self.rows = set(vectors[:, 0].astype(int))
            return self

        def predict_proba(self, vectors: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
            calls.append((self.rows, set(vectors[:, 0].astype(int))))
            return np.full((len(vectors), 2), 0.5)

    rows = np.arange(len(X), dtype=float)[:, None]
    choose(FunctionTransformer, lambda strength: Watcher(), rows, Y, list(groups), (0.1, 1.0), seed=0)
    assert len(calls) == 10
    assert all(not {groups[i] for i in train} & {groups[i] for i in test} for train, test in calls)
