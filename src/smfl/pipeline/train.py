"""`smfl.train`: one model, fitted on all labelled interviews of a prepared folder, as a model folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smfl.features import Prepared
from smfl.interview import CallError, choice

if TYPE_CHECKING:
    from smfl.training import SMFLClassifier

TRAINING = "training.json"
"""Beside the model: what its training people tell of its calibration, and digests by which they are known again."""

Progress = Callable[[int, int, str], None]


def train(
    prepared: Prepared | str | Path,
    out: str | Path,
    *,
    model: str = "smfl",
    recipe: str = "tuned",
    modalities: Sequence[str] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    tune: int = 0,
    **options: Any,
) -> SMFLClassifier:
    """Fit a model on every labelled interview it is given, and write its folder.

    For a figure of how good it is, evaluate: this model has seen everyone, or all of ``prepared.train``.

    Args:
        prepared: interviews, or their folder.
        out: the model folder.
        model: name of a network; see ``smfl models``.
        recipe: ``tuned``, or ``paper`` (§3.2).
        modalities: to read; all there are where None.
        seed: of everything random.
        progress: told after each epoch, or after each trial; stops may come early.
        tune: trials by which settings are chosen (`smfl.training.selection.tuning`); 0: the recipe as it is.
        options: further arguments of `SMFLClassifier`, such as ``task``, ``strong`` and ``weak``.

    Returns:
        The fitted estimator, as `smfl.load_model` gives it.

    Raises:
        CallError: for an unknown name, a model that can't be saved, or one that lifts nothing where ``strong`` or
            ``weak`` is given.
        LabelError: where one of the classes is absent.
    """
    from smfl.training import load_model, make, save_model
    from smfl.training.selection.tuning import check_trials, tuned
    from smfl.training.tasks import check_scores, tasks_of

    _check_trainable(model)
    data = prepared if isinstance(prepared, Prepared) else Prepared(prepared)
    known = data.labelled
    if not len(known):
        raise CallError(f"{data.folder}: no interview has a label; training needs them")
    wanted = tuple(modalities) if modalities is not None else tuple(data.schema.modalities)
    check_scores(tasks_of(options.get("task", "binary")), known.scores, known.schema.source.get("scale"))
    for name in wanted:
        choice(name, list(data.schema.modalities), what="modality of the prepared folder")
    check_trials(tune)
    _check_lifting(model, wanted, options)
    if progress and not tune:
        options["on_epoch"] = _told(progress, recipe, options)
    estimator = tuned(
        make(model, modalities=wanted, recipe=recipe, seed=seed, **options), tune, seed, _trial_told(progress)
    )
    with _one_thread():
        estimator.fit(known, known.labels, scores=known.scores)
    estimator = getattr(estimator, "best_estimator_", estimator)
    texts = {TRAINING: json.dumps(_training(estimator, known), indent=1) + "\n"}
    return load_model(save_model(estimator, out, schema=data.schema, facts=_facts(known), texts=texts))


def _check_trainable(model: str) -> None:
    """See that a model is there and can be saved."""
    from smfl.training import MODELS

    entry = MODELS[choice(model, list(MODELS), what="model")]
    if not entry.trainable:
        able = ", ".join(name for name, other in MODELS.items() if other.trainable)
        raise CallError(f"{model} is for comparison only and has no model folder; models that do: {able}")


def _check_lifting(model: str, modalities: Sequence[str], options: Mapping[str, Any]) -> None:
    """See that strong and weak are names of what is read, and of use to the model."""
    from smfl.training.models import lifts
    from smfl.training.selection.modality_roles import check_roles

    strong, weak = options.get("strong"), options.get("weak")
    if (strong is not None or weak is not None) and not lifts(model):
        raise CallError(f"{model}: no strong modality lifts a weak one there; smfl does so")
    check_roles(strong, weak, modalities)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch use one thread: the networks are too small for more, and the sums come out the same on any machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def digest_of(people: str, participant: str) -> str:
    """By which a training participant is known again, without their name being in the model.

    Example:
        >>> digest_of("daic-woz", "300") == digest_of("daic-woz", "301")
        False
    """
    return hashlib.blake2b(f"{people}/{participant}".encode(), digest_size=8).hexdigest()


def people_of(settings: Mapping[str, Any]) -> str:
    """Whose the participants' keys in a prepared folder are: several corpora's, or its own corpus's alone.

    Example:
        >>> people_of({"corpus": "edaic", "people": "daic"}), people_of({"corpus": "eatd"})
        ('daic', 'eatd')
    """
    return str(settings.get("people") or settings.get("corpus", ""))


def _facts(known: Prepared) -> dict[str, Any]:
    """What the model card tells of those it was trained on."""
    from smfl.evaluation.environment import environment

    schema, labels = known.schema, known.labels
    names = ("corpus", "citation", "licence", "language", "label_rule", "scale", "simulated")
    return {name: schema.source.get(name) for name in names} | {
        "features": schema.settings.features,
        "text_encoder": schema.settings.to_dict()["text_encoder"],
        "interviews": len(known),
        "participants": int(known.table["participant"].nunique()),
        "depressed": int(labels.sum()),
        "date": environment()["date"],
    }


def _training(estimator: Any, known: Prepared) -> dict[str, Any]:
    """Out-of-part probabilities with their labels, and digests of the participants."""
    probabilities = np.asarray(estimator.validation_probabilities_, dtype=np.float64)
    there = ~np.isnan(probabilities)
    people = people_of(known.schema.source)
    return {
        "validation": {
            "labels": known.labels[there].tolist(),
            "probabilities": [round(float(p), 6) for p in probabilities[there]],
        },
        "participants": sorted({digest_of(people, who) for who in known.participants.tolist()}),
    }


def _trial_told(progress: Progress | None) -> Callable[[int, int, Any], None] | None:
    """Trials as they are counted for the user."""
    if progress is None:
        return None
    return lambda done, total, trial: progress(done, total, f"trial {done} of {total}, inner loss {trial.loss:.3f}")


def _told(progress: Progress, recipe: str, options: dict[str, Any]) -> Callable[[int, Any], None]:
    """Epochs of all members as one count."""
    from smfl.training.recipe import recipe_named

    plan = recipe_named(recipe)
    epochs, members = options.get("epochs") or plan.epochs, options.get("members") or plan.members

    def report(member: int, epoch: Any) -> None:
        last = f"member {member + 1} of {members}, validation loss {epoch.validation_loss:.3f}"
        progress(member * epochs + epoch.epoch, members * epochs, last)

    return report
