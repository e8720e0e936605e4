"""Ways to fit, compared on the same folds where `smfl evaluate` has no row for them; each fit is kept."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from smfl.evaluation import Cases, FoldResult, ModelFacts, Results, Split, grouped_folds, run_fold
from smfl.evaluation.crossval import gather, run_tasks
from smfl.evaluation.environment import environment
from smfl.evaluation.results import HISTORY_COLUMNS
from smfl.features import Prepared, SentenceFeatures
from smfl.pipeline.comparison.blinded import Blinded
from smfl.pipeline.comparison.kept_fits import KeptFit, KeptFits


@dataclass(frozen=True)
class Trial:
    """One way to fit.

    Args:
        name: as the page shows it.
        make: an unfitted estimator for a seed.
        unseen: modalities that are taken from people when they are judged, not when they are learned from.
    """

    name: str
    make: Callable[[int], Any]
    unseen: tuple[str, ...] = ()

    def __call__(self, seed: int) -> Any:
        """An unfitted estimator."""
        return _Blindfolded(self.make(seed), self.unseen) if self.unseen else self.make(seed)


@dataclass
class _Blindfolded:
    """A model whose people lack modalities when they are judged."""

    model: Any
    unseen: tuple[str, ...]
    history_: tuple[Any, ...] = field(default=())

    def fit(self, X: Any, y: Any, scores: Any = None) -> _Blindfolded:
        self.model.fit(X, y, scores=scores)
        return self

    def predict_proba(self, X: Sequence[SentenceFeatures]) -> Any:
        return self.model.predict_proba([without(X[i], self.unseen) for i in range(len(X))])


def without(one: SentenceFeatures, modalities: Sequence[str]) -> SentenceFeatures:
    """An interview whose sentences lack these modalities."""
    left = {name: rows for name, rows in one.values.items() if name not in modalities}
    return replace(one, values=left, offsets={name: one.offsets[name] for name in left})


def compare(
    data: Prepared,
    trials: Sequence[Trial],
    keep: Path,
    *,
    folds: int = 5,
    seeds: int = 1,
    workers: int = 2,
    splits: Mapping[tuple[int, int], Split] | None = None,
) -> Results:
    """Fit every trial on the same splits; figures, paired differences from the first trial, and standings.

    Args:
        data: prepared, labelled people.
        trials: the first is the one that others are compared with.
        keep: folder of the fits.
        folds: parts of participants.
        seeds: repetitions, each with other folds.
        workers: processes.
        splits: by (seed, fold), in place of folds.
    """
    known = data.labelled
    who, keys = known.participants.tolist(), known.table["interview"].tolist()
    if splits is None:
        splits = {(s, f.fold): f for s in range(seeds) for f in grouped_folds(known.labels, who, folds, s)}
    content = KeptFits(keep, known, []).content
    found: dict[tuple[str, int, int], FoldResult] = {}
    tasks: list[tuple[Any, dict[str, Any]]] = []
    for (seed, fold), split in splits.items():
        for trial in trials:
            part = _part(keep, content, trial, seed, split)
            earlier = part.read()
            if earlier is None:
                tasks.append(((trial, part, known, who, keys, split, seed), {}))
            else:
                found[trial.name, seed, fold] = earlier
    total = len(tasks) + len(found)
    for (name, seed, fold), result in run_tasks(_fit, tasks, workers=workers):
        found[name, seed, fold] = result
        print(f"{keep.name}: {len(found)} of {total}; {name}, seed {seed}, fold {fold}", file=sys.stderr, flush=True)
    return _results(trials, splits, found)


def _fit(
    trial: Trial, part: KeptFit, known: Prepared, who: list[str], keys: list[str], split: Split, seed: int
) -> tuple[tuple[str, int, int], FoldResult]:
    cases = Cases(Blinded(known), known.labels, who, keys, known.scores)
    result = run_fold(trial, cases, split, seed=seed, model=trial.name)
    part.write(result)
    return (trial.name, seed, split.fold), result


def _part(keep: Path, content: str, trial: Trial, seed: int, split: Split) -> KeptFit:
    told = [
        content,
        trial.name,
        repr(trial.make(seed).get_params()),
        list(trial.unseen),
        seed,
        split.train.tolist(),
        split.test.tolist(),
    ]
    mark = hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()
    return KeptFit(keep / f"s{seed}-f{split.fold}-{mark}.json", mark)


def _results(
    trials: Sequence[Trial], splits: Mapping[tuple[int, int], Split], found: Mapping[tuple[str, int, int], FoldResult]
) -> Results:
    import pandas as pd

    each = {trial.name: [found[trial.name, seed, fold] for seed, fold in splits] for trial in trials}
    together = {name: gather(results) for name, results in each.items()}
    predictions = pd.DataFrame([row for name in each for result in each[name] for row in result.predictions])
    facts = [ModelFacts(name, (), run.parameters, run.seconds) for name, run in together.items()]
    return Results.of(predictions, pd.DataFrame(columns=list(HISTORY_COLUMNS)), facts, {"environment": environment()})
