"""What a comparison chooses inside its fits: held-out people have no say, everything is told, kept fits still hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import smfl
from smfl.apps.report import write_report
from smfl.evaluation import Cases, Results, grouped_folds, run_fold
from smfl.features import Modality, Prepared, Schema, SentenceFeatures
from smfl.features.store import finish, write_interview
from smfl.interview import CallError, Label
from smfl.pipeline.comparison.blinded import Blinded
from smfl.pipeline.comparison.choices import TRIALS
from smfl.pipeline.comparison.rows import choosing, rows_of
from smfl.pipeline.evaluate import evaluate
from smfl.pipeline.train import train
from smfl.training.recipe import RECIPES, TUNED

WIDTHS = {"audio": 3, "video": 4, "text": 5}
PEOPLE, FITS, TRIED = 30, 2, 3
MODELS = "smfl,gradient-boosting,logistic-regression"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tuned recipe with two members of two epochs."""
    monkeypatch.setitem(RECIPES, "tuned", replace(TUNED, members=2, epochs=2))


def one(i: int, label: int, noise: int = 11) -> SentenceFeatures:
    """The voice tells the label, the words tell a little, the face nothing."""
    rng = np.random.default_rng([i, noise])
    lengths = {name: np.ones(3, int) if name == "text" else rng.integers(4, 9, size=3) for name in WIDTHS}
    values = {name: rng.normal(size=(lengths[name].sum(), width)) for name, width in WIDTHS.items()}
    values["audio"][:, 0] += 2.5 * label
    values["text"][:, 0] += label
    return SentenceFeatures(
        f"{300 + i}", f"{300 + i}", {n: v.astype(np.float32) for n, v in values.items()},
        {name: np.concatenate([[0], np.cumsum(size)]) for name, size in lengths.items()},
        np.array([[0.0, 2.0], [3.0, 5.0], [6.0, 9.0]]), ("so", "and then", "well"), label, None,
    )  # fmt: skip


def prepare(folder: Path, changed: tuple[int, ...] = ()) -> Prepared:
    """People in a folder; those who are changed have other features and the other label."""
    for i in range(PEOPLE):
        label = i % 2
        made = one(i, 1 - label, noise=99) if i in changed else one(i, label)
        known = Label(1 - label if i in changed else label, None, "PHQ-8")
        write_interview(folder, made, label=known, facts={}, ledger=(), fingerprint=f"{i} {i in changed}")
    modalities = {n: Modality(tuple("abcde"[:w]), "frame", 5.0, "given") for n, w in WIDTHS.items() if n != "text"}
    modalities["text"] = Modality(tuple("abcde"), "sentence", None, "given")
    settings = {"corpus": "toy", "simulated": True, "label_rule": "PHQ-8 >= 10"}
    return finish(folder, Schema(modalities, settings), [f"{300 + i}" for i in range(PEOPLE)])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def compared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Path]:
    """Two folds with trials and auto, by the command's Python call."""
    out = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RECIPES, "tuned", replace(TUNED, members=2, epochs=2))
        results = evaluate(prepared, MODELS, folds=FITS, out=out, tune=TRIED, strong="auto", weak="auto")
    return results, out


@pytest.mark.parametrize("name", ["smfl", "gradient-boosting"])
def test_held_out_people_change_no_choice(name: str, prepared: Prepared, tmp_path: Path) -> None:
    """Other features and the other label for everyone who is held out: the same choices, other predictions."""
    labels, who = prepared.labels, prepared.participants.tolist()
    split = grouped_folds(labels, who, 3, 0)[0]
    other = prepare(tmp_path, changed=tuple(int(i) for i in split.test))
    assert (other.labels[split.test] == 1 - labels[split.test]).all()
    rows = rows_of(name, None, "tuned", tuple(WIDTHS))
    roles = "auto" if name == "smfl" else None
    row = choosing(rows, tuple(WIDTHS), tune=4, strong=roles, weak=roles)[0]
    first, second = (
        run_fold(row, Cases(Blinded(data), data.labels, who, scores=data.scores), split, seed=0, model=name)
        for data in (prepared, other)
    )
    assert first.choices["tuning"]["trials"] == 4
    assert first.choices == second.choices
    assert first.history == second.history
    assert first.predictions != second.predictions


def test_everything_is_told_by_fold(compared: tuple[Results, Path]) -> None:
    results, out = compared
    document = json.loads((out / "results.json").read_text())
    by_name = {entry["name"]: entry for entry in document["models"]}
    assert document["tune"] == TRIED
    assert any(f"by {TRIED} trials" in remark for remark in document["remarks"])
    assert "choices" not in by_name["majority"]
    assert "choices" not in by_name["logistic-regression"], "it chooses its penalty by itself"
    assert [(one["seed"], one["fold"]) for one in by_name["smfl"]["choices"]] == [(0, 0), (0, 1)]
    for chosen in by_name["smfl"]["choices"]:
        assert chosen["strong"] == "audio", "what was planted"
        assert set(chosen["unimodal_scores"]) == set(WIDTHS)
        assert chosen["tuning"]["tried"][0]["settings"]["learning_rate"] == TUNED.learning_rate
    table = pd.read_csv(out / TRIALS)
    assert len(table) == TRIED * FITS * 2
    assert table.groupby(["model", "seed", "fold"])["chosen"].sum().tolist() == [1] * FITS * 2
    assert np.isfinite(table["loss"]).all()
    assert results.models == ("smfl", "gradient-boosting", "logistic-regression", "majority")


