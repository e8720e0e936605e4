"""What a model is handed: the columns that it was trained on, by name, of the modalities that it reads."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from smfl.features import Modality, Schema, SentenceFeatures
from smfl.interview import FeatureError


def check_fit(expected: Schema, found: Schema, *, where: str) -> None:
    """Refuse features that a model can't read, by name, and say what to do.

    Args:
        expected: the model's schema.
        found: the features'.
        where: whose features, for the message.

    Raises:
        FeatureError: naming each misfit.
    """
    misfits = expected.misfits(as_read(expected, found))
    if not set(expected.modalities) & set(found.modalities):
        misfits.append(f"the model reads {', '.join(expected.modalities)}; there is only {', '.join(found.modalities)}")
    if not misfits:
        return
    given = [name for name, m in expected.modalities.items() if m.extractor == "given"]
    brought = f" ({', '.join(given)} came ready-made with its corpus)" if given else ""
    settings = {key: getattr(expected.settings, key) for key in ("features", "text_encoder", "face_rate")}
    raise FeatureError(
        f"{where} doesn't fit the model:\n  "
        + "\n  ".join(misfits)
        + f"\nPrepare with what the model was trained on{brought}: "
        + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in settings.items() if value is not None)
        + "; or train a model on these features."
    )


def every_nth(expected: Modality, found: Modality) -> int:
    """Of a faster signal every n-th frame is read, so that a model meets the rate that it was trained on.

    Example:
        >>> slow, fast = (Modality(("F0",), "frame", rate, "voice-lld") for rate in (20.0, 100.0))
        >>> every_nth(slow, fast), every_nth(fast, slow)
        (5, 1)
    """
    if not expected.rate_hz or not found.rate_hz:
        return 1
    return max(1, round(found.rate_hz / expected.rate_hz))


def as_read(expected: Schema, found: Schema) -> Schema:
    """The schema of features once every n-th frame of them is read."""
    modalities = dict(found.modalities)
    for name, modality in expected.modalities.items():
        if name in modalities and (rate := modalities[name].rate_hz):
            modalities[name] = replace(modalities[name], rate_hz=rate / every_nth(modality, modalities[name]))
    return replace(found, modalities=modalities)


def fitted_to(expected: Schema, found: Schema, one: SentenceFeatures) -> SentenceFeatures:
    """The same interview with the model's modalities, columns and frame rate, in the model's order.

    Example:
        >>> model = Schema({"audio": Modality(("F0", "loudness"), "frame", 100.0, "voice-lld")})
        >>> other = Schema({"audio": Modality(("loudness", "jitter", "F0"), "frame", 100.0, "voice-lld")})
        >>> one = SentenceFeatures("a", "a", {"audio": np.array([[1, 2, 3]], "f4")}, {"audio": np.array([0, 1])},
        ...                        np.zeros((1, 2)), ("yes",))
        >>> fitted_to(model, other, one).values["audio"].tolist()
        [[3.0, 1.0]]
    """
    values, offsets, columns, rates = {}, {}, {}, {}
    for name, modality in expected.modalities.items():
        if name not in one.values:
            continue
        there = found.modalities[name]
        index = [there.columns.index(column) for column in modality.columns]
        nth = every_nth(modality, there)
        rows, bounds = one.values[name], one.offsets[name]
        if nth > 1:
            kept = [np.arange(a, b, nth) for a, b in itertools.pairwise(bounds)]
            rows = rows[np.concatenate(kept)] if kept else rows
            bounds = np.concatenate([[0], np.cumsum([len(k) for k in kept])]).astype(np.int64)
        values[name], offsets[name], columns[name] = rows[:, index], bounds, modality.columns
        if there.rate_hz:
            rates[name] = there.rate_hz / nth
    return replace(one, values=values, offsets=offsets, columns=columns, rates=rates)
