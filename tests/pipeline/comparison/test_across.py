"""One corpus trains, another is tested: nothing of the second reaches a fit, and how far it is away is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from click.testing import CliRunner

from smfl.apps.cli import cli
from smfl.apps.report import write_report
from smfl.evaluation import Results
from smfl.features import Modality, Prepared, Schema, SentenceFeatures
from smfl.features.store import finish, write_interview
from smfl.interview import CallError, FeatureError, Label
from smfl.pipeline.comparison.across import Across
from smfl.pipeline.comparison.overlap import overlap
from smfl.pipeline.comparison.shift import shift
from smfl.pipeline.evaluate import evaluate
from smfl.pipeline.prepare import prepare
from smfl.simulation import simulate
from smfl.training import MODELS, Comparator
from smfl.training.recipe import RECIPES, TUNED

VOICE = ("pitch", "loudness", "jitter")
FACE = ("AU01", "AU12")
Write = Callable[..., Prepared]


def _write(
    folder: Path,
    corpus: str = "here",
    *,
    people: int = 20,
    shift: float = 0.0,
    audio: tuple[str, ...] = VOICE,
    rate: float = 5.0,
    without: str = "",
    first: int = 300,
    seed: int = 0,
    **settings: Any,
) -> Prepared:
    """People whose pitch tells the label; ``shift`` moves everybody's loudness."""
    rng = np.random.default_rng(seed)
    modalities = {"audio": Modality(audio, "frame", rate, "given"), "video": Modality(FACE, "frame", 5.0, "given")}
    modalities.pop(without, None)
    keys = []
    for i in range(people):
        values = {name: rng.normal(size=(9, len(m.columns))) for name, m in modalities.items()}
        person = rng.normal(size=len(audio))
        if "audio" in values:
            values["audio"] += person
            values["audio"][:, audio.index("pitch")] += 4.0 * (i % 2)
            values["audio"][:, audio.index("loudness")] += shift
        one = SentenceFeatures(
            f"{first + i}", f"{first + i}", {n: v.astype(np.float32) for n, v in values.items()},
            dict.fromkeys(values, np.array([0, 4, 9])), np.array([[0.0, 2.0], [3.0, 5.0]]), ("so", "well"), i % 2, 7.0,
        )  # fmt: skip
        label = None if i == people - 1 and settings.get("one_unlabelled") else Label(i % 2, None, "PHQ-8")
        write_interview(folder, one, label=label, facts={}, ledger=(), fingerprint=f"{corpus} {i} {shift} {seed}")
        keys.append(one.interview)
    told = {"corpus": corpus, "label_rule": "PHQ-8 >= 10", "scale": "PHQ-8", "language": "en", **settings}
    return finish(folder, Schema(modalities, told), keys)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return _write(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Other people under the same keys, columns in another order, another scale, everybody louder."""
    return _write(
        tmp_path_factory.mktemp("there"), "there", people=14, shift=9.0, audio=("loudness", "x", "jitter", "pitch"),
        seed=1, label_rule="SDS >= 53", scale="SDS", language="zh", one_unlabelled=True,
    )  # fmt: skip


class Spy:
    """Writes down what it is fitted on and what it is asked."""

    fitted: ClassVar[list[list[SentenceFeatures]]] = []
    labels: ClassVar[list[list[int]]] = []
    asked: ClassVar[list[list[SentenceFeatures]]] = []
    more: ClassVar[list[Any]] = []

    def fit(self, X: Any, y: Any, stop_on: Any = None) -> Spy:
        Spy.fitted.append([X[i] for i in range(len(X))])
        Spy.labels.append([int(label) for label in y])
        Spy.more.append(stop_on)
        return self

    def predict_proba(self, X: Any) -> Any:
        Spy.asked.append([X[i] for i in range(len(X))])
        return np.tile([0.5, 0.5], (len(X), 1))


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> type[Spy]:
    for written in (Spy.fitted, Spy.labels, Spy.asked, Spy.more):
        written.clear()
    entry = Comparator(name="spy", title="Spy", reference="this test", estimator=lambda **_: Spy())
    monkeypatch.setitem(MODELS._entries, "spy", entry)
    return Spy


def test_nothing_of_the_test_corpus_reaches_a_fit(here: Prepared, there: Prepared, spy: type[Spy]) -> None:
    results = evaluate(there, "spy", train_on=here, seeds=2)
    for fitted, labels, asked in zip(spy.fitted, spy.labels, spy.asked, strict=True):
        assert [one.interview for one in fitted] == here.table["interview"].tolist()
        assert labels == here.labels.tolist()
        for one, own in zip(fitted, here, strict=True):
            np.testing.assert_array_equal(one.values["audio"], own.values["audio"])
        assert [one.interview for one in asked] == there.labelled.table["interview"].tolist()
        for one, own in zip(asked, there.labelled, strict=True):
            assert one.columns["audio"] == VOICE
            np.testing.assert_array_equal(one.values["audio"], own.values["audio"][:, [3, 0, 2]])
        assert all(one.label is None and one.score is None for one in fitted + asked)
    assert spy.more == [None, None]
    tested = results.predictions[results.predictions["model"] == "spy"]
    assert tested["participant"].tolist() == there.labelled.participants.tolist() * 2
    assert tested["label"].tolist() == there.labelled.labels.tolist() * 2
    assert set(tested["protocol"]) == {"across"}


def test_the_results_name_both_corpora_and_their_labels(here: Prepared, there: Prepared, tmp_path: Path) -> None:
    results = evaluate(there.folder, "logistic-regression", train_on=here.folder, out=tmp_path)
    document = results.document
    assert (document["corpus"], document["protocol"], document["n"], document["unlabelled"]) == (
        "there",
        "across",
        13,
        1,
    )
    assert (document["label_rule"], document["scale"], document["folds"]) == ("SDS >= 53", "SDS", 1)
    assert document["trained_on"] == {
        "corpus": "here", "label_rule": "PHQ-8 >= 10", "scale": "PHQ-8", "language": "en", "simulated": None,
        "n": 20, "participants": 20, "positives": 10,
    }  # fmt: skip
    assert document["tested_on"]["positives"] == 6
    remarks = "\n".join(document["remarks"])
    assert "fitted on all 20 labelled interviews of here, tested on all 13 of there" in remarks
    assert (
        "labels differ: trained on PHQ-8 >= 10 (scale PHQ-8), tested on SDS >= 53 (scale SDS); who is posi" in remarks
    )
    assert "languages differ: trained on en, tested on zh" in remarks
    assert "1 of 14 interviews have no label and weren't used (313)" in remarks
    assert "Fitted on here: 20 interviews of 20 participants, 10 positive (50%)" in results.table()
    assert Results.read(tmp_path).table() == results.table()
    assert results.score("logistic-regression", "auroc").pooled > 0.8, "what pitch tells holds in both"


def test_the_shift_is_told_by_column(here: Prepared, there: Prepared) -> None:
    found = evaluate(there, "logistic-regression", train_on=here).document["shift"]["modalities"]
    assert (found["audio"]["columns"], found["video"]["columns"]) == (3, 2)
    far = found["audio"]["farthest"]
    assert far[0]["column"] == "loudness"
    assert found["audio"]["beyond"] == {"1": pytest.approx(1 / 3), "2": pytest.approx(1 / 3)}
    own = np.array([one.values["audio"][:, 1].astype(np.float64).mean() for one in here])
    other = np.mean([one.values["audio"][:, 0].astype(np.float64).mean() for one in there.labelled])
    assert far[0]["distance"] == pytest.approx((other - own.mean()) / own.std(ddof=1))
    assert (far[0]["train"], far[0]["test"]) == (pytest.approx(own.mean()), pytest.approx(other))
    only = evaluate(there, "logistic-regression@video", train_on=here).document["shift"]["modalities"]
    assert list(only) == ["video"], "what no model reads isn't compared"
    assert evaluate(there, "majority", train_on=here).document["shift"]["modalities"] == {}


def test_what_cannot_be_compared_is_named(here: Prepared, tmp_path: Path) -> None:
    other = _write(tmp_path, "other", seed=2)
    empty = [
        replace(one, values=one.values | {"audio": np.where([True, True, False], one.values["audio"], np.nan)})
        for one in other
    ]
    found = shift(list(here), empty, {"audio": VOICE})["modalities"]["audio"]
    assert (found["columns"], found["incomparable"]) == (2, ["jitter"])
    same = [replace(one, values=one.values | {"audio": np.full((9, 3), 0.1, np.float32)}) for one in here]
    none = shift(same, list(other), {"audio": VOICE})["modalities"]["audio"]
    assert none == {"columns": 0, "beyond": {"1": None, "2": None}, "farthest": [], "incomparable": list(VOICE)}


def test_people_in_both_are_refused_unless_asked_for(here: Prepared, tmp_path: Path, spy: type[Spy]) -> None:
    copy = _write(tmp_path / "again", people=12, first=310)
    with pytest.raises(CallError) as caught:
        evaluate(copy, "spy", train_on=here)
    assert str(caught.value) == (
        f"{copy.folder}: 10 of 12 participants of here are in {here.folder} too, and each model would be trained on "
        "them (310, 311, 312, 313, 314, …): what it says of them tells nothing of people whom it hasn't met. "
        "Leave them out, or ask for it by name: --allow-overlap"
    )
    assert not spy.fitted
    asked = evaluate(copy, "spy", train_on=here, allow_overlap=True, out=tmp_path / "out")
    assert any(
        "optimistic: 10 of 12 tested participants were trained on (310" in said for said in asked.document["remarks"]
    )
    assert asked.document["shared_participants"][0] == "310"
    page = write_report(tmp_path / "out", tmp_path / "page.html").read_text()
    assert "10 of the tested participants are in the training corpus too" in page


def test_what_does_not_fit_is_refused_by_name(here: Prepared, tmp_path: Path, spy: type[Spy]) -> None:
    lacking = _write(tmp_path / "lacking", "lacking", audio=("pitch", "loudness"))
    with pytest.raises(
        FeatureError, match="lacking doesn't fit the model:\n  audio: the model needs the column 'jitter'"
    ):
        evaluate(lacking, "logistic-regression", train_on=here)
    assert evaluate(lacking, "logistic-regression@video", train_on=here).document["n"] == 20, "not read, not refused"
    slow = _write(tmp_path / "slow", "slow", rate=2.0)
    with pytest.raises(FeatureError, match="trained on 5 frames a second; here there are 2"):
        evaluate(slow, "spy", train_on=here)
    deaf = _write(tmp_path / "deaf", "deaf", without="audio")
    told = evaluate(deaf, "spy", train_on=here).document
    assert "only one of the corpora has audio: not read" in told["remarks"]
    assert all(set(one.values) == {"video"} for one in spy.fitted[-1] + spy.asked[-1])
    blind = _write(tmp_path / "blind", "blind", without="video")
    with pytest.raises(FeatureError, match="the model reads video; there is only audio"):
        evaluate(blind, "spy", train_on=deaf)


def test_wrong_calls(here: Prepared, there: Prepared, tmp_path: Path) -> None:
    with pytest.raises(
        CallError, match="protocol nested divides one corpus; with another one to train on it is across"
    ):
        evaluate(there, "majority", train_on=here, protocol="nested")
    with pytest.raises(CallError, match="protocol across needs a corpus to train on: --train-on PREPARED"):
        evaluate(there, "majority", protocol="across")
    with pytest.raises(CallError, match="--allow-overlap is of two corpora"):
        evaluate(there, "majority", allow_overlap=True)
    unlabelled = _write(tmp_path, "unlabelled", people=1, one_unlabelled=True)
    with pytest.raises(CallError, match="no interview has a label; training needs them"):
        evaluate(there, "majority", train_on=unlabelled)
    alike = _write(tmp_path / "alike", "alike", people=1)
    with pytest.raises(CallError, match="all interviews to train on have the same label"):
        evaluate(there, "majority", train_on=alike)


def test_it_goes_on_and_sees_a_change_in_either_corpus(tmp_path: Path, spy: type[Spy]) -> None:
    one, other = _write(tmp_path / "one", "one"), _write(tmp_path / "other", "other", seed=1)
    for changed, fits in ((None, 2), (None, 2), (one, 4), (other, 6)):
        if changed is not None:
            _write(changed.folder, changed.folder.name, shift=2.0, seed=1)
        evaluate(other.folder, "spy", train_on=one.folder, seeds=2, out=tmp_path / "out")
        assert len(spy.fitted) == fits
    evaluate(one.folder, "spy", train_on=other.folder, seeds=2, out=tmp_path / "out")
    assert len(spy.fitted) == 8, "the other way round is another question"


def test_shuffled_labels_stay_in_their_corpus(here: Prepared, there: Prepared, spy: type[Spy]) -> None:
    null = evaluate(there, "spy", train_on=here, seeds=3, shuffle_labels=True)
    assert all(sum(labels) == 10 for labels in spy.labels)
    assert any(labels != here.labels.tolist() for labels in spy.labels)
    tested = null.predictions[null.predictions["model"] == "spy"].groupby("seed")["label"].sum()
    assert tested.tolist() == [6, 6, 6]
    assert any("null check" in said for said in null.document["remarks"])


def test_both_as_one_sequence(here: Prepared, there: Prepared) -> None:
    both = Across.of(here, there, allow_overlap=False)
    assert len(both) == 20 + 13
    assert [one.interview for one in both[both.split.test][:2]] == ["300", "301"]
    assert len(set(both.keys("participant"))) == 33, "one corpus's 300 isn't the other's"


def test_the_command_and_its_page_on_simulated_corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "tuned", replace(TUNED, members=1, epochs=1))
    folders = []
    for seed in (1, 2):
        made = simulate("manifest", tmp_path / f"c{seed}", participants=8, minutes=0.5, positives=0.5, seed=seed,
                        modalities=("audio",))  # fmt: skip
        folders.append(prepare(made, tmp_path / f"p{seed}").folder)
    assert overlap(*folders) == (), "another seed makes other people"
    out = tmp_path / "out"
    call = ["evaluate", str(folders[1]), "--train-on", str(folders[0]), "--out", str(out), "--model", "smfl", "--quiet"]
    told = CliRunner().invoke(cli, call, prog_name="smfl")
    assert told.exit_code == 0, told.output
    assert "SIMULATED" in told.stdout
    assert "Positive: trained on 4 of 8 (50%), tested on 4 of 8 (50%)" in told.stdout
    assert "Shift from training to test people" in told.stdout
    assert "beyond 2 sd" in told.stdout
    document = json.loads((out / "results.json").read_text())
    page = (out / "report.html").read_text()
    assert "How far the test corpus is from the training corpus" in page
    assert document["shift"]["modalities"]["audio"]["farthest"][0]["column"] in page
    assert "Trained on" in page
    again = CliRunner().invoke(cli, [*call, "--json"], prog_name="smfl")
    assert json.loads(again.stdout)["shift"] == document["shift"]
    same = CliRunner().invoke(cli, [*call[:3], str(folders[1]), *call[4:]], prog_name="smfl")
    assert same.exit_code == 2
    assert "8 of 8 participants of simulated-global are in" in same.stderr
