"""Intervals: against a loop that resamples by hand, coverage on a toy problem, pairing, and speed."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from smfl.evaluation import METRICS, Resamples, bootstrap, difference, scores
from smfl.evaluation.intervals import interval, pooled, ranked_first, spread
from smfl.interview import CallError


def predictions(
    rng: np.random.Generator, people: int = 40, seeds: int = 1, folds: int = 4, signal: float = 1.0, each: int = 1
) -> pd.DataFrame:
    """Rows of a model that knows something: ``each`` interviews a person."""
    label = np.repeat(np.arange(people) % 3 == 0, each).astype(int)
    person = np.repeat([f"p{i:03}" for i in range(people)], each)
    tables = []
    for seed in range(seeds):
        fold = np.repeat(rng.permutation(people) % folds, each)
        said = 1 / (1 + np.exp(-(signal * (label - 0.5) + rng.normal(size=len(label)))))
        columns = {"seed": seed, "fold": fold, "participant": person, "label": label, "probability": said}
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def test_the_same_as_resampling_rows_by_hand() -> None:
    table = predictions(np.random.default_rng(0), people=15, seeds=2, folds=1, each=2)
    drawn = Resamples.of(table, number=20)
    fast = bootstrap(table, resamples=drawn)
    for b in range(20):
        by_seed = []
        for _, rows in table.groupby("seed"):
            parts = [
                rows[rows["participant"] == person]
                for person, times in zip(drawn.participants, drawn.counts[b].astype(int), strict=True)
                for _ in range(times)
            ]
            resample = pd.concat(parts)
            y, p = resample["label"].to_numpy(), resample["probability"].to_numpy()
            by_seed.append({name: metric(y, p) for name, metric in METRICS.items()})
        for name in METRICS:
            slow = np.mean([one[name] for one in by_seed])
            assert fast[name][b] == pytest.approx(slow, nan_ok=True), name


def test_spread_is_over_folds_and_seeds() -> None:
    table = predictions(np.random.default_rng(1), people=24, seeds=2, folds=3)
    each = [
        METRICS["auroc"](rows["label"].to_numpy(), rows["probability"].to_numpy())
        for _, rows in table.groupby(["seed", "fold"])
    ]
    mean, sd, undefined = spread(table, ["auroc"])["auroc"]
    assert (mean, sd, undefined) == pytest.approx((np.mean(each), np.std(each, ddof=1), 0))


def test_folds_where_a_score_is_undefined_are_counted() -> None:
    table = pd.DataFrame(
        {"seed": 0, "fold": [0, 0, 1, 1], "participant": list("abcd"), "label": [1, 0, 1, 0], "probability": 0.1}
    )
    table.loc[0, "probability"] = 0.9
    found = scores(table)
    assert (found["precision"].mean, found["precision"].undefined) == (1.0, 1)
    assert np.isnan(found["precision"].sd)
    table["probability"] = 0.1
    never = scores(table)["precision"]
    assert np.isnan([never.mean, never.pooled, never.low, never.high]).all()


def test_coverage_on_a_toy_problem() -> None:
    """The interval of an accuracy that is .7 in truth holds .7 about 95 times of 100."""
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        right = rng.random(80) < 0.7
        label = np.arange(80) % 2
        said = np.where(right, label, 1 - label).astype(float)
        columns = {"seed": 0, "fold": 0, "participant": [f"{i:02}" for i in range(80)], "label": label}
        table = pd.DataFrame({**columns, "probability": said})
        low, high = interval(bootstrap(table, ["accuracy"], Resamples.of(table, number=400))["accuracy"])
        held += low <= 0.7 <= high
    assert 0.91 <= held / 300 <= 0.98


def test_a_persons_interviews_are_drawn_together() -> None:
    """Copies of each person's rows carry no information, and must not narrow the interval."""
    one = predictions(np.random.default_rng(3), each=1)
    copied = pd.concat([one] * 5, ignore_index=True)
    a, b = scores(one), scores(copied)
    assert (b["accuracy"].low, b["accuracy"].high) == pytest.approx((a["accuracy"].low, a["accuracy"].high))
    assert (b["auroc"].low, b["auroc"].high) == pytest.approx((a["auroc"].low, a["auroc"].high))


def test_intervals_are_the_same_every_time_and_in_any_order() -> None:
    table = predictions(np.random.default_rng(4), seeds=2)
    shuffled = table.sample(frac=1, random_state=0)
    for name, score in scores(table).items():
        again = scores(shuffled)[name]
        assert (again.pooled, again.low, again.high) == pytest.approx((score.pooled, score.low, score.high))


def test_the_pooled_score_is_inside_its_interval() -> None:
    table = predictions(np.random.default_rng(5), people=60, seeds=2)
    for name, score in scores(table).items():
        if name != "ece":  # biased up in resamples, as in every small sample
            assert score.low <= score.pooled <= score.high, name


def test_difference_is_paired() -> None:
    rng = np.random.default_rng(6)
    good = predictions(rng, people=100, signal=2.0)
    noise = good.assign(probability=rng.random(len(good)))
    itself = difference(good, good, "auroc")
    assert (itself.delta, itself.low, itself.high, itself.p) == (0, 0, 0, 1)
    better = difference(good, noise, "auroc")
    assert better.low > 0
    assert better.p < 0.01
    assert better.delta == pytest.approx(pooled(good)["auroc"] - pooled(noise)["auroc"])
    worse = difference(noise, good, "auroc")
    assert (worse.delta, worse.low, worse.high) == pytest.approx((-better.delta, -better.high, -better.low))
    nearly = good.assign(probability=(good["probability"] * 0.999))
    assert difference(good, nearly, "brier").high - difference(good, nearly, "brier").low < 0.01


def test_difference_of_strangers_is_refused() -> None:
    table = predictions(np.random.default_rng(6))
    with pytest.raises(CallError, match="compared on the same people only, but 1 of them"):
        difference(table, table[table["participant"] != "p000"], "auroc")


def test_two_equal_models_win_half_of_the_time() -> None:
    rng = np.random.default_rng(8)
    draws = {name: bootstrap(predictions(rng, people=200), ["auroc"])["auroc"] for name in ("a", "b")}
    shares = ranked_first(draws)
    assert sum(shares.values()) == pytest.approx(1)
    twins = ranked_first({"a": draws["a"], "b": draws["a"]})
    assert twins == {"a": 0.5, "b": 0.5}
    assert ranked_first({}) == {}


def test_fast_enough_for_the_largest_corpus() -> None:
    table = predictions(np.random.default_rng(9), people=189, folds=5)
    started = time.perf_counter()
    scores(table)
    assert time.perf_counter() - started < 3
