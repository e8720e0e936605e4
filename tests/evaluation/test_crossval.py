"""Cross-validation: what an estimator gets to see, proved by spies; and the same result from any number of workers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from smfl.evaluation import Cases, Split, cross_validate, grouped_folds
from smfl.interview import CallError

N = 30
LABELS = np.arange(N) % 2
PARTICIPANTS = [f"p{i // 2}" if i < 4 else f"p{i}" for i in range(N)]
LABELS[:4] = [0, 0, 1, 1]
X = np.arange(N, dtype=float)[:, None]
"""Each interview's only feature is its position, so a spy knows whom it is shown."""


class Spy:
    """Writes down everything that it is given."""

    seen: list[Spy]
    history_ = ({"epoch": 0, "train_loss": np.float64(0.5), "validation_loss": 0.6},)
    n_parameters_ = 7

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.fits: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []
        self.predicted: list[int] = []

    def fit(self, X: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> Spy:
        self.fits.append((X[:, 0].astype(int), y))
        return self

    def predict_proba(self, X: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        self.predicted += X[:, 0].astype(int).tolist()
        return np.tile([0.5, 0.5], (len(X), 1))


class StoppingSpy(Spy):
    stopped_on: Any = None

    def fit(self, X: Any, y: Any, stop_on: Any = None) -> StoppingSpy:
        super().fit(X, y)
        self.stopped_on = stop_on
        return self


def _run(kind: type[Spy], protocol: str = "nested") -> tuple[list[Spy], list[Split], Any]:
    made: list[Spy] = []

    def factory(seed: int) -> Spy:
        made.append(kind(seed))
        return made[-1]

    splits = grouped_folds(LABELS, PARTICIPANTS, 5, seed=1)
    return (
        made,
        splits,
        cross_validate(factory, Cases(X, LABELS, PARTICIPANTS), splits, seed=4, model="spy", protocol=protocol),
    )


def test_a_fresh_estimator_is_fitted_once_a_fold() -> None:
    made, splits, _ = _run(Spy)
    assert len(made) == len(splits) == 5
    assert all(len(spy.fits) == 1 and spy.seed == 4 for spy in made)


def test_no_held_out_person_or_label_reaches_fit() -> None:
    made, splits, _ = _run(Spy)
    for spy, split in zip(made, splits, strict=True):
        shown, labels = spy.fits[0]
        assert shown.tolist() == split.train.tolist()
        assert labels.tolist() == LABELS[split.train].tolist()
        assert not {PARTICIPANTS[i] for i in shown} & {PARTICIPANTS[i] for i in split.test}
        assert spy.predicted == split.test.tolist()


@pytest.mark.parametrize("protocol", ["nested", "holdout", "official"])
def test_only_the_papers_protocol_stops_on_test(protocol: str) -> None:
    made, _, _ = _run(StoppingSpy, protocol)
    assert all(spy.stopped_on is None for spy in made if isinstance(spy, StoppingSpy))


def test_the_papers_protocol_stops_on_test() -> None:
    made, splits, _ = _run(StoppingSpy, "paper")
    for spy, split in zip(made, splits, strict=True):
        assert isinstance(spy, StoppingSpy)
        assert spy.stopped_on[0][:, 0].tolist() == split.test.tolist()
        assert spy.stopped_on[1].tolist() == LABELS[split.test].tolist()
    made, _, _ = _run(Spy, "paper")
    assert all(len(spy.fits) == 1 for spy in made)


def test_rows() -> None:
    _, splits, run = _run(Spy)
    assert len(run.predictions) == N
    assert {row["interview"] for row in run.predictions} == {str(i) for i in range(N)}
    assert list(run.predictions[0]) == [
        "model", "protocol", "seed", "fold", "participant", "interview", "label", "probability",
    ]  # fmt: skip
    assert run.history[0] == {
        "model": "spy", "seed": 4, "fold": 0, "epoch": 0, "train_loss": 0.5, "validation_loss": 0.6,
    }  # fmt: skip
    assert type(run.history[0]["train_loss"]) is float
    assert run.parameters == 7
    assert len(run.history) == len(splits)


def test_workers_change_nothing() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(N, 5)) + LABELS[:, None]
    splits = grouped_folds(LABELS, PARTICIPANTS, 5, seed=0)
    told: list[tuple[int, int, str]] = []
    runs = [
        cross_validate(
            lambda seed: LogisticRegression(),
            Cases(features, LABELS, PARTICIPANTS),
            splits,
            seed=0,
            model="lr",
            workers=workers,
            progress=lambda *news: told.append(news),
        )
        for workers in (1, 2)
    ]
    assert runs[0].predictions == runs[1].predictions
    assert [done for done, _, _ in told] == [1, 2, 3, 4, 5] * 2


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (lambda n: np.full((n, 2), np.nan), r"bad: the probability of interview \d+ is nan"),
        (lambda n: np.full((n, 2), 1.5), r"is 1.5; expected 0 to 1"),
        (lambda n: np.full(n, 0.5), r"predict_proba gave shape \(\d+,\); expected \(\d+, 2\)"),
    ],
)
def test_an_estimator_without_probabilities_is_refused(said: Any, message: str) -> None:
    class Bad(Spy):
        def predict_proba(self, X: Any) -> Any:
            return said(len(X))

    splits = grouped_folds(LABELS, PARTICIPANTS, 2, seed=0)
    with pytest.raises(CallError, match=message):
        cross_validate(Bad, Cases(X, LABELS, PARTICIPANTS), splits, seed=0, model="bad")


def test_a_leaking_split_is_refused_before_anything_is_fitted() -> None:
    made: list[Spy] = []
    leak = Split(0, np.arange(1, N), np.array([0]))
    with pytest.raises(CallError, match="participant 'p0' is in the training part and in the test part"):
        cross_validate(lambda seed: made.append(Spy(seed)), Cases(X, LABELS, PARTICIPANTS), [leak], seed=0, model="spy")
    assert made == []


def test_no_workers_is_refused() -> None:
    splits = grouped_folds(LABELS, PARTICIPANTS, 2, seed=0)
    with pytest.raises(CallError, match="at least 1 worker is needed; got 0"):
        cross_validate(Spy, Cases(X, LABELS, PARTICIPANTS), splits, seed=0, model="spy", workers=0)
