"""E-DAIC: as downloaded or unpacked, by a rule that is chosen, both voices in its words, DAIC-WOZ's people in it."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import Options, open_corpus
from smfl.corpora.edaic.tables import DESCRIPTORS, MIXED, OPENFACE
from smfl.interview import CallError, FeatureError, Interview, Label, Problems
from smfl.simulation import simulate
from smfl.simulation.defects.edaic import PLACES, special_sessions
from smfl.simulation.writers.edaic import NEW_IDS, numbers, part_of

BY_SCORE, AS_DISTRIBUTED = Options(label_rule="phq>=10"), Options(label_rule="as_distributed")
SETTINGS = {"participants": 6, "minutes": 0.25, "seed": 4, "positives": 0.5}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate("edaic", tmp_path_factory.mktemp("edaic") / "corpus", **SETTINGS)


@pytest.fixture(scope="module", params=[False, True], ids=["unpacked", "archives"])
def damaged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("edaic") / "corpus"
    return simulate("edaic", out, **SETTINGS, defects=True, archives=request.param)


def told(interview: Interview) -> list[str]:
    return [entry.what for entry in interview.ledger]


def test_there_are_as_many_as_there_are() -> None:
    assert len(NEW_IDS) == 86
    assert (NEW_IDS[0], NEW_IDS[-1], len(numbers(275))) == (600, 718, 275)
    assert {part_of(key) for key in numbers(275)} == {"train", "dev", "test"}
    assert all(int(key) >= 600 for key in numbers(275) if part_of(key) == "test")


def test_the_rule_has_to_be_chosen(clean: Path) -> None:
    with pytest.raises(
        CallError, match=r"contradicts the PHQ-8 score in 20 sessions, .* 'phq>=10' or 'as_distributed'"
    ):
        open_corpus(clean)
    with pytest.raises(CallError, match=r"unknown label rule of edaic 'phq>=8'; did you mean 'phq>=10'\?"):
        open_corpus(clean, options=Options(label_rule="phq>=8"))
    assert open_corpus(clean, options=BY_SCORE).source.label_rule == "PHQ-8 score >= 10 is depressed (phq>=10)"


def test_the_rules_differ_where_label_and_score_do(damaged: Path) -> None:
    one, other = (open_corpus(damaged, options=options) for options in (BY_SCORE, AS_DISTRIBUTED))
    assert "as distributed" in other.source.label_rule
    changed = 0
    for key in one.keys:
        try:
            mine, theirs = one.read(key), other.read(key)
        except Problems:
            continue
        assert mine.label is not None
        assert theirs.label is not None
        assert mine.label == Label.from_score(mine.label.score or 0.0, scale="PHQ-8", cutoff=10)
        if mine.label != theirs.label:
            changed += 1
            assert f"label 0 with a score of {mine.label.score:g}: the label is 1" in told(mine)
            assert f"label 0 with a score of {mine.label.score:g}: the label is 0" in told(theirs)
    assert changed >= 2


def test_what_it_holds(clean: Path) -> None:
    cohort = pickle.loads(pickle.dumps(open_corpus(clean, options=BY_SCORE)))
    assert cohort.keys == ("300", "301", "302", "303", "600", "601")
    assert [entry.what for entry in cohort.ledger] == [MIXED]
    one = cohort.read("300")
    assert one.recording is not None
    assert (one.split, one.metadata["speakers"], one.turns) == ("train", "mixed", ())
    assert MIXED in told(one)
    assert one.own == ("egemaps", "mfcc", "boaw_egemaps", "boaw_mfcc", "bovw_openface")
    face, voice = one.signals["openface"](), one.signals["egemaps"]()
    assert (face.columns, len(OPENFACE)) == (OPENFACE, 51)
    assert (voice.columns, len(DESCRIPTORS), voice.rate_hz) == (DESCRIPTORS, 23, 100.0)
    silent = voice.values[:, DESCRIPTORS.index("F0semitoneFrom27.5Hz_sma3nz")]
    assert np.isnan(silent).any()
    assert np.isfinite(silent).any()
    assert one.signals["mfcc"]().values.shape[1] == 39
    assert one.signals["boaw_mfcc"]().values.shape[1] == 100


def test_its_people_are_daic_wozs(clean: Path, tmp_path: Path) -> None:
    woz = open_corpus(simulate("daic-woz", tmp_path / "woz", **SETTINGS | {"modalities": ("text",)}))
    extended = open_corpus(clean, options=BY_SCORE)
    assert woz.source.people == extended.source.people == "daic, simulated, seed 4"
    shared = [key for key in extended.keys if key in woz.keys]
    assert shared == ["300", "301", "302", "303"]
    for key in shared:
        assert woz.read(key).label == extended.read(key).label
        assert woz.read(key).gender == extended.read(key).gender


def test_every_defect_is_told(damaged: Path) -> None:
    cohort = open_corpus(damaged, options=BY_SCORE)
    special = {name: key for name, (key,) in special_sessions(cohort.keys).items()}
    assert "no vgg matrix" in told(cohort.read(special["missing-matrix"]))
    assert any("shadow file of macOS" in line for line in told(cohort.read(special["twin-files"])))
    short = cohort.read(special["short-face"]).signals["openface"]()
    assert any("before the sound: missing after it" in entry.what for entry in short.notes)
    assert cohort.read(special["doubled-folder"]).sentences
    with pytest.raises(Problems, match=r"_P\.tar\.gz: a damaged archive \(.*\); download it again"):
        cohort.read(special["damaged-archive"])
    one = cohort.read("300")
    assert "2 row(s) without a word left out" in told(one)
    assert "no PTSD severity" in told(one)
    assert "ptsd_severity" not in one.metadata
    face = one.signals["openface"]()
    assert any("weren't tracked: missing, their rows stay" in entry.what for entry in face.notes)
    assert [entry.what for entry in one.signals["bovw_openface"]().notes] == ["separated by ';'"]


def test_archives_are_not_unpacked(clean: Path, tmp_path: Path) -> None:
    packed = simulate("edaic", tmp_path / "packed", **SETTINGS, archives=True)
    assert sorted(path.name for path in packed.glob("*_P*")) == [f"{key}_P.tar.gz" for key in numbers(6)]
    one, other = (open_corpus(root, options=BY_SCORE).read("301") for root in (clean, packed))
    assert (one.sentences, one.label, one.metadata) == (other.sentences, other.label, other.metadata)
    assert other.packed is not None
    assert other.packed.name == "301_AUDIO.wav"
    for name, read in one.signals.items():
        np.testing.assert_array_equal(read().values, other.signals[name]().values)


def test_tables_of_another_width_are_named(clean: Path, tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "copy"
    shutil.copytree(clean, root)
    features = root / "300_P" / "features"
    (features / f"300_{PLACES['egemaps']}").write_text("name;frameTime;Loudness_sma3\n'u';0.0;1\n", encoding="utf-8")
    (features / f"300_{PLACES['boaw_mfcc']}").write_text("'u';0.0;1;2\n", encoding="utf-8")
    (root / "301_P" / "301_Transcript.csv").write_text(
        "Start_Time,End_Time,Text,Confidence\n1,2,,0.3\n", encoding="utf-8"
    )
    (root / "302_P" / "302_Transcript.csv").unlink()
    cohort = open_corpus(root, options=BY_SCORE)
    one = cohort.read("300")
    with pytest.raises(
        FeatureError, match=r"300_OpenSMILE2\.3\.0_egemaps\.csv, header: 3 columns; expected name;frame"
    ):
        one.signals["egemaps"]()
    with pytest.raises(FeatureError, match=r"300_BoAW_openSMILE_2\.3\.0_MFCC\.csv, row 1: 4 columns; expected 102"):
        one.signals["boaw_mfcc"]()
    with pytest.raises(Problems, match=r"301_Transcript\.csv: no row with a word in it"):
        cohort.read("301")
    with pytest.raises(Problems, match=r"302_Transcript\.csv: not there; unpack the session again"):
        cohort.read("302")
    shutil.rmtree(root / "labels")
    assert "no label file: interviews have neither label nor split" in [
        entry.what for entry in open_corpus(root, options=BY_SCORE).ledger
    ]


def test_too_many_people(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="E-DAIC has 275 participants; got 276"):
        simulate("edaic", tmp_path / "much", participants=276)
