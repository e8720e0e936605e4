"""The paper's tables: its rows, order and figures; every figure of ours again from predictions.csv alone."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

from smfl.evaluation import ModelFacts, Results
from smfl.evaluation.results import HISTORY_COLUMNS, PREDICTION_COLUMNS
from smfl.pipeline.comparison.published import FILE, published_tables
from smfl.pipeline.comparison.table_formats import comma_separated, latex, markdown, tex, write_tables
from smfl.pipeline.comparison.tables import Line, Table, tables_of

PAPER = """
2|TCN (all)|0.79 ± 0.04|0.79 ± 0.04|0.81 ± 0.03|0.79 ± 0.05|0.81 ± 0.05
2|TCN (sentence)|0.83 ± 0.04|0.79 ± 0.04|0.87 ± 0.03|0.79 ± 0.05|0.85 ± 0.05
2|TCN + Self-Attention + Cross-Attention|0.85 ± 0.03|0.84 ± 0.03|0.88 ± 0.03|0.84 ± 0.03|0.86 ± 0.03
2|LSTM + Self-Attention + Cross-Attention|0.91 ± 0.03|0.84 ± 0.03|0.93 ± 0.03|0.84 ± 0.03|0.90 ± 0.03
2|SMFLM|0.93 ± 0.03|0.90 ± 0.03|0.94 ± 0.03|0.88 ± 0.03|0.91 ± 0.03
3|TCN (all)|0.76 ± 0.04|0.78 ± 0.04|0.71 ± 0.03|0.83 ± 0.05|0.77 ± 0.05
3|TCN (sentence)|0.79 ± 0.04|0.81 ± 0.04|0.74 ± 0.03|0.81 ± 0.04|0.77 ± 0.05
3|LSTM + Self-Attention|0.81 ± 0.04|0.83 ± 0.03|0.80 ± 0.03|0.84 ± 0.05|0.82 ± 0.04
3|LSTM + Self-Attention + Cross-Attention|0.83 ± 0.04|0.81 ± 0.05|0.80 ± 0.03|0.85 ± 0.05|0.83 ± 0.04
3|TCN + Self-Attention|0.81 ± 0.05|0.79 ± 0.05|0.80 ± 0.03|0.80 ± 0.03|0.80 ± 0.05
3|TCN + LSTM + Self-Attention|0.84 ± 0.05|0.80 ± 0.04|0.78 ± 0.03|0.83 ± 0.04|0.81 ± 0.05
3|Zou et al. (20)|0.87|0.79|0.94|0.81|0.86
3|C-CNN (12)|0.77|0.56|0.71|0.83|0.70
3|SMFLM|0.89 ± 0.03|0.85 ± 0.03|0.94 ± 0.04|0.84 ± 0.05|0.89 ± 0.04
4|TCN (all)|0.76|0.78|0.72|0.83|0.77
4|TCN (sentence)|0.79|0.81|0.75|0.85|0.79
4|TCN (sentence) + LSTM|0.83|0.81|0.82|0.85|0.82
4|MMFL|0.83|0.80|0.83|0.80|0.82
4|MMFL + Cross-Attention|0.85|0.83|0.87|0.90|0.85
4|MMFL + Cross-Attention +CMJAT|0.89|0.85|0.93|0.85|0.89
"""
"""Tables 2–4 as printed: F1, specificity, precision, recall, accuracy."""

NAMES = ("smfl", "mmfl", "mmfl-ca", "tcn-all", "tcn-sentence", "tcn-sentence-lstm", "lstm-sa", "lstm-sa-ca", "tcn-sa",
         "tcn-sa-ca", "tcn-lstm-sa", "c-cnn", "zou-2022")  # fmt: skip
"""Of the public interface."""

FURTHER = ("smfl@audio", "smfl@video+text", "smfl@text", "smfl:paper", "majority", "ideal observer")
PEOPLE, FOLDS, SEEDS = 40, 4, 2
TITLES = {"smfl": "SMFL", "tcn-all": "TCN (all)", "majority": "Majority class"}


def _results(names: tuple[str, ...] = NAMES + FURTHER, **facts: Any) -> Results:
    rng = np.random.default_rng(0)
    rows = []
    for name in names:
        for seed in range(SEEDS):
            fold = rng.permutation(np.arange(PEOPLE) % FOLDS)
            for i in range(PEOPLE):
                label = int(i % 5 < 2)
                said = 0.4 if name == "majority" else 1 / (1 + np.exp(-(label - 0.4) * 1.5 - rng.normal()))
                one = (name, "nested", seed, int(fold[i]), f"{300 + i}", f"{300 + i}", label, float(said))
                rows.append(dict(zip(PREDICTION_COLUMNS, one, strict=True)))
    models = [
        ModelFacts(
            name, tuple(name.split("@")[1].split("+")) if "@" in name else ("video", "audio", "text"),
            None if name in ("majority", "ideal observer") else 41207, 0.0 if name == "ideal observer" else 16.0,
            ranked=name != "ideal observer",
        )
        for name in names
    ]  # fmt: skip
    known = {"corpus": "daic-woz", "protocol": "nested", "folds": FOLDS, "seeds": [0, 1], "simulated": False}
    return Results.of(pd.DataFrame(rows), pd.DataFrame(columns=list(HISTORY_COLUMNS)), models, known | facts)


@pytest.fixture(scope="module")
def results() -> Results:
    return _results()


@pytest.fixture
def tables(results: Results) -> Callable[..., dict[str, Table]]:
    return lambda **changes: {
        table.key: table
        for table in tables_of({**results.document, **changes}, TITLES, published=changes.pop("published", False))
    }


def test_the_published_figures_are_those_of_the_paper() -> None:
    printed = [line.split("|") for line in PAPER.split("\n") if line]
    document = json.loads(FILE.read_text(encoding="utf-8"))
    stored = [(table, row) for table in document["tables"] for row in table["rows"]]
    assert len(stored) == len(printed) == 20
    for (table, row), (number, title, *cells) in zip(stored, printed, strict=True):
        assert (table["number"], row["printed"]) == (int(number), title)
        for name, text in zip(document["columns"], cells, strict=True):
            mean, _, spread = text.partition(" ± ")
            assert row[name] == [float(mean), float(spread) if spread else None], (number, title, name)
    assert document["columns"] == ["f1", "specificity", "precision", "recall", "accuracy"]
    assert [(t["corpus"], t["people"], t["positives"]) for t in document["tables"]] == [
        ("mmd2023", 100, 67), ("daic-woz", 192, 74), ("daic-woz", 192, 74),
    ]  # fmt: skip
    assert "10.3389/fpsyt.2025.1439577" in document["source"]


def test_every_system_of_the_paper_is_one_of_the_interface() -> None:
    assert {row.model for table in published_tables() for row in table.rows} == set(NAMES)


def test_the_rows_are_the_papers_in_its_order_and_words(tables: Callable[..., dict[str, Table]]) -> None:
    found = tables()
    assert list(found) == ["table-2", "table-3", "table-4", "modalities-smfl", "all-models"]
    names = {key: [line.name for line in found[key].lines] for key in ("table-2", "table-3", "table-4")}
    assert names["table-2"] == ["tcn-all", "tcn-sentence", "tcn-sa-ca", "lstm-sa-ca", "smfl", "smfl:paper"]
    assert names["table-3"] == [
        "tcn-all", "tcn-sentence", "lstm-sa", "lstm-sa-ca", "tcn-sa", "tcn-lstm-sa", "zou-2022", "c-cnn", "smfl",
        "smfl:paper",
    ]  # fmt: skip
    assert names["table-4"] == [
        "tcn-all", "tcn-sentence", "tcn-sentence-lstm", "mmfl", "mmfl-ca", "smfl", "smfl:paper",
    ]  # fmt: skip
    assert [line.title for line in found["table-4"].lines][3:] == [
        "MMFL", "MMFL + Cross-Attention", "MMFL + Cross-Attention + CMJAT",
        "MMFL + Cross-Attention + CMJAT, paper recipe",
    ]  # fmt: skip
    assert all(
        table.columns == ("f1", "specificity", "precision", "recall", "accuracy", "auroc") for table in found.values()
    )
    assert [line.name for line in found["all-models"].lines] == [*NAMES, *FURTHER]
    assert found["all-models"].lines[0].title == "SMFL"
    assert found["all-models"].lines[-3].title == "SMFL, paper recipe"


def test_modalities_stand_in_the_order_of_figure_6(tables: Callable[..., dict[str, Table]]) -> None:
    table = tables()["modalities-smfl"]
    assert [(line.title, line.name) for line in table.lines] == [
        ("A", "smfl@audio"), ("T", "smfl@text"), ("V+T", "smfl@video+text"), ("V+A+T", "smfl"),
    ]  # fmt: skip
    assert table.notes == ("V video, A audio, T text.",)


def test_parameters_and_time_a_fit(tables: Callable[..., dict[str, Table]]) -> None:
    lines = {line.name: line for line in tables()["all-models"].lines}
    assert (lines["smfl"].parameters, lines["smfl"].seconds) == (41207, 16 / (FOLDS * SEEDS))
    assert (lines["ideal observer"].parameters, lines["ideal observer"].seconds) == (None, None)
    assert "| 41,207 | 2.0 |" in markdown(tables()["all-models"])


def test_what_was_not_run_is_named_and_one_system_alone_is_no_table() -> None:
    few = {table.key: table for table in tables_of(_results(("smfl", "mmfl", "majority")).document, TITLES)}
    assert list(few) == ["table-4", "all-models"]
    assert few["table-4"].notes[0] == (
        "Not run: TCN (all); TCN (sentence); TCN (sentence) + LSTM; MMFL + Cross-Attention."
    )
    assert len(few["table-4"].notes) == 1
    document = _results(("smfl", "mmfl")).document
    models = [{**entry, "modalities": ["text", "audio"]} for entry in document["models"]]
    narrow = tables_of({**document, "models": models}, TITLES)[0]
    assert narrow.notes[1] == "Read here: audio, text; in the paper: video, audio, text."


def test_published_figures_stand_beside_the_people_they_are_of_only(tables: Callable[..., dict[str, Table]]) -> None:
    real = tables(published=True)
    assert list(real) == [
        "table-2", "published-2", "table-3", "table-4", "modalities-smfl", "all-models",
    ], "DAIC-WOZ is the corpus of Tables 3 and 4"  # fmt: skip
    beside = [(line.name, line.source) for line in real["table-3"].lines]
    assert beside[:2] == [("tcn-all", "run"), ("tcn-all", "published")]
    assert beside[-3:] == [("smfl", "run"), ("smfl:paper", "run"), ("smfl", "published")]
    marked = markdown(real["table-3"]).splitlines()
    under = dict(pairwise(marked))
    assert next(under[one] for one in marked if one.startswith("| SMFL, paper")).startswith(
        "| *as published* | *0.89 ± 0.03* | *0.85 ± 0.03* |"
    )
    assert next(under[one] for one in marked if one.startswith("| C-CNN")).startswith(
        "| *as published* | *0.77* | *0.56* |"
    )
    few = _results(("smfl", "tcn-all")).document
    lines = next(t for t in tables_of(few, TITLES, published=True) if t.key == "table-3").lines
    assert [line.title for line in lines][:3] == ["TCN (all)", "as published", "TCN (sentence), as published"]
    assert len(lines) == 2 + 9
    for changes in ({"simulated": True}, {"corpus": "talks"}):
        other = tables(published=True, **changes)
        assert {"published-2", "published-3", "published-4"} <= set(other)
        assert all(line.source == "run" for key in ("table-2", "table-3", "table-4") for line in other[key].lines)
        apart = markdown(other["published-3"])
        assert apart.startswith("### As published: Table 3 of the paper, on DAIC-WOZ\n")
        assert "counts as 192 people, 74 depressed" in apart
        assert "training stopped by the loss of the test set" in apart
        assert "these figures can’t be compared" in apart
    assert all(line.source == "run" for table in tables().values() for line in table.lines)


def _metrics(label: Any, said: Any) -> dict[str, float]:
    called = np.asarray(said) >= 0.5
    return {
        "f1": f1_score(label, called, zero_division=np.nan),
        "specificity": recall_score(label, called, pos_label=0, zero_division=np.nan),
        "precision": precision_score(label, called, zero_division=np.nan),
        "recall": recall_score(label, called, zero_division=np.nan),
        "accuracy": accuracy_score(label, called),
        "auroc": roc_auc_score(label, said) if len(np.unique(label)) == 2 else np.nan,
    }


def test_means_and_spreads_follow_from_the_predictions_alone(results: Results, tmp_path: Path) -> None:
    folder = results.write(tmp_path)
    write_tables(tables_of(results.document, TITLES), folder / "tables")
    predictions = pd.read_csv(folder / "predictions.csv", dtype={"participant": str})
    checked = 0
    for path in (folder / "tables").glob("*.csv"):
        for row in csv.DictReader(path.open(encoding="utf-8", newline="")):
            own = predictions[predictions["model"] == row["model"]]
            runs = [_metrics(fold["label"], fold["probability"]) for _, fold in own.groupby(["seed", "fold"])]
            assert len(runs) == FOLDS * SEEDS
            for name in runs[0]:
                each = np.array([run[name] for run in runs])
                each = each[~np.isnan(each)]
                if not len(each):
                    assert row[f"{name}_mean"] == ""
                    continue
                assert float(row[f"{name}_mean"]) == pytest.approx(each.mean(), abs=1e-12), (path.name, row["model"])
                assert float(row[f"{name}_sd"]) == pytest.approx(each.std(ddof=1), abs=1e-12)
                checked += 1
    assert checked > 6 * (6 + 10 + 7 + 4 + 18)


def _resampled(rows: pd.DataFrame, times: dict[str, int]) -> dict[str, float]:
    """Five scores of all folds together and AUROC within folds, of people who count as often as ``times`` says."""
    drawn = rows.loc[np.repeat(rows.index, [times[who] for who in rows["participant"]])]
    y, called = drawn["label"].to_numpy() == 1, drawn["probability"].to_numpy() >= 0.5
    tp, fp, fn, tn = (int(c.sum()) for c in (y & called, ~y & called, y & ~called, ~y & ~called))
    right = pairs = 0.0
    for _, fold in drawn.groupby("fold"):
        yes = fold.loc[fold["label"] == 1, "probability"].to_numpy()
        no = fold.loc[fold["label"] == 0, "probability"].to_numpy()
        right += (yes[:, None] > no).sum() + 0.5 * (yes[:, None] == no).sum()
        pairs += len(yes) * len(no)

    def share(part: float, whole: float) -> float:
        return part / whole if whole else np.nan

    return {
        "f1": share(2 * tp, 2 * tp + fp + fn), "specificity": share(tn, tn + fp), "precision": share(tp, tp + fp),
        "recall": share(tp, tp + fn), "accuracy": share(tp + tn, len(y)), "auroc": share(right, pairs),
    }  # fmt: skip


def test_intervals_follow_from_the_predictions_alone(results: Results, tmp_path: Path) -> None:
    folder = results.write(tmp_path)
    write_tables(tables_of(results.document, TITLES), folder / "tables")
    predictions = pd.read_csv(folder / "predictions.csv", dtype={"participant": str})
    told = json.loads((folder / "results.json").read_text(encoding="utf-8"))["bootstrap"]
    own = predictions[predictions["model"] == "mmfl"].reset_index(drop=True)
    people = sorted(set(own["participant"]))
    rng = np.random.default_rng(told["seed"])
    counts = rng.multinomial(len(people), [1 / len(people)] * len(people), size=told["resamples"])
    draws = []
    for drawn in counts[:400]:
        times = dict(zip(people, drawn.tolist(), strict=True))
        seeds = [_resampled(rows, times) for _, rows in own.groupby("seed")]
        draws.append({name: np.nanmean([one[name] for one in seeds]) for name in seeds[0]})
    from smfl.evaluation import Resamples, bootstrap

    ours = bootstrap(own, list(draws[0]), Resamples.of(own))
    row = next(
        line for line in csv.DictReader((folder / "tables" / "table-4.csv").open(encoding="utf-8", newline=""))
        if line["model"] == "mmfl"
    )  # fmt: skip
    for name in draws[0]:
        assert ours[name][:400] == pytest.approx([one[name] for one in draws], abs=1e-12)
        low, high = np.nanpercentile(ours[name], [2.5, 97.5])
        assert (float(row[f"{name}_low"]), float(row[f"{name}_high"])) == pytest.approx((low, high), abs=1e-12)


def test_all_formats_hold_the_same_figures(tables: Callable[..., dict[str, Table]]) -> None:
    for table in tables(published=True).values():
        rows = list(csv.DictReader(io.StringIO(comma_separated(table))))
        shown = [line for line in markdown(table).splitlines() if line.startswith("| ")]
        body = [line for line in latex(table).splitlines() if line.endswith(r"\\")]
        assert len(shown) - 2 == len(rows) == len(table.lines)
        firsts = [line for line in body[1:] if not line.startswith("&") and not line.startswith(" &")]
        assert len(firsts) == len(rows)
        for row, marked, printed in zip(rows, shown[2:], firsts, strict=True):
            assert row["title"] in marked, "the rows in one order"
            assert tex(row["title"]) in printed
            for name in table.columns:
                mean = row[f"{name}_mean"]
                if mean:
                    assert f"{float(mean):.2f}" in marked
                    assert f"{float(mean):.2f}" in printed
                if row[f"{name}_low"]:
                    interval = f"[{float(row[f'{name}_low']):.2f}, {float(row[f'{name}_high']):.2f}]"
                    assert interval in marked
                    assert interval in latex(table)


def test_the_class_balance_and_the_meaning_go_with_every_table_of_ours(
    tables: Callable[..., dict[str, Table]]
) -> None:  # fmt: skip
    for table in tables(simulated=True, remarks=["made up"]).values():
        for text in (markdown(table), latex(table)):
            assert "SIMULATED interviews" in text
            assert "40 interviews of 40 participants, 16 positive (40" in text
            assert "scores accuracy 0.60" in text
            assert "over 4 folds" in text
            assert "bootstrap interval over participants" in text
            assert "made up" in text


def _evil() -> Table:
    score = {"mean": -0.5, "sd": 0.1, "low": -0.6, "high": 0.4}
    lines = (Line(r"50 % of $a_b & {c} ~#^\d", "a|b", "run", {"f1": score}, 12345, 0.5),)
    return Table("t", "A “title” – 100 % & more", lines, ("§3 ≥ ½ … ×", "Trained by a, “b”"), (), ("f1",), costs=True)


def test_latex_is_well_formed_whatever_the_names(tables: Callable[..., dict[str, Table]]) -> None:
    for table in [_evil(), *tables(published=True).values()]:
        text = latex(table)
        begun, ended = re.findall(r"\\begin\{([^}]+)\}", text), re.findall(r"\\end\{([^}]+)\}", text)
        assert begun == ended[::-1] == ["table*", "tabular"]
        spec = re.search(r"\\begin\{tabular\}\{@\{\}([lcr]+)@\{\}\}", text)
        assert spec
        width = 1 + len(table.columns) + 2 * table.costs
        assert len(spec[1]) == width
        for line in text.splitlines():
            if line.endswith(r"\\"):
                assert len(re.findall(r"(?<!\\)&", line)) == width - 1, line
        bare = re.sub(r"\\[#$%&_{}\\]", "", text)
        assert bare.count("{") == bare.count("}")
        assert bare.count("$") % 2 == 0
        assert "#" not in bare
        assert [line for line in bare.splitlines() if "%" in line] == bare.splitlines()[:1], "the remark at its head"
        assert all(ord(letter) < 128 for letter in text), "what pdfLaTeX needs no further package for"
        assert re.findall(r"\\(top|mid|bottom)rule", text) == ["top", "mid", "bottom"]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_latex_compiles(tables: Callable[..., dict[str, Table]], tmp_path: Path) -> None:
    few = tables_of(_results(("smfl", "tcn-all")).document, TITLES, published=True)
    unrun = [replace(table, key=f"table-few-{table.key}") for table in few]
    made = [_evil(), *tables(published=True).values(), *unrun]
    write_tables(made, tmp_path)
    inputs = "\n".join(rf"\input{{{table.key}.tex}}" for table in made)
    head = r"\documentclass[10pt,twocolumn]{article}\usepackage[a4paper,margin=1.8cm]{geometry}\usepackage{booktabs}"
    (tmp_path / "paper.tex").write_text(rf"{head}\begin{{document}}{inputs}\end{{document}}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "paper.pdf").stat().st_size > 10_000
    assert "Overfull" not in done.stdout


def test_files_are_whole_and_the_same_each_time(results: Results, tmp_path: Path) -> None:
    made = tables_of(results.document, TITLES)
    paths = write_tables(made, tmp_path / "tables")
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == sorted(path.name for path in paths)
    assert {path.suffix for path in paths} == {".md", ".tex", ".csv"}
    assert len(paths) == 3 * len(made)
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_tables(made, tmp_path / "tables")] == before
    (tmp_path / "tables" / "my-notes.md").write_text("mine")
    write_tables(made[-1:], tmp_path / "tables")
    left = {path.name for path in (tmp_path / "tables").iterdir()}
    assert left == {"all-models.md", "all-models.tex", "all-models.csv", "my-notes.md"}, "no table of earlier figures"
