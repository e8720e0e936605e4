"""What every model in the register keeps to: one test for all, on small interviews with all that can be missing."""

from __future__ import annotations

import inspect
import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from smfl.features import Modality, Schema, SentenceFeatures
from smfl.interview import CallError
from smfl.nn import NetworkModel
from smfl.training import MODELS, load_model, make, save_model
from smfl.training.inputs.batching import collate
from smfl.training.models import networks_in_order
from smfl.training.recipe import TUNED, Recipe

WIDTHS = {"video": 4, "audio": 3, "text": 5}
RATES = {"video": 10.0, "audio": 20.0}
SCHEMA = Schema(
    {
        name: Modality(tuple(f"{name}_{i}" for i in range(width)), "frame" if name in RATES else "sentence",
                       RATES.get(name), "given")
        for name, width in WIDTHS.items()
    }
)  # fmt: skip
DEEP = replace(
    TUNED,
    inputs=replace(TUNED.inputs, topics=0),
    network={"channels": 8, "levels": 2, "dropout": 0.1, "residual": True, "window": 10},
    linear=False, learning_rate=1e-2, epochs=8, patience=8, batch=8, members=1, weight_decay=0.0,
)  # fmt: skip
"""Small, and without the linear path: what is learned is learned by the network itself."""
LINED = replace(
    DEEP, inputs=replace(DEEP.inputs, topics=3), linear=True, epochs=2
)  # fmt: skip
SUBSETS = [some for count in (1, 2) for some in itertools.combinations(sorted(WIDTHS), count)]

every = pytest.mark.parametrize("name", MODELS)
every_network = pytest.mark.parametrize("name", [entry.name for entry in networks_in_order()])
every_reader = pytest.mark.parametrize("name", [name for name in MODELS if name != "majority"])


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def interview(
    i: int, label: int, *, effect: float = 1.5, sentences: int = 4, without: str = "", silent: str = ""
) -> SentenceFeatures:
    """One interview.

    Args:
        i: its number, which everything random follows from.
        label: 1 shifts the first column of each modality, and the words.
        effect: by how much.
        sentences: how many.
        without: a modality that isn't there at all.
        silent: a modality that is there, with no row in any sentence.
    """
    rng = np.random.default_rng([i, 7])
    values, offsets = {}, {}
    for name, width in WIDTHS.items():
        lengths = np.ones(sentences, int) if name not in RATES else rng.integers(3, 25, sentences)
        lengths[rng.random(sentences) < 0.1] = 0
        lengths = np.zeros(sentences, int) if name == silent else lengths
        rows = rng.normal(size=(lengths.sum(), width)) + 0.3 * rng.normal(size=width)
        rows[:, 0] += effect * label
        if name == "audio" and len(rows):
            rows[rng.random(len(rows)) < 0.2, 1] = np.nan
        values[name], offsets[name] = rows.astype(np.float32), np.concatenate([[0], np.cumsum(lengths)])
    sad = rng.random(sentences) < 0.5 + 0.3 * min(effect, 1) * (2 * label - 1)
    starts = 4.0 * np.arange(sentences)
    return SentenceFeatures(
        f"i{i}", f"p{i}", {k: v for k, v in values.items() if k != without},
        {k: v for k, v in offsets.items() if k != without},
        np.stack([starts, starts + rng.uniform(1, 3, sentences)], axis=1),
        tuple("I feel sad" if word else "I feel fine" for word in sad), rates=RATES,
    )  # fmt: skip


LABELS = np.arange(36) % 2
ODD: dict[int, dict[str, Any]] = {
    0: {"without": "video"}, 1: {"without": "video"}, 2: {"without": "audio"}, 3: {"without": "text"},
    4: {"silent": "audio"}, 5: {"silent": "text"}, 6: {"sentences": 1}, 7: {"sentences": 1}, 8: {"sentences": 9},
}  # fmt: skip
PEOPLE = [interview(i, int(y), **ODD.get(i, {})) for i, y in enumerate(LABELS)]
TRUTH = np.arange(60) % 2
OTHERS = [interview(500 + i, int(y)) for i, y in enumerate(TRUTH)]
NOTHING = SentenceFeatures("none", "none", {}, {}, np.zeros((1, 2)), ("",))


