"""Cross-validation: a fresh estimator for each fold, which never sees a held-out label.

It works on any factory of objects with ``fit(X, y)`` and ``predict_proba(X) -> [n, 2]``, and any ``X`` that gives one
part of itself when indexed with an array of positions.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from smfl.evaluation.graded import GRADES
from smfl.evaluation.sample import Array, Integers
from smfl.evaluation.splits import Split, check_split
from smfl.interview import CallError, bands_of

STOPPED_ON_TEST = "optimistic: stopped on test"
"""What results of the `paper` protocol say."""

Progress = Callable[[int, int, str], None]
"""Called with how many folds are done, how many there are, and what was done last."""

Row = Mapping[str, Any]


class Estimator(Protocol):
    """What scikit-learn calls a probabilistic classifier."""

    def fit(self, X: Any, y: Any, /) -> Any:
        """Learn from interviews and their labels."""

    def predict_proba(self, X: Any, /) -> Any:
        """Probabilities of class 0 and class 1, [n, 2]."""


Factory = Callable[[int], Any]
"""Gives an unfitted `Estimator` for a seed."""


class Sliceable(Protocol):
    """A sequence of interviews that gives a part of itself for an array of positions, like a NumPy array."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any, /) -> Any: ...


@dataclass(frozen=True)
class FoldResult:
    """What one fold gives.

    Args:
        fold: its number.
        predictions: rows of ``predictions.csv``.
        history: rows of ``history.csv``: what the estimator's ``history_`` tells, by epoch.
        seconds: what fitting took.
        parameters: the estimator's ``n_parameters_``; None where it doesn't tell.
        choices: the estimator's ``choices_``: what it chose by the training people, such as settings.
    """

    fold: int
    predictions: tuple[Row, ...]
    history: tuple[Row, ...]
    seconds: float
    parameters: int | None
    choices: Row = field(default_factory=dict)


class CrossValidation(NamedTuple):
    """What `cross_validate` gives: all folds' rows, seconds of fitting in sum, and the most parameters of a fold."""

    predictions: list[Row]
    history: list[Row]
    seconds: float
    parameters: int | None


@dataclass(frozen=True, eq=False)
class Cases:
    """Interviews to be divided into folds, with what is known of each.

    Args:
        X: interviews, n of them.
        labels: 0 or 1 of each, [n].
        participants: who, of each, [n].
        interviews: key of each, [n]; positions where not given.
        scores: the questionnaire's score of each, [n], ``nan`` where unknown; None for none.
    """

    X: Sliceable
    labels: Sequence[int] | Integers
    participants: Sequence[str]
    interviews: Sequence[str] | None = None
    scores: Array | None = None

    @property
    def keys(self) -> Sequence[str]:
        """The key of each interview."""
        return [str(i) for i in range(len(self.labels))] if self.interviews is None else self.interviews


def run_fold(
    factory: Factory, cases: Cases, split: Split, *, seed: int, model: str, protocol: str = "nested"
) -> FoldResult:
    """Fit a fresh estimator on the training part and predict the test part.

    The test labels go into the rows of predictions, and nowhere else; but in the protocol ``paper`` they stop the
    training of estimators whose ``fit`` takes ``stop_on``: that is what the paper did, and why its scores are
    optimistic. One thread computes, whatever the machine has, so that the order of floating-point sums and with it the
    figures don't depend on how many workers share the cores.

    Args:
        factory: gives an unfitted estimator for a seed.
        cases: interviews. The training part's scores are given to estimators whose ``fit`` takes ``scores``; those of
            the test part go into the rows, beside what an estimator with tasks beside ``binary`` (``tasks_``) predicts.
        split: positions to train on and to test.
        seed: handed to the factory.
        model: name in the rows.
        protocol: name in the rows; ``paper`` lets the test part stop the training.

    Raises:
        CallError: where the split leaks, or the estimator gives no probabilities.
    """
    from threadpoolctl import threadpool_limits

    check_split(split, cases.labels, cases.participants)
    y = np.asarray(cases.labels, dtype=np.int64)
    test_X = cases.X[split.test]
    estimator = factory(seed)
    more: dict[str, Any] = {}
    takes = inspect.signature(estimator.fit).parameters
    if protocol == "paper" and "stop_on" in takes:
        more["stop_on"] = (test_X, y[split.test])
    if cases.scores is not None and "scores" in takes:
        more["scores"] = np.asarray(cases.scores, dtype=np.float64)[split.train]
    started = time.perf_counter()
    with threadpool_limits(1):
        estimator.fit(cases.X[split.train], y[split.train], **more)
        seconds = time.perf_counter() - started
        probabilities = _positive(estimator.predict_proba(test_X), model, [cases.keys[i] for i in split.test])
    at = {"model": model, "seed": seed, "fold": split.fold}
    predictions = _rows_of(cases, split, probabilities, _graded(estimator, test_X), {**at, "protocol": protocol})
    history = tuple({**at, **{k: _plain(v) for k, v in row.items()}} for row in getattr(estimator, "history_", ()))
    parameters = getattr(estimator, "n_parameters_", None)
    count = None if parameters is None else int(parameters)
    return FoldResult(split.fold, predictions, history, seconds, count, getattr(estimator, "choices_", {}))


