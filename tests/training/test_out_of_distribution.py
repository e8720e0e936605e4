"""An interview unlike the training people's is recognised by its columns, and not judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from smfl.features import SentenceFeatures
from smfl.training import SMFLClassifier
from smfl.training.out_of_distribution import (
    columns_out_of_distribution,
    reason_out_of_distribution,
    warnings_of_columns,
)


def people(shift: float = 0.0, columns: int = 30) -> list[SentenceFeatures]:
    rng = np.random.default_rng(0)
    made = []
    for i in range(12):
        values = rng.normal(size=(20, columns)).astype(np.float32)
        values[:, 0] += shift
        made.append(
            SentenceFeatures(
                f"p{i}", f"p{i}", {"audio": values}, {"audio": np.array([0, 8, 20])}, np.array([[0, 1], [2, 3.0]]),
                ("a", "b"), i % 2, None, {"audio": 20.0}, {"audio": tuple(f"c{k}" for k in range(columns))},
            )
        )  # fmt: skip
    return made


def test_by_column_and_share() -> None:
    known = people()
    model = SMFLClassifier(epochs=1, members=1, modalities=("audio",)).fit(known, [one.label or 0 for one in known])
    assert columns_out_of_distribution(model, known[0]) == {}
    loud = people(shift=9.0)[0]
    found = columns_out_of_distribution(model, loud)
    share, columns = found["audio"]
    assert share == 1 / 30
    assert len(columns) == 1
    assert columns[0].startswith("c0 (+")
    assert "audio is unlike the training people's in 3% of its columns: c0 (+" in warnings_of_columns(found)[0]
    assert reason_out_of_distribution(found) is None  # one column of thirty is a warning
    other = replace(loud, values={"audio": loud.values["audio"] + 9})
    reason = reason_out_of_distribution(columns_out_of_distribution(model, other))
    assert reason is not None
    assert reason.startswith("audio is too unlike the training people's")


def test_what_is_missing_is_not_out_of_distribution() -> None:
    known = people()
    model = SMFLClassifier(epochs=1, members=1, modalities=("audio",)).fit(known, [one.label or 0 for one in known])
    silent = replace(known[0], values={"audio": np.full((20, 30), np.nan, np.float32)})
    assert columns_out_of_distribution(model, silent) == {}