@cache
def fitted(name: str) -> Any:
    return make(name, recipe=DEEP).fit(PEOPLE, LABELS)


def only(one: SentenceFeatures, modalities: tuple[str, ...]) -> SentenceFeatures:
    kept = {part: {k: v for k, v in getattr(one, part).items() if k in modalities} for part in ("values", "offsets")}
    return replace(one, **kept)


@every
def test_scikit_learns_contract(name: str) -> None:
    model = make(name, modalities=("audio", "text"), seed=3)
    parameters = inspect.signature(type(model)).parameters.values()
    assert all(p.default is not inspect.Parameter.empty for p in parameters)  # nothing has to be given
    assert vars(model) == model.get_params(deep=False)  # and nothing is made of it before fit
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert (copy.seed, tuple(copy.modalities)) == (3, ("audio", "text"))


@every
def test_probabilities(name: str) -> None:
    model = fitted(name)
    said = model.predict_proba(OTHERS)
    assert said.shape == (60, 2)
    assert ((said >= 0) & (said <= 1)).all()
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-6)
    assert model.predict(OTHERS).tolist() == (said[:, 1] >= 0.5).astype(int).tolist()
    assert model.classes_.tolist() == [0, 1]
    assert model.n_parameters_ > 0


@every
def test_the_same_seed_gives_the_same_numbers(name: str) -> None:
    recipe = replace(DEEP, epochs=1)
    first, second = (make(name, recipe=recipe, seed=5).fit(PEOPLE[:16], LABELS[:16]).predict_proba(OTHERS[:4])
                     for _ in range(2))  # fmt: skip
    np.testing.assert_array_equal(first, second)


@every_reader
def test_planted_signs_are_found(name: str) -> None:
    assert roc_auc_score(TRUTH, fitted(name).predict_proba(OTHERS)[:, 1]) > 0.8


@every
def test_where_nothing_is_planted_nothing_is_found(name: str) -> None:
    people = [interview(i, int(y), effect=0) for i, y in enumerate(LABELS)]
    others = [interview(500 + i, int(y), effect=0) for i, y in enumerate(TRUTH)]
    said = make(name, recipe=replace(DEEP, epochs=3)).fit(people, LABELS).predict_proba(others)[:, 1]
    assert abs(roc_auc_score(TRUTH, said) - 0.5) < 0.23  # three standard errors with 30 and 30


@every
def test_the_same_alone_and_beside_longer_ones(name: str) -> None:
    model = fitted(name)
    together = model.predict_proba(PEOPLE)
    for i in (0, 4, 5, 6, 8, 9):
        np.testing.assert_allclose(model.predict_proba([PEOPLE[i]])[0], together[i], atol=1e-5)


@every
def test_what_is_missing_is_taken(name: str) -> None:
    some = [only(OTHERS[0], present) for present in SUBSETS]
    short = [OTHERS[0].keep([1]), OTHERS[0].keep([]), NOTHING, interview(900, 1, silent="video")]
    assert np.isfinite(fitted(name).predict_proba([*some, *short])).all()


@every
@pytest.mark.parametrize("modalities", SUBSETS, ids="+".join)
def test_one_modality_and_two(name: str, modalities: tuple[str, ...]) -> None:
    """Figure 6: whatever the model is given, it reads nothing else."""
    model = make(name, modalities=modalities, recipe=replace(DEEP, epochs=1)).fit(PEOPLE[:16], LABELS[:16])
    said = model.predict_proba(OTHERS[:6])
    assert np.isfinite(said).all()
    np.testing.assert_array_equal(model.predict_proba([only(one, modalities) for one in OTHERS[:6]]), said)


