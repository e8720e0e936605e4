"""Every registered corpus passes these, on what its own simulator writes."""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import CORPORA, Options, open_corpus
from smfl.interview import GENDERS, SPLITS, Cohort, Interview, Signal, SmflError
from smfl.simulation import SIMULATORS, simulate

PARTICIPANTS = 6
MINUTES = 0.5
WITHOUT_INTERVIEWER = ("androids", "cmdc", "d-vlog", "eatd", "edaic", "lmvd", "modma", "tool-output")
"""Corpora that are distributed without what the interviewer says, or without saying which of it is theirs."""
LATEST_S = 5.0  # signals of one session may end some seconds apart


@pytest.fixture(scope="session", params=list(CORPORA))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated corpus of each kind, written once."""
    name: str = request.param
    if name not in SIMULATORS:
        pytest.skip(f"nothing writes a made-up {name}")
    out = tmp_path_factory.mktemp(name) / name
    return simulate(name, out, participants=PARTICIPANTS, minutes=MINUTES, seed=0, regime="global")


@pytest.fixture
def cohort(folder: Path) -> Cohort:
    """The corpus as recognised by what lies in its folder."""
    return opened(folder)


def opened(folder: Path) -> Cohort:
    """The corpus, by the first of its label rules where one must be chosen."""
    (rules,) = {corpus.label_rules for corpus in CORPORA.values() if corpus.detect(folder)}
    return open_corpus(folder, options=Options(label_rule=rules[0] if rules else None))


def same_signal(one: Signal, other: Signal) -> bool:
    """Whether two signals hold the same."""
    times = (one.times is None) == (other.times is None) and (
        one.times is None or other.times is None or np.array_equal(one.times, other.times)
    )
    return times and one.columns == other.columns and np.array_equal(one.values, other.values, equal_nan=True)


def described(interview: Interview) -> tuple[object, ...]:
    """All of an interview but its signals."""
    return tuple(tuple(value) if name == "signals" else value for name, value in vars(interview).items())


def test_loads_all_it_lists(cohort: Cohort) -> None:
    assert len(cohort) == len(set(cohort.keys)) == PARTICIPANTS
    assert [interview.id for interview in cohort] == list(cohort.keys)
    assert cohort.source.name
    assert cohort.source.simulated, "made-up people are said to be made up"


def test_sentences_are_in_time_order(cohort: Cohort) -> None:
    for interview in cohort:
        segments = [sentence.segment for sentence in interview.sentences]
        assert segments, f"{interview.id} says something"
        timed = [segment for segment in segments if segment is not None]
        assert len(timed) in (0, len(segments))
        assert all(before <= after for before, after in pairwise(timed))


def test_sentences_lie_within_the_signals(cohort: Cohort) -> None:
    for interview in cohort:
        last = max((sentence.segment.stop for sentence in interview.sentences if sentence.segment), default=0.0)
        for name, read in interview.signals.items():
            signal = read()
            if signal.times is None:
                assert len(signal) == len(interview.sentences), f"{interview.id}, {name}"
            else:
                window = 1 / (signal.rate_hz or 1.0)  # an instant is its window's centre
                assert signal.times[0] - window <= interview.sentences[0].segment.start  # type: ignore[union-attr]
                assert signal.times[-1] >= last - LATEST_S, f"{interview.id}, {name}"
                assert np.isfinite(signal.values).any(axis=1).mean() > 0.5, f"{interview.id}, {name}"


def test_labels_and_facts_are_valid(cohort: Cohort) -> None:
    labels = [interview.label for interview in cohort]
    assert {label.value for label in labels if label} == {0, 1}
    assert {interview.gender for interview in cohort} <= {*GENDERS, None}
    assert {interview.split for interview in cohort} <= {*SPLITS, None}
    assert all(interview.participant for interview in cohort)


def test_columns_are_the_same_in_all_interviews(cohort: Cohort) -> None:
    columns: dict[str, set[tuple[str, ...]]] = {}
    for interview in cohort:
        for name, read in interview.signals.items():
            signal = read()
            assert signal.name == name
            assert signal.values.dtype == np.float32
            columns.setdefault(name, set()).add(signal.columns)
    assert columns or all(interview.recording or interview.pieces for interview in cohort)
    assert {name: len(found) for name, found in columns.items()} == dict.fromkeys(columns, 1)


def test_reading_an_interview_reads_no_measurements(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("measurements were read")

    monkeypatch.setattr(np, "load", refuse)
    monkeypatch.setattr("smfl.formats.numeric_tables._read_by_arrow", refuse)
    monkeypatch.setattr("smfl.formats.numeric_tables._read_by_cell", refuse)
    monkeypatch.setattr(pyarrow.parquet, "read_table", refuse)
    interviews = list(opened(folder))
    assert len(interviews) == PARTICIPANTS
    for read in list(interviews[0].signals.values())[:1]:
        with pytest.raises(AssertionError, match="measurements were read"):
            read()


def test_no_word_of_the_interviewer_is_an_input(cohort: Cohort) -> None:
    somebody_asks = [any(not turn.by_participant for turn in interview.turns) for interview in cohort]
    assert all(somebody_asks) or (cohort.source.name in WITHOUT_INTERVIEWER and not any(somebody_asks))
    for interview in cohort if all(somebody_asks) else ():
        asked = [turn.text for turn in interview.turns if not turn.by_participant]
        answered = " ".join(turn.text for turn in interview.turns if turn.by_participant)
        questions = {text for text in asked if len(text) > 8 and text not in answered}
        assert questions
        assert not [s.text for s in interview.sentences if any(question in s.text for question in questions)]
        assert all(set(sentence.text.split()) <= set(answered.split()) for sentence in interview.sentences)


def test_ledger_lines_name_their_interview(cohort: Cohort) -> None:
    assert all(entry.what for entry in cohort.ledger)
    for interview in cohort:
        for entry in interview.ledger:
            assert entry.interview == interview.id
            assert entry.what


def test_read_twice_is_the_same(cohort: Cohort, folder: Path) -> None:
    again = opened(folder)
    assert again.keys == cohort.keys
    assert again.ledger == cohort.ledger
    for one, other in zip(cohort, again, strict=True):
        assert described(one) == described(other)
    first, second = cohort[0], again[0]
    assert all(same_signal(read(), second.signals[name]()) for name, read in first.signals.items())


def test_cohorts_and_interviews_travel_to_workers(cohort: Cohort) -> None:
    there = pickle.loads(pickle.dumps(cohort))
    assert there.keys == cohort.keys
    assert described(pickle.loads(pickle.dumps(there[0]))) == described(cohort[0])


@pytest.mark.parametrize("name", [name for name, one in SIMULATORS.items() if "defects" in one.options])
def test_what_is_wrong_with_the_real_one_is_mended_or_told(name: str, tmp_path: Path) -> None:
    out = simulate(name, tmp_path / name, participants=4, minutes=0.25, positives=0.5, defects=True)
    cohort = opened(out)
    entries, unusable = list(cohort.ledger), []
    for key in cohort.keys:
        try:
            interview = cohort.read(key)
        except SmflError as fault:
            unusable.append(str(fault))
            continue
        entries += interview.ledger
        for read in interview.signals.values():
            assert np.isfinite(read().values).any(), f"{key}: a signal that holds nothing is missing, not empty"
    assert {entry.action for entry in entries} & {"repaired", "skipped"} or unusable
    assert len(unusable) <= 1
    assert all(entry.what for entry in entries)
