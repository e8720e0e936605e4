"""The estimator: it learns what is planted, nothing else, the same twice, and keeps it on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from smfl.interview import CallError, LabelError
from smfl.training import SMFLClassifier
from smfl.training.penalty import class_weights
from smfl.training.recipe import PAPER, RECIPES, TUNED

Make = Callable[..., tuple[list, np.ndarray]]
QUICK = {"epochs": 6, "members": 2}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("recipe", sorted(RECIPES))
@pytest.mark.parametrize("model", ["smfl", "tcn-sentence"])  # the others: test_models.py
def test_finds_what_is_planted(model: str, recipe: str, make_cohort: Make) -> None:
    people, labels = make_cohort(60, effect=2.0)
    others, truth = make_cohort(40, effect=2.0, seed=1)
    fitted = SMFLClassifier(model, recipe, members=1, epochs=25).fit(people, labels)
    assert roc_auc_score(truth, fitted.predict_proba(others)[:, 1]) > 0.85


def test_finds_nothing_where_labels_are_shuffled(make_cohort: Make) -> None:
    people, labels = make_cohort(90, effect=2.0)
    shuffled = np.random.default_rng(0).permutation(labels)
    said = cross_val_predict(SMFLClassifier(**QUICK), people, shuffled, cv=3, method="predict_proba")[:, 1]
    assert abs(roc_auc_score(shuffled, said) - 0.5) < 0.17  # two standard errors of an AUROC with 30 positives of 90


def test_same_seed_same_numbers(make_cohort: Make) -> None:
    people, labels = make_cohort(24)
    first, second = (SMFLClassifier(seed=3, **QUICK).fit(people, labels).predict_proba(people) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    other = SMFLClassifier(seed=4, **QUICK).fit(people, labels).predict_proba(people)
    assert not np.array_equal(first, other)


def test_scikit_learns_contract(make_cohort: Make) -> None:
    model = SMFLClassifier(model="tcn-sentence", recipe=PAPER, epochs=2)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    people, labels = make_cohort(24)
    fitted = copy.fit(people, labels)
    assert fitted.predict_proba(people).shape == (24, 2)
    np.testing.assert_allclose(fitted.predict_proba(people).sum(1), 1)
    assert set(fitted.predict(people)) <= {0, 1}
    assert not hasattr(model, "networks_")


def test_fit_leaves_its_validation_people_out(make_cohort: Make) -> None:
    """With members, everyone is watched by the one that didn't train on them: honest probabilities for all."""
    people, labels = make_cohort(40, effect=2.0)
    fitted = SMFLClassifier(members=3, epochs=4).fit(people, labels)
    assert not np.isnan(fitted.validation_probabilities_).any()
    assert roc_auc_score(labels, fitted.validation_probabilities_) > 0.75
    paper = SMFLClassifier(recipe="paper", epochs=2).fit(people, labels)
    assert 0.1 < np.mean(~np.isnan(paper.validation_probabilities_)) < 0.3


def test_two_interviews_of_one_person_stay_together(make_cohort: Make) -> None:
    from smfl.training.estimator import _parts

    labels = np.repeat([0, 1, 0, 1, 0, 1, 0, 1], 3)
    groups = np.repeat([f"p{i}" for i in range(8)], 3)
    for train, watch in _parts(labels, groups, TUNED, seed=0):
        assert not set(groups[train]) & set(groups[watch])


def test_a_missing_modality_at_test_time(make_cohort: Make) -> None:
    people, labels = make_cohort(40)
    fitted = SMFLClassifier(**QUICK).fit(people, labels)
    blind = [replace(one, values={k: v for k, v in one.values.items() if k != "video"},
                     offsets={k: v for k, v in one.offsets.items() if k != "video"}) for one in people]  # fmt: skip
    said = fitted.predict_proba(blind)
    assert np.isfinite(said).all()
    assert not np.array_equal(said, fitted.predict_proba(people))


def test_an_explanation_adds_up(make_cohort: Make) -> None:
    people, labels = make_cohort(24)
    fitted = SMFLClassifier(max_sentences=5, **QUICK).fit(people, labels)
    told = fitted.explain(people[0])
    assert told.probability == fitted.predict_proba(people[:1])[0, 1]
    assert told.sentence_weights.shape == told.contribution.shape == (6,)
    np.testing.assert_allclose(told.sentence_weights.sum(), 1, atol=1e-5)
    assert np.count_nonzero(told.sentence_weights) == 5  # the threshold M left one out
    assert told.modality_weights["video"][0] == 0  # no face in the first sentence
    assert (told.contribution[told.sentence_weights > 0] != 0).any()


def test_weights_of_equations_1_and_2() -> None:
    # MMD2023's training part: 80 people, 54 depressed
    assert class_weights(np.array([0] * 26 + [1] * 54)) == {0: 80 / 26, 1: 80 / 54}


@pytest.mark.parametrize(
    ("labels", "error", "sentence"),
    [
        ([0, 1, 2, 0], LabelError, r"labels are 0 \(not depressed\) or 1 \(depressed\); got \[2\]"),
        ([0, 0, 0, 0], LabelError, "training needs both classes; all 4 interviews have label 0"),
        ([0, 1], CallError, "4 interviews, but 2 labels"),
        ([0, 0, 0, 1], LabelError, "training needs at least two participants of each class"),
    ],
)
def test_bad_labels(labels: list[int], error: type[Exception], sentence: str, make_cohort: Make) -> None:
    people, _ = make_cohort(4)
    with pytest.raises(error, match=sentence):
        SMFLClassifier(**QUICK).fit(people, labels)


@pytest.mark.parametrize("left_out", ["statistics", "centred"])
def test_a_linear_path_without_what_it_reads_is_refused(left_out: str) -> None:
    inputs = replace(TUNED.inputs, **{left_out: False})
    with pytest.raises(CallError, match=r"own mean.*leave out linear"):
        replace(TUNED, inputs=inputs)
    assert replace(TUNED, inputs=inputs, linear=False).inputs == inputs


def test_an_unknown_name_is_told_the_nearest(make_cohort: Make) -> None:
    people, labels = make_cohort(12)
    with pytest.raises(CallError, match="unknown model 'smlf'; did you mean 'smfl'"):
        SMFLClassifier("smlf", **QUICK).fit(people, labels)
