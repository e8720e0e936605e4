"""Bands and scores from a prepared folder to the table, the page and a prediction."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smfl.apps.report import write_report
from smfl.evaluation import Results
from smfl.features import Prepared
from smfl.features.store import seal_tables
from smfl.interview import CallError, bands_of
from smfl.pipeline.comparison.rows import choosing, rows_of
from smfl.pipeline.evaluate import evaluate
from smfl.pipeline.predict import predict
from smfl.pipeline.train import train

ALL = "binary,severity,score"


@pytest.fixture(scope="module")
def results(made: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("graded")
    evaluate(made, "ridge,logistic-regression", folds=6, task=ALL, out=out)
    return out


def test_every_figure_follows_from_the_predictions(results: Path, made: Prepared) -> None:
    rows = pd.read_csv(results / "predictions.csv")
    rows = rows[rows["model"] == "ridge"].set_index("interview")
    truth = made.table.set_index("interview")["score"]
    np.testing.assert_array_equal(rows["score"], truth[rows.index])
    np.testing.assert_array_equal(rows["severity"], bands_of(rows["score"]))
    entry = next(m for m in Results.read(results).document["models"] if m["name"] == "ridge")
    assert entry["graded"]["mae"]["pooled"] == pytest.approx((rows["score"] - rows["predicted_score"]).abs().mean())
    assert "graded" not in next(m for m in Results.read(results).document["models"] if m["name"] == "ideal observer")


def test_the_table_and_the_page_show_them(results: Path) -> None:
    shown = Results.read(results).table()
    assert "MAE" in shown
    assert "macro-MAE" in shown
    page = write_report(results, results / "report.html").read_text(encoding="utf-8")
    assert "The questionnaire’s score" in page
    assert "Bands of the PHQ-8" in page


def test_without_tasks_nothing_is_added(made: Prepared, tmp_path: Path) -> None:
    evaluate(made, "logistic-regression", folds=2, out=tmp_path)
    assert "predicted_score" not in pd.read_csv(tmp_path / "predictions.csv")
    assert "questionnaire" not in write_report(tmp_path, tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_prediction_tells_score_and_band(made: Prepared, tmp_path: Path) -> None:
    train(made, tmp_path / "model", task=ALL, members=2, epochs=2)
    assert "learned: binary, severity, score" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    said = predict(tmp_path / "model", made[:2], tmp_path / "out")[0]
    score, severity = said.graded["score"], said.graded["severity"]
    assert 0 <= score["low"] <= score["value"] <= score["high"] <= 24
    assert score["scale"] == "PHQ-8"
    assert sum(severity["probabilities"]) == pytest.approx(1)
    assert json.loads((tmp_path / "out" / "prediction.json").read_text())[0]["graded"]["severity"] == severity
    assert "PHQ-8 score" in write_report(tmp_path / "out", tmp_path / "page.html").read_text(encoding="utf-8")


def test_trials_choose_settings_of_graded_rows_too() -> None:
    rows = rows_of("gradient-boosting,ridge", None, "tuned", ["video", "audio"], "binary,score")
    chosen = choosing(rows, ["video", "audio"], tune=2, strong=None, weak=None)
    assert [(row.name, row.tune) for row in chosen] == [("gradient-boosting", 2), ("ridge", 0), ("majority", 0)]


def test_what_can_not_be_learned_is_refused(made: Prepared) -> None:
    with pytest.raises(CallError, match="severty"):
        evaluate(made, "ridge", task="severty")
    with pytest.raises(CallError, match="paper"):
        evaluate(made, "ridge", task="score", protocol="paper")


def test_one_questionnaire_is_not_judged_by_another(made: Prepared, tmp_path: Path) -> None:
    shutil.copytree(made.folder, tmp_path / "other")
    path = tmp_path / "other" / "schema.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"PHQ-8"', '"BDI-II"'), encoding="utf-8")
    seal_tables(tmp_path / "other")
    other = Prepared(tmp_path / "other")
    with pytest.raises(CallError, match=r"PHQ-8.*BDI-II.*only --task binary"):
        evaluate(other, "ridge", task="score", train_on=made, allow_overlap=True)
    with pytest.raises(CallError, match=r"BDI-II.*--task score"):
        evaluate(other, "ridge", task="severity")
