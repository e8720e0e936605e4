"""Corpora with the same people: told, and refused where one was trained on and the other is judged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from smfl.corpora import Options, open_corpus
from smfl.features import Prepared
from smfl.features.store import seal_tables
from smfl.interview import CallError
from smfl.pipeline.comparison.overlap import overlap
from smfl.pipeline.predict import predict
from smfl.pipeline.prepare import prepare
from smfl.pipeline.train import people_of
from smfl.simulation import simulate


@pytest.fixture
def elsewhere(made: Prepared, tmp_path: Path) -> Path:
    """The same people, in a corpus of another name."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(made.folder, folder)
    path = folder / "schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["source"] |= {"corpus": "elsewhere", "people": people_of(schema["source"])}
    path.write_text(json.dumps(schema), encoding="utf-8")
    seal_tables(folder)
    return folder


def test_people_of_another_corpus_are_refused_where_the_model_knows_them(
    model: Path, made: Prepared, elsewhere: Path, tmp_path: Path
) -> None:
    with pytest.raises(CallError) as caught:
        predict(model, elsewhere, tmp_path / "out")
    message = str(caught.value)
    assert message.startswith(f"{elsewhere}: 12 of 12 participants of elsewhere are in simulated-global too, and the ")
    assert message.endswith("Leave them out, or ask for it by name: --allow-overlap")
    assert not (tmp_path / "out" / "prediction.json").exists()
    asked = predict(model, elsewhere, tmp_path / "out", allow_overlap=True)
    assert len(asked) == 12
    assert all(any("trained on this very participant" in line for line in one.warnings) for one in asked)
    assert len(predict(model, made, tmp_path / "same")) == 12, "within one corpus it is a warning"


def test_overlap_of_prepared_folders(made: Prepared, elsewhere: Path) -> None:
    assert overlap(made, elsewhere) == tuple(sorted(made.participants.tolist()))
    path = elsewhere / "schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["source"]["people"] = "elsewhere"
    path.write_text(json.dumps(schema), encoding="utf-8")
    seal_tables(elsewhere)
    assert overlap(elsewhere, made.folder) == ()


def test_the_extended_corpus_holds_the_other_ones_people(tmp_path: Path) -> None:
    settings = {"participants": 3, "minutes": 0.25, "seed": 1, "modalities": ("video", "text"), "positives": 0.5}
    woz = open_corpus(simulate("daic-woz", tmp_path / "woz", **settings))
    extended = open_corpus(simulate("edaic", tmp_path / "extended", **settings), options=Options(label_rule="phq>=10"))
    only = {"modalities": ("video",)}
    one = prepare(woz, tmp_path / "one", **only)
    other = prepare(extended, tmp_path / "other", **only)
    assert one.schema.source["people"] == other.schema.source["people"] == "daic, simulated, seed 1"
    assert overlap(one, other) == ("300", "301")
    assert other.participants.tolist() == ["300", "301", "600"]
    assert other.schema.source["label_rule"].endswith("(phq>=10)")
