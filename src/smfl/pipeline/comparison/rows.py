"""The rows of a comparison: which model, with which recipe, reading which modalities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from smfl.interview import CallError, choice

MAJORITY = "majority"
ALL = "all"
"""Asks for every model, and for what the paper's Fig. 6 compares: `EVERY_ONE`."""

EACH = "each"
"""In the place of modalities: a row for each of them, for each pair, and so on, up to all that there are."""

EVERY_ONE = ("smfl@each",)
"""Rows that ``all`` asks for beside one of each model."""


@dataclass(frozen=True)
class ModelRow:
    """One row, and the factory of its estimators.

    Args:
        label: as it stands in the table: the name, and what was asked for beside it.
        name: of the model.
        recipe: of networks.
        modalities: that may be read.
        task: what is learned; see `smfl.training.tasks`.
        tune: trials by which each fit chooses its settings; 0 leaves them.
        strong: modality that lifts, or ``auto``; None: as the system says.
        weak: those that are lifted, or ``auto`` alone; None: as the system says.
    """

    label: str
    name: str
    recipe: str
    modalities: tuple[str, ...]
    task: str = "binary"
    tune: int = 0
    strong: str | None = None
    weak: tuple[str, ...] | None = None

    def __call__(self, seed: int) -> Any:
        """An unfitted estimator."""
        from smfl.training import make
        from smfl.training.selection.tuning import tuned

        given = {name: value for name, value in (("strong", self.strong), ("weak", self.weak)) if value is not None}
        estimator = make(self.name, modalities=self.modalities, recipe=self.recipe, seed=seed, task=self.task, **given)
        return tuned(estimator, self.tune, seed)

    @property
    def reads(self) -> tuple[str, ...]:
        """The modalities that the model does read; one that knows labels only reads none."""
        return tuple(getattr(self(0), "reads", self.modalities))


def rows_of(
    models: str | Sequence[str],
    modalities: Sequence[str] | None,
    recipe: str,
    present: Sequence[str],
    task: str = "binary",
) -> list[ModelRow]:
    """The rows that a call asks for, and the majority class's.

    Args:
        models: ``name[:recipe][@modality+modality]``, in a list or with commas between. ``name@each`` asks for the
            model on every choice of modalities (Fig. 6 of the paper); where the name stands alone too, that row is the
            one that reads all. ``all`` is every model and ``smfl@each``.
        modalities: for rows that name none; all that are present where None.
        recipe: for rows that name none.
        present: modalities of the prepared folder.
        task: what all rows learn.

    Raises:
        CallError: for an unknown model, recipe or modality, or a row given twice.

    Example:
        >>> for row in rows_of("smfl,smfl:paper@text", None, "tuned", ["video", "audio", "text"]):
        ...     print(row.label, row.recipe, "+".join(row.modalities))
        smfl tuned video+audio+text
        smfl:paper@text paper text
        majority tuned video+audio+text
        >>> [row.label for row in rows_of("smfl@each", None, "tuned", ["audio", "text"])]
        ['smfl@audio', 'smfl@text', 'smfl@audio+text', 'majority']
    """
    from smfl.training import MODELS, RECIPES

    asked = models.split(",") if isinstance(models, str) else list(models)
    asked = [name.strip() for name in asked if name.strip()]
    if not asked:
        raise CallError(f"no model is named; valid: {', '.join(MODELS)}, or {ALL}")
    asked = _each([*_all(asked), *([] if MAJORITY in asked else [MAJORITY])], list(modalities or present))
    rows = []
    for label in asked:
        before, _, own = label.partition("@")
        name, _, own_recipe = before.partition(":")
        wanted = own.split("+") if own else list(modalities or present)
        for modality in wanted:
            choice(modality, list(present), what="modality of the prepared folder")
        choice(name, list(MODELS), what="model")
        choice(own_recipe or recipe, list(RECIPES), what="recipe")
        rows.append(ModelRow(label, name, own_recipe or recipe, tuple(wanted), task))
    twice = sorted({row.label for row in rows if sum(other.label == row.label for other in rows) > 1})
    if twice:
        raise CallError(f"given more than once: {', '.join(twice)}")
    return rows


def choosing(
    rows: Sequence[ModelRow], present: Sequence[str], *, tune: int, strong: str | None, weak: str | Sequence[str] | None
) -> list[ModelRow]:
    """The same rows, each with the choices that it has: models without CMJAT lift nothing, and some have no settings.

    Args:
        rows: of the comparison.
        present: modalities of the prepared folder.
        tune: trials; 0 for none.
        strong: modality that lifts, ``auto``, or None.
        weak: those that are lifted, ``auto``, or None.

    Raises:
        CallError: for an unknown modality, one that would lift itself, names where no model lifts, or one trial.

    Example:
        >>> rows = rows_of("smfl,tcn-sentence", None, "tuned", ["video", "text"])
        >>> [(row.name, row.tune, row.strong)
        ...  for row in choosing(rows, ["video", "text"], tune=20, strong="auto", weak=None)]
        [('smfl', 20, 'auto'), ('tcn-sentence', 20, None), ('majority', 0, None)]
    """
    from smfl.training.models import lifts
    from smfl.training.selection.modality_roles import check_roles, weak_modalities
    from smfl.training.selection.space import space_of
    from smfl.training.selection.tuning import check_trials

    check_trials(tune)
    check_roles(strong, weak, present)
    if (strong is not None or weak is not None) and not any(lifts(row.name) for row in rows):
        raise CallError(
            f"{', '.join(row.label for row in rows)}: no strong modality lifts a weak one there; smfl does so"
        )
    found = []
    for row in rows:
        own = replace(row, strong=strong, weak=weak_modalities(weak)) if lifts(row.name) else row
        found.append(replace(own, tune=tune) if tune and space_of(own(0)) else own)
    return found


def _all(asked: Sequence[str]) -> list[str]:
    """``all`` replaced by what it stands for, in its place; what is named beside it isn't doubled."""
    from smfl.training import MODELS

    if ALL not in asked:
        return list(asked)
    every = [name for name in (*MODELS, *EVERY_ONE) if name != MAJORITY and name not in asked]
    return [name for label in asked for name in (every if label == ALL else [label])]


def _each(asked: Sequence[str], modalities: Sequence[str]) -> list[str]:
    """``name@each`` replaced by a row for each choice of modalities, the small ones first."""
    rows: list[str] = []
    for label in asked:
        system, _, own = label.partition("@")
        if own != EACH:
            rows.append(label)
            continue
        choices = [some for size in range(1, len(modalities) + 1) for some in combinations(modalities, size)]
        rows += [f"{system}@{'+'.join(some)}" for some in choices if len(some) < len(modalities) or system not in asked]
    return rows
