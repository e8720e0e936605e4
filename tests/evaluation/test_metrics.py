"""Metrics: known values, scikit-learn's verdict, and what a score may never do."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from smfl.evaluation.metrics import EXAMPLE_LABELS, EXAMPLE_PROBABILITIES, METRICS
from smfl.evaluation.metrics.probabilities import ECE_BINS
from smfl.evaluation.sample import Sample
from smfl.interview import CallError

PROBABILITY = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.49, 0.5, 0.51, 0.7, 0.75, 0.9, 1.0])
ROWS = st.lists(st.tuples(st.integers(0, 1), PROBABILITY), min_size=1, max_size=30)
PLUGIN = """
from smfl.evaluation.metrics import metric

@metric("Error rate", "(FP + FN) / n", "one minus Eq. 11", 0.4, higher_is_better=False)
def error_rate(sample):
    return (sample.fp + sample.fn) / sample.total

METRIC = error_rate
"""
SKLEARN = {
    "precision": lambda y, p: reference.precision_score(y, p >= 0.5),
    "recall": lambda y, p: reference.recall_score(y, p >= 0.5),
    "specificity": lambda y, p: reference.recall_score(y, p >= 0.5, pos_label=0),
    "f1": lambda y, p: reference.f1_score(y, p >= 0.5),
    "macro_f1": lambda y, p: reference.f1_score(y, p >= 0.5, average="macro"),
    "accuracy": lambda y, p: reference.accuracy_score(y, p >= 0.5),
    "balanced_accuracy": lambda y, p: reference.balanced_accuracy_score(y, p >= 0.5),
    "mcc": lambda y, p: reference.matthews_corrcoef(y, p >= 0.5),
    "auroc": reference.roc_auc_score,
    "auprc": reference.average_precision_score,
    "brier": reference.brier_score_loss,
}


@pytest.mark.parametrize("name", METRICS)
def test_example_is_the_value(name: str) -> None:
    metric = METRICS[name]
    assert metric(EXAMPLE_LABELS, EXAMPLE_PROBABILITIES) == pytest.approx(metric.example, abs=1e-12)
    assert metric.formula
    assert metric.source


def test_confusion_by_hand() -> None:
    labels = [1] * 4 + [0] * 6
    said = [0.9, 0.8, 0.7, 0.2, 0.6, 0.4, 0.3, 0.2, 0.1, 0.1]  # TP 3, FN 1, FP 1, TN 5
    expected = {
        "precision": 3 / 4, "recall": 3 / 4, "specificity": 5 / 6, "f1": 6 / 8, "accuracy": 8 / 10,
        "balanced_accuracy": (3 / 4 + 5 / 6) / 2, "macro_f1": (6 / 8 + 10 / 12) / 2, "mcc": 14 / 24,
    }  # fmt: skip
    assert {name: METRICS[name](labels, said) for name in expected} == pytest.approx(expected)


def test_calibration_error_by_hand() -> None:
    labels, said = [0, 1, 1, 1], [0.22, 0.28, 0.95, 1.0]
    assert METRICS["ece"](labels, said) == pytest.approx((abs(-0.22 + 0.72) + 0.05) / 4)
    assert ECE_BINS == 10


@pytest.mark.parametrize("name", SKLEARN)
@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_agrees_with_scikit_learn(name: str, rows: list[tuple[int, float]]) -> None:
    y, p = (np.array(column) for column in zip(*rows, strict=True))
    assume(len(set(y)) == 2)
    value = METRICS[name](y, p)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = SKLEARN[name](y, p)
    if np.isnan(value):
        assert name == "precision"
        assert not (p >= 0.5).any()
    else:
        assert value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", METRICS)
@given(rows=ROWS, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_order_is_nothing_and_range_holds(name: str, rows: list[tuple[int, float]], seed: int) -> None:
    y, p = (np.array(column) for column in zip(*rows, strict=True))
    metric, order = METRICS[name], np.random.default_rng(seed).permutation(len(y))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = metric(y, p)
    assert metric(y[order], p[order]) == pytest.approx(value, nan_ok=True)
    assert np.isnan(value) or metric.low - 1e-12 <= value <= metric.high + 1e-12
    assert not (np.isnan(value) and metric.undefined == "never")


@pytest.mark.parametrize("name", METRICS)
@given(rows=ROWS, data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_weight_is_a_repetition(name: str, rows: list[tuple[int, float]], data: st.DataObject) -> None:
    times = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))))
    assume(times.sum() > 0)
    y, p = (np.array(column) for column in zip(*rows, strict=True))
    weighted = METRICS[name].compute(Sample(y, p.astype(float), times[None].astype(float)))[0]
    assert METRICS[name](np.repeat(y, times), np.repeat(p, times)) == pytest.approx(weighted, nan_ok=True)


@pytest.mark.parametrize("name", METRICS)
def test_every_resample_has_its_own_score(name: str) -> None:
    rng = np.random.default_rng(1)
    y, p = np.arange(20) % 2, rng.random(20)
    weights = rng.integers(1, 4, (5, 20)).astype(float)
    together = METRICS[name].compute(Sample(y, p, weights))
    one_by_one = [METRICS[name].compute(Sample(y, p, row[None]))[0] for row in weights]
    assert together.shape == (5,)
    assert together == pytest.approx(one_by_one)


@pytest.mark.parametrize("name", METRICS)
def test_perfect_predictions_have_the_best_value_and_predictions_without_knowledge_a_worse_one(name: str) -> None:
    metric, rng = METRICS[name], np.random.default_rng(0)
    y = np.arange(200) % 2
    assert metric(y, y.astype(float)) == (metric.high if metric.higher_is_better else metric.low)
    chance, perfect = (np.nanmean([metric(y, p) for p in ps]) for ps in (rng.random((50, 200)), y[None].astype(float)))
    assert (chance < perfect) if metric.higher_is_better else (chance > perfect)


def test_a_metric_of_your_own_stands_behind_the_others(tmp_path: Path) -> None:
    (tmp_path / "error_rate.py").write_text(PLUGIN)
    script = """
