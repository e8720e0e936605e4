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


def _comparator(module: str, name: str) -> Callable[..., Any]:
    def build(*, modalities: Sequence[str], recipe: str, seed: int, task: str | Sequence[str] = "binary") -> Any:
        from importlib import import_module

        from smfl.training.comparators.graded import Graded
        from smfl.training.tasks import BINARY, tasks_of

        model = getattr(import_module(f"smfl.training.comparators.{module}"), name)(
            modalities=tuple(modalities), seed=seed
        )
        return model if tasks_of(task) == (BINARY,) else Graded(model, task, seed)

    return build


def _pooled(name: str) -> Callable[..., Any]:
    return _comparator("pooled", name)


def _of_the_paper(name: str, title: str, tables: str) -> ModelEntry:
    return ModelEntry(name, title, f"{PAPER}; {tables}", _network(name))


_ENTRIES = (
    _of_the_paper("smfl", "SMFL", "Tables 2–4"),
    _of_the_paper("mmfl-ca", "MMFL + Cross-Attention", "Table 4"),
    _of_the_paper("mmfl", "MMFL", "Table 4"),
    _of_the_paper("tcn-all", "TCN (all)", "Tables 2–4"),
    _of_the_paper("tcn-sentence", "TCN (sentence)", "Tables 2–4"),
    _of_the_paper("tcn-sentence-lstm", "TCN (sentence) + LSTM", "Table 4"),
    _of_the_paper("lstm-sa", "LSTM + Self-Attention", "Table 3"),
    _of_the_paper("lstm-sa-ca", "LSTM + Self-Attention + Cross-Attention", "Tables 2, 3"),
    _of_the_paper("tcn-sa", "TCN + Self-Attention", "Table 3"),
    _of_the_paper("tcn-sa-ca", "TCN + Self-Attention + Cross-Attention", "Table 2"),
    _of_the_paper("tcn-lstm-sa", "TCN + LSTM + Self-Attention", "Table 3"),
    ModelEntry("c-cnn", "C-CNN", "Haque et al. 2018, arXiv 1811.08592; Table 3", _network("c-cnn")),
    ModelEntry(
        "zou-2022", "Zou et al.", "Zou et al. 2022, doi 10.1109/TAFFC.2022.3181210; Table 3", _network("zou-2022"),
    ),
    ModelEntry("tfn", "Tensor fusion (TFN)", "Zadeh et al. 2017, arXiv 1707.07250", _network("tfn")),
    ModelEntry("lmf", "Low-rank fusion (LMF)", "Liu et al. 2018, arXiv 1806.00064", _network("lmf")),
    ModelEntry("mult", "Crossmodal transformer (MulT)", "Tsai et al. 2019, arXiv 1906.00295", _network("mult")),
    ModelEntry(
        "bigru-attention", "Bidirectional GRU + attention",
        "Yang et al. 2016, doi 10.18653/v1/N16-1174; Shen et al. 2022, arXiv 2202.08210", _network("bigru-attention"),
    ),
    ModelEntry(
        "window", "Fixed windows + transformer", "after Gimeno-Gómez et al. 2024, arXiv 2401.02746", _network("window"),
    ),
    ModelEntry(
        "logistic-regression", "Logistic regression, pooled", "mean and sd over the interview",
        _pooled("PooledLogisticRegression"), trainable=False,
    ),
    ModelEntry(
        "ridge", "Ridge regression of the score, pooled", "mean and sd over the interview",
        _comparator("ridge", "PooledRidge"), trainable=False,
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
        options: further arguments of the estimator, such as ``task``.

    Raises:
        CallError: for an unknown name, with the nearest known one.

    Example:
        >>> make("smfl", seed=3).seed
        3
    """
    return MODELS[choice(name, list(MODELS), what="model")].build(
        modalities=modalities, recipe=recipe, seed=seed, **options
    )
