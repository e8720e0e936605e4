"""The page about a comparison: whole, self-contained, and every number of it is one of the results."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from smfl.apps.report import write_report
from smfl.apps.report.source import read_comparison
from smfl.apps.report.words import figure_number
from smfl.evaluation import Results
from smfl.evaluation.curves import confusion, mean_curve, reliability
from smfl.evaluation.losses import LossCurve, mean_losses
from smfl.interview import CallError, SmflError

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def page(results: Path, read_page: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_page(write_report(results, tmp_path_factory.mktemp("page") / "report.html"))


def edit(folder: Path, **changes: Any) -> Path:
    path = folder / "results.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    (folder / "files.json").unlink(missing_ok=True)
    return folder


@pytest.mark.parametrize("file", ["results.json", "predictions.csv", "history.csv"])
def test_a_changed_file_of_a_results_folder_is_refused(make_results: Make, tmp_path: Path, file: str) -> None:
    folder, out = make_results(), tmp_path / "report.html"
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(SmflError, match=rf"{file}: isn't what was written .*: make it anew"):
        write_report(folder, out)
    assert not out.exists()


def test_a_missing_file_of_a_results_folder_is_named(make_results: Make, tmp_path: Path) -> None:
    folder = make_results()
    (folder / "history.csv").unlink()
    with pytest.raises(SmflError, match=r"history\.csv: not there, though files.json lists it"):
        write_report(folder, tmp_path / "report.html")


def test_the_page_is_well_formed_and_its_references_lead_somewhere(page: Any) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) <= set(page.ids)
    inner = [given["href"][1:] for given in page.all("a") if given["href"].startswith("#")]
    assert inner
    assert set(inner) <= set(page.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", page.html)) <= set(page.ids)


def test_the_page_loads_nothing(page: Any) -> None:
    assert page.loads == []
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", page.html))
    assert addresses <= {"http://www.w3.org/2000/svg"}, "the name of a namespace, which nothing fetches"
    assert "@import" not in page.html
    assert not re.search(r"url\((?!#)", page.html)
    assert page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"].startswith("default-src 'none'")


def test_the_page_can_be_read_aloud(page: Any) -> None:
    levels = page.headings()
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.all("html")[0]["lang"] == "en"
    assert all("scope" in given for given in page.all("th"))
    figures = page.all("svg", **{"class": "figure"})
    assert len(figures) >= 4
    assert all(given["role"] == "img" and given["aria-labelledby"] for given in figures)
    assert all(given.get("type") == "button" for given in page.all("button"))


def test_the_table_shows_every_score_of_the_results(page: Any, results: Path) -> None:
    for model in json.loads((results / "results.json").read_text())["models"]:
        row = page.text.split(f"{model['name']} ", 1)[1]
        for figures in model["metrics"].values():
            assert figure_number(figures["mean"]) in row
            if figures["low"] is not None:
                assert f"{figure_number(figures['low'])}" in page.text
        values = {given.get("data-value") for given in page.all("td")}
        assert str(model["metrics"]["auroc"]["mean"]) in values


def test_who_was_tested_is_said(page: Any) -> None:
    for words in ("60 participants; 24 labelled depressed", "PHQ-8 >= 10", "5 folds × 2 seeds", "3f9c1b7d20aa94e2"):
        assert words in page.text
    assert "2026-11-22 17:20 UTC" in page.text
    assert "Always answering ‘not depressed’ already scores accuracy 0.60" in page.text


def test_made_up_people_and_optimism_are_said_loudly(make_results: Make, read_page: Any, tmp_path: Path) -> None:
    folder = make_results(models={"smfl": 1.5}, seeds=1)
    assert "Simulated." in read_page(write_report(folder, tmp_path / "a.html")).text
    edit(folder, simulated=False, protocol="paper")
    honest = read_page(write_report(folder, tmp_path / "b.html")).text
    assert "Simulated." not in honest
    assert "Optimistic: stopped on test." in honest
    edit(folder, protocol="nested", labels_shuffled=True)
    assert "Null check." in read_page(write_report(folder, tmp_path / "c.html")).text


def test_the_best_is_marked_only_where_it_is_told_apart_from_every_other(
    make_results: Make, read_page: Any, tmp_path: Path
) -> None:
    folder = make_results(models={"smfl": 4.0, "tcn-all": 0.3, "majority": 0.0}, seeds=1)
    document = json.loads((folder / "results.json").read_text())
    best = document["models"][0]["metrics"]["auroc"]
    clear = read_page(write_report(folder, tmp_path / "clear.html"))
    assert document["winners"]["auroc"] == "smfl"
    assert document["winners"]["recall"] == "smfl"
    assert "AUROC (smfl)" in clear.text
    assert f"smfl has the highest AUROC, {figure_number(best['pooled'])} (95 % interval" in clear.text
    assert "smfl is significantly better than every other model." in clear.text
    assert clear.all("td", **{"class": "best", "data-value": str(best["mean"])})
    folder = make_results(models={"smfl": 0.4, "tcn-all": 0.35}, seeds=1)
    unclear = read_page(write_report(folder, tmp_path / "unclear.html"))
    assert "Chance, 0.5, is inside that interval. No model is the best:" in unclear.text
    assert "No score is marked as the best" in unclear.text
    assert unclear.all("td", **{"class": "best"}) == []


def test_calling_everyone_the_same_is_never_the_best(make_results: Make, read_page: Any, tmp_path: Path) -> None:
    folder = make_results(models={"smfl": 0.5, "tcn-all": 0.3, "majority": 0.0}, seeds=1)
    assert json.loads((folder / "results.json").read_text())["winners"]["specificity"] == "majority"
    assert "Specificity (majority)" not in read_page(write_report(folder, tmp_path / "x.html")).text


def test_the_ideal_observer_stands_apart(page: Any) -> None:
    assert page.all("tr", **{"class": "ideal"})
    assert "nothing can do better" in page.text
    assert "ideal observer has the highest" not in page.text


def test_the_same_results_give_the_same_page_and_figures(results: Path, tmp_path: Path) -> None:
    one, other = shutil.copytree(results, tmp_path / "one"), shutil.copytree(results, tmp_path / "other")
    pages = [write_report(folder, tmp_path / f"{folder.name}.html").read_bytes() for folder in (one, other)]
    assert pages[0] == pages[1]
    figures = sorted((one / "figures").glob("*.svg"))
    assert {"roc.svg", "forest.svg", "calibration.svg", "loss-smfl.svg"} <= {figure.name for figure in figures}
    for figure in figures:
        assert figure.read_bytes() == (other / "figures" / figure.name).read_bytes()
        ElementTree.parse(figure)
        assert "<style>" in figure.read_text()


@pytest.mark.parametrize("name", ["smfl", "logistic-regression", "majority"])
@pytest.mark.parametrize(("kind", "metric"), [("roc", "auroc"), ("precision-recall", "auprc")])
def test_the_area_under_a_drawn_curve_is_the_score(results: Path, name: str, kind: str, metric: str) -> None:
    comparison = read_comparison(results)
    entry = next(model for model in comparison.facts["models"] if model["name"] == name)
    curve = mean_curve(comparison.predictions[name], kind)
    assert curve is not None
    assert curve.area == pytest.approx(entry["metrics"][metric]["pooled"], abs=1e-9)
    assert (curve.low <= curve.high).all()


def test_confusion_counts_give_the_pooled_scores(results: Path) -> None:
    comparison = read_comparison(results)
    for model in comparison.facts["models"]:
        counts = confusion(comparison.predictions[model["name"]])
        right, n = counts.true_positive + counts.true_negative, comparison.facts["n"]
        assert right / n == pytest.approx(model["metrics"]["accuracy"]["pooled"])
        assert counts.false_positive + counts.false_negative + right == pytest.approx(n)


def test_reliability_bins_hold_every_prediction_once(results: Path) -> None:
    pooled = read_comparison(results).predictions["smfl"]
    bins = reliability(pooled)
    assert sum(one.n for one in bins) == len(pooled.labels)
    assert sum(one.n * one.observed for one in bins) == pytest.approx(pooled.labels.sum())
    assert all(0 <= one.low <= one.observed <= one.high <= 1 for one in bins)


def test_the_mean_loss_ends_where_half_of_the_runs_have_ended() -> None:
    def run(length: int) -> LossCurve:
        epochs = np.arange(1.0, length + 1)
        return LossCurve(epochs, np.full(length, float(length)), np.full(length, np.nan), None)

    epochs, train, watched = mean_losses((run(2), run(4), run(9)))
    assert epochs.tolist() == [1, 2, 3, 4]
    assert train.tolist() == [5, 5, 6.5, 6.5]
    assert np.isnan(watched).all()


def test_the_kept_epoch_is_the_lowest_watched_loss_unless_the_file_marks_another(tmp_path: Path) -> None:
    from smfl.apps.report.source import read_history

    path = tmp_path / "history.csv"
    path.write_text("model,member,epoch,train_loss,validation_loss\na,0,1,1,.9\na,0,2,1,.5\na,0,3,1,.6\na,1,1,1,.4\n")
    assert [run.chosen for run in read_history(path, [])["a"]] == [2, 1]
    path.write_text("model,epoch,train_loss,validation_loss,chosen\na,1,1,.9,0\na,2,1,.5,0\na,3,1,.6,1\n")
    assert [run.chosen for run in read_history(path, [])["a"]] == [3]


def test_one_model_without_epochs_is_enough(make_results: Make, read_page: Any, tmp_path: Path) -> None:
    folder = make_results(models={"logistic-regression": 0.9}, seeds=1)
    page = read_page(write_report(folder, tmp_path / "one.html"))
    assert "1 model compared" in page.html
    assert "Training" not in page.text
    assert "in no column is one model significantly better than every other" in page.text


def test_optional_facts_and_files_may_be_missing(make_results: Make, read_page: Any, tmp_path: Path) -> None:
    folder = make_results(models={"smfl": 1.5, "majority": 0.0}, seeds=1)
    (folder / "predictions.csv").unlink()
    (folder / "history.csv").unlink()
    (folder / "files.json").unlink()
    scores = {"auroc": {"mean": 0.7}, "f1": {"mean": None, "sd": None, "low": None, "high": None}, "brier": 0.2}
    least = {"corpus": "c", "n": 10, "positives": 4, "protocol": "official"}
    models = [{"name": "smfl", "metrics": scores}, {"name": "mmfl", "metrics": {"auroc": {"mean": 0.6}}}]
    (folder / "results.json").write_text(json.dumps(least | {"models": models}))
    page = read_page(write_report(folder, tmp_path / "least.html"))
    assert "not recorded" in page.text
    assert "nothing here shows whether the difference is due to chance" in page.text
    assert "Participant by participant" not in page.text


def test_names_are_escaped(make_results: Make, read_page: Any, tmp_path: Path) -> None:
    folder = make_results(models={"<script>alert(1)</script>": 1.2}, seeds=1, corpus="<img src=x onerror=alert(2)>")
    page = read_page(write_report(folder, tmp_path / "evil.html"))
    assert page.all("img") == []
    assert len(page.all("script")) == 1
    assert "<script>alert(1)</script>" in page.text


def test_what_cannot_be_reported_is_said_in_plain_words(make_results: Make, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SmflError, match=r"neither results\.json .* nor prediction\.json .* is in this folder"):
        write_report(empty, tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()
    folder = make_results(models={"smfl": 1.0}, seeds=1)
    with (folder / "predictions.csv").open(newline="") as lines:
        rows = list(csv.reader(lines))
    rows[3][-1] = "1.7"
    with (folder / "predictions.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows(rows)
    with pytest.raises(SmflError, match=r"predictions\.csv: isn't what was written .*: make it anew"):
        write_report(folder, tmp_path / "x.html")
    with pytest.raises(CallError, match=r"predictions\.csv: isn't what was written"):
        Results.read(folder)
    (folder / "files.json").unlink()
    with pytest.raises(
        SmflError, match=r"predictions\.csv, line 4: a label is 0 or 1 and a probability 0 to 1; .*1\.7"
    ):
        write_report(folder, tmp_path / "x.html")
    (folder / "results.json").write_text('{"corpus": "c"}')
    with pytest.raises(SmflError, match=r"results\.json: 'n', 'positives', 'protocol', 'models' isn't there"):
        write_report(folder, tmp_path / "x.html")
    (folder / "results.json").write_text("{")
    with pytest.raises(SmflError, match="isn't readable JSON"):
        write_report(folder, tmp_path / "x.html")
