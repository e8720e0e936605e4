"""`evaluate`: the comparison on a small prepared folder; what models may see; going on after a stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from smfl.evaluation import METRICS, Results
from smfl.features import Modality, Prepared, Schema, SentenceFeatures
from smfl.features.store import finish, write_interview
from smfl.interview import CallError, FeatureError, Label
from smfl.pipeline.comparison.ideal_observer import IDEAL
from smfl.pipeline.evaluate import evaluate
from smfl.training import MODELS, Comparator

WIDTHS = {"audio": 3, "video": 4}
PEOPLE, UNLABELLED = 40, 2


def _interview(i: int, label: int, effect: float) -> SentenceFeatures:
    rng = np.random.default_rng([i, 11])
    lengths = {name: rng.integers(4, 9, size=3) for name in WIDTHS}
    values = {name: rng.normal(size=(lengths[name].sum(), width)) for name, width in WIDTHS.items()}
    values["audio"][:, 0] += effect * label
    return SentenceFeatures(
        f"{300 + i}", f"{300 + i // 2 if i < 8 else 300 + i}", {n: v.astype(np.float32) for n, v in values.items()},
        {name: np.concatenate([[0], np.cumsum(size)]) for name, size in lengths.items()},
        np.array([[0.0, 2.0], [3.0, 5.0], [6.0, 9.0]]), ("so", "and then", "well"), label, None,
    )  # fmt: skip


def _prepare(folder: Path, effect: float = 1.0, truth: bool = False, people: int = PEOPLE) -> Prepared:
    keys = []
    for i in range(people):
        label = i // 2 % 2
        one = _interview(i, label, effect)
        known = Label(label, None, "PHQ-8") if i < people - UNLABELLED else None
        split = ("train", "train", "test", "validation", "train")[i // 4 % 5]
        write_interview(
            folder, one, label=known, facts={"split": split}, ledger=(), fingerprint=f"{i} {effect}"
        )  # fmt: skip
        keys.append(one.interview)
    modalities = {name: Modality(tuple("abcd"[:n]), "frame", 5.0, "given") for name, n in WIDTHS.items()}
    settings = {"corpus": "toy", "simulated": True, "label_rule": "PHQ-8 >= 10"}
    if truth:
        rows = [f"{300 + i},{(4 if i // 2 % 2 else -4) + i % 7 / 7},{i / 10}" for i in range(people)]
        (folder / "truth.csv").write_text("interview,llr,llr_audio\n" + "\n".join(rows) + "\n")
    return finish(folder, Schema(modalities, settings), keys)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return _prepare(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def with_truth(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return _prepare(tmp_path_factory.mktemp("simulated"), truth=True)


def test_a_comparison(prepared: Prepared, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    results = evaluate(
        prepared.folder, ["logistic-regression", "tfidf-linear"], folds=3, seeds=2, out=tmp_path,
        progress=lambda *news: told.append(news),
    )  # fmt: skip
    assert results.models == ("logistic-regression", "tfidf-linear", "majority")
    assert results.score("logistic-regression", "auroc").low > 0.6
    assert results.score("majority", "auroc").mean == 0.5
    labelled = PEOPLE - UNLABELLED
    assert len(results.predictions) == 3 * 2 * labelled
    tested = results.predictions.groupby(["model", "seed"])["interview"].nunique()
    assert (tested == labelled).all()
    document = results.document
    assert (document["corpus"], document["simulated"], document["label_rule"]) == ("toy", True, "PHQ-8 >= 10")
    assert (document["n"], document["unlabelled"], document["seeds"]) == (labelled, UNLABELLED, [0, 1])
    assert any("2 of 40 interviews have no label and weren't used (338, 339)" in said for said in document["remarks"])
    assert [entry["modalities"] for entry in document["models"]] == [["audio", "video"], ["text"], []]
    assert document["models"][0]["parameters"] == 2 * (3 + 4) + 2 + 1
    assert [news[0] for news in told] == list(range(1, 19))
    assert told[-1][1] == 18
    assert Results.read(tmp_path).table() == results.table()


def test_some_seeds_are_those_of_all(prepared: Prepared) -> None:
    every = evaluate(prepared, "logistic-regression", folds=3, seeds=3).predictions
    last = evaluate(prepared, "logistic-regression", folds=3, seeds=[2])
    pd.testing.assert_frame_equal(last.predictions, every[every["seed"] == 2].reset_index(drop=True))
    assert last.document["seeds"] == [2]


def test_no_participant_is_on_both_sides(prepared: Prepared) -> None:
    results = evaluate(prepared, "majority", folds=3, seeds=2)
    folds = results.predictions.groupby(["seed", "participant"])["fold"].nunique()
    assert (folds == 1).all()
    assert (results.predictions.groupby("participant")["interview"].nunique() == 2).sum() == 4


def test_workers_change_nothing(prepared: Prepared, tmp_path: Path) -> None:
    for workers in (1, 2):
        evaluate(prepared, "logistic-regression,tfidf-linear", folds=2, out=tmp_path / str(workers), workers=workers)
    one, two = ((tmp_path / str(workers) / "predictions.csv").read_bytes() for workers in (1, 2))
    assert one == two


class Spy:
    """Writes down what it is shown."""

    shown: ClassVar[list[tuple[str, SentenceFeatures]]] = []
    stopped_on: ClassVar[list[Any]] = []
    fitted_labels: ClassVar[list[int]] = []

    def fit(self, X: Any, y: Any, stop_on: Any = None) -> Spy:
        Spy.shown += [("fit", X[i]) for i in range(len(X))]
        Spy.fitted_labels += [int(label) for label in y]
        Spy.stopped_on.append(stop_on)
        return self

    def predict_proba(self, X: Any) -> Any:
        Spy.shown += [("predict", X[i]) for i in range(len(X))]
        return np.tile([0.5, 0.5], (len(X), 1))


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> type[Spy]:
    for written in (Spy.shown, Spy.stopped_on, Spy.fitted_labels):
        written.clear()
    entry = Comparator(name="spy", title="Spy", reference="this test", estimator=lambda **_: Spy())
    monkeypatch.setitem(MODELS._entries, "spy", entry)
    return Spy


def test_models_see_interviews_without_labels(prepared: Prepared, spy: type[Spy]) -> None:
    evaluate(prepared, "spy", folds=2)
    labelled = PEOPLE - UNLABELLED
    assert len([1 for when, _ in spy.shown if when == "predict"]) == labelled
    assert all(one.label is None and one.score is None for _, one in spy.shown)
    assert len(spy.fitted_labels) == labelled
    assert spy.stopped_on == [None, None]


def test_only_the_papers_protocol_stops_on_test_and_says_so(prepared: Prepared, spy: type[Spy]) -> None:
    paper = evaluate(prepared, "spy", protocol="paper")
    (stop_on,) = spy.stopped_on
    tested = paper.predictions[paper.predictions["model"] == "spy"]
    assert [stop_on[0][i].interview for i in range(len(stop_on[0]))] == tested["interview"].tolist()
    assert stop_on[1].tolist() == tested["label"].tolist()
    assert "optimistic: stopped on test" in paper.document["protocol_meaning"]
    assert "optimistic: stopped on test" in paper.table()
    honest = evaluate(prepared, "spy", protocol="holdout")
    assert spy.stopped_on[1] is None
    assert "optimistic" not in json.dumps(honest.document)
    assert honest.document["split_hash"] == paper.document["split_hash"]


def test_it_goes_on_where_it_was_stopped(prepared: Prepared, tmp_path: Path, spy: type[Spy]) -> None:
    def stop_after_three(done: int, total: int, what: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    call: Callable[..., Results] = lambda **more: evaluate(prepared, "spy", folds=3, seeds=2, out=tmp_path, **more)  # noqa: E731
    with pytest.raises(KeyboardInterrupt):
        call(progress=stop_after_three)
    assert len(list((tmp_path / "fits").glob("*.json"))) == 3
    assert not (tmp_path / "results.json").exists()
    told: list[tuple[int, int, str]] = []
    first = call(progress=lambda *news: told.append(news))
    assert told[0] == (3, 12, "taken from an earlier run")
    assert len(spy.stopped_on) == 6
    again = call()
    assert len(spy.stopped_on) == 6
    pd.testing.assert_frame_equal(first.predictions, again.predictions)


def test_what_no_longer_holds_is_not_reused(tmp_path: Path, spy: type[Spy]) -> None:
    prepared = _prepare(tmp_path / "prepared")
    call: Callable[..., Results] = lambda **more: evaluate(  # noqa: E731
        tmp_path / "prepared", "spy", folds=2, out=tmp_path / "out", **more
    )
    call()
    assert len(spy.stopped_on) == 2
    for changed in ({"shuffle_labels": True}, {"modalities": ["audio"]}, {"recipe": "paper"}):
        fits = len(spy.stopped_on)
        call(**changed)
        assert len(spy.stopped_on) == fits + 2, changed
    _prepare(prepared.folder, effect=2.0)
    call()
    assert len(spy.stopped_on) == 10
    part = next((tmp_path / "out" / "fits").glob("spy-*.json"))
    for broken in (tmp_path / "out" / "fits").glob("spy-*.json"):
        broken.write_text(part.read_text()[:40])
    call()
    assert len(spy.stopped_on) == 12


def test_shuffled_labels_score_chance(tmp_path: Path) -> None:
    strong = _prepare(tmp_path, effect=3.0, people=60)
    planted = evaluate(strong, "logistic-regression", folds=3)
    assert planted.score("logistic-regression", "auroc").low > 0.9
    null = evaluate(strong, "logistic-regression", folds=3, seeds=4, shuffle_labels=True)
    score = null.score("logistic-regression", "auroc")
    assert score.low < 0.5 < score.high
    assert null.document["labels_shuffled"]
    assert any("null check" in remark for remark in null.document["remarks"])
    of_person = null.predictions.groupby(["model", "seed", "participant"])["label"].nunique()
    assert (of_person == 1).all()
    shares = null.predictions.drop_duplicates(["seed", "interview"]).groupby("seed")["label"].sum()
    assert shares.min() >= 25


def test_the_corpus_own_split(prepared: Prepared) -> None:
    results = evaluate(prepared, "majority", protocol="official")
    marks = prepared.labelled.table.set_index("interview")["split"]
    assert set(marks[results.predictions["interview"]]) == {"test"}
    assert any("tested on 'test' (8)" in remark for remark in results.document["remarks"])
    assert any("weren't used" in remark and "neither part" in remark for remark in results.document["remarks"])


def test_the_ideal_observer_has_a_row(with_truth: Prepared) -> None:
    results = evaluate(with_truth, "logistic-regression", folds=3, seeds=2)
    assert results.models[-1] == IDEAL
    assert results.score(IDEAL, "auroc").mean == 1
    assert results.document["models"][-1]["ranked_first"] is None
    rows = results.predictions[results.predictions["model"] == IDEAL]
    other = results.predictions[results.predictions["model"] == "majority"]
    assert rows["interview"].tolist() == other["interview"].tolist()
    prior = with_truth.labelled.labels.mean()
    first = rows[rows["interview"] == "302"].iloc[0]
    assert first["probability"] == pytest.approx(expit(4 + 2 / 7 + np.log(prior / (1 - prior))))
    one = evaluate(with_truth, "majority", folds=3, modalities=["audio"])
    assert 0.3 < one.score(IDEAL, "auroc").mean < 0.9
    null = evaluate(with_truth, "majority", folds=3, shuffle_labels=True)
    assert IDEAL not in null.models


def test_a_truth_of_another_corpus_is_refused(tmp_path: Path) -> None:
    prepared = _prepare(tmp_path, truth=True)
    (tmp_path / "truth.csv").write_text("interview,llr\n300,1\n")
    with pytest.raises(FeatureError, match="no row for interview 301; it belongs to another corpus"):
        evaluate(prepared, "majority", folds=2)
    (tmp_path / "truth.csv").write_text("interview\n300\n")
    with pytest.raises(FeatureError, match="no column llr"):
        evaluate(prepared, "majority", folds=2)


def test_rows_with_modalities_of_their_own(prepared: Prepared) -> None:
    results = evaluate(prepared, "logistic-regression@audio, logistic-regression@video", folds=3)
    assert results.models == ("logistic-regression@audio", "logistic-regression@video", "majority")
    audio, video = (results.score(name, "auroc").pooled for name in results.models[:2])
    assert audio > video + 0.1
    assert results.document["models"][0]["modalities"] == ["audio"]


def test_a_network_by_the_papers_protocol(prepared: Prepared, tmp_path: Path) -> None:
    results = evaluate(prepared, "tcn-sentence", protocol="paper", recipe="paper", out=tmp_path)
    history = pd.read_csv(tmp_path / "history.csv")
    assert list(history.columns[:6]) == ["model", "seed", "fold", "epoch", "train_loss", "validation_loss"]
    assert np.isfinite(history["train_loss"]).all()
    assert results.document["models"][0]["parameters"] > 1000
    assert set(results.document["models"][0]["metrics"]) == set(METRICS)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"models": "smlf"}, "unknown model 'smlf'; did you mean 'smfl'?"),
        ({"models": ""}, "no model is named; valid: smfl"),
        ({"models": "majority,majority"}, "given more than once: majority"),
        ({"models": "majority@touch"}, "unknown modality of the prepared folder 'touch'"),
        ({"models": "smfl:papr"}, "unknown recipe 'papr'; did you mean 'paper'?"),
        ({"protocol": "test"}, "unknown protocol 'test'"),
        ({"seeds": 0}, "at least 1 seed is needed; got 0"),
        ({"seeds": []}, "at least 1 seed is needed"),
        ({"seeds": [3, 3]}, "seeds are different numbers from 0; got 3, 3"),
        ({"seeds": [-1]}, "seeds are different numbers from 0; got -1"),
        ({"folds": 30}, "30 folds need at least 30 participants of each class"),
        ({"workers": 0}, "at least 1 worker is needed; got 0"),
        ({"modalities": ["touch"]}, "valid: audio, video"),
    ],
)
def test_refusals(prepared: Prepared, call: dict[str, Any], message: str) -> None:
    with pytest.raises(CallError, match=message.replace("?", r"\?")):
        evaluate(prepared, **{"models": "majority", **call})


def test_without_labels_it_is_refused(tmp_path: Path) -> None:
    prepared = _prepare(tmp_path, people=UNLABELLED)
    with pytest.raises(CallError, match="no interview has a label; evaluation needs them"):
        evaluate(prepared)
