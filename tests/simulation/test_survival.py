"""After its repair a session is what it is without the defect, but for what no repair brings back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import open_corpus
from smfl.features import Prepared
from smfl.interview import Interview
from smfl.pipeline.prepare import prepare
from smfl.simulation import simulate
from smfl.simulation.defects.catalogue import Defect
from smfl.simulation.defects.daic_woz import DEFECTS, SESSION_DEFECTS, SPECIAL
from smfl.simulation.survival import ledger_lines, survival

SETTINGS = {"minutes": 0.25, "seed": 3, "positives": 0.5}
LONG = ("interruption",)
"""Real sessions are interrupted after minutes: such a one is made without sound and face."""
UNREADABLE = ("damaged-archive",)
SHORT = [d for d in SESSION_DEFECTS if d.name not in (*LONG, *UNREADABLE, "short-action-units", "twin-files")]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sessions 318, 402, 451 and others, without defects."""
    return simulate("daic-woz", tmp_path_factory.mktemp("twin") / "corpus", participants=7, **SETTINGS, defects=())


def planted(twin: Path, out: Path, defect: Defect) -> tuple[Interview, Interview]:
    """One session with a defect as it is read, and without."""
    key = next((key for key in defect.sessions if (twin / f"{key}_P").is_dir()), "300")
    assert defect.sessions or key not in SPECIAL
    out.mkdir()
    for path in twin.iterdir():
        if path.is_file():
            shutil.copy(path, out)
    shutil.copytree(twin / f"{key}_P", out / f"{key}_P")
    assert defect.plant is not None
    defect.plant(out / f"{key}_P", key, np.random.default_rng(3))
    settings = json.loads((out / "simulation.json").read_text(encoding="utf-8"))
    (out / "simulation.json").write_text(json.dumps(settings | {"defects": [defect.name]}), encoding="utf-8")
    return open_corpus(out).read(key), open_corpus(twin).read(key)


@pytest.mark.parametrize("defect", SHORT, ids=lambda defect: defect.name)
def test_a_repaired_session_is_its_twin(defect: Defect, twin: Path, tmp_path: Path) -> None:
    repaired, clean = planted(twin, tmp_path / "out", defect)
    found = survival(repaired, clean)
    assert not defect.message or any(defect.message in line for line in ledger_lines(repaired))
    assert found.same_values
    assert found.same_words
    if not defect.lost:
        assert found.whole
    elif defect.name == "no-interviewer":
        assert not found.same_sentences
    else:
        assert 0.5 < found.kept < 1


def test_an_interrupted_session_is_its_twin(tmp_path: Path) -> None:
    words = SETTINGS | {"participants": 18, "modalities": ("text",)}
    defect = next(d for d in SESSION_DEFECTS if d.name in LONG)
    twin = simulate("daic-woz", tmp_path / "twin", **words, defects=())
    out = simulate("daic-woz", tmp_path / "out", **words, defects=[defect.name])
    repaired, clean = open_corpus(out).read("373"), open_corpus(twin).read("373")
    assert survival(repaired, clean).whole
    assert sum(defect.message in line for line in ledger_lines(repaired)) == 2
    assert not any("door" in turn.text for turn in repaired.turns)
    assert clean.sentences[0].segment is not None
    assert 300 < clean.sentences[0].segment.start < 352
    assert clean.sentences[-1].segment is not None
    assert clean.sentences[-1].segment.start > 428


def test_a_session_that_differs_is_told_from_its_twin(twin: Path) -> None:
    one, other = open_corpus(twin).read("300"), open_corpus(twin).read("301")
    found = survival(one, other)
    assert not found.whole
    assert not any((found.same_sentences, found.same_values, found.same_words))


def test_prepared_features_are_those_of_the_clean_session(tmp_path: Path) -> None:
    settings = SETTINGS | {"participants": 4}
    lossless = [defect.name for defect in DEFECTS if not defect.lost and "label" not in defect.name]
    clean = simulate("daic-woz", tmp_path / "clean", **settings, defects=())
    dirty = simulate("daic-woz", tmp_path / "dirty", **settings, defects=lossless, archives=True)
    made: list[Prepared] = [
        prepare(root, tmp_path / f"{root.name}-made", features="own", modalities=("video", "audio"))
        for root in (clean, dirty)
    ]
    one, other = made
    assert one.table["interview"].tolist() == other.table["interview"].tolist() == ["300", "301", "318", "402"]
    for mine, theirs in zip(one, other, strict=True):
        assert mine.texts == theirs.texts
        np.testing.assert_array_equal(mine.times, theirs.times)
        for name in ("video", "audio"):
            np.testing.assert_array_equal(mine.values[name], theirs.values[name])
            np.testing.assert_array_equal(mine.offsets[name], theirs.offsets[name])
    actions = {entry.action for entry in other.ledger() if entry.interview == "300"}
    assert {"repaired", "skipped"} <= actions
