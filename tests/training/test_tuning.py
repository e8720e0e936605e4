"""Tuning: inside the training people, the same twice, and away from the recipe only where that is clearly better."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.metrics import roc_auc_score

from smfl.features import Modality, Schema, SentenceFeatures
from smfl.interview import CallError
from smfl.nn.model import SPACE, Setting
from smfl.training import MODELS, Comparator, SMFLClassifier, Tuned, load_model, make, save_model
from smfl.training.penalty import class_weights
from smfl.training.recipe import PAPER, RECIPES, TUNED
from smfl.training.selection.space import space_of, value_of, with_settings
from smfl.training.selection.tuning import _Run, tuned

Make = Callable[..., tuple[list[SentenceFeatures], np.ndarray]]
QUICK = {"epochs": 2, "members": 2}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


class Shrunk(ClassifierMixin, BaseEstimator):
    """Says the first column of the voice, shrunk; writes down whom it is shown together."""

    fits: ClassVar[list[list[str]]] = []
    judged: ClassVar[list[list[str]]] = []

    def __init__(self, size: float = 0.01, seed: int = 0) -> None:
        self.size = size
        self.seed = seed

    def fit(self, X: Any, y: Any) -> Shrunk:
        Shrunk.fits.append([one.participant for one in X])
        self.middle_ = float(np.mean([self._one(one) for one in X]))
        self.n_parameters_ = 1
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        Shrunk.judged.append([one.participant for one in X])
        p = 1 / (1 + np.exp(-self.size * (np.array([self._one(one) for one in X]) - self.middle_)))
        return np.stack([1 - p, p], axis=1)

    @staticmethod
    def _one(one: SentenceFeatures) -> float:
        return float(np.nanmean(one.values["audio"][:, 0]))


@pytest.fixture
def shrunk(monkeypatch: pytest.MonkeyPatch) -> type[Shrunk]:
    Shrunk.fits.clear()
    Shrunk.judged.clear()
    space = (Setting("size", "log", (1e-3, 10.0)),)
    entry = Comparator(name="shrunk", title="Shrunk", reference="this test", estimator=Shrunk, space=space)
    monkeypatch.setitem(MODELS._entries, "shrunk", entry)
    return Shrunk


@pytest.mark.usefixtures("shrunk")
def test_what_is_clearly_better_is_chosen(make_cohort: Make) -> None:
    people, labels = make_cohort(40, effect=2.0)
    model = Tuned(Shrunk(), trials=12).fit(people, labels)
    assert model.trials_[0].settings == {"size": 0.01}, "the first is the model as it is"
    assert model.best_params_["size"] > 0.3
    assert model.best_estimator_.size == model.best_params_["size"]
    chosen = model.trials_[model.choices_["tuning"]["chosen"]]
    assert chosen.better
    assert chosen.loss == min(trial.loss for trial in model.trials_ if trial.better) < model.trials_[0].loss
    assert roc_auc_score(labels, model.predict_proba(people)[:, 1]) > 0.9


@pytest.mark.usefixtures("shrunk")
def test_luck_is_not_enough(make_cohort: Make) -> None:
    """Without a signal some of 15 trials has a lower loss; the model stays as it is all the same."""
    kept, lower = 0, 0
    for seed in range(6):
        people, _ = make_cohort(40, effect=0.0, seed=seed)
        labels = np.random.default_rng(seed).permutation(np.arange(40) % 2)
        model = Tuned(Shrunk(size=0.3), trials=15, seed=seed).fit(people, labels)
        kept += model.best_params_ == {"size": 0.3}
        lower += min(trial.loss for trial in model.trials_) < model.trials_[0].loss
    assert lower >= 5
    assert kept >= 4


def test_no_participant_is_on_both_sides_inside(make_cohort: Make, shrunk: type[Shrunk]) -> None:
    people, labels = make_cohort(30, effect=1.0)
    twice = [replace(one, participant=f"q{i // 2}") for i, one in enumerate(people)]
    labels = np.repeat(labels[::2], 2)
    model = Tuned(Shrunk(), trials=3).fit(twice, labels)
    inner = [who for who in shrunk.judged if len(who) > 1]
    of_part = [who for who in shrunk.fits if len(who) < len(twice)]
    assert len(inner) == len(of_part) == 3 * 5
    for trained, judged in zip(of_part, inner, strict=True):
        assert not set(trained) & set(judged)
        assert len(trained) + len(judged) == len(twice)
    assert len(model.trials_) == 3


def test_the_loss_is_the_class_weighted_one_by_participant(make_cohort: Make, shrunk: type[Shrunk]) -> None:
    del shrunk
    people, labels = make_cohort(20, effect=1.0)
    model = Tuned(SMFLClassifier("tcn-sentence", **QUICK), trials=2).fit(people, labels)
    first = SMFLClassifier("tcn-sentence", **QUICK).fit(people, labels).validation_probabilities_
    weight = class_weights(labels)
    weights = np.array([weight[int(label)] for label in labels])
    expected = np.average(-np.log(np.where(labels == 1, first, 1 - first)), weights=weights)
    assert model.trials_[0].loss == pytest.approx(expected)


def test_more_than_one_standard_error_is_asked_for() -> None:
    first = _Run(None, np.array([1.0, 1.0, 1.0, 1.0]))
    assert _Run(None, np.array([0.9, 0.8, 0.9, 0.8])).clearly_below(first)
    assert not _Run(None, np.array([0.0, 1.0, 1.0, 1.0])).clearly_below(first), "a fall of one person's alone"
    assert not _Run(None, np.array([np.inf])).clearly_below(first)
    assert _Run(None, np.array([1.0, 1.0])).clearly_below(_Run(None, np.array([np.inf]))), "the first one diverged"


def test_equal_seeds_give_equal_choices(make_cohort: Make) -> None:
    people, labels = make_cohort(24, effect=1.5)
    first, second = (Tuned(SMFLClassifier(**QUICK), trials=3, seed=5).fit(people, labels) for _ in range(2))
    assert first.trials_ == second.trials_
    assert first.choices_ == second.choices_
    np.testing.assert_array_equal(first.predict_proba(people), second.predict_proba(people))
    other = Tuned(SMFLClassifier(**QUICK), trials=3, seed=6).fit(people, labels)
    assert [trial.settings for trial in other.trials_[1:]] != [trial.settings for trial in first.trials_[1:]]


def test_what_is_chosen_is_the_model_with_these_settings(make_cohort: Make) -> None:
    """A recipe that learns nothing is left for one that does; the result is that recipe's, to the bit."""
    people, labels = make_cohort(40, effect=3.0)
    lame = replace(TUNED, linear=False, learning_rate=1e-4, members=2, epochs=4)
    model = Tuned(SMFLClassifier(recipe=lame), trials=8, seed=1).fit(people, labels)
    assert model.choices_["tuning"]["chosen"] > 0
    assert model.best_params_["learning_rate"] > 1e-3
    again = with_settings(SMFLClassifier(recipe=lame), model.best_params_).fit(people, labels)
    np.testing.assert_array_equal(model.predict_members(people), again.predict_members(people))
    assert model.history_ == again.history_
    assert model.n_parameters_ == again.n_parameters_


