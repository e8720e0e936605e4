"""Bands and scores: learned where they are there, refused where they aren't, and read off people held out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone

from smfl.features import Schema
from smfl.interview import CallError, LabelError, bands_of
from smfl.training import SMFLClassifier, load_model, make, save_model
from smfl.training.links import Links
from smfl.training.selection.tuning import tuned
from smfl.training.tasks import BINARY, SCORE, SEVERITY, TASKS, Objective, Targets, check_scores, tasks_of

Make = Callable[..., tuple[list, np.ndarray]]
QUICK = {"epochs": 3, "members": 3}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def graded(make_cohort: Make, people: int = 48, seed: int = 0) -> tuple[list, np.ndarray, np.ndarray]:
    """People whose scores follow their labels, with some chance."""
    cohort, labels = make_cohort(people, effect=2.0, seed=seed)
    scores = np.clip(np.round(4 + 11 * labels + 2.5 * np.random.default_rng(seed).normal(size=people)), 0, 24)
    return cohort, labels, scores


def people_of(n: int = 60) -> tuple[torch.Tensor, Targets]:
    scores = np.random.default_rng(0).integers(0, 25, n).astype(float)
    scores[:5] = np.nan
    logits = torch.randn(n, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)
    return logits, Targets.of((np.nan_to_num(scores) >= 10).astype(np.int64), scores)


@pytest.mark.parametrize("tasks", [(BINARY,), (SEVERITY,), (SCORE,), TASKS])
def test_persons_parts_sum_to_the_loss(tasks: tuple[str, ...]) -> None:
    logits, targets = people_of()
    objective = Objective(tasks, torch.tensor([1.5, 3.0]))
    torch.testing.assert_close(objective.each(logits, targets).sum(), objective(logits, targets))
    objective(logits, targets).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in objective.parameters())
    moved = logits.grad[:5].abs().sum(dim=1)
    assert (moved > 0).all() == (BINARY in tasks)  # who has no score moves nothing by it


def test_the_binary_loss_is_the_papers() -> None:
    logits, targets = people_of()
    weights = torch.tensor([1.5, 3.0])
    expected = torch.nn.functional.cross_entropy(logits, targets.labels, weight=weights, label_smoothing=0.05)
    assert Objective((BINARY,), weights)(logits, targets, 0.05) == expected
    assert not list(Objective((BINARY,), weights).parameters())


def test_bands_begin_where_the_phq_8_says() -> None:
    assert bands_of([0, 4, 5, 9, 10, 14, 15, 19, 20, 24]).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_readings_recover_a_line_and_thresholds() -> None:
    rng = np.random.default_rng(0)
    odds = 1.5 * rng.normal(size=4000)
    latent = odds + rng.logistic(size=4000)  # P(latent > t) = sigmoid(odds - t)
    bands = (latent[:, None] > np.array([-1.0, 0.5, 1.5, 3.0])).sum(axis=1)
    scores = np.array([2.0, 7.0, 12.0, 17.0, 22.0])[bands]
    found = Links.of((SEVERITY, SCORE), odds, (scores >= 10).astype(int), scores)
    np.testing.assert_allclose(found.thresholds, [-1.0, 0.5, 1.5, 3.0], atol=0.15)
    assert abs(found.steepness - 1) < 0.1
    shares = found.bands(odds)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert (np.diff(found.thresholds) > 0).all()
    slope, intercept = np.polyfit(odds, scores, 1)
    np.testing.assert_allclose(found.line, [intercept, slope], rtol=1e-6)
    assert Links.from_dict(found.to_dict()) == found


def test_a_band_that_nobody_is_in_has_a_threshold() -> None:
    odds = np.linspace(-2, 2, 30)
    scores = np.where(odds > 0, 12.0, 3.0)  # no one mild, no one above moderate
    found = Links.of((SEVERITY,), odds, (odds > 0).astype(int), scores)
    assert np.isfinite(found.thresholds).all()
    assert set(found.band(odds).tolist()) <= {0, 1, 2}


@pytest.mark.parametrize("task", ["severity", "score", "binary,severity,score"])
def test_a_network_learns_each_task(task: str, make_cohort: Make, schema: Schema, tmp_path: Path) -> None:
    people, labels, scores = graded(make_cohort)
    others, truth, true_scores = graded(make_cohort, seed=1)
    scores[::9] = np.nan
    model = SMFLClassifier(task=task, **QUICK)
    assert clone(model).get_params()["task"] == task
    model.fit(people, labels, scores=scores)
    assert ((model.predict_proba(others)[:, 1] >= 0.5) == truth).mean() > 0.8
    again = load_model(save_model(model, tmp_path / "model", schema=schema, facts={"simulated": True}))
    np.testing.assert_array_equal(again.predict_proba(others), model.predict_proba(others))
    if SCORE in tasks_of(task):
        said = model.predict_scores(others)
        assert np.abs(said - true_scores).mean() < 0.8 * np.abs(np.nanmean(scores) - true_scores).mean()
        np.testing.assert_array_equal(again.predict_scores(others), said)
    else:
        with pytest.raises(CallError, match="--task score"):
            model.predict_scores(others)
    if SEVERITY in tasks_of(task):
        assert np.abs(model.predict_severity(others) - bands_of(true_scores)).mean() < 1
        np.testing.assert_array_equal(again.predict_severity(others), model.predict_severity(others))


def test_what_is_read_off_does_not_change_the_network(make_cohort: Make) -> None:
    """Scores beside labels, task binary: what was, to the bit; and no readings of people's own networks."""
    people, labels, scores = graded(make_cohort)
    model = SMFLClassifier(**QUICK).fit(people, labels, scores=scores)
    assert model.links_ == Links()
    odds = np.log(model.predict_members(people) / (1 - model.predict_members(people)))
    np.testing.assert_allclose(odds, model._members(people), atol=1e-9)


