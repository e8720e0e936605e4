"""Figures of scores and bands, against scikit-learn and against counting by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, mean_absolute_error, root_mean_squared_error

from smfl.evaluation import Resamples
from smfl.evaluation.graded import graded_scores
from smfl.evaluation.metrics import GRADED

RNG = np.random.default_rng(0)
TRUE = RNG.integers(0, 25, 80).astype(float)
SAID = np.clip(TRUE + RNG.normal(0, 4, 80), 0, 24)
BAND, SAID_BAND = TRUE // 5, SAID // 5


def test_against_other_implementations() -> None:
    assert GRADED["mae"](TRUE, SAID) == pytest.approx(mean_absolute_error(TRUE, SAID))
    assert GRADED["rmse"](TRUE, SAID) == pytest.approx(root_mean_squared_error(TRUE, SAID))
    assert GRADED["pearson"](TRUE, SAID) == pytest.approx(np.corrcoef(TRUE, SAID)[0, 1])
    kappa = cohen_kappa_score(BAND.astype(int), SAID_BAND.astype(int), weights="quadratic")
    assert GRADED["severity_kappa"](BAND, SAID_BAND) == pytest.approx(kappa)
    by_band = [np.abs(BAND - SAID_BAND)[band == BAND].mean() for band in np.unique(BAND)]
    assert GRADED["severity_mae"](BAND, SAID_BAND) == pytest.approx(np.mean(by_band))


def test_concordance_asks_for_the_same_numbers_not_for_the_same_order() -> None:
    assert GRADED["ccc"](TRUE, TRUE) == pytest.approx(1.0)
    assert GRADED["ccc"](TRUE, TRUE + 5) < 0.95
    assert GRADED["pearson"](TRUE, TRUE + 5) == pytest.approx(1.0)
    assert np.isnan(GRADED["ccc"]([3, 3], [3, 3]))


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": "m", "seed": 0, "fold": np.arange(80) % 4, "participant": [f"p{i:02d}" for i in range(80)],
            "label": (TRUE >= 10).astype(int), "probability": SAID / 24, "score": TRUE, "predicted_score": SAID,
        }
    )  # fmt: skip


def test_a_row_drawn_twice_counts_twice() -> None:
    weights = RNG.integers(0, 3, (1, 80)).astype(float)
    for metric in GRADED.values():
        y, p = (TRUE, SAID) if metric.task == "score" else (BAND, SAID_BAND)
        often = np.repeat(np.arange(80), weights[0].astype(int))
        assert metric.compute(y, p, weights)[0] == pytest.approx(metric(y[often], p[often]))


def test_figures_of_a_table() -> None:
    rows = table()
    rows.loc[:3, "score"] = np.nan  # who has no score doesn't count
    found = graded_scores(rows, Resamples.of(rows, number=200))
    assert set(found) == {"mae", "rmse", "ccc", "pearson"}
    known = rows.dropna(subset="score")
    assert found["mae"]["pooled"] == pytest.approx(np.abs(known["score"] - known["predicted_score"]).mean())
    folds = [np.abs(part["score"] - part["predicted_score"]).mean() for _, part in known.groupby("fold")]
    assert found["mae"]["mean"] == pytest.approx(np.mean(folds))
    assert found["mae"]["sd"] == pytest.approx(np.std(folds, ddof=1))
    assert found["mae"]["low"] < found["mae"]["pooled"] < found["mae"]["high"]