import pandas as pd
from smfl.evaluation import METRICS, scores
rows = pd.DataFrame({"seed": 0, "fold": 0, "participant": list("abcd"), "label": [1, 0, 1, 0],
                     "probability": [.9, .1, .2, .3]})
print(list(METRICS)[-1], scores(rows)["error_rate"].mean)
"""
    environment = {**os.environ, "SMFL_PLUGINS": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["error_rate", "0.25"]


def test_undefined_is_nan() -> None:
    nothing_called = {name: METRICS[name]([1, 0, 0], [0.4, 0.2, 0.1]) for name in METRICS}
    assert {name for name, value in nothing_called.items() if np.isnan(value)} == {"precision"}
    assert nothing_called["mcc"] == 0
    assert nothing_called["f1"] == 0
    healthy = {name: METRICS[name]([0, 0], [0.4, 0.6]) for name in METRICS}
    undefined = {"auroc", "auprc", "recall", "balanced_accuracy", "mcc"}
    assert {name for name, value in healthy.items() if np.isnan(value)} == undefined


def test_a_constant_is_chance_within_folds_though_not_when_folds_are_pooled() -> None:
    labels = np.array([1, 0, 0, 0, 1, 1, 1, 0])
    folds = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    prevalence_of_the_others = np.where(folds == 0, 0.75, 0.25)
    assert METRICS["auroc"](labels, prevalence_of_the_others) < 0.5
    within = Sample(labels, prevalence_of_the_others, groups=folds)
    assert METRICS["auroc"].compute(within)[0] == 0.5
    assert METRICS["auprc"].compute(within)[0] == pytest.approx((0.25 + 3 * 0.75) / 4)


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([], [], "there is nothing to score: no label was given"),
        ([0, 2], [0.1, 0.2], r"labels are 0 or 1; got \[2\]"),
        ([0, 1], [0.1, 1.2], r"row 1: a probability is 0 to 1; got 1.2"),
        ([0, 1], [0.1, float("nan")], r"row 1: a probability is 0 to 1; got nan"),
        ([0, 1], [0.1], r"2 labels, but probabilities of shape \(1,\)"),
    ],
)
def test_refusals(labels: list[int], probabilities: list[float], message: str) -> None:
    with pytest.raises(CallError, match=message):
        METRICS["accuracy"](labels, probabilities)