@pytest.mark.parametrize("name", ["majority", "ridge", "logistic-regression", "gradient-boosting", "late-fusion"])
def test_comparators_learn_them_too(name: str, make_cohort: Make) -> None:
    people, labels, scores = graded(make_cohort)
    others, _, true_scores = graded(make_cohort, seed=1)
    model = make(name, task="binary,severity,score").fit(people, labels, scores=scores)
    mean = np.abs(scores.mean() - true_scores).mean()
    error = np.abs(model.predict_scores(others) - true_scores).mean()
    if name == "majority":
        np.testing.assert_allclose(model.predict_scores(others), scores.mean())
        assert error == pytest.approx(mean)
    else:
        assert error < 0.8 * mean
    assert set(model.predict_severity(others).tolist()) <= set(range(5))


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(CallError, match=r"severety.*severity"):
        tasks_of("severety")
    with pytest.raises(LabelError, match="0 training people have one"):
        check_scores((SCORE,), np.full(30, np.nan))
    with pytest.raises(LabelError, match="all the same"):
        check_scores((SCORE,), np.full(30, 7.0))
    with pytest.raises(CallError, match=r"BDI-II.*--task score"):
        check_scores((SEVERITY,), np.arange(30.0), "BDI-II")
    check_scores((SCORE,), np.arange(30.0), "BDI-II")
    check_scores((BINARY,), None)


def test_settings_are_chosen_for_graded_models_too(make_cohort: Make) -> None:
    people, labels, scores = graded(make_cohort, people=30)
    model = tuned(make("gradient-boosting", task="score"), trials=2).fit(people, labels, scores=scores)
    assert model.choices_["tuning"]["trials"] == 2
    assert np.isfinite(model.predict_scores(people)).all()
    network = tuned(SMFLClassifier(task="score", **QUICK), trials=2).fit(people, labels, scores=scores)
    assert network.tasks_ == (SCORE,)
    assert np.isfinite(network.predict_scores(people)).all()
