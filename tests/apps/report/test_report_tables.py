"""The page's tables of the paper, its Fig. 5 and 6, and which models differ significantly; and their files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from smfl.apps.report import write_report
from smfl.apps.report.figures.modalities import modality_figure
from smfl.apps.report.figures.winner import winner_sentence
from smfl.apps.report.source import read_comparison
from smfl.apps.report.words import figure_number, signed
from smfl.evaluation.losses import LossCurve, loss_spread, mean_losses

Read = Callable[[Path], Any]


@pytest.fixture(scope="module")
def page(everything: Path, read_page: Read, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_page(write_report(everything, tmp_path_factory.mktemp("page") / "report.html"))


@pytest.fixture(scope="module")
def document(everything: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((everything / "results.json").read_text(encoding="utf-8"))
    return read


def edit(folder: Path, **changes: Any) -> Path:
    path = folder / "results.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    (folder / "files.json").unlink(missing_ok=True)
    return folder


def _pooled(model: dict[str, Any]) -> float:
    return float(model["metrics"]["auroc"]["pooled"])


def rows(folder: Path, key: str) -> list[dict[str, str]]:
    with (folder / "tables" / f"{key}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_everything_that_was_asked_for_lies_in_the_folder(page: Any, everything: Path) -> None:
    made = {path.name for path in (everything / "tables").iterdir()}
    keys = ("table-2", "table-3", "table-4", "modalities-smfl", "all-models")
    assert made == {f"{key}.{ending}" for key in keys for ending in ("md", "tex", "csv")}
    figures = {path.name for path in (everything / "figures").iterdir()}
    assert {"winner.svg", "forest.svg", "figure-5.svg", "figure-6.svg", "modalities-smfl.svg"} <= figures
    for number, name in (("figure-5", "loss-smfl"), ("figure-6", "modalities-smfl")):
        file = everything / "figures" / f"{number}.svg"
        ElementTree.parse(file)
        assert file.read_bytes() == (everything / "figures" / f"{name}.svg").read_bytes()


def test_the_papers_tables_are_on_the_page_with_the_figures_of_the_files(page: Any, everything: Path) -> None:
    assert len(rows(everything, "table-3")) == 9
    for number in (2, 3, 4):
        title = f"The systems of the paper’s Table {number}, on daic-woz (simulated)"
        assert title in page.text
        shown = page.text.split(title, 1)[1]
        for row in rows(everything, f"table-{number}"):
            head, shown = shown.split(f"{row['title']} {row['model']} ", 1)
            assert len(head) < 300, "the rows follow one another, in the order of the file"
            figures = shown[:260]
            for name in ("f1", "specificity", "precision", "recall", "accuracy", "auroc"):
                assert (
                    f"{figure_number(float(row[f'{name}_mean']))} ± {figure_number(float(row[f'{name}_sd']))}"
                    in figures
                )


def test_published_figures_are_there_where_asked_for_and_marked(
    make_results: Callable[..., Path], read_page: Read, tmp_path: Path
) -> None:
    folder = make_results(models={"smfl": 1.5, "tcn-all": 0.7, "tcn-sentence": 1.0}, seeds=1)
    assert "published" not in read_page(write_report(folder, tmp_path / "a.html")).text
    apart = read_page(write_report(folder, tmp_path / "b.html", published=True))
    assert "As published: Table 3 of the paper, on DAIC-WOZ" in apart.text
    assert "training stopped by the loss of the test set (§3.2): optimistic" in apart.text
    assert "these figures can’t be compared" in apart.text
    assert all(row["source"] == "run" for row in rows(folder, "table-3"))
    assert rows(folder, "published-2")[-1]["f1_mean"] == "0.93"
    edit(folder, simulated=False, corpus="daic-woz")
    beside = read_page(write_report(folder, tmp_path / "c.html", published=True))
    assert "As published: Table 3" not in beside.text
    assert "As published: Table 2 of the paper, on MMD2023" in beside.text
    assert "as published 0.89 ± 0.03 0.85 ± 0.03 0.94 ± 0.04 0.84 ± 0.05 0.89 ± 0.04" in beside.text
    assert len(beside.all("tr", **{"class": "published"})) == 5 + 9 + 6


def test_the_page_says_whether_the_winner_is_one(page: Any, document: dict[str, Any]) -> None:
    standings = document["standings"]
    best = max((m for m in document["models"] if m["ranked_first"] is not None), key=_pooled)["name"]
    assert standings["best"] == best != "smfl", "made the best, it isn't in these sixty people"
    apart = [row["name"] for row in standings["models"] if row["apart"]]
    assert "majority" in apart
    assert standings["winner"] is None
    assert winner_sentence(standings) in page.text
    assert "No model is the best: mmfl-ca isn’t significantly better than" in page.text
    for row in standings["models"][1:]:
        interval = f"[{figure_number(row['low'])} to {figure_number(row['high'])}]"
        assert f"{row['name']} {signed(row['delta'])} {interval}" in page.text
        assert f"{row['rank']:.1f} [{round(row['rank_low'], 1):g}–{round(row['rank_high'], 1):g}]" in page.text
    assert f"more than {figure_number(standings['critical'])} standard errors" in page.text
    figure = re.search(r'<svg[^>]*aria-labelledby="winner-title.*?</svg>', page.html, re.DOTALL)
    assert figure
    assert figure[0].count('class="apart"') == len(apart)
    assert figure[0].count('class="group"') == len(standings["groups"])
    places = [figure[0].index(f">{row['name']}<") for row in standings["models"]]
    assert places == sorted(places), "the best first"


def test_the_answer_in_a_sentence() -> None:
    rows = [{"name": name, "apart": name > "c"} for name in "abcdefg"]
    assert (
        winner_sentence({"best": "a", "winner": "a", "models": rows})
        == "a is significantly better than every other model."
    )
    assert winner_sentence({"best": "a", "winner": None, "models": rows}).endswith(
        "a isn’t significantly better than b or c."
    )
    some = [{**row, "apart": row["name"] > "f"} for row in rows]
    assert winner_sentence({"best": "a", "winner": None, "models": some}).endswith(
        "a isn’t significantly better than b, c, d or 2 more."
    )
    none = [{**row, "apart": False} for row in rows]
    assert winner_sentence({"best": "a", "winner": None, "models": none}).endswith(
        "a isn’t significantly better than any of the other 6 models."
    )


def test_modalities_are_drawn_in_the_order_of_figure_6_with_pooled_scores(everything: Path, document: Any) -> None:
    facts = read_comparison(everything).facts
    of = {model["name"]: model for model in facts["models"]}
    names = ("smfl@video", "smfl@audio", "smfl@text", "smfl@video+audio", "smfl@video+text", "smfl@audio+text", "smfl")
    panel = modality_figure("m", "SMFL", [of[name] for name in names])
    drawn = panel.svg()
    labels = re.findall(r'class="row-name"[^>]*>([^<]+)<', drawn)
    assert labels == ["V", "A", "T", "V+A", "V+T", "A+T", "V+A+T"]
    file = (everything / "figures" / "modalities-smfl.svg").read_text()
    assert re.findall(r'class="row-name"[^>]*>([^<]+)<', file) == labels
    centres = [float(x) for x in re.findall(r'<circle class="dot" cx="([\d.]+)"', drawn)][1:]
    expected = [panel.at_x(of[name]["metrics"]["auroc"]["pooled"]) for name in names]
    assert centres == pytest.approx(expected, abs=0.006)
    scores = (of["smfl@text"]["metrics"][name]["pooled"] for name in ("auroc", "f1", "accuracy"))
    assert "T: AUROC {:.2f}, F1 {:.2f}, Accuracy {:.2f};".format(*scores) in panel.description
    assert [row["title"] for row in rows(everything, "modalities-smfl")] == labels


def test_models_cost_is_told(page: Any, everything: Path) -> None:
    assert "smfl face + voice + words 41 207 parameters, 2.5 s a fit" in page.text
    cost = {row["model"]: (row["parameters"], row["seconds_a_fit"]) for row in rows(everything, "all-models")}
    assert cost["smfl"] == ("41207", "2.5")
    assert cost["logistic-regression"] == ("", "2.5")


def test_the_spread_of_the_losses_is_over_runs_that_are_there() -> None:
    def run(values: list[float]) -> LossCurve:
        return LossCurve(np.arange(1.0, len(values) + 1), np.array(values), np.full(len(values), np.nan), None)

    runs = (run([1.0, 2.0]), run([3.0, 2.0, 5.0, 5.0]), run([5.0, 5.0, 7.0, 9.0, 1.0]))
    epochs, train, _ = mean_losses(runs)
    spread, watched = loss_spread(runs)
    assert epochs.tolist() == [1, 2, 3, 4]
    assert train.tolist() == [3, 3, 6, 7]
    assert spread == pytest.approx([2, np.sqrt(3), np.sqrt(2), np.sqrt(8)])
    assert np.isnan(watched).all()
    assert np.isnan(loss_spread((runs[0],))[0]).all(), "one run has no spread"


def test_losses_have_a_band_and_few_runs_thin_lines(everything: Path) -> None:
    few = (everything / "figures" / "figure-5.svg").read_text()
    assert few.count('class="run"') == 5
    assert few.count('class="spread') == 2


def test_further_participants_and_losses_fold_out(page: Any) -> None:
    folded = page.all("details")
    assert "23 more models" in page.text, "of 29, the first 6 are open"
    assert len(folded) == 2, "the environment, and the participants of further models"


def test_older_results_without_standings_still_make_a_page(
    make_results: Callable[..., Path], read_page: Read, tmp_path: Path
) -> None:
    folder = make_results(models={"smfl": 1.5, "mmfl": 1.0}, seeds=1)
    edit(folder, standings=None)
    page = read_page(write_report(folder, tmp_path / "old.html"))
    assert "Distance from the best" not in page.text
    assert "Are the differences real?" in page.text
