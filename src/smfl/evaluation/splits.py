"""Who trains and who is tested: always whole participants, never a part of one on each side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smfl.evaluation.sample import Integers
from smfl.interview import CallError, LabelError

TEST_SHARE = 0.2
"""The paper's 8:2."""


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """One division of the interviews.

    Args:
        fold: its number, from 0.
        train: positions of the interviews to fit on.
        test: positions of the interviews to predict.
    """

    fold: int
    train: Integers
    test: Integers


def grouped_folds(labels: Sequence[int] | Integers, participants: Sequence[str], folds: int, seed: int) -> list[Split]:
    """Cross-validation: every interview is tested once, by a model that never saw its participant.

    Participants are shuffled and dealt out class by class, so folds have equal numbers of each class, give or take
    one. A participant with interviews of both classes counts as the class that most of them have.

    Args:
        labels: 0 or 1 of each interview, [n].
        participants: who, of each interview, [n].
        folds: at least 2.
        seed: of the shuffle.

    Raises:
        CallError: where there is one class only, or a class has fewer participants than there are folds.

    Example:
        >>> splits = grouped_folds([1, 1, 0, 0, 0, 0], ["a", "b", "c", "c", "d", "e"], folds=2, seed=0)
        >>> sorted(int(i) for split in splits for i in split.test)
        [0, 1, 2, 3, 4, 5]
    """
    from sklearn.model_selection import StratifiedKFold

    people, classes, rows = _people(labels, participants)
    if folds < 2:
        raise CallError(f"cross-validation needs at least 2 folds; got {folds}")
    for value in (0, 1):
        count = int((classes == value).sum())
        if count < folds:
            raise CallError(
                f"{folds} folds need at least {folds} participants of each class, but only {count} have label {value}; "
                f"use {max(count, 2)} folds or fewer, or bring more interviews"
            )
    dealt = StratifiedKFold(folds, shuffle=True, random_state=seed).split(people, classes)
    return [_split(fold, rows, test) for fold, (_, test) in enumerate(dealt)]


INNER_FOLDS = 5
"""Divisions of the training part, where what is chosen inside has no number of its own."""


def fewest_of_a_class(labels: Integers, participants: Sequence[str] | npt.NDArray[np.str_]) -> int:
    """Participants in the class that has fewer of them: no more folds than this can have both classes in each.

    Example:
        >>> fewest_of_a_class(np.array([0, 0, 1, 1]), ["a", "b", "c", "c"])
        1
    """
    who = np.asarray(participants, dtype=str)
    return min(len(np.unique(who[labels == label])) for label in (0, 1))


def inner_folds(
    labels: Integers, participants: Sequence[str] | npt.NDArray[np.str_], seed: int, folds: int = INNER_FOLDS
) -> list[tuple[Integers, Integers]]:
    """Divide the training part once more, stratified by label and grouped by participant.

    Whatever is chosen in fitting (a penalty, an epoch, settings, a calibration) is chosen on training participants
    that the candidate wasn't fitted on, so that the held-out part never chooses anything.

    Args:
        labels: 0 or 1 of each training interview, [n].
        participants: who, of each, [n].
        seed: of the shuffle.
        folds: at most so many, at least 2; never more than the rarer class has participants.

    Returns:
        For each fold, positions to fit on and positions to judge; every interview is judged once.

    Raises:
        LabelError: where a class has fewer than two participants.

    Example:
        >>> parts = inner_folds(np.array([0, 1] * 4), list("aabbccdd"), 0)
        >>> len(parts), sorted(int(i) for _, judged in parts for i in judged)
        (4, [0, 1, 2, 3, 4, 5, 6, 7])
    """
    from sklearn.model_selection import StratifiedGroupKFold

    count = min(max(folds, 2), fewest_of_a_class(labels, participants))
    if count < 2:
        raise LabelError("training needs at least two participants of each class: one of them is held out")
    divided = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return list(divided.split(labels, labels, np.asarray(participants, dtype=str)))


def holdout(
    labels: Sequence[int] | Integers, participants: Sequence[str], seed: int, test_share: float = TEST_SHARE
) -> Split:
    """The paper's split: 8:2, stratified by label, grouped by participant (§3.2).

    Args:
        labels: 0 or 1 of each interview, [n].
        participants: who, of each interview, [n].
        seed: of the shuffle.
        test_share: of the participants, between 0 and 1.

    Raises:
        CallError: where there is one class only, or too few participants for both classes on both sides.

    Example:
        >>> labels = [1] * 67 + [0] * 33
        >>> split = holdout(labels, [str(i) for i in range(100)], seed=0)
        >>> len(split.train), len(split.test), sum(labels[i] for i in split.test)
        (80, 20, 13)
    """
    from sklearn.model_selection import StratifiedShuffleSplit

    people, classes, rows = _people(labels, participants)
    if not 0 < test_share < 1:
        raise CallError(f"the test part is a share between 0 and 1; got {test_share:g}")
    counts = np.bincount(classes, minlength=2)
    tested = int(np.ceil(test_share * len(people)))
    if counts.min() < 2 or not 2 <= tested <= len(people) - 2:
        raise CallError(
            f"{len(people)} participants ({counts[1]} positive) are too few to hold out a share of {test_share:g} "
            "with both classes on both sides"
        )
    shuffle = StratifiedShuffleSplit(1, test_size=tested, random_state=seed)
    _, test = next(shuffle.split(people, classes))
    return _split(0, rows, test)


