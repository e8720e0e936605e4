"""Model folders: the same model again, written whole or not at all, refused where torn; and a network of one's own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from smfl.features import Schema, SentenceFeatures
from smfl.interview import CallError, FeatureError
from smfl.nn import Batch, Output, Widths
from smfl.training import SMFLClassifier, load_model, save_model
from smfl.training.recipe import PAPER, TUNED
from smfl.training.selection.space import space_of

Make = Callable[..., tuple[list[SentenceFeatures], np.ndarray]]
QUICK = {"epochs": 2, "members": 2}
FILES = ["README.md", "config.json", "files.json", "model.safetensors", "schema.json", "training.json"]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def people(make_cohort: Make) -> list[SentenceFeatures]:
    return make_cohort(24)[0]


@pytest.fixture(scope="module")
def model(make_cohort: Make) -> SMFLClassifier:
    recipe = replace(TUNED, inputs=replace(TUNED.inputs, smallest_family=3, components=3))
    return SMFLClassifier(recipe=recipe, **QUICK).fit(*make_cohort(24))


def saved(model: SMFLClassifier, folder: Path, schema: Schema) -> Path:
    facts = {"corpus": "made in a test", "simulated": True}
    return save_model(model, folder, schema=schema, facts=facts, texts={"training.json": "{}\n"})


@pytest.fixture(scope="module")
def kept(model: SMFLClassifier, schema: Schema, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(model, tmp_path_factory.mktemp("kept") / "model", schema)


def test_save_and_load_give_the_same_probabilities(
    model: SMFLClassifier, people: list[SentenceFeatures], kept: Path
) -> None:
    again = load_model(kept)
    np.testing.assert_array_equal(again.predict_proba(people), model.predict_proba(people))
    assert (again.settings_, again.schema_.modalities["audio"].rate_hz) == (model.settings_, 50.0)
    assert sorted(path.name for path in kept.iterdir()) == FILES
    assert "made-up people" in (kept / "README.md").read_text()
    listed = json.loads((kept / "files.json").read_text())
    assert (listed["format"], listed["version"], sorted(listed["files"])) == (
        "model",
        2,
        [name for name in FILES if name != "files.json"],
    )


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_refused(name: str, kept: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(kept, tmp_path / "model")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(FeatureError, match=r"its hash differs from files.json|isn't a whole model folder|this version"):
        load_model(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(name: str, kept: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(kept, tmp_path / "model")
    (folder / name).unlink()
    with pytest.raises(FeatureError, match=rf"{name}: not there"):
        load_model(folder)


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"files.json: not there; is .* a folder that `smfl train` wrote\?"):
        load_model(tmp_path)


@pytest.mark.parametrize("killed_at", ["config.json", "schema.json", "README.md", "training.json", "files.json"])
def test_a_save_that_is_killed_leaves_the_earlier_model(
    killed_at: str, model: SMFLClassifier, people: list[SentenceFeatures], schema: Schema, kept: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(kept, tmp_path / "model")
    child = os.fork()
    if not child:  # a process of its own, killed when it opens that file to write it

        def kill(event: str, arguments: tuple[object, ...]) -> None:
            if event == "open" and killed_at in str(arguments[0]) and "w" in str(arguments[1]):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        saved(model, folder, schema)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    np.testing.assert_array_equal(load_model(folder).predict_proba(people), model.predict_proba(people))
    saved(model, folder, schema)
    assert load_model(folder).facts_["simulated"]


def test_a_folder_with_other_files_is_not_replaced(model: SMFLClassifier, schema: Schema, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("three years")
    with pytest.raises(CallError, match=r"holds thesis.docx, which no model folder has; name another folder"):
        saved(model, tmp_path, schema)
    assert (tmp_path / "thesis.docx").read_text() == "three years"


class MeanOfStatistics(nn.Module):
    """What a stranger may bring: one linear layer on the mean of the sentences' frames."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.columns = nn.ModuleDict({name: nn.Linear(width, 2) for name, width in widths.frames.items()})

    def forward(self, batch: Batch) -> Output:
        logits = batch.mask.new_zeros((len(batch.mask), 2), dtype=torch.float32)
        for name, layer in self.columns.items():
            there = batch.frame_mask[name].unsqueeze(-1)
            means = (batch.frames[name] * there).sum(1) / there.sum(1).clamp(min=1)
            logits = logits.index_add(0, batch.slots[name][:, 0], layer(means))
        return Output(logits, (), batch.mask / batch.mask.sum(1, keepdim=True).clamp(min=1), {})


@pytest.mark.parametrize("recipe", [PAPER, TUNED], ids=["alone", "beside a line"])
def test_a_network_of_ones_own(
    recipe: object, make_cohort: Make, people: list[SentenceFeatures], schema: Schema, tmp_path: Path
) -> None:
    mine = SMFLClassifier(network=MeanOfStatistics, recipe=recipe, **QUICK).fit(*make_cohort(24))
    assert clone(mine).get_params()["network"] is MeanOfStatistics
    assert np.isfinite(mine.explain(people[0]).contribution).all()
    assert "learning_rate" in {setting.name for setting in space_of(mine)}, "it can be tuned as well"
    folder = save_model(mine, tmp_path / "mine", schema=schema)
    again = load_model(folder, network=MeanOfStatistics)
    np.testing.assert_array_equal(again.predict_proba(people), mine.predict_proba(people))
    assert "# MeanOfStatistics:" in (folder / "README.md").read_text()
    with pytest.raises(CallError, match=r"its network was made by MeanOfStatistics, whose code isn't in the folder"):
        load_model(folder)


def test_a_network_where_a_name_is_enough_is_refused(kept: Path) -> None:
    with pytest.raises(CallError, match="its network is known by name"):
        load_model(kept, network=MeanOfStatistics)


def test_what_gives_no_network_is_refused(make_cohort: Make) -> None:
    with pytest.raises(CallError, match=r"network gave a Widths; it has to give a torch.nn.Module"):
        SMFLClassifier(network=lambda widths: widths, **QUICK).fit(*make_cohort(24))
