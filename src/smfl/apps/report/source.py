"""What a report is made of: a results folder, or a prediction folder, read and checked."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from smfl.evaluation.curves import HeldOut
from smfl.evaluation.losses import LossCurve, chosen_epoch
from smfl.evaluation.results import FORMAT, KIND
from smfl.interview import SmflError
from smfl.interview.atomic import FILES, check_seal

RESULTS_FILE = "results.json"
PREDICTION_FILE = "prediction.json"
PREDICTION_FORMAT = 1
PREDICTIONS_FILE = "predictions.csv"
HISTORY_FILE = "history.csv"


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """A results folder.

    Args:
        folder: where it is.
        facts: `results.json`.
        predictions: held-out predictions by model, in the order of `results.json`; empty without `predictions.csv`.
        history: training runs by model; empty where no model has epochs.
    """

    folder: Path
    facts: Mapping[str, Any]
    predictions: Mapping[str, HeldOut] = field(default_factory=dict)
    history: Mapping[str, tuple[LossCurve, ...]] = field(default_factory=dict)


def _rows(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise SmflError(f"{path}: no column {', '.join(missing)}; it needs {', '.join(needed)}")
        return list(reader)


def _number(row: Mapping[str, str], name: str, path: Path, line: int) -> float:
    text = (row.get(name) or "").strip()
    if not text:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        raise SmflError(f"{path}, line {line}: {name} is a number; got {text!r}") from None


def read_predictions(path: Path, order: list[str]) -> dict[str, HeldOut]:
    """Held-out predictions by model, those in ``order`` first.

    Raises:
        SmflError: naming file, line and value where a row can't be read.
    """
    by_model: dict[str, list[tuple[str, int, float, str, str]]] = {}
    for line, row in enumerate(_rows(path, ("model", "participant", "label", "probability")), start=2):
        label = _number(row, "label", path, line)
        probability = _number(row, "probability", path, line)
        if label not in (0, 1) or not 0 <= probability <= 1:
            raise SmflError(
                f"{path}, line {line}: a label is 0 or 1 and a probability 0 to 1; "
                f"got {row['label']!r} and {row['probability']!r}"
            )
        by_model.setdefault(row["model"], []).append(
            (row["participant"], int(label), probability, row.get("seed") or "0", row.get("fold") or "0")
        )
    names = [name for name in order if name in by_model] + [name for name in by_model if name not in order]
    held_out = {}
    for name in names:
        who, labels, probabilities, seeds, folds = zip(*by_model[name], strict=True)
        fits = {fit: number for number, fit in enumerate(dict.fromkeys(zip(seeds, folds, strict=True)))}
        held_out[name] = HeldOut(
            participants=np.array(who, dtype=str),
            labels=np.array(labels, dtype=np.int64),
            probabilities=np.array(probabilities),
            seeds=np.array(seeds, dtype=str),
            groups=np.array([fits[fit] for fit in zip(seeds, folds, strict=True)], dtype=np.int64),
        )
    return held_out


def read_history(path: Path, order: list[str]) -> dict[str, tuple[LossCurve, ...]]:
    """Training runs by model: rows of one model, seed, fold and member make a run; the validation's loss is watched.

    The epoch that was kept is the one that the file marks (column ``chosen``), else the first with the lowest
    watched loss.

    Raises:
        SmflError: naming file, line and value where a row can't be read.
    """
    runs: dict[tuple[str, ...], list[tuple[float, float, float, bool]]] = {}
    for line, row in enumerate(_rows(path, ("model", "epoch", "train_loss")), start=2):
        key = (row["model"], *(row.get(name) or "0" for name in ("seed", "fold", "member")))
        epoch, train, watched = (_number(row, name, path, line) for name in ("epoch", "train_loss", "validation_loss"))
        chosen = (row.get("chosen") or "").strip().lower() in ("1", "1.0", "true", "yes")
        runs.setdefault(key, []).append((epoch, train, watched, chosen))
    models: dict[str, list[LossCurve]] = {}
    for (model, *_), points in runs.items():
        points.sort(key=lambda point: point[0])
        epochs, train_loss, watched_loss = (np.array([point[i] for point in points], float) for i in range(3))
        marked = next((point[0] for point in reversed(points) if point[3]), None)
        kept = chosen_epoch(epochs, watched_loss, marked)
        models.setdefault(model, []).append(LossCurve(epochs, train_loss, watched_loss, kept))
    names = [name for name in order if name in models] + [name for name in models if name not in order]
    return {name: tuple(models[name]) for name in names}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise SmflError(
            f"{path}: this isn't readable JSON ({error}); write it anew with the command that made it"
        ) from None


def read_comparison(folder: Path) -> Comparison:
    """A results folder.

    Raises:
        SmflError: where `results.json` isn't what the format says.
    """
    path = folder / RESULTS_FILE
    if (folder / FILES).is_file():
        check_seal(folder, KIND, FORMAT)
    facts = _json(path)
    if not isinstance(facts, dict):
        raise SmflError(f"{path}: expected a JSON object; got {type(facts).__name__}")
    missing = [key for key in ("corpus", "n", "positives", "protocol", "models") if key not in facts]
    if missing:
        raise SmflError(f"{path}: {', '.join(map(repr, missing))} isn't there; run 'smfl evaluate' again")
    if not facts["models"]:
        raise SmflError(f"{path}: 'models' is empty: nothing was evaluated, so there is nothing to report")
    for model in facts["models"]:
        if not isinstance(model, dict) or "name" not in model or not isinstance(model.get("metrics"), dict):
            raise SmflError(f"{path}: every model needs a 'name' and its 'metrics'; got {str(model)[:80]}")
    order = [model["name"] for model in facts["models"]]
    predictions, history = folder / PREDICTIONS_FILE, folder / HISTORY_FILE
    return Comparison(
        folder,
        facts,
        read_predictions(predictions, order) if predictions.is_file() else {},
        read_history(history, order) if history.is_file() else {},
    )


def read_recordings(path: Path) -> list[dict[str, Any]]:
    """The predictions of one file: an object, or a list of them.

    Raises:
        SmflError: where a prediction has no probability from 0 to 1, or no sentences that are objects.
    """
    if (path.parent / FILES).is_file():
        check_seal(path.parent, "prediction", PREDICTION_FORMAT)
    content = _json(path)
    found = content if isinstance(content, list) else [content]
    if not found:
        raise SmflError(f"{path}: the list of predictions is empty")
    for one in found:
        if not isinstance(one, dict) or "probability" not in one:
            raise SmflError(f"{path}: a prediction is a JSON object with a 'probability'; got {str(one)[:80]}")
        p = one["probability"]
        if p is not None and not (isinstance(p, int | float) and 0 <= p <= 1):
            raise SmflError(f"{path}: a probability is 0 to 1; got {p!r}")
        if not all(isinstance(sentence, dict) for sentence in one.get("sentences") or ()):
            raise SmflError(f"{path}: each of the 'sentences' is an object; write it anew with 'smfl predict'")
    return found