def official(splits: Sequence[str | None]) -> tuple[Split, str]:
    """The corpus's own split: fit on ``train``, predict ``test``.

    The validation part isn't trained on: models take theirs from the training part, in every protocol alike. Where no
    labelled interview is marked ``test`` (challenge corpora keep those labels), ``validation`` is predicted instead.

    Args:
        splits: ``train``, ``validation``, ``test`` or None, of each labelled interview, [n].

    Returns:
        The split, and which part is predicted.

    Raises:
        CallError: where the corpus has no such parts.

    Example:
        >>> split, part = official(["train", "validation", "train", None])
        >>> split.train.tolist(), split.test.tolist(), part
        ([0, 2], [1], 'validation')
    """
    marks = np.array([mark if isinstance(mark, str) else "" for mark in splits])
    part = "test" if (marks == "test").any() else "validation"
    train, test = np.flatnonzero(marks == "train"), np.flatnonzero(marks == part)
    if not len(train) or not len(test):
        raise CallError(
            f"the corpus's own split has {len(train)} labelled interviews marked 'train' and {len(test)} marked 'test' "
            "or 'validation'; both are needed: choose another protocol, such as nested"
        )
    return Split(0, train, test), part


def check_split(split: Split, labels: Sequence[int] | Integers, participants: Sequence[str]) -> None:
    """Refuse a split that leaks or can't be learned from.

    Raises:
        CallError: where a participant is on both sides, a side is empty, or there is one class to train on.

    Example:
        >>> check_split(Split(0, np.array([0, 1]), np.array([2])), [0, 1, 1], ["ann", "bo", "bo"])
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: fold 0: participant 'bo' is in the training part and in the test part; ...
    """
    people = np.asarray(participants)
    both = sorted(set(people[split.train]) & set(people[split.test]))
    if both:
        more = f" (and {len(both) - 1} more)" if len(both) > 1 else ""
        raise CallError(
            f"fold {split.fold}: participant {str(both[0])!r}{more} is in the training part and in the test part; "
            "a model would be asked about someone it knows: divide participants, not interviews"
        )
    if not len(split.train) or not len(split.test):
        raise CallError(f"fold {split.fold}: {len(split.train)} interviews to train on, {len(split.test)} to test")
    if len(np.unique(np.asarray(labels)[split.train])) < 2:
        raise CallError(f"fold {split.fold}: all interviews to train on have the same label; a model needs both")


def split_hash(splits: Iterable[tuple[int, Split]], interviews: Sequence[str]) -> str:
    """Fingerprint of who was trained on and tested, to see at a glance whether two results used the same splits.

    Args:
        splits: pairs of seed and split.
        interviews: key of each position.

    Example:
        >>> split = Split(0, np.array([0, 1]), np.array([2]))
        >>> split_hash([(0, split)], ["a", "b", "c"]) == split_hash([(0, split)], ["b", "a", "c"])
        True
        >>> split_hash([(0, split)], ["a", "b", "c"]) == split_hash([(0, split)], ["a", "c", "b"])
        False
    """
    named = sorted(
        [seed, split.fold, sorted(interviews[i] for i in split.train), sorted(interviews[i] for i in split.test)]
        for seed, split in splits
    )
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()[:16]


def _people(
    labels: Sequence[int] | Integers, participants: Sequence[str]
) -> tuple[npt.NDArray[np.str_], Integers, npt.NDArray[np.intp]]:
    y = np.asarray(labels, dtype=np.int64)
    if len(y) != len(participants):
        raise CallError(f"{len(y)} labels, but {len(participants)} participants; expected one of each an interview")
    if len(np.unique(y)) < 2:
        held = f"all {len(y)} labels are {y[0]}" if len(y) else "there is no labelled interview"
        raise CallError(f"{held}; telling two classes apart needs interviews of both")
    people, rows = np.unique(np.asarray(participants, dtype=str), return_inverse=True)
    share = np.bincount(rows, weights=y) / np.bincount(rows)
    return people, (share >= 0.5).astype(np.int64), rows


def _split(fold: int, rows: npt.NDArray[np.intp], tested: Integers) -> Split:
    inside = np.isin(rows, tested)
    return Split(fold, np.flatnonzero(~inside), np.flatnonzero(inside))