@every_network
def test_gradients_reach_every_parameter(name: str) -> None:
    model = fitted(name)
    network: torch.nn.Module = model.new_network(0).train()
    batch = collate(model._examples(PEOPLE[:16]), 3000)
    reached = dict.fromkeys(dict(network.named_parameters()), False)
    for _ in range(6):  # dropout may silence a small part in one pass
        network.zero_grad()
        out = network(batch)
        (out.logits.logsumexp(1).sum() + sum(each.logsumexp(1).sum() for each in out.auxiliary)).backward()
        for part, parameter in network.named_parameters():
            assert parameter.grad is None or torch.isfinite(parameter.grad).all(), part
            reached[part] |= parameter.grad is not None and bool((parameter.grad != 0).any())
    unreached = [part for part, there in reached.items() if not there]
    once = "sentence.by_modality.text.frames.weight_hh_l0"  # an LSTM that reads one row a sentence has no earlier state
    assert unreached == ([once] if name.startswith("lstm") else [])
    assert model.n_parameters_ == sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("name", [name for name, entry in MODELS.items() if entry.trainable])
def test_a_saved_model_says_the_same(name: str, tmp_path: Path) -> None:
    recipe: Recipe = LINED
    model = make(name, recipe=recipe).fit(PEOPLE[:20], LABELS[:20])
    again = load_model(save_model(model, tmp_path / name, schema=SCHEMA))
    np.testing.assert_array_equal(again.predict_proba(PEOPLE), model.predict_proba(PEOPLE))
    assert again.settings_ == model.settings_


@every_network
def test_an_explanation_is_about_the_sentences(name: str) -> None:
    one = PEOPLE[8]
    told = fitted(name).explain(one)
    assert told.sentence_weights.shape == told.contribution.shape == (9,)
    np.testing.assert_allclose(told.sentence_weights.sum(), 1, atol=1e-5)
    assert set(told.modality_weights) == set(WIDTHS)
    for modality, weights in told.modality_weights.items():
        assert (weights[np.diff(one.offsets[modality]) == 0] == 0).all()
    assert (told.contribution != 0).any()


def test_an_entry_says_what_tables_need() -> None:
    assert {entry.name for entry in networks_in_order()} == {n for n, entry in MODELS.items() if entry.trainable}
    assert [name for name, entry in MODELS.items() if not (entry.title and entry.reference)] == []
    assert [name for name, entry in MODELS.items() if entry.lifts] == ["smfl"]
    assert list(MODELS)[:4] == ["smfl", "mmfl-ca", "mmfl", "tcn-all"], "in the order of their positions"
    assert list(MODELS)[-1] == "majority"


def test_a_recipe_changes_what_a_network_has() -> None:
    """A field that another network has is passed over; one that none has is refused, with the valid ones."""
    changes = {"channels": 8, "levels": 2, "window": 10}
    assert make("tfn", recipe=replace(DEEP, network=changes)).settings_in_use().channels == 8
    assert make("window", recipe=replace(DEEP, network=changes)).settings_in_use().window == 10
    with pytest.raises(CallError, match=r"unknown setting of a network 'chanels'; did you mean 'channels'\? valid: .*"):
        make("tfn", recipe=replace(DEEP, network={"chanels": 8})).fit(PEOPLE[:16], LABELS[:16])
    with pytest.raises(CallError, match="smfl: encoder is 'cnn'; it is tcn or lstm"):
        make("smfl", recipe=replace(DEEP, network={"encoder": "cnn"})).fit(PEOPLE[:16], LABELS[:16])


def test_no_comparator_is_a_network() -> None:
    assert not any(isinstance(MODELS[name], NetworkModel) for name in ("majority", "ridge", "tfidf-linear"))
    with pytest.raises(CallError, match="majority is no network, and has no strong; leave it out"):
        make("majority", strong="text")


def test_the_papers_rows_are_there_with_their_titles() -> None:
    titles = {entry.title for entry in MODELS.values()}
    rows = {
        "TCN (all)", "TCN (sentence)", "TCN + Self-Attention + Cross-Attention", "TCN + Self-Attention", "SMFL", "MMFL",
        "LSTM + Self-Attention + Cross-Attention", "LSTM + Self-Attention", "TCN + LSTM + Self-Attention", "C-CNN",
        "TCN (sentence) + LSTM", "MMFL + Cross-Attention", "Zou et al.",
    }  # fmt: skip
    assert rows <= titles
    for table in (2, 3, 4):
        assert sum(str(table) in entry.tables or "2–4" in entry.tables for entry in MODELS.values()) >= 5


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(CallError, match="unknown model 'mmlf'; did you mean 'mmfl'"):
        make("mmlf")
