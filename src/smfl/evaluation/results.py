"""The record of a comparison: predictions, and every figure that follows from them.

``predictions.csv`` is the result; ``results.json`` holds what can be recomputed from it (`Results.of`), and what was
run: protocol, splits, seeds, label rule, environment.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smfl.evaluation.graded import GRADES, graded_of, graded_scores
from smfl.evaluation.intervals import COVERAGE, RESAMPLES, SEED, Resamples, Score
from smfl.evaluation.metrics import METRICS
from smfl.interview import CallError, choice
from smfl.interview.atomic import check_seal, seal, write_text

if TYPE_CHECKING:
    import pandas as pd

PREDICTIONS, HISTORY, RESULTS = "predictions.csv", "history.csv", "results.json"
KIND, FORMAT = "results", 1
"""What ``files.json`` says of a results folder: see `smfl.interview.atomic.seal`."""
PREDICTION_COLUMNS = ("model", "protocol", "seed", "fold", "participant", "interview", "label", "probability")
HISTORY_COLUMNS = ("model", "seed", "fold", "epoch", "train_loss", "validation_loss")
RANKED = "auroc"
"""The metric in which models are compared in pairs and ranked: it needs no threshold."""

DEFINITIONS = {
    "mean": "over folds × seeds in which the score is defined, each fold by itself",
    "sd": "standard deviation over the same; no confidence interval, since folds share training people",
    "pooled": "held-out predictions of all folds together, averaged over seeds; AUROC and AUPRC rank within folds",
    "low, high": "95 % percentile bootstrap of the pooled score over participants, all their rows together",
    "undefined": "number of folds × seeds in which the score isn't defined, such as precision with no positive call",
    "difference": "pooled score of this model minus that of the first, paired bootstrap over the same participants",
    "ranked_first": "share of bootstrap resamples in which the model has the highest pooled AUROC",
    "standings": "by pooled AUROC; delta: from the best, with an interval that holds for all pairs of models at once "
    "(bootstrap max-t over participants); groups: neighbours of whom no two are told apart",
    "winners": "by metric, the model that is told apart from every other one in the same way",
}
SHOWN = ("auroc", "macro_f1", "f1", "accuracy")


@dataclass(frozen=True)
class ModelFacts:
    """What is told of a model beside its scores.

    Args:
        name: as in the column ``model`` of the predictions.
        modalities: what it read.
        parameters: how many numbers it learned; None where unknown.
        seconds: of fitting, over all folds and seeds.
        facts: further ones, such as the recipe.
        ranked: whether it takes part in the ranking; the ideal observer of a simulated corpus doesn't.
    """

    name: str
    modalities: tuple[str, ...] = ()
    parameters: int | None = None
    seconds: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    ranked: bool = True


@dataclass(frozen=True, eq=False)
class Results:
    """A comparison of models on the same interviews.

    Args:
        predictions: one row an interview, model, seed and fold: `PREDICTION_COLUMNS`.
        history: one row an epoch: `HISTORY_COLUMNS` and what else the models tell.
        document: what ``results.json`` holds.
    """

    predictions: pd.DataFrame
    history: pd.DataFrame
    document: Mapping[str, Any]

    @classmethod
    def of(
        cls, predictions: pd.DataFrame, history: pd.DataFrame, models: Sequence[ModelFacts], facts: Mapping[str, Any]
    ) -> Results:
        """Compute every figure from the predictions.

        Args:
            predictions: `PREDICTION_COLUMNS`.
            history: may be empty.
            models: in the order of the table; each has rows in ``predictions``.
            facts: what was run: corpus, label rule, remarks, split hash, environment, …; they go into the document.
        """
        from smfl.evaluation.intervals import bootstrap, difference, ranked_first, scores
        from smfl.evaluation.pairs import standings

        of_model = {model.name: predictions[predictions["model"] == model.name] for model in models}
        drawn = {name: Resamples.of(rows) for name, rows in of_model.items()}
        draws = {name: bootstrap(rows, resamples=drawn[name]) for name, rows in of_model.items()}
        first = ranked_first({model.name: draws[model.name][RANKED] for model in models if model.ranked})
        entries, reference, tasks = [], models[0].name, graded_of(predictions)
        for model in models:
            rows = of_model[model.name]
            figures = scores(rows, draws[model.name])
            entry = {
                "name": model.name,
                "modalities": list(model.modalities),
                "parameters": model.parameters,
                "seconds": model.seconds,
                **model.facts,
                "ranked_first": first.get(model.name),
                "metrics": {name: asdict(score) for name, score in figures.items()},
            }
            if tasks and rows[GRADES[tasks[0]][1]].notna().any():
                entry["graded"] = graded_scores(rows, drawn[model.name])
            if model.name != reference:
                delta = difference(rows, of_model[reference], RANKED, drawn[reference])
                entry["difference"] = {"metric": RANKED, "reference": reference, **asdict(delta)}
            entries.append(entry)
        stand = {
            metric: standings(
                {name: draws[name][metric] for name in first},
                {entry["name"]: entry["metrics"][metric]["pooled"] for entry in entries if entry["name"] in first},
                higher_is_better=METRICS[metric].higher_is_better,
            )
            for metric in METRICS
        }
        ranking = stand[RANKED]
        document = {
            **_sample_facts(predictions),
            **facts,
            "models": entries,
            "definitions": DEFINITIONS,
            "standings": None if ranking is None else {"metric": RANKED, **ranking.to_dict()},
            "winners": {metric: None if one is None else one.winner for metric, one in stand.items()},
            "bootstrap": {"resamples": RESAMPLES, "seed": SEED, "coverage": COVERAGE, "unit": "participant"},
        }
        return cls(predictions, history, _without_nan(document))

    @property
    def models(self) -> tuple[str, ...]:
        """Names, in the order of the table."""
        return tuple(model["name"] for model in self.document["models"])

    def score(self, model: str, metric: str) -> Score:
        """One figure.

        Raises:
            CallError: where there is no such model or metric.
        """
        choice(model, self.models, what="model in these results")
        choice(metric, list(METRICS), what="metric")
        entry = next(entry for entry in self.document["models"] if entry["name"] == model)
        figures: dict[str, Any] = entry["metrics"][metric]
        return Score(**figures | {key: math.nan for key, value in figures.items() if value is None})

    def write(self, folder: Path | str, texts: Mapping[str, str] | None = None) -> Path:
        """Write `PREDICTIONS`, `HISTORY` and `RESULTS`, each whole or not at all, and the list of their hashes.

        Args:
            folder: made where it isn't there.
            texts: further files of the record, by name.

        Returns:
            The folder.
        """
        out = Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        document = json.dumps(self.document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        contents = {
            **(texts or {}),
            PREDICTIONS: self.predictions.to_csv(index=False, lineterminator="\n"),
            HISTORY: self.history.to_csv(index=False, lineterminator="\n"),
            RESULTS: document,
        }
        for name, text in contents.items():
            write_text(out / name, text)
        seal(out, KIND, FORMAT, contents)
        return out

    @classmethod
    def read(cls, folder: Path | str) -> Results:
        """Read what `write` wrote.

        Raises:
            CallError: where the folder isn't one of results, or a file isn't what was written.
        """
        import pandas as pd

        path = Path(folder)
        check_seal(path, KIND, FORMAT, CallError)
        try:
            document = json.loads((path / RESULTS).read_text(encoding="utf-8"))
            history = pd.read_csv(path / HISTORY, dtype={"model": str})
        except FileNotFoundError as fault:
            raise CallError(f"{fault.filename}: not there; is {path} a folder that `smfl evaluate` wrote?") from None
        except ValueError as fault:
            raise CallError(f"{path}: not a folder of results ({fault}); evaluate again") from None
        return cls(read_predictions(path / PREDICTIONS), history, document)

    def table(self, metrics: Sequence[str] = SHOWN, *, markdown: bool = False) -> str:
        """The comparison in words and figures: never without the class balance and the majority class beside it.

        Args:
            metrics: columns, of `METRICS`.
            markdown: as a Markdown table; else padded with spaces.
        """
        from smfl.evaluation.table import render

        return render(self.document, [choice(name, list(METRICS), what="metric") for name in metrics], markdown)


def read_predictions(path: Path | str) -> pd.DataFrame:
    """Read ``predictions.csv``: keys stay text, probabilities come back to the last bit.

    Raises:
        CallError: where it isn't there, or lacks a column.
    """
    import pandas as pd

    text = dict.fromkeys(("model", "protocol", "participant", "interview"), str)
    try:
        table = pd.read_csv(path, dtype=text, keep_default_na=False, converters={"probability": float})
    except FileNotFoundError:
        raise CallError(f"{path}: not there; `smfl evaluate` writes it") from None
    missing = [name for name in PREDICTION_COLUMNS if name not in table]
    if missing:
        raise CallError(f"{path}: no column {', '.join(missing)}; expected {', '.join(PREDICTION_COLUMNS)}")
    return table


def _sample_facts(predictions: pd.DataFrame) -> dict[str, Any]:
    """Class balance of everyone who was tested, and what calling them all the majority class would score."""
    people = predictions.drop_duplicates("interview")
    n, positives = len(people), int(people["label"].sum())
    majority = int(2 * positives >= n)
    labels = people["label"].to_numpy()
    always = {name: metric(labels, [float(majority)] * n) for name, metric in METRICS.items()}
    return {
        "n": n,
        "participants": int(people["participant"].nunique()),
        "positives": positives,
        "majority": {"label": majority, "share": max(positives, n - positives) / n, "metrics": always},
    }


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
