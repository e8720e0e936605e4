"""The templates in CONTRIBUTING.md are code: they are dropped into their rooms here, and have to work there."""

from __future__ import annotations

import doctest
import importlib
import pickle
import re
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from smfl.features import SentenceFeatures
from smfl.interview import Problems

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^<!-- (?P<kind>file|entry): (?P<path>\S+) -->\n```python\n(?P<code>.*?)^```$", re.DOTALL | re.M)
TEMPLATES = {
    match["path"]: match["code"] for match in BLOCK.finditer((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
}
CORPUS_FILE, MODEL_FILE = "src/smfl/corpora/kitchen_talks.py", "src/smfl/training/sentence_length.py"
ENTRY_FILE = "src/smfl/training/models.py"


def drop_in(path: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Import a template as the module of its room that it would be, without touching the room's folder."""
    file = folder / Path(path).name
    file.write_text(TEMPLATES[path], encoding="utf-8")
    room = ".".join(Path(path).parts[1:-1])
    package = importlib.import_module(room)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    name = f"{room}.{file.stem}"
    yield importlib.import_module(name)
    del sys.modules[name]
    monkeypatch.delattr(package, file.stem, raising=False)


@pytest.fixture
def kitchen_talks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    yield from drop_in(CORPUS_FILE, tmp_path, monkeypatch)


@pytest.fixture
def sentence_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    yield from drop_in(MODEL_FILE, tmp_path, monkeypatch)


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    """Two talks on disk, the second transcript with the known defect."""
    root = tmp_path / "kitchen"
    (root / "talks").mkdir(parents=True)
    (root / "people.csv").write_text("talk,person,phq8,gender\nt1,ann,14,female\nt2,bo,3,male\n", encoding="utf-8")
    head = "start\tstop\twho\ttext\n"
    rows = "0.0\t1.0\thost\thow are you\n1.2\t2.5\tguest\tnot so good\n"
    (root / "talks" / "t1.tsv").write_text(head + rows, encoding="utf-8")
    (root / "talks" / "t2.tsv").write_text(head + rows + "4.0\t3.0\tguest\tfine\n", encoding="utf-8")
    with wave.open(str(root / "talks" / "t1.wav"), "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 16000 * 3))
    return root


def says(who: str, words: int) -> SentenceFeatures:
    text = " ".join(["word"] * words)
    return SentenceFeatures(who, who, {}, {}, np.array([[0.0, 2.0], [3.0, 4.0]]), (text, text), None)


def test_every_template_is_there() -> None:
    assert set(TEMPLATES) == {CORPUS_FILE, MODEL_FILE, ENTRY_FILE}


@pytest.mark.parametrize("path", [CORPUS_FILE, MODEL_FILE])
@pytest.mark.parametrize("command", ["check", "format --check"])
def test_template_is_as_clean_as_the_house(path: str, command: str) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, *command.split(), "--no-cache", "--stdin-filename", path, "-"],
        input=TEMPLATES[path], cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_dropping_the_file_in_registers_the_corpus(kitchen_talks: ModuleType, talks: Path) -> None:
    from smfl.corpora.registry import Corpus, open_from
    from smfl.interview.register import Register

    corpora = Register(Corpus, "CORPUS", "smfl.corpora", what="corpus")
    assert corpora["kitchen-talks"] is kitchen_talks.CORPUS
    for field in ("title", "citation", "access", "licence", "language", "label_rule", "looks_for"):
        assert getattr(corpora["kitchen-talks"], field), f"a corpus says its {field}"
    cohort = open_from(corpora, talks)
    assert cohort.source.name == "kitchen-talks"
    assert cohort.keys == ("t1", "t2")


def test_corpus_template_reads_what_is_on_disk(kitchen_talks: ModuleType, talks: Path) -> None:
    first, second = kitchen_talks.load(talks)
    assert (first.participant, first.label.value, first.label.score, first.gender) == ("ann", 1, 14.0, "female")
    assert [sentence.text for sentence in first.sentences] == ["not so good"], "the host is never an input"
    assert len(first.turns) == 2
    assert first.recording == talks / "talks" / "t1.wav"
    assert second.recording is None
    assert [entry.action for entry in second.ledger] == ["skipped"], "what is left out is in the ledger"


def test_corpus_template_names_what_is_wrong(kitchen_talks: ModuleType, talks: Path) -> None:
    people = talks / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("14,female", "99,woman"), encoding="utf-8")
    with pytest.raises(Problems) as caught:
        kitchen_talks.load(talks)[0]
    assert str(caught.value).splitlines() == [
        "interview t1: 2 problems",
        "  people.csv, row 2, column 'phq8': '99'; expected a PHQ-8 score, 0 to 24",
        "  people.csv, row 2, column 'gender': 'woman'; expected one of female, male, other, or nothing",
    ]


def test_corpus_template_can_be_sent_to_workers(kitchen_talks: ModuleType, talks: Path) -> None:
    there = pickle.loads(pickle.dumps(kitchen_talks.load(talks)))
    assert there[0].label.value == 1


def test_model_template_registers(sentence_length: ModuleType) -> None:
    from smfl.training import models

    room = dict(vars(models))
    exec(compile(TEMPLATES[ENTRY_FILE], ENTRY_FILE, "exec"), room)
    entry = room["SENTENCE_LENGTH"]
    assert isinstance(entry, models.ModelEntry)
    assert entry.name not in models.MODELS
    built = entry.build(modalities=("text",), recipe="tuned", seed=3)
    assert isinstance(built, sentence_length.SentenceLength)
    assert built.seed == 3


def test_model_template_keeps_the_contract_and_learns(sentence_length: ModuleType) -> None:
    from sklearn.base import clone

    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    people = [says(f"p{i}", int(rng.integers(3, 9) + 6 * (1 - y))) for i, y in enumerate(labels)]
    model = sentence_length.SentenceLength(seed=1)
    assert clone(model).get_params() == {"modalities": None, "seed": 1}
    once = model.fit(people[:30], labels[:30]).predict_proba(people[30:])
    again = clone(model).fit(people[:30], labels[:30]).predict_proba(people[30:])
    assert once.shape == (10, 2)
    np.testing.assert_allclose(once.sum(axis=1), 1)
    np.testing.assert_array_equal(once, again)
    assert (model.predict(people[30:]) == labels[30:]).mean() >= 0.8
    silent = SentenceFeatures("q", "q", {}, {}, np.zeros((0, 2)), (), None)
    assert np.isfinite(model.predict_proba([silent])).all(), "an interview without a sentence doesn't crash it"


def test_model_template_in_cross_validation(sentence_length: ModuleType) -> None:
    from smfl.evaluation.crossval import cross_validate
    from smfl.evaluation.splits import grouped_folds

    labels = [0, 1] * 6
    who = [f"p{i}" for i in range(12)]
    people = np.array([says(name, 4 + 5 * label) for name, label in zip(who, labels, strict=True)], dtype=object)
    run = cross_validate(
        lambda seed: sentence_length.SentenceLength(seed=seed), people, labels, who,
        grouped_folds(labels, who, 3, 0), seed=0, model="sentence-length",
    )  # fmt: skip
    assert len(run.predictions) == 12
    assert all((row["probability"] > 0.5) == row["label"] for row in run.predictions)


@pytest.mark.parametrize("module", ["kitchen_talks", "sentence_length"])
def test_examples_of_the_templates_run(module: str, request: pytest.FixtureRequest) -> None:
    assert doctest.testmod(request.getfixturevalue(module)).failed == 0