def test_the_page_shows_what_was_chosen_in_each_fold(compared: tuple[Results, Path], tmp_path: Path) -> None:
    page = write_report(compared[1], tmp_path / "report.html").read_text()
    assert "What was chosen inside each fit" in page
    assert "seed 0, fold 1" in page
    assert f"gradient-boosting: after {TRIED} trials its own settings stayed in" in page
    assert "audio lifts" in page


def test_a_comparison_that_searches_for_nothing_says_nothing_of_it(prepared: Prepared, tmp_path: Path) -> None:
    (tmp_path / TRIALS).write_text("of an earlier run")
    evaluate(prepared, "tcn-sentence", folds=2, out=tmp_path)
    assert not (tmp_path / TRIALS).exists()
    assert "What was chosen" not in write_report(tmp_path, tmp_path / "report.html").read_text()


def test_workers_change_no_choice(compared: tuple[Results, Path], prepared: Prepared, tmp_path: Path) -> None:
    first = compared[1]
    evaluate(prepared, "gradient-boosting", folds=FITS, out=tmp_path, tune=TRIED, workers=2)
    one, two = (pd.read_csv(folder / TRIALS) for folder in (first, tmp_path))
    one = one[one["model"] == "gradient-boosting"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one[two.columns], two, check_dtype=False)


def test_a_stopped_search_goes_on_and_other_trials_are_other_fits(prepared: Prepared, tmp_path: Path) -> None:
    def stop_after_one(done: int, total: int, what: str) -> None:
        if done == 1:
            raise KeyboardInterrupt

    def told_of(**changed: Any) -> list[tuple[int, int, str]]:
        told: list[tuple[int, int, str]] = []
        call(**changed, progress=lambda *news: told.append(news))
        return told

    call: Callable[..., Results] = lambda **more: evaluate(  # noqa: E731
        prepared, "gradient-boosting", folds=FITS, out=tmp_path, **{"tune": TRIED, **more}
    )
    with pytest.raises(KeyboardInterrupt):
        call(progress=stop_after_one)
    assert told_of()[0] == (1, 4, "taken from an earlier run")
    kept = (tmp_path / TRIALS).read_bytes()
    assert told_of() == [(4, 4, "taken from an earlier run")]
    assert (tmp_path / TRIALS).read_bytes() == kept, "what was kept tells its trials again"
    assert told_of(tune=TRIED + 1)[0] == (2, 4, "taken from an earlier run"), "only the majority is as it was"
    assert told_of(tune=0)[0] == (2, 4, "taken from an earlier run")


def test_strong_and_weak_are_part_of_a_fit(prepared: Prepared, tmp_path: Path) -> None:
    call: Callable[..., Any] = lambda **more: evaluate(prepared, "smfl", folds=2, out=tmp_path, **more)  # noqa: E731
    given = call(strong="audio", weak="text,video").document["models"][0]["choices"]
    assert [(one["strong"], one["weak"]) for one in given] == [("audio", ["text", "video"])] * 2
    assert len(list((tmp_path / "fits").glob("smfl-*"))) == 2
    call()
    assert len(list((tmp_path / "fits").glob("smfl-*"))) == 4


def test_a_trained_model_tells_what_was_chosen(prepared: Prepared, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    fitted = train(prepared, tmp_path, tune=2, strong="auto", weak="auto", progress=lambda *news: told.append(news))
    assert [news[:2] for news in told] == [(1, 2), (2, 2)]
    assert told[0][2].startswith("trial 1 of 2, inner loss ")
    again = smfl.load_model(tmp_path)
    assert (again.strong_, again.choices_["tuning"]["trials"]) == ("audio", 2)
    assert again.choices_ == fitted.choices_
    card = (tmp_path / "README.md").read_text()
    assert "audio lifts" in card
    assert "2 trials on the training people chose" in card


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"strong": "touch"}, "unknown strong modality 'touch'; valid: audio, video, text, auto"),
        ({"weak": ["vidoe"]}, "unknown weak modality 'vidoe'; did you mean 'video'"),
        ({"strong": "text", "weak": "text"}, "text can't be both"),
        ({"tune": 1}, "at least 2 trials are needed"),
        ({"models": "tcn-sentence", "strong": "audio"}, "no strong modality lifts a weak one there; smfl does so"),
    ],
)
def test_refusals(call: dict[str, Any], message: str, prepared: Prepared, tmp_path: Path) -> None:
    with pytest.raises(CallError, match=message):
        evaluate(prepared, **{"models": "smfl", **call})
    own = {"model" if key == "models" else key: value for key, value in call.items()}
    with pytest.raises(CallError, match=message):
        train(prepared, tmp_path, **own)
