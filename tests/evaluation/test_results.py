"""The record: every figure again from predictions.csv alone, and nothing lost between writing and reading."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from smfl.evaluation import METRICS, ModelFacts, Results, read_predictions, scores
from smfl.evaluation.environment import environment
from smfl.evaluation.results import HISTORY_COLUMNS, PREDICTION_COLUMNS
from smfl.interview import CallError

PEOPLE, FOLDS, SEEDS = 48, 4, 2


def _rows(model: str, signal: float, rng: np.random.Generator) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for seed in range(SEEDS):
        fold = np.arange(PEOPLE) // 3 % FOLDS if seed else np.arange(PEOPLE) % FOLDS
        for i in range(PEOPLE):
            label = int(i % 5 < 2)
            said = 1 / (1 + np.exp(-signal * (label - 0.4) - rng.normal()))
            if model == "majority":
                said = 0.4
            values = (model, "nested", seed, int(fold[i]), f"{300 + i}", f"{300 + i}_P", label, float(said))
            rows.append(dict(zip(PREDICTION_COLUMNS, values, strict=True)))
    return rows


@pytest.fixture(scope="module")
def results() -> Results:
    rng = np.random.default_rng(0)
    rows = [row for name, signal in (("a", 2.0), ("b", 0.0), ("majority", 0.0)) for row in _rows(name, signal, rng)]
    history = pd.DataFrame([["a", 0, 0, 0, 0.7, np.nan]], columns=list(HISTORY_COLUMNS))
    models = [
        ModelFacts("a", ("text",), parameters=10, seconds=1.0), ModelFacts("b"), ModelFacts("majority", ranked=False),
    ]  # fmt: skip
    facts = {
        "corpus": "toy", "protocol": "nested", "folds": FOLDS, "seeds": [0, 1], "simulated": True,
        "remarks": ["made up"], "environment": environment(),
    }  # fmt: skip
    return Results.of(pd.DataFrame(rows), history, models, facts)


def test_every_figure_follows_from_the_csv_alone(results: Results, tmp_path: Path) -> None:
    folder = results.write(tmp_path / "results")
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    table = read_predictions(folder / "predictions.csv")
    assert len(document["models"]) == 3
    for entry in document["models"]:
        again = scores(table[table["model"] == entry["name"]])
        assert set(entry["metrics"]) == set(METRICS) == set(again)
        for name, figures in entry["metrics"].items():
            for key, value in figures.items():
                expected = getattr(again[name], key)
                assert (value is None and np.isnan(expected)) or value == expected, (entry["name"], name, key)


def test_figures_are_those_of_scikit_learn_fold_by_fold(results: Results, tmp_path: Path) -> None:
    table = pd.read_csv(results.write(tmp_path) / "predictions.csv")
    folds = [rows for _, rows in table[table["model"] == "a"].groupby(["seed", "fold"])]
    assert len(folds) == FOLDS * SEEDS
    auroc = [roc_auc_score(rows["label"], rows["probability"]) for rows in folds]
    macro = [f1_score(rows["label"], rows["probability"] >= 0.5, average="macro") for rows in folds]
    for name, each in (("auroc", auroc), ("macro_f1", macro)):
        score = results.score("a", name)
        assert (score.mean, score.sd) == pytest.approx((np.mean(each), np.std(each, ddof=1)))


def test_round_trip(results: Results, tmp_path: Path) -> None:
    again = Results.read(results.write(tmp_path))
    pd.testing.assert_frame_equal(again.predictions, results.predictions, check_dtype=False)
    assert (again.predictions["probability"] == results.predictions["probability"]).all()
    assert again.predictions["participant"].iloc[0] == "300"
    assert again.document == json.loads(json.dumps(results.document))
    assert again.table() == results.table()
    assert list(again.history) == list(HISTORY_COLUMNS)
    assert not list(tmp_path.glob("*.partial"))


def test_the_json_is_strict_and_tells_what_is_needed(results: Results, tmp_path: Path) -> None:
    text = (results.write(tmp_path) / "results.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    document = json.loads(text)
    assert (document["n"], document["positives"], document["participants"]) == (PEOPLE, 20, PEOPLE)
    assert document["majority"]["label"] == 0
    assert document["majority"]["metrics"]["accuracy"] == pytest.approx(28 / 48)
    assert document["majority"]["metrics"]["precision"] is None
    assert set(document["models"][0]["metrics"]["auroc"]) == {"mean", "sd", "pooled", "low", "high", "undefined"}
    assert set(document["definitions"]) >= {"mean", "sd", "low, high"}
    assert {"python", "packages", "cpu", "cores", "date"} <= set(document["environment"])


def test_models_are_compared_in_pairs(results: Results) -> None:
    a, b, majority = results.document["models"]
    assert "difference" not in a
    assert b["difference"]["reference"] == "a"
    assert b["difference"]["high"] < 0
    assert a["ranked_first"] + b["ranked_first"] == pytest.approx(1)
    assert a["ranked_first"] > 0.99
    assert majority["ranked_first"] is None
    assert majority["metrics"]["auroc"] == {
        "mean": 0.5,
        "sd": 0,
        "pooled": 0.5,
        "low": 0.5,
        "high": 0.5,
        "undefined": 0,
    }


def test_who_is_told_apart_is_in_the_record(results: Results) -> None:
    standings, winners = results.document["standings"], results.document["winners"]
    assert standings["metric"] == "auroc"
    assert [row["name"] for row in standings["models"]] == ["a", "b"], "the majority isn't ranked here"
    assert standings["winner"] == standings["best"] == winners["auroc"] == "a"
    delta = results.score("b", "auroc").pooled - results.score("a", "auroc").pooled
    assert standings["models"][1]["delta"] == pytest.approx(delta)
    assert standings["models"][1]["high"] < 0
    assert set(winners) == set(METRICS)
    assert winners["brier"] == "a", "where less is better"


def test_the_table_never_stands_alone(results: Results) -> None:
    shown = results.table()
    assert "SIMULATED" in shown
    assert "48 interviews of 48 participants, 20 positive (42%)" in shown
    assert "Calling everyone 0, the majority, scores accuracy 0.58" in shown
    assert "mean ± sd over 4 folds × 2 seeds" in shown
    assert "made up" in shown
    assert "| a |" in results.table(["precision"], markdown=True)
    assert "| majority | – |" in results.table(["precision"], markdown=True)


def test_unknown_names_are_refused(results: Results) -> None:
    with pytest.raises(CallError, match="unknown metric 'aurok'; did you mean 'auroc'"):
        results.score("a", "aurok")
    with pytest.raises(CallError, match="unknown model in these results 'c'"):
        results.score("c", "auroc")


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"files.json: not there; .* isn't a whole results folder"):
        Results.read(tmp_path)
    (tmp_path / "predictions.csv").write_text("model,seed\na,0\n")
    with pytest.raises(CallError, match="no column protocol, fold"):
        read_predictions(tmp_path / "predictions.csv")
