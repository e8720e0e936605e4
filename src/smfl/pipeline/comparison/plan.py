"""The plan of a comparison: who is trained on and who is tested, for each seed and fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from smfl.evaluation import Split, check_split, grouped_folds, holdout, official
from smfl.evaluation.crossval import STOPPED_ON_TEST
from smfl.features import Prepared
from smfl.pipeline.comparison.across import Across
from smfl.pipeline.comparison.settings import ComparisonSettings

NULL_CHECK = "null check: labels were dealt out anew among participants; an AUROC off .5 is chance or a leak"


@dataclass(frozen=True, eq=False)
class Plan:
    """Who is trained on and tested when: a split for each (seed, fold), and the labels and scores of each seed."""

    splits: dict[tuple[int, int], Split]
    labels: dict[int, np.ndarray[Any, np.dtype[np.int64]]]
    scores: dict[int, np.ndarray[Any, np.dtype[np.float64]]]
    participants: list[str]
    interviews: list[str]
    remarks: list[str]


def plan_of(known: Prepared, settings: ComparisonSettings) -> Plan:
    """The splits of one corpus, as the protocol makes them.

    Args:
        known: labelled interviews.
        settings: of the comparison.

    Raises:
        CallError: where the corpus is too small for the protocol.
    """
    protocol, seeds, shuffle = settings.protocol, settings.repetitions, settings.shuffle_labels
    participants, interviews = known.participants.tolist(), known.table["interview"].tolist()
    labels, scores, splits, remarks = {}, {}, {}, []
    for seed in seeds:
        dealt = _dealt(known.labels, participants, seed) if shuffle else np.arange(len(known))
        labels[seed], scores[seed] = known.labels[dealt], known.scores[dealt]
        if protocol == "nested":
            made = grouped_folds(labels[seed], participants, settings.folds, seed)
        elif protocol == "official":
            marks = known.table["split"].tolist() if "split" in known.table else [None] * len(known)
            split, part = official(marks)
            made = [split]
            unused = len(known) - len(split.train) - len(split.test)
            counts = f"fitted on 'train' ({len(split.train)}), tested on {part!r} ({len(split.test)})"
            remarks = [f"official split: {counts}; models take their validation part from 'train'"]
            remarks += [f"{unused} labelled interviews belong to neither part and weren't used"] if unused else []
        else:
            made = [holdout(labels[seed], participants, seed)]
        for split in made:
            check_split(split, labels[seed], participants)
            splits[seed, split.fold] = split
    if protocol == "paper":
        remarks.append(f"{STOPPED_ON_TEST}: networks saw the test part's loss; compare with the protocol holdout")
    if shuffle:
        remarks.append(NULL_CHECK)
    return Plan(splits, labels, scores, participants, interviews, remarks)


def plan_across(both: Across, settings: ComparisonSettings, remarks: list[str]) -> Plan:
    """The one division of two corpora for every seed; the null check deals labels out within each corpus.

    Args:
        both: the two corpora.
        settings: of the comparison.
        remarks: to be shown after those on the two corpora.
    """
    seeds, shuffle = settings.repetitions, settings.shuffle_labels
    labels, scores = {}, {}
    for seed in seeds:
        sides = (both.train, both.test)
        dealt = [
            _dealt(side.labels, side.participants.tolist(), seed) if shuffle else np.arange(len(side)) for side in sides
        ]
        labels[seed] = np.concatenate([side.labels[order] for side, order in zip(sides, dealt, strict=True)])
        scores[seed] = np.concatenate([side.scores[order] for side, order in zip(sides, dealt, strict=True)])
    participants = both.keys("participant")
    check_split(both.split, labels[0], participants)
    shown = [*both.remarks(), *remarks, *([NULL_CHECK] if shuffle else [])]
    splits = {(seed, 0): both.split for seed in labels}
    return Plan(splits, labels, scores, participants, both.keys("interview"), shown)


def _dealt(
    labels: np.ndarray[Any, np.dtype[np.int64]], participants: Sequence[str], seed: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Whose label and score each interview gets when they are dealt out anew, as positions.

    Whole participants swap theirs where each has one label, else interviews do.
    """
    rng = np.random.default_rng(seed)
    _, first, rows = np.unique(np.asarray(participants), return_index=True, return_inverse=True)
    if (labels[first][rows] != labels).any():
        return rng.permutation(len(labels))
    return np.asarray(rng.permutation(first)[rows])
