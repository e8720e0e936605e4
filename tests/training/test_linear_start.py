"""The linear path's start finds signs that only some topics carry, and says nothing where nothing is planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from smfl.features import SentenceFeatures
from smfl.training import SMFLClassifier
from smfl.training.inputs.batching import Example
from smfl.training.inputs.cues import Cues
from smfl.training.inputs.preprocessing import Inputs, InputSettings
from smfl.training.inputs.statistics import of_sentences
from smfl.training.inputs.topics import Topics
from smfl.training.linear.terms import ByTopic, _known_gate
from smfl.training.recipe import TUNED

ABOUT = np.random.default_rng(99).normal(size=(6, 8))
"""What six topics' sentence vectors lie around."""
TELLING = (1, 4)
START = replace(TUNED, epochs=0, members=1)
"""The start alone, no epoch of training."""


def person(rng: np.random.Generator, key: str, label: int, effect: float) -> SentenceFeatures:
    """24 sentences on six topics; the pitch of two topics is lower for the depressed, and people's pitch differs."""
    topics = rng.integers(len(ABOUT), size=24)
    frames = rng.normal(size=(24, 10, 3)) + rng.normal(size=(24, 1, 3)) + 2 * rng.normal(size=3)
    frames[np.isin(topics, TELLING), :, 0] -= effect * label
    text = ABOUT[topics] + 0.3 * rng.normal(size=(24, 8))
    starts = np.arange(24) * 4.0
    return SentenceFeatures(
        key, key, {"audio": frames.reshape(-1, 3).astype("f4"), "text": text.astype("f4")},
        {"audio": np.arange(0, 241, 10), "text": np.arange(25)}, np.stack([starts, starts + 3], axis=1),
        ("words",) * 24, label, None, {"audio": 5.0},
        {"audio": ("F0", "F1", "noise"), "text": tuple(f"text_{i:03d}" for i in range(8))},
    )  # fmt: skip


def with_readings(one: SentenceFeatures, heavy: bool) -> SentenceFeatures:
    """The same person, whose words are read as an encoder with readings does; telling topics sound heavy, if asked."""
    rng = np.random.default_rng(int(one.interview[1:]))
    topics = (one.values["text"] @ ABOUT.T).argmax(axis=1)
    telling = np.isin(topics, TELLING) & heavy
    readings = np.stack([0.2 + 0.4 * telling, 0.1 + 0.3 * telling], axis=1) + 0.15 * rng.normal(size=(24, 2))
    text = np.concatenate([one.values["text"], readings], axis=1).astype("f4")
    columns = (*one.columns["text"], "emotion_sadness", "symptom_mood")
    return replace(one, values={**one.values, "text": text}, columns={**one.columns, "text": columns})


def people(count: int, effect: float, seed: int) -> tuple[list[SentenceFeatures], np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 3 == 0).astype(int)
    return [person(rng, f"p{i}", int(y), effect) for i, y in enumerate(labels)], labels


def test_signs_that_few_topics_carry_are_found() -> None:
    train, labels = people(120, 1.5, seed=0)
    others, truth = people(120, 1.5, seed=1)
    gated = SMFLClassifier(recipe=START).fit(train, labels)
    averages = SMFLClassifier(recipe=replace(START, inputs=replace(START.inputs, topics=0))).fit(train, labels)
    with_gate, without = (roc_auc_score(truth, each.predict_proba(others)[:, 1]) for each in (gated, averages))
    assert with_gate > 0.85
    assert with_gate > without + 0.1
    gate = gated.networks_[0].linear.gate.detach().numpy()
    opened = {
        int(topic): gate[0, book] for topic, book in enumerate(gated.inputs_.measured["text"].topics.of(ABOUT)[:, 0])
    }
    assert set(sorted(opened, key=lambda topic: opened[topic])[-2:]) == set(TELLING)


def test_nothing_is_found_where_nothing_is_planted() -> None:
    train, labels = people(120, 0.0, seed=2)
    others, truth = people(120, 0.0, seed=3)
    said = SMFLClassifier(recipe=START).fit(train, labels).predict_proba(others)[:, 1]
    assert abs(roc_auc_score(truth, said) - 0.5) < 0.12  # two standard errors, 40 of 120


def test_no_member_starts_with_an_opinion_of_its_own() -> None:
    """The deep path's last layer starts at nothing, bias and all: members say what the line says, but for rounding."""
    train, labels = people(40, 1.0, seed=4)
    others, _ = people(8, 1.0, seed=5)
    fitted = SMFLClassifier(recipe=replace(START, members=3)).fit(train, labels)
    each = fitted.predict_members(others)
    assert len(each) == 3
    assert np.ptp(each[0]) > 0.01
    np.testing.assert_allclose(each[1:], each[:-1], atol=1e-6)


