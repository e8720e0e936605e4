"""Who is told apart from whom: the definition again in plain loops, and how often equals are told apart by luck."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from smfl.evaluation import Resamples, bootstrap, standings
from smfl.evaluation.intervals import pooled


def _drawn(skills: dict[str, float], people: int = 60, seed: int = 0) -> tuple[dict, dict]:
    rng = np.random.default_rng(seed)
    label = np.arange(people) % 3 == 0
    trait = rng.normal(size=people)
    draws, scores = {}, {}
    for name, skill in skills.items():
        said = 1 / (1 + np.exp(-(skill * label + 0.7 * trait + 0.7 * rng.normal(size=people))))
        rows = pd.DataFrame(
            {"seed": 0, "fold": np.arange(people) // 3 % 4, "participant": [f"p{i:02}" for i in range(people)],
             "label": label.astype(int), "probability": said}
        )  # fmt: skip
        draws[name] = bootstrap(rows, ["auroc"], Resamples.of(rows, number=300))["auroc"]
        scores[name] = pooled(rows, ["auroc"])["auroc"]
    return draws, scores


def test_the_definition_again_in_plain_loops() -> None:
    draws, scores = _drawn({"b": 1.0, "a": 3.0, "c": 0.9, "d": 0.0})
    found = standings(draws, scores)
    assert found is not None
    order = sorted(scores, key=lambda name: -scores[name])
    assert [row.name for row in found.rows] == order
    errors, largest = {}, []
    for i, j in combinations(order, 2):
        errors[i, j] = np.std(draws[i] - draws[j], ddof=1)
    for b in range(300):
        sizes = [
            abs((draws[i][b] - draws[j][b]) - (scores[i] - scores[j])) / errors[i, j] for i, j in combinations(order, 2)
        ]
        largest.append(max(sizes))
    critical = np.quantile(largest, 0.95)
    assert found.critical == pytest.approx(critical)
    assert found.critical > 1.96, "six pairs take more than one"
    for row in found.rows[1:]:
        delta, error = scores[row.name] - scores[order[0]], errors[order[0], row.name]
        assert (row.delta, row.low, row.high) == pytest.approx(
            (delta, delta - critical * error, delta + critical * error)
        )
        assert row.apart == (row.high < 0)
        assert row.p == pytest.approx((1 + sum(t >= abs(delta) / error for t in largest)) / 301)
        assert row.apart == (row.p < 0.05)
        places = [1 + sum(draws[other][b] > draws[row.name][b] for other in order) for b in range(300)]
        ties = [sum(draws[other][b] == draws[row.name][b] for other in order) - 1 for b in range(300)]
        ranks = np.array(places) + np.array(ties) / 2
        assert row.rank == pytest.approx(ranks.mean())
        assert (row.rank_low, row.rank_high) == pytest.approx(tuple(np.percentile(ranks, [2.5, 97.5])))
    assert sum(row.rank for row in found.rows) == pytest.approx(10)


def test_groups_hold_only_models_no_two_of_whom_are_apart_and_can_take_no_neighbour() -> None:
    draws, scores = _drawn({f"m{i}": skill for i, skill in enumerate((0.0, 0.4, 0.9, 1.4, 2.2, 3.5))}, people=90)
    found = standings(draws, scores)
    assert found is not None
    order = [row.name for row in found.rows]
    error = {pair: np.std(draws[pair[0]] - draws[pair[1]], ddof=1) for pair in combinations(order, 2)}
    apart = {pair: abs(scores[pair[0]] - scores[pair[1]]) > found.critical * e for pair, e in error.items()}
    assert any(apart.values())
    assert not all(apart.values())
    assert found.groups
    for group in found.groups:
        first, last = order.index(group[0]), order.index(group[-1])
        assert list(group) == order[first : last + 1]
        assert not any(apart[pair] for pair in combinations(group, 2))
        for wider in (order[max(first - 1, 0) : last + 1], order[first : last + 2]):
            assert wider == list(group) or any(apart[pair] for pair in combinations(wider, 2))
    neighbours = [pair for pair in combinations(order, 2) if order.index(pair[1]) - order.index(pair[0]) == 1]
    for pair in neighbours:
        assert apart[pair] or any(set(pair) <= set(group) for group in found.groups)


def test_equals_are_seldom_told_apart() -> None:
    """Six models of one skill: some pair is told apart in about 5 % of corpora, not in the 30 % of unpaid luck."""
    rng, wrong, runs = np.random.default_rng(1), 0, 200
    for _ in range(runs):
        of_people = rng.normal(0.7, 0.4, size=(6, 100)) + rng.normal(0, 0.3, size=100)
        counts = rng.multinomial(100, np.full(100, 0.01), size=1000)
        draws = {f"m{i}": counts @ row / 100 for i, row in enumerate(of_people)}
        found = standings(draws, {f"m{i}": float(row.mean()) for i, row in enumerate(of_people)})
        assert found is not None
        wrong += found.groups != (tuple(row.name for row in found.rows),)
    assert 0 < wrong / runs < 0.1, "0.05 expected; 200 runs stray by 0.015"


def test_models_that_say_the_same_and_scores_that_are_undefined() -> None:
    chance = np.full(200, 0.5)
    good = 0.9 + np.random.default_rng(0).normal(0, 0.01, 200)
    found = standings({"a": chance, "b": chance, "c": good, "d": np.full(200, np.nan)},
                      {"a": 0.5, "b": 0.5, "c": 0.9, "d": np.nan})  # fmt: skip
    assert found is not None
    assert [row.name for row in found.rows] == ["c", "a", "b"]
    assert found.winner == found.best == "c"
    assert found.groups == (("a", "b"),)
    assert [row.rank for row in found.rows] == [1, 2.5, 2.5]
    assert standings({"a": chance}, {"a": 0.5}) is None
    same = standings({"a": chance, "b": chance}, {"a": 0.5, "b": 0.5})
    assert same is not None
    assert (same.winner, same.rows[1].p, same.groups) == (None, 1.0, (("a", "b"),))


def test_where_less_is_better_the_lowest_stands_first() -> None:
    rng = np.random.default_rng(3)
    found = standings({"a": 0.3 + rng.normal(0, 0.01, 200), "b": 0.1 + rng.normal(0, 0.01, 200)}, {"a": 0.3, "b": 0.1},
                      higher_is_better=False)  # fmt: skip
    assert found is not None
    assert (found.best, found.rows[0].rank, found.rows[1].apart) == ("b", 1, True)
