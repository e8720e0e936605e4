"""Who is in it: the paper's Table 1, balance, weights, and what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smfl.features import Modality, Prepared, Schema, SentenceFeatures
from smfl.features.store import finish, write_interview
from smfl.interview import Entry, FeatureError, Label
from smfl.pipeline.describe import Group, age_group, describe

PEOPLE: tuple[tuple[str, int | None, str | None, float | None], ...] = (
    ("p1", 1, "female", 17.0),
    ("p2", 1, "female", 25.0),
    ("p2", 1, "female", 25.0),
    ("p3", 0, "male", 40.0),
    ("p4", None, None, None),
    ("p5", 1, "male", 75.0),
)


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    keys = []
    for i, (who, label, gender, age) in enumerate(PEOPLE):
        values: dict[str, Any] = {"audio": np.zeros((2 + i, 1), "f4")} if i else {}
        one = SentenceFeatures(
            f"i{i}", who, {"text": np.zeros((1, 2), "f4")} | values,
            {"text": np.array([0, 1])} | ({"audio": np.array([0, 2 + i])} if i else {}),
            np.array([[0.0, 1.0 + i]]), ("yes",),
        )  # fmt: skip
        known = None if label is None else Label(label, None, "HAMD-17")
        line = [] if i else [Entry("i0", "missing", "audio")]
        write_interview(
            tmp_path, one, label=known, facts={"gender": gender, "age": age}, ledger=line, fingerprint=""
        )  # fmt: skip
        keys.append(one.interview)
    modalities = {
        "audio": Modality(("x",), "frame", 100.0, "voice-lld"),
        "text": Modality(("a", "b"), "sentence", None, "given"),
    }
    settings = {"corpus": "clinic", "label_rule": "HAMD-17 > 17", "scale": "HAMD-17", "simulated": False}
    return finish(tmp_path, Schema(modalities, settings), keys)


def test_table_one_counts_participants(prepared: Prepared) -> None:
    assert describe(prepared).groups == (
        Group("depressed", "female", "minors", 1),
        Group("depressed", "female", "young adults", 1),
        Group("depressed", "male", "elderly", 1),
        Group("not depressed", "male", "middle aged", 1),
        Group("no label", "unknown", "unknown", 1),
    )


def test_balance_and_weights_are_over_labelled_interviews(prepared: Prepared) -> None:
    told = describe(prepared.folder)
    assert (told.interviews, told.participants) == (6, 5)
    assert told.labels == {"depressed": 4, "not depressed": 1, "no label": 1}
    assert told.balance == told.majority_accuracy == 0.8
    assert told.class_weights == {"depressed": 5 / 4, "not depressed": 5.0}  # Eq. 1–2: S_t / N_c


def test_sentences_coverage_and_ledger(prepared: Prepared) -> None:
    told = describe(prepared)
    assert told.sentences == {"smallest": 1, "median": 1, "largest": 1, "total": 6}
    assert told.seconds == {"smallest": 1, "median": 3.5, "largest": 6, "total": 21}
    assert told.coverage == {"audio": 5 / 6, "text": 1.0}
    assert told.columns["audio"] == {"columns": 1, "level": "frame", "rate_hz": 100.0, "extractor": "voice-lld"}
    assert told.ledger == {"missing": 1}
    assert json.loads(json.dumps(told.to_dict()))["scale"] == "HAMD-17"


def test_nobody_labelled_has_no_balance(prepared: Prepared) -> None:
    told = describe(prepared[[4]])
    assert told.balance is None
    assert told.majority_accuracy is None
    assert told.class_weights == {}


@pytest.mark.parametrize(
    ("age", "group"),
    [(0, "minors"), (17.99, "minors"), (18, "young adults"), (39.9, "young adults"), (40, "middle aged"),
     (59, "middle aged"), (60, "elderly"), (130, "elderly"), (None, "unknown"), (float("nan"), "unknown")],
)  # fmt: skip
def test_age_groups(age: float | None, group: str) -> None:
    assert age_group(age) == group


def test_what_is_not_prepared_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"is .* a folder that `smfl prepare`"):
        describe(tmp_path)