def test_every_sentence_has_its_topic() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(6, size=300)
    vectors = (ABOUT[truth] + 0.2 * rng.normal(size=(300, 8))).astype("f4")
    found = Topics.found_in(vectors, topics=12, codebooks=3).of(7 * vectors)  # a vector's length says nothing
    assert found.shape == (300, 3)
    for book in found.T:
        assert all(len(set(truth[book == topic])) == 1 for topic in set(book))


def test_few_sentences_make_few_topics() -> None:
    assert Topics.found_in(np.eye(8, dtype="f4").repeat(2, axis=0), topics=32).shape == (8, 2)


def test_a_sentence_is_measured_on_the_values_that_are_there() -> None:
    """Pitch where the voice sounds: unvoiced frames change neither its mean nor its spread."""
    values = np.array([[1.0], [np.nan], [3.0], [np.nan]], "f4")
    frames = np.nan_to_num(values, nan=99.0)
    said = of_sentences(frames, ~np.isnan(values), np.array([0, 3, 4]), spread=True)
    np.testing.assert_allclose(said[0], [2.0, 1.0, np.log(3)], rtol=1e-6)
    assert np.isnan(said[1, :2]).all()


@pytest.mark.parametrize(("columns", "expected"), [(("F0", "F1", "noise"), [0, 1, 3, 4]), (("a", "b", "c"), [])])
def test_measures_are_told_by_name(columns: tuple[str, ...], expected: list[int]) -> None:
    train, _ = people(4, 0.0, seed=0)
    for one in train:
        one.columns["audio"] = columns
    assert Inputs(InputSettings(statistics=True), ("audio",)).fit(train).measures("audio") == expected


def test_where_feeling_is_the_gate_opens_without_labels() -> None:
    train, _ = people(30, 0.0, seed=4)
    inputs = Inputs(replace(TUNED.inputs, smallest_family=8, components=6), ("audio", "text")).fit(
        [with_readings(one, heavy=True) for one in train]
    )
    cues = inputs.cues()
    assert cues is not None
    examples = [Example(inputs.apply(with_readings(one, heavy=True)), len(one)) for one in train]
    gate = _known_gate(examples, "text", inputs.topics, cues)
    prototypes = inputs.measured["text"].topics.prototypes
    assert gate.min() == 0
    assert gate.max() == 1
    for book, centres in enumerate(prototypes):
        open_ones = {int((centre @ ABOUT.T).argmax()) for centre in centres[gate[book] > 0.5]}
        assert open_ones == set(TELLING)


def test_without_readings_nothing_is_known_beforehand() -> None:
    train, _ = people(6, 0.0, seed=0)
    assert Inputs(TUNED.inputs, ("audio", "text")).fit(train).cues() is None
    assert not Cues([0], [], np.zeros(1), np.ones(1))


def test_heavy_words_help_where_people_are_few() -> None:
    """With few people the labels can't find the gate; with readings they needn't."""
    aucs = []
    for heavy in (True, False):
        train, labels = people(36, 0.7, seed=5)
        others, truth = people(200, 0.7, seed=6)
        model = SMFLClassifier(recipe=START).fit([with_readings(one, heavy) for one in train], labels)
        aucs.append(roc_auc_score(truth, model.predict_proba([with_readings(one, heavy) for one in others])[:, 1]))
    assert aucs[0] > aucs[1] + 0.05


def test_scores_tell_what_labels_dont() -> None:
    """Signs that grow with the score are found better from scores than from labels; and a missing score costs all."""
    rng = np.random.default_rng(7)
    scores = rng.uniform(0, 24, size=300)
    labels = (scores >= 10).astype(np.int64)
    values = rng.normal(size=(300, 1, 4, 6))
    values[:, 0, 1, 2] += 0.12 * scores
    term = ByTopic(values, {}, None)
    index, held = np.arange(40), np.arange(40, 300)
    said = [term.score(term.fit(index, labels, target), held) for target in (scores, labels.astype(float))]
    by_score, by_label = (np.corrcoef(one, scores[held])[0, 1] for one in said)
    assert by_score > by_label
    train, y = people(40, 1.5, seed=8)
    missing = np.where(np.arange(40) == 3, np.nan, 5.0 * y)
    plain, partial = (
        SMFLClassifier(recipe=START).fit(train, y, scores=s).predict_proba(train) for s in (None, missing)
    )
    np.testing.assert_array_equal(plain, partial)