def test_a_model_that_stays_as_it_is_is_the_one_without_trials(make_cohort: Make) -> None:
    people, labels = make_cohort(24, effect=0.0)  # nothing is planted, so no trial is clearly better
    plain = SMFLClassifier("tcn-sentence", seed=3, **QUICK)
    model = Tuned(plain, trials=2, seed=3).fit(people, labels)
    assert model.choices_["tuning"]["chosen"] == 0
    np.testing.assert_array_equal(
        model.predict_members(people), clone(plain).fit(people, labels).predict_members(people)
    )


def test_auto_is_found_once_and_holds_for_all_trials(make_cohort: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from smfl.training.selection import modality_roles

    calls: list[int] = []
    real = modality_roles.unimodal_scores
    monkeypatch.setattr(modality_roles, "unimodal_scores", lambda *given: (calls.append(1), real(*given))[1])
    people, labels = make_cohort(24, effect=1.5)
    model = Tuned(SMFLClassifier(strong="auto", weak="auto", **QUICK), trials=3).fit(people, labels)
    assert calls == [1]
    assert set(model.choices_) == {"strong", "weak", "unimodal_scores", "tuning"}
    assert model.best_estimator_.strong_ == model.choices_["strong"]


def test_held_out_people_of_the_papers_protocol_choose_no_settings(make_cohort: Make) -> None:
    people, labels = make_cohort(30, effect=1.5)
    chosen = []
    for flip in (False, True):
        others, truth = make_cohort(20, effect=1.5, seed=1)
        stop_on = (others, 1 - truth if flip else truth)
        model = Tuned(SMFLClassifier(recipe="paper", epochs=3), trials=3).fit(people, labels, stop_on=stop_on)
        chosen.append((model.trials_, model.best_params_))
        assert np.isnan(model.best_estimator_.validation_probabilities_).all(), "the held-out people stopped it"
    assert chosen[0] == chosen[1]


def test_scikit_learns_contract(make_cohort: Make) -> None:
    model = Tuned(make("gradient-boosting"), trials=3)
    copy = clone(model)
    assert copy.get_params()["estimator__rounds"] == 100
    assert not hasattr(model, "predict_members")
    assert hasattr(Tuned(SMFLClassifier()), "predict_members")
    people, labels = make_cohort(24)
    np.testing.assert_allclose(copy.fit(people, labels).predict_proba(people).sum(axis=1), 1)
    assert not hasattr(model, "best_estimator_")
    assert copy.history_ == []


def test_boosted_trees_are_judged_by_inner_folds(make_cohort: Make) -> None:
    people, labels = make_cohort(40, effect=1.5)
    model = Tuned(make("gradient-boosting"), trials=4).fit(people, labels)
    assert set(model.best_params_) == {"learning_rate", "rounds", "depth", "penalty"}
    assert all(0 < trial.loss < 3 for trial in model.trials_)
    again = with_settings(make("gradient-boosting"), model.best_params_).fit(people, labels)
    np.testing.assert_array_equal(model.predict_proba(people), again.predict_proba(people))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_model_is_tuned_or_passes_through_unchanged(name: str) -> None:
    estimator = make(name)
    found = tuned(estimator, 5)
    if name in ("majority", "tfidf-linear", "logistic-regression", "ridge", "late-fusion"):
        assert found is estimator
    else:
        assert isinstance(found, Tuned)
        assert space_of(estimator)
    assert tuned(estimator, 0) is estimator


def test_a_recipe_is_searched_where_its_own_value_lies_in_the_range() -> None:
    ours = {one.name for one in space_of(make("smfl"))}
    assert ours == {one.name for one in SPACE} - {"weight_decay"}, "no recipe pulls weights towards zero"
    paper = {one.name for one in space_of(make("smfl", recipe="paper"))}
    assert paper == ours - {"inputs.components"}, "the paper leaves these out"
    assert "auxiliary" not in {one.name for one in space_of(make("mmfl"))}, "there is no CMJAT to weigh"
    assert value_of(make("smfl", recipe="paper"), "network.channels") == 12
    changed = with_settings(make("smfl"), {"inputs.components": 16, "network.dropout": 0.2, "learning_rate": 0.002})
    recipe = changed.recipe_in_use()
    assert (recipe.inputs.components, recipe.network["dropout"], recipe.learning_rate) == (16, 0.2, 0.002)
    assert (recipe.members, recipe.inputs.topics) == (TUNED.members, TUNED.inputs.topics)
    assert RECIPES["tuned"] == TUNED
    assert RECIPES["paper"] == PAPER


def test_nothing_is_logged(make_cohort: Make, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture) -> None:
    import optuna

    before = optuna.logging.get_verbosity()
    people, labels = make_cohort(24)
    with caplog.at_level(logging.DEBUG):
        Tuned(make("gradient-boosting"), trials=3).fit(people, labels)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before


def test_a_model_folder_tells_the_settings(make_cohort: Make, tmp_path: Path) -> None:
    people, labels = make_cohort(24)
    model = Tuned(SMFLClassifier(**QUICK), trials=2).fit(people, labels)
    schema = Schema({"audio": Modality(tuple(f"audio_{i}" for i in range(4)), "frame", 50.0, "given")})
    folder = save_model(model.best_estimator_, tmp_path, schema=schema)
    assert load_model(folder).choices_ == model.choices_
    assert json.loads((folder / "config.json").read_text())["choices"]["tuning"]["settings"] == model.best_params_
    assert "2 trials on the training people chose" in (folder / "README.md").read_text()


@pytest.mark.parametrize("trials", [1, -3])
def test_too_few_trials_are_refused(trials: int, make_cohort: Make) -> None:
    people, labels = make_cohort(12)
    with pytest.raises(CallError, match=f"at least 2 trials are needed, .* got {trials}"):
        Tuned(make("gradient-boosting"), trials=trials).fit(people, labels)


@pytest.mark.parametrize(("kind", "span"), [("logarithmic", (1, 2)), ("log", (2, 1)), ("even", (1,))])
def test_a_setting_that_makes_no_sense(kind: str, span: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rate: "):
        Setting("rate", kind, span)