def _rows_of(
    cases: Cases, split: Split, probabilities: Array, predicted: Mapping[str, Any], at: Mapping[str, Any]
) -> tuple[Row, ...]:
    """The rows of ``predictions.csv`` of one fold."""
    keys, labels, scores = cases.keys, np.asarray(cases.labels, dtype=np.int64), cases.scores
    return tuple(
        {
            **{name: at[name] for name in ("model", "protocol", "seed", "fold")},
            "participant": str(cases.participants[i]),
            "interview": str(keys[i]),
            "label": int(labels[i]),
            "probability": float(p),
            **_graded_columns(predicted, row, None if scores is None else float(scores[i])),
        }
        for row, (i, p) in enumerate(zip(split.test, probabilities, strict=True))
    )


def cross_validate(
    factory: Factory,
    cases: Cases,
    splits: Sequence[Split],
    *,
    seed: int,
    model: str,
    protocol: str = "nested",
    progress: Progress | None = None,
    workers: int = 1,
) -> CrossValidation:
    """Run every fold; the result is the same whatever the number of workers.

    Args:
        factory: gives an unfitted estimator for a seed; called once a fold.
        cases: interviews.
        splits: what `grouped_folds` and the like gave.
        seed: handed to the factory, and written into the rows.
        model: name in the rows.
        protocol: name in the rows; see `run_fold`.
        progress: called after each fold.
        workers: processes.

    Raises:
        CallError: where a split leaks, or an estimator gives no probabilities.

    Example:
        >>> from sklearn.dummy import DummyClassifier
        >>> from smfl.evaluation.splits import grouped_folds
        >>> X, labels, who = np.zeros((6, 1)), [0, 1, 0, 1, 0, 1], list("abcdef")
        >>> run = cross_validate(lambda seed: DummyClassifier(), Cases(X, labels, who),
        ...                      grouped_folds(labels, who, 3, 0), seed=0, model="dummy")
        >>> len(run.predictions), run.predictions[0]["probability"]
        (6, 0.5)
    """
    for split in splits:
        check_split(split, cases.labels, cases.participants)
    settings: dict[str, Any] = {"seed": seed, "model": model, "protocol": protocol}
    tasks = [((factory, cases, split), settings) for split in splits]
    results: list[FoldResult] = []
    for result in run_tasks(run_fold, tasks, workers=workers):
        results.append(result)
        if progress is not None:
            progress(len(results), len(splits), f"{model}, fold {result.fold + 1} of {len(splits)}")
    return gather(results)


def run_tasks(function: Callable[..., Any], tasks: Sequence[tuple[Any, Mapping[str, Any]]], *, workers: int) -> Any:
    """Call a function with each task's arguments and give the results as they come, in processes where ``workers`` > 1.

    Args:
        function: what to call.
        tasks: positional and keyword arguments of each call.
        workers: at least 1.

    Returns:
        An iterator of results; their order is the order in which they are done.

    Raises:
        CallError: for fewer than 1 worker.

    Example:
        >>> sorted(run_tasks(pow, [((2, 3), {}), ((2, 4), {})], workers=1))
        [8, 16]
    """
    from joblib import Parallel, delayed

    if workers < 1:
        raise CallError(f"at least 1 worker is needed; got {workers}")
    if workers == 1:
        return (function(*args, **keywords) for args, keywords in tasks)
    pool = Parallel(n_jobs=min(workers, max(len(tasks), 1)), return_as="generator_unordered")
    return pool(delayed(function)(*args, **keywords) for args, keywords in tasks)


def gather(results: Sequence[FoldResult]) -> CrossValidation:
    """All folds together, in their order.

    Example:
        >>> gather([FoldResult(1, ({"fold": 1},), (), 2.0, 5), FoldResult(0, ({"fold": 0},), (), 1.0, None)])
        CrossValidation(predictions=[{'fold': 0}, {'fold': 1}], history=[], seconds=3.0, parameters=5)
    """
    ordered = sorted(results, key=lambda result: result.fold)
    known = [result.parameters for result in ordered if result.parameters is not None]
    return CrossValidation(
        [row for result in ordered for row in result.predictions],
        [row for result in ordered for row in result.history],
        float(sum(result.seconds for result in ordered)),
        max(known, default=None),
    )


def _positive(probabilities: Any, model: str, interviews: Sequence[str]) -> Array:
    found = np.asarray(probabilities, dtype=np.float64)
    if found.shape != (len(interviews), 2):
        raise CallError(f"{model}: predict_proba gave shape {found.shape}; expected ({len(interviews)}, 2)")
    wrong = ~((found[:, 1] >= 0) & (found[:, 1] <= 1))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise CallError(
            f"{model}: the probability of interview {interviews[first]} is {found[first, 1]}; expected 0 to 1. "
            "Its training diverged, or its features hold values that the model can't take"
        )
    return np.asarray(found[:, 1])


def _graded(estimator: Any, X: Any) -> dict[str, Any]:
    """What an estimator says beside a probability, by task of `GRADES`; nothing where it knows labels only."""
    methods = {"score": "predict_scores", "severity": "predict_severity"}
    return {task: getattr(estimator, methods[task])(X) for task in getattr(estimator, "tasks_", ()) if task in methods}


def _graded_columns(predicted: Mapping[str, Any], row: int, score: float | None) -> dict[str, float | None]:
    """Columns of scores and bands, true and said; None where a score isn't known."""
    known = None if score is None or np.isnan(score) else score
    truth = {"score": known, "severity": None if known is None else int(bands_of(known))}
    return {
        name: value
        for task, values in predicted.items()
        for name, value in zip(GRADES[task], (truth[task], _plain(values[row])), strict=True)
    }


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
