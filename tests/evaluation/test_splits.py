"""Splits: whole participants, both classes, the paper's numbers, and refusals in plain words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smfl.evaluation import Split, check_split, grouped_folds, holdout, official, split_hash
from smfl.interview import CallError


@st.composite
def cohorts(draw: st.DrawFn) -> tuple[list[int], list[str]]:
    """Interviews of 3 to 20 participants of each class, one to three each."""
    labels, participants = [], []
    for value in (0, 1):
        for person in range(draw(st.integers(3, 20))):
            times = draw(st.integers(1, 3))
            labels += [value] * times
            participants += [f"{value}-{person}"] * times
    order = draw(st.permutations(range(len(labels))))
    return [labels[i] for i in order], [participants[i] for i in order]


@given(cohort=cohorts(), folds=st.integers(2, 3), seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_folds_partition_whole_participants(cohort: tuple[list[int], list[str]], folds: int, seed: int) -> None:
    labels, participants = cohort
    splits = grouped_folds(labels, participants, folds, seed)
    assert sorted(int(i) for split in splits for i in split.test) == list(range(len(labels)))
    for split in splits:
        check_split(split, labels, participants)
        assert sorted([*split.train, *split.test]) == list(range(len(labels)))
    people = [{participants[i] for i in split.test if labels[i] == 1} for split in splits]
    assert max(map(len, people)) - min(map(len, people)) <= 1


def test_folds_follow_the_seed() -> None:
    labels, participants = [0, 1] * 20, [str(i) for i in range(40)]
    one, same, other = (grouped_folds(labels, participants, 5, seed) for seed in (0, 0, 1))
    assert all((a.test == b.test).all() for a, b in zip(one, same, strict=True))
    assert any((a.test != b.test).any() for a, b in zip(one, other, strict=True))


def test_the_papers_split() -> None:
    labels = [1] * 67 + [0] * 33
    split = holdout(labels, [str(i) for i in range(100)], seed=3)
    y = np.array(labels)
    assert (len(split.train), y[split.train].sum()) == (80, 54)
    assert (len(split.test), y[split.test].sum()) == (20, 13)


def test_holdout_keeps_people_whole() -> None:
    participants = [str(i // 2) for i in range(80)]
    labels = [i // 2 % 2 for i in range(80)]
    check_split(holdout(labels, participants, seed=0), labels, participants)


def test_official_prefers_test_to_validation() -> None:
    split, part = official(["train", "validation", "test", "train", None])
    assert (split.train.tolist(), split.test.tolist(), part) == ([0, 3], [2], "test")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grouped_folds([1, 1, 0, 0, 0], list("abcde"), 3, 0), "only 2 have label 1; use 2 folds or fewer"),
        (lambda: grouped_folds([1, 1], list("ab"), 2, 0), "all 2 labels are 1"),
        (lambda: grouped_folds([], [], 2, 0), "there is no labelled interview"),
        (lambda: grouped_folds([0, 1], ["a"], 2, 0), "2 labels, but 1 participants"),
        (lambda: grouped_folds([0, 1] * 4, list("abcdefgh"), 1, 0), "at least 2 folds; got 1"),
        (lambda: holdout([0, 1, 1], list("abc"), 0), r"3 participants \(2 positive\) are too few"),
        (lambda: holdout([0, 1] * 9, [str(i) for i in range(18)], 0, 1.5), "between 0 and 1; got 1.5"),
        (lambda: official(["train", None]), "1 labelled interviews marked 'train' and 0 marked 'test'"),
        (
            lambda: check_split(Split(2, np.array([0, 1, 2]), np.array([3])), [0, 1, 1, 0], ["a", "b", "c", "a"]),
            "fold 2: participant 'a' is in the training part and in the test part",
        ),
        (
            lambda: check_split(Split(0, np.array([0, 1]), np.array([2])), [1, 1, 0], list("abc")),
            "all interviews to train on have the same label",
        ),
    ],
)
def test_refusals(call: object, message: str) -> None:
    with pytest.raises(CallError, match=message):
        call()  # type: ignore[operator]


def test_hash_tells_splits_apart() -> None:
    labels, participants = [0, 1] * 10, [str(i) for i in range(20)]
    keys = [f"i{i}" for i in range(20)]
    hashes = {
        split_hash([(seed, split) for split in grouped_folds(labels, participants, 5, seed)], keys) for seed in (0, 1)
    }
    assert len(hashes) == 2
