"""The templates in CONTRIBUTING.md are code: they are pasted into a package outside of the project, and really used."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import re
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from smfl.features import Prepared, SentenceFeatures
from smfl.interview import Problems
from smfl.interview.register import GROUP, VARIABLE

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^<!-- file: (?P<path>\S+) -->\n```python\n(?P<code>.*?)^```$", re.DOTALL | re.M)
TEMPLATES = {
    match["path"]: match["code"] for match in BLOCK.finditer((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
}
FILES = ("kitchen_talks.py", "wavlm.py", "letters.py", "sentence_transformer.py", "sentence_length.py", "youden.py")
Smfl = Callable[..., str]


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every template in a file of its own."""
    folder = tmp_path_factory.mktemp("plugins")
    for name, code in TEMPLATES.items():
        (folder / name).write_text(code, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def wavlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as WavLM's authors save it, with a very small model of random weights."""
    return small_wavlm(tmp_path_factory.mktemp("wavlm"), seed=0)


def small_wavlm(folder: Path, seed: int) -> Path:
    import torch
    from transformers import WavLMConfig, WavLMModel

    torch.manual_seed(seed)
    sizes = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    layers = {"conv_dim": (8,) * 7, "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2}
    WavLMModel(WavLMConfig(**sizes, **layers)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def smfl(plugins: Path, wavlm: Path) -> Smfl:
    """The command line in a process of its own, with the plugins; gives what it prints."""

    def run(*arguments: object, **variables: str) -> str:
        environment = os.environ | {VARIABLE: str(plugins), "WAVLM_FOLDER": str(wavlm), **variables}
        command = [sys.executable, "-m", "smfl.apps.cli", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def template(plugins: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a template by name, for this test only."""
    monkeypatch.syspath_prepend(str(plugins))
    yield importlib.import_module
    for name in FILES:
        sys.modules.pop(name.removesuffix(".py"), None)


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


def talk(who: str, words: int) -> SentenceFeatures:
    text = " ".join(["word"] * words)
    return SentenceFeatures(who, who, {}, {}, np.array([[0.0, 2.0], [3.0, 4.0]]), (text, text), None)


def test_every_template_is_there() -> None:
    assert tuple(TEMPLATES) == FILES


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("command", ["check", "format --check"])
def test_template_is_as_clean_as_the_house(path: str, command: str) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, *command.split(), "--no-cache", "--stdin-filename", f"src/smfl/{path}", "-"],
        input=TEMPLATES[path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", [name.removesuffix(".py") for name in FILES])
def test_examples_of_the_templates_run(name: str, template: Callable[[str], ModuleType]) -> None:
    assert doctest.testmod(template(name)).failed == 0


def test_what_is_pasted_is_listed(smfl: Smfl) -> None:
    assert "kitchen-talks" in smfl("corpora")
    assert "letters" in smfl("encoders")
    models = smfl("models")
    assert "Transformer over sentences" in models
    assert "sentence-length" in models


def test_an_installed_package_brings_its_own(plugins: Path, tmp_path: Path) -> None:
    """By an entry point, as a package has it that pip installed: its metadata beside its code."""
    (tmp_path / "kitchen_package.py").write_text(TEMPLATES["kitchen_talks.py"], encoding="utf-8")
    metadata = tmp_path / "kitchen_package-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: kitchen-package\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\nkitchen = kitchen_package\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "smfl.apps.cli", "corpora"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "kitchen-talks" in done.stdout


def test_a_plugin_that_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "smfl.apps.cli", "corpora"],
        env=os.environ | {VARIABLE: str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"{tmp_path / 'broken'} can't be loaded: ModuleNotFoundError" in done.stderr
    assert "Traceback" not in done.stderr


def test_corpus_extractor_and_encoder_are_used_by_prepare(
    smfl: Smfl, talks: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    prepared = tmp_path / "prepared"
    arguments = ("prepare", talks, "--out", prepared, "--text-encoder", "letters")
    smfl(*arguments)
    data = Prepared(prepared)
    assert data.schema.source["corpus"] == "kitchen-talks"
    assert data.schema.modalities["wavlm"].columns == tuple(f"wavlm_{i:03d}" for i in range(8))
    assert data.schema.modalities["text"].columns[-1] == "text_025"
    states = data[0].rows("wavlm", 0)
    assert states.shape == (64, 8), "1.3 s from 1.2 s on: a state every 20 ms, the last one with 25 ms of sound"
    assert "wavlm" not in data[1].values, "the second talk has no recording"
    others = small_wavlm(tmp_path_factory.mktemp("others"), seed=1)
    smfl(*arguments, WAVLM_FOLDER=str(others))
    again = Prepared(prepared)[0].rows("wavlm", 0)
    assert not np.allclose(states, again), "other weights make features anew"


def test_models_and_metric_are_used_by_evaluate_and_train(smfl: Smfl, tmp_path: Path) -> None:
    corpus, prepared, results, model = (tmp_path / name for name in ("corpus", "prepared", "results", "model"))
    smfl("simulate", "manifest", "--out", corpus, "--participants", 12, "--minutes", 1)
    smfl("prepare", corpus, "--out", prepared)
    smfl("evaluate", prepared, "--out", results, "--model", "sentence-transformer,sentence-length", "--folds", 2)
    document = json.loads((results / "results.json").read_text(encoding="utf-8"))
    names = {entry["name"] for entry in document["models"]}
    assert {"sentence-transformer", "sentence-length"} <= names
    assert all(-1 <= entry["metrics"]["youden"]["pooled"] <= 1 for entry in document["models"])
    predictions = pd.read_csv(results / "predictions.csv")
    assert len(predictions[predictions["model"] == "sentence-transformer"]) == 12
    smfl("train", prepared, "--out", model, "--model", "sentence-transformer")
    smfl("predict", model, prepared, "--out", tmp_path / "prediction")
    judged = json.loads((tmp_path / "prediction" / "prediction.json").read_text(encoding="utf-8"))
    assert len(judged) == 12


def test_corpus_template_reads_what_is_on_disk(template: Callable[[str], ModuleType], talks: Path) -> None:
    first, second = template("kitchen_talks").load(talks)
    assert (first.participant, first.label.value, first.label.score, first.gender) == ("ann", 1, 14.0, "female")
    assert [sentence.text for sentence in first.sentences] == ["not so good"], "the host is never an input"
    assert len(first.turns) == 2
    assert first.recording == talks / "talks" / "t1.wav"
    assert second.recording is None
    assert [entry.action for entry in second.ledger] == ["skipped"], "what is left out is in the ledger"


def test_corpus_template_names_what_is_wrong(template: Callable[[str], ModuleType], talks: Path) -> None:
    people = talks / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("14,female", "99,woman"), encoding="utf-8")
    with pytest.raises(Problems) as caught:
        template("kitchen_talks").load(talks)[0]
    assert str(caught.value).splitlines() == [
        "interview t1: 2 problems",
        "  people.csv, row 2, column 'phq8': '99'; expected a PHQ-8 score, 0 to 24",
        "  people.csv, row 2, column 'gender': 'woman'; expected one of female, male, other, or nothing",
    ]


def test_model_template_keeps_the_contract_and_learns(template: Callable[[str], ModuleType]) -> None:
    from sklearn.base import clone

    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    people = [talk(f"p{i}", int(rng.integers(3, 9) + 6 * (1 - y))) for i, y in enumerate(labels)]
    model = template("sentence_length").SentenceLength(seed=1)
    assert clone(model).get_params() == {"modalities": None, "seed": 1}
    once = model.fit(people[:30], labels[:30]).predict_proba(people[30:])
    again = clone(model).fit(people[:30], labels[:30]).predict_proba(people[30:])
    assert once.shape == (10, 2)
    np.testing.assert_allclose(once.sum(axis=1), 1)
    np.testing.assert_array_equal(once, again)
    assert (model.predict(people[30:]) == labels[30:]).mean() >= 0.8
    silent = SentenceFeatures("q", "q", {}, {}, np.zeros((0, 2)), (), None)
    assert np.isfinite(model.predict_proba([silent])).all(), "an interview without a sentence doesn't crash it"
