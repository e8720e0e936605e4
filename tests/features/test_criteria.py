"""What the threshold M keeps, and the paper's criteria as far as metadata tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smfl.features import Modality, Prepared, Schema, SentenceFeatures
from smfl.features.criteria import MET, NOT_MET, UNKNOWN, criteria
from smfl.features.settings import ExtractionSettings
from smfl.features.store import finish, write_interview
from smfl.features.thresholds import Threshold, thresholds
from smfl.interview import Entry, Label
from smfl.pipeline.describe import describe


def state(table: dict[str, list[Any]], words: str, **settings: Any) -> tuple[str, str]:
    found = [one for one in criteria(pd.DataFrame(table), settings) if words in one.words]
    assert len(found) == 1
    return found[0].state, found[0].told


def test_the_longest_sentences_are_kept() -> None:
    found = thresholds({"a": [1.0, 9.0, 5.0], "b": [5.0]}, (3, 1, 2, 9))
    assert found == (Threshold(1, 2, 0.5, 0.7, 1), Threshold(2, 3, 0.75, 0.95, 1), Threshold(3, 4, 1.0, 1.0, 0))
    assert thresholds({}, (1,)) == (Threshold(1, 0, 0.0, 0.0, 0),)


def test_severity_counts_those_with_depression_only() -> None:
    table = {"label": [1, 1, 0], "score": [9, 8, 2], "scale": ["PHQ-8"] * 3, "gender": ["female", "male", None]}
    assert state(table, "those with depression") == (NOT_MET, "1 of 2 have PHQ-8 >= 9")
    assert state(table | {"score": [9, 10, 0]}, "those with depression") == (MET, "2 of 2 have PHQ-8 >= 9")
    assert state(table | {"label": [0, 0, 0]}, "those with depression") == (UNKNOWN, "nobody is labelled depressed")


def test_another_scale_isnt_taken_for_one_of_the_papers() -> None:
    table = {"label": [1, 0], "score": [60, 30], "scale": ["SDS"] * 2}
    told = "labels are on the scale SDS; no score on one of the two scales is told"
    assert state(table, "those with depression") == (UNKNOWN, told)
    rated = table | {"scale": ["diagnosis"] * 2, "score": [None, None], "hamd17": ["18", "3"]}
    assert state(rated, "those with depression") == (MET, "1 of 1 have HAMD-17 > 17")


@pytest.mark.parametrize(("language", "expected"), [("zh-CN", MET), ("en", NOT_MET), ("und", UNKNOWN)])
def test_language(language: str, expected: str) -> None:
    assert state({"label": [1], "score": [12], "scale": ["PHQ-8"]}, "native", language=language)[0] == expected


def test_what_metadata_dont_say_is_unknown_not_met() -> None:
    table = {"label": [1], "score": [12], "scale": ["PHQ-8"], "age": [None], "gender": [None]}
    unknown = [one for one in criteria(pd.DataFrame(table), {"language": "zh"}) if one.state == UNKNOWN]
    assert len(unknown) == 8
    assert state(table | {"age": [17.0]}, "minors")[1] == "age of 1 of 1 interviews; 1 minors"


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """Two interviews of one person and one of another: 30, 3 and 1 sentences of a second each; M had cut one of 31."""
    for key, who, n in (("a", "p1", 30), ("b", "p1", 3), ("c", "p2", 1)):
        times = np.stack([np.arange(n) * 2.0, np.arange(n) * 2.0 + 1], axis=1)
        one = SentenceFeatures(
            key, who, {"text": np.zeros((n, 2), "f4")}, {"text": np.arange(n + 1)}, times, ("yes",) * n
        )  # fmt: skip
        cut = [Entry("a", "cut", "1 of 31 sentences", why="threshold M = 30: the longest are kept")]
        write_interview(
            tmp_path, one, label=Label(1, 12, "PHQ-8"), facts={"gender": "female", "age": 30.0},
            ledger=cut if key == "a" else [], fingerprint="",
        )  # fmt: skip
    words = Modality(("a", "b"), "sentence", None, "given")
    schema = Schema({"text": words}, {"language": "zh"}, ExtractionSettings(max_sentences=30))
    return finish(tmp_path, schema, ["a", "b", "c"])


def test_description_counts_people_and_what_m_keeps(prepared: Prepared) -> None:
    told = describe(prepared)
    assert told.people_sentences == {"smallest": 1, "median": 17, "largest": 33, "total": 34}
    assert told.people_seconds == {"smallest": 1, "median": 17, "largest": 33, "total": 34}
    assert [(one.m, one.sentences, one.interviews_cut) for one in told.thresholds] == [(20, 24, 1), (30, 34, 0)]
    assert told.cut == {"sentences": 1, "of": 31, "interviews": 1}
    assert {one.state for one in told.criteria} == {MET, NOT_MET, UNKNOWN}
