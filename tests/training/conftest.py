"""Small interviews with a planted signal, made in memory: nothing is read, nothing decoded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from smfl.features import Modality, Schema, SentenceFeatures

WIDTHS = {"video": 6, "audio": 4, "text": 8}
Cohort = tuple[list[SentenceFeatures], np.ndarray]


def interview(rng: np.random.Generator, key: str, label: int, effect: float, sentences: int = 6) -> SentenceFeatures:
    values, offsets = {}, {}
    for name, width in WIDTHS.items():
        lengths = np.ones(sentences, int) if name == "text" else rng.integers(8, 30, sentences)
        if name == "video":
            lengths[0] = 0  # the face is found late
        rows = rng.normal(size=(lengths.sum(), width)) + 0.5 * rng.normal(size=width)
        rows[:, 0] += effect * label
        if name == "audio":
            rows[rng.random(len(rows)) < 0.3, 1] = np.nan  # unvoiced
        values[name] = rows.astype(np.float32)
        offsets[name] = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    starts = np.arange(sentences) * 4.0
    times = np.stack([starts, starts + rng.uniform(1, 3, sentences)], axis=1)
    return SentenceFeatures(
        key, key, values, offsets, times, tuple("words" for _ in range(sentences)), label, None,
        {"video": 25.0, "audio": 50.0},
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_cohort() -> Callable[..., Cohort]:
    def make(people: int = 40, effect: float = 1.5, seed: int = 0) -> Cohort:
        rng = np.random.default_rng(seed)
        labels = np.arange(people) % 3 == 0
        return [interview(rng, f"p{i}", int(y), effect) for i, y in enumerate(labels)], labels.astype(int)

    return make


@pytest.fixture(scope="session")
def schema() -> Schema:
    """Of the cohorts that `make_cohort` makes."""
    rates = {"video": 25.0, "audio": 50.0}
    return Schema(
        {
            name: Modality(tuple(f"{name}_{i}" for i in range(width)), "frame" if name in rates else "sentence",
                           rates.get(name), "given")
            for name, width in WIDTHS.items()
        }
    )  # fmt: skip
