"""Sentence-level multi-modal depression recognition from interviews: the table of contents.

Everything here is loaded when it is first used, so that ``import smfl`` costs nothing.

Example:
    >>> import smfl
    >>> sorted(set(dir(smfl)) & {"load", "prepare", "evaluate", "SMFLClassifier"})
    ['SMFLClassifier', 'evaluate', 'load', 'prepare']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smfl.evaluation.results import Results
    from smfl.features.schema import Schema
    from smfl.features.sentences import SentenceFeatures
    from smfl.features.settings import ExtractionSettings
    from smfl.features.store import Prepared
    from smfl.interview import Cohort, Interview, SmflError
    from smfl.pipeline.check import Checked, check
    from smfl.pipeline.comparison.settings import ComparisonSettings
    from smfl.pipeline.demo import demo
    from smfl.pipeline.describe import Description, describe
    from smfl.pipeline.evaluate import evaluate
    from smfl.pipeline.load import load
    from smfl.pipeline.predict import Prediction, predict
    from smfl.pipeline.prepare import prepare
    from smfl.pipeline.simulate import simulate
    from smfl.pipeline.train import train
    from smfl.training.build import make
    from smfl.training.estimator import SMFLClassifier
    from smfl.training.model_folder.checkpoint import load_model, save_model

_WHERE = {
    "Checked": "pipeline.check",
    "Cohort": "interview",
    "ComparisonSettings": "pipeline.comparison.settings",
    "Description": "pipeline.describe",
    "ExtractionSettings": "features.settings",
    "Interview": "interview",
    "Prediction": "pipeline.predict",
    "Prepared": "features.store",
    "Results": "evaluation.results",
    "SMFLClassifier": "training.estimator",
    "Schema": "features.schema",
    "SentenceFeatures": "features.sentences",
    "SmflError": "interview",
    "check": "pipeline.check",
    "demo": "pipeline.demo",
    "describe": "pipeline.describe",
    "evaluate": "pipeline.evaluate",
    "load": "pipeline.load",
    "load_model": "training.model_folder.checkpoint",
    "make": "training.build",
    "predict": "pipeline.predict",
    "prepare": "pipeline.prepare",
    "save_model": "training.model_folder.checkpoint",
    "simulate": "pipeline.simulate",
    "train": "pipeline.train",
}

__all__ = [
    "Checked",
    "Cohort",
    "ComparisonSettings",
    "Description",
    "ExtractionSettings",
    "Interview",
    "Prediction",
    "Prepared",
    "Results",
    "SMFLClassifier",
    "Schema",
    "SentenceFeatures",
    "SmflError",
    "__version__",
    "check",
    "demo",
    "describe",
    "evaluate",
    "load",
    "load_model",
    "make",
    "predict",
    "prepare",
    "save_model",
    "simulate",
    "train",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("smfl")
    if name not in _WHERE:
        raise AttributeError(f"module 'smfl' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"smfl.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
