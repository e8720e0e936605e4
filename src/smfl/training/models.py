"""Every system by name: what users type, where it comes from, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from smfl.interview import choice

PAPER = "Zhang et al. 2025, doi 10.3389/fpsyt.2025.1439577"


@dataclass(frozen=True)
class ModelEntry:
    """A system that can be trained and compared.

    Args:
        name: as users type it.
        title: as tables show it; the paper's own words where it is one of the paper's rows.
        reference: publication.
        build: makes an unfitted estimator from ``modalities``, ``recipe`` and ``seed``.
        trainable: whether a fitted one can be saved as a model folder.
    """

    name: str
    title: str
    reference: str
    build: Callable[..., Any]
    trainable: bool = True


def _network(name: str) -> Callable[..., Any]:
    def build(*, modalities: Sequence[str], recipe: str, seed: int, **options: Any) -> Any:
        from smfl.training.estimator import SMFLClassifier

        return SMFLClassifier(model=name, recipe=recipe, modalities=tuple(modalities), seed=seed, **options)

    return build


def _pooled(name: str) -> Callable[..., Any]:
    def build(*, modalities: Sequence[str], recipe: str, seed: int) -> Any:
        from smfl.training import pooled

        return getattr(pooled, name)(modalities=tuple(modalities), seed=seed)

    return build


_ENTRIES = (
    ModelEntry("smfl", "SMFL", PAPER, _network("smfl")),
    ModelEntry("tcn-sentence", "TCN (sentence)", PAPER, _network("tcn-sentence")),
    ModelEntry(
        "logistic-regression", "Logistic regression, pooled", "mean and sd over the interview",
        _pooled("PooledLogisticRegression"), trainable=False,
    ),
    ModelEntry(
        "gradient-boosting", "Gradient boosting, pooled", "mean and sd over the interview; Friedman 2001",
        _pooled("PooledGradientBoosting"), trainable=False,
    ),
    ModelEntry(
        "late-fusion", "Late fusion", "mean of one logistic regression a modality", _pooled("LateFusion"),
        trainable=False,
    ),
    ModelEntry("tfidf-linear", "TF-IDF + linear", "words only", _pooled("TfidfLinear"), trainable=False),
    ModelEntry("majority", "Majority class", "reads nothing", _pooled("Majority"), trainable=False),
)  # fmt: skip

MODELS: dict[str, ModelEntry] = {entry.name: entry for entry in _ENTRIES}


def make(
    name: str,
    *,
    modalities: Sequence[str] = ("video", "audio", "text"),
    recipe: str = "tuned",
    seed: int = 0,
    **options: Any,
) -> Any:
    """An unfitted estimator by name.

    Args:
        name: one of `MODELS`.
        modalities: those that may be read.
        recipe: ``tuned`` or ``paper``; only networks have one.
        seed: of everything random.
        options: further arguments of the estimator.

    Raises:
        CallError: for an unknown name, with the nearest known one.

    Example:
        >>> make("smfl", seed=3).seed
        3
    """
    return MODELS[choice(name, list(MODELS), what="model")].build(
        modalities=modalities, recipe=recipe, seed=seed, **options
    )
