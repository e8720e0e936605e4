"""What a reader of a prediction is shown beside the number: each sentence's part in it, and signals over time."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smfl.features import Schema, SentenceFeatures
from smfl.training.uncertainty import coverage

if TYPE_CHECKING:
    from smfl.training import Explanation, SMFLClassifier

SHOWN: dict[str, tuple[str, str]] = {
    "F0semitoneFrom27.5Hz_sma3nz": ("pitch", "semitones over 27.5 Hz"),
    "F0": ("pitch", "Hz"),
    "Loudness_sma3": ("loudness", "sone-like units"),
    "proxy_smile": ("smile (measured on landmarks)", "eye distances"),
    "AU12_r": ("lip corner puller, AU12", "intensity 0 to 5"),
    "gaze_angle_y": ("gaze, down", "rad"),
    "pose_Rx": ("head pitch, down", "rad"),
}
"""Columns that are shown over time, where they are there: what they are called, and their unit."""

MOST_POINTS = 600
"""Points of one signal in ``prediction.json``."""


def sentence_rows(one: SentenceFeatures, explanation: Explanation) -> list[dict[str, Any]]:
    """Each sentence with its attention (summing to 1) and what leaving it out does to the log-odds."""
    rows = []
    for i, text in enumerate(one.texts):
        start, stop = one.times[i]
        present = [name for name in one.values if len(one.rows(name, i))]
        weights = {name: float(weight[i]) for name, weight in explanation.modality_weights.items()}
        rows.append(
            {
                "index": i,
                "start": _number(start),
                "stop": _number(stop),
                "text": text,
                "weight": float(explanation.sentence_weights[i]),
                "weights": weights,
                "present": present,
                "contribution": float(explanation.contribution[i]),
            }
        )
    return rows


def faithfulness(model: SMFLClassifier, one: SentenceFeatures, explanation: Explanation) -> dict[str, float] | None:
    """What the answer loses without the sentences of most attention, against as many at random.

    Returns:
        ``left_out, top, low, high, beyond``, see `smfl.training.occlusion`; None for few sentences.
    """
    from smfl.training.occlusion import occlusion

    shown = np.sort(np.argsort(-explanation.sentence_weights, kind="stable")[: model.max_sentences])
    found = occlusion(model, one.keep(shown), explanation.sentence_weights[shown])
    if found is None:
        return None
    low, high = np.quantile(found.random, [0.025, 0.975])
    return {
        "left_out": found.left_out,
        "top": found.top,
        "low": float(low),
        "high": float(high),
        "beyond": found.beyond,
    }


def signals_of(one: SentenceFeatures, schema: Schema) -> dict[str, dict[str, Any]]:
    """The `SHOWN` columns over time, as means over stretches of each sentence, with a gap after each.

    A sentence's frames are taken as spread evenly over it, which is exact where none of them is missing.

    Returns:
        By column: ``label, unit, modality, times`` (s) and ``values``; None where nothing was measured.
    """
    shown = {}
    for name, modality in schema.modalities.items():
        if modality.level != "frame" or name not in one.values:
            continue
        for column in modality.columns:
            if column in SHOWN:
                times, values = _series(one, name, modality.columns.index(column))
                if any(value is not None for value in values):
                    label, unit = SHOWN[column]
                    shown[column] = {
                        "label": label,
                        "unit": unit,
                        "modality": name,
                        "times": times,
                        "values": values,
                    }
    return shown


def _series(one: SentenceFeatures, modality: str, column: int) -> tuple[list[float], list[float | None]]:
    durations = one.times[:, 1] - one.times[:, 0]
    total = float(np.nansum(durations))
    budget = max(MOST_POINTS - 2 * len(one), 0)
    times: list[float] = []
    values: list[float | None] = []
    for i, (start, stop) in enumerate(one.times):
        rows = one.rows(modality, i)[:, column]
        if np.isnan(start) or not len(rows) or total <= 0:
            continue
        stretches = min(max(int(durations[i] / total * budget), 1), len(rows))
        edges = np.linspace(0, len(rows), stretches + 1).round().astype(int)
        for first, last in itertools.pairwise(edges):
            times.append(round(float(start + (first + last) / 2 / len(rows) * (stop - start)), 2))
            values.append(_mean(rows[first:last]))
        times.append(round(float(stop), 2))
        values.append(None)
    stride = -(-len(times) // MOST_POINTS) if times else 1
    return times[::stride], values[::stride]


def _mean(values: npt.NDArray[Any]) -> float | None:
    there = values[~np.isnan(values)]
    return round(float(there.mean()), 4) if len(there) else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def modality_rows(one: SentenceFeatures, schema: Schema) -> Mapping[str, Mapping[str, float]]:
    """``coverage`` of each modality that the model reads."""
    return {name: {"coverage": round(coverage(one, name), 4)} for name in schema.modalities}
