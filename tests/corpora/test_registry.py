"""The register: what is in it, what it recognises, and what it says where it can't."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from smfl.corpora import CORPORA, Options, open_corpus
from smfl.corpora.registry import open_from
from smfl.interview import CallError, Cohort, CorpusError
from smfl.simulation import SIMULATORS, simulate


def test_corpora_say_where_they_come_from() -> None:
    assert {"daic-woz", "manifest"} <= set(CORPORA)
    for name, corpus in CORPORA.items():
        assert corpus.name == name
        for text in (corpus.title, corpus.citation, corpus.access, corpus.licence, corpus.label_rule, corpus.looks_for):
            assert text


def test_each_recognises_its_own_only(manifest: Path, daic: Path) -> None:
    assert [name for name, corpus in CORPORA.items() if corpus.detect(manifest)] == ["manifest"]
    assert [name for name, corpus in CORPORA.items() if corpus.detect(daic)] == ["daic-woz"]
    assert open_corpus(str(daic), "daic-woz").keys == open_corpus(daic).keys


def test_unknown_name(manifest: Path) -> None:
    with pytest.raises(CallError, match=r"unknown corpus 'daicwoz'; did you mean 'daic-woz'\?"):
        open_corpus(manifest, "daicwoz")


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        open_corpus(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path}: is empty. Expected:\n")
    for name, corpus in CORPORA.items():
        assert f"\n  {name}: {corpus.looks_for}" in message


def test_other_folder(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(CorpusError, match="holds nothing that is recognised as a corpus"):
        open_corpus(tmp_path)
    with pytest.raises(CorpusError) as caught:
        open_corpus(tmp_path, "daic-woz")
    assert "300_TRANSCRIPT.csv" in str(caught.value)
    assert "corpus.toml" not in str(caught.value)


def test_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no such folder"):
        open_corpus(tmp_path / "nowhere")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CorpusError, match="is a file; give the folder"):
        open_corpus(tmp_path / "file")


def test_two_that_recognise_a_folder(manifest: Path) -> None:
    corpora = {"one": replace(CORPORA["manifest"], name="one"), "two": replace(CORPORA["manifest"], name="two")}
    with pytest.raises(CallError, match="looks like one and like two; say which one"):
        open_from(corpora, manifest)
    assert len(open_from(corpora, manifest, "two")) == 3


def test_no_simulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without = {name: simulator for name, simulator in SIMULATORS.items() if name != "daic-woz"}
    monkeypatch.setattr("smfl.simulation.registry.SIMULATORS", without)
    with pytest.raises(CallError, match=r"there is no simulator of 'daic-woz'; there is one of: .*manifest"):
        simulate("daic-woz", tmp_path)


def test_the_room_is_light() -> None:
    heavy = "pandas", "pyarrow", "torch", "scipy", "sklearn"
    code = f"import sys, smfl.corpora; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_options_reach_the_corpus_that_is_opened(manifest: Path) -> None:
    seen: list[Options] = []

    def load(root: Path, options: Options) -> Cohort:
        seen.append(options)
        return CORPORA["manifest"].load(root, options)

    corpora = {"manifest": replace(CORPORA["manifest"], load=load, label_rules=("as_distributed", "phq>=10"))}
    asked = Options(repairs="none", exclude_known_bad=True, label_rule="phq>=10")
    open_from(corpora, manifest, options=asked)
    open_from(corpora, manifest)
    assert seen == [asked, Options()]
    with pytest.raises(CallError, match=r"unknown label rule of manifest 'phq>10'; did you mean 'phq>=10'\?"):
        open_from(corpora, manifest, options=Options(label_rule="phq>10"))
    with pytest.raises(CallError, match=r"manifest has one label rule, .*; leave out the label rule 'phq>=10'"):
        open_from(CORPORA, manifest, options=asked)


def test_options_of_simulators(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="the simulator of 'manifest' has no option 'defects'; it has participants, "):
        simulate("manifest", tmp_path / "out", defects=True)
