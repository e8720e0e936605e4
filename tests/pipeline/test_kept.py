"""The studies' files of predictions: figures from them are those of fits, and count only as long as these would."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from smfl.evaluation import Results
from smfl.features import Prepared
from smfl.pipeline.evaluate import evaluate

MODELS = ("logistic-regression", "ridge")


def _metrics(results: Results) -> list[Any]:
    models = results.document["models"]
    return [[one["name"], one["parameters"], one["metrics"], one.get("difference")] for one in models]


def test_seeds_that_were_kept_are_those_of_one_run(kept: ModuleType, made: Prepared, tmp_path: Path) -> None:
    def fit(seed: int) -> Results:
        return evaluate(made, MODELS, folds=3, seeds=[seed])

    def never() -> Results:
        raise AssertionError

    for seed in (0, 1):
        kept.kept_or_made(tmp_path / f"{seed}.parquet", {"seed": seed}, lambda seed=seed: fit(seed))
    read = [kept.kept_or_made(tmp_path / f"{seed}.parquet", {"seed": seed}, never) for seed in (0, 1)]
    together, at_once = kept.together(read), evaluate(made, MODELS, folds=3, seeds=2)
    assert _metrics(together) == _metrics(at_once)
    order = ["model", "seed", "fold", "participant"]
    own, other = (
        one.predictions[[*order, "probability"]].sort_values(order, ignore_index=True) for one in (together, at_once)
    )
    pd.testing.assert_frame_equal(own, other, check_dtype=False)


@pytest.mark.parametrize(
    ("asked", "code", "again"),
    [({"folds": 5}, "same", False), ({"folds": 3}, "changed", False), ({"folds": 3}, "same", True)],
)
def test_what_no_longer_holds_is_made_anew(
    kept: ModuleType,
    made: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: Any,
    code: str,
    again: bool,
) -> None:
    results, fits = evaluate(made, "majority", folds=3), []

    def fit() -> Results:
        fits.append(1)
        return results

    monkeypatch.setattr(kept, "code_digest", lambda parts: "same")
    for _ in range(2):
        kept.kept_or_made(tmp_path / "0.parquet", {"folds": 3}, fit)
    assert len(fits) == 1
    monkeypatch.setattr(kept, "code_digest", lambda parts: code)
    kept.kept_or_made(tmp_path / "0.parquet", asked, fit, again=again)
    assert len(fits) == 2
