"""What models chose in fitting, fold by fold: strong and weak modalities, tuned settings; and how stable that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from smfl.evaluation.crossval import FoldResult

TRIALS = "trials.csv"
TRIAL_COLUMNS = ("model", "seed", "fold", "trial", "loss", "chosen")


def choices_of(results: Mapping[tuple[int, int], FoldResult]) -> dict[str, Any]:
    """What one model chose, as a fact for `ModelFacts`.

    Args:
        results: of each (seed, fold).

    Returns:
        ``{"choices": [{"seed", "fold", …}, …]}``; empty where nothing was chosen.

    Example:
        >>> from smfl.evaluation import FoldResult
        >>> choices_of({(0, 1): FoldResult(1, (), (), 1.0, None, {"strong": "text", "weak": ["video"]})})
        {'choices': [{'seed': 0, 'fold': 1, 'strong': 'text', 'weak': ['video']}]}
    """
    rows = [{"seed": seed, "fold": fold, **one.choices} for (seed, fold), one in results.items() if one.choices]
    return {"choices": rows} if rows else {}


def lifting(choice: Mapping[str, Any]) -> str:
    """Who lifts whom; "" where nothing does.

    Example:
        >>> lifting({"strong": "text", "weak": ["video", "audio"]})
        'text lifts video and audio'
    """
    return f"{choice['strong']} lifts {' and '.join(choice['weak'])}" if "strong" in choice else ""


def alone(choice: Mapping[str, Any]) -> str:
    """AUROC of each modality alone; "" where none was measured.

    Example:
        >>> alone({"unimodal_scores": {"text": 0.811, "video": 0.5}})
        'text .81, video .50'
    """
    scores = choice.get("unimodal_scores", {})
    return ", ".join(f"{name} {score:.2f}".replace(" 0.", " .") for name, score in scores.items())


def settings_of(choice: Mapping[str, Any]) -> str:
    """The settings that trials chose; "" where none were made.

    Example:
        >>> settings_of({"tuning": {"chosen": 3, "settings": {"learning_rate": 0.002, "network.channels": 8}}})
        'learning_rate 0.002, network.channels 8'
        >>> settings_of({"tuning": {"chosen": 0, "settings": {"learning_rate": 0.001}}})
        'its own'
    """
    tuning = choice.get("tuning")
    if not tuning:
        return ""
    return (
        ", ".join(f"{name} {value:g}" for name, value in tuning["settings"].items()) if tuning["chosen"] else "its own"
    )


def losses_of(choice: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Inner losses of the model as it is, and of what was chosen; None where there were no trials, or it diverged.

    Example:
        >>> losses_of({"tuning": {"chosen": 1, "tried": [{"loss": 0.7}, {"loss": 0.5}]}})
        (0.7, 0.5)
    """
    tuning = choice.get("tuning")
    return (tuning["tried"][0]["loss"], tuning["tried"][tuning["chosen"]]["loss"]) if tuning else (None, None)


def searched(models: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Models that searched for something, and their choices; what a call or a system fixes is no search.

    Args:
        models: entries of ``results.json``.
    """
    for model in models:
        rows = [one for one in model.get("choices", ()) if "unimodal_scores" in one or "tuning" in one]
        if rows:
            yield model["name"], rows


def stability(models: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence a model and kind of choice: how often each was made.

    Args:
        models: entries of ``results.json``.

    Example:
        >>> chosen = [{"seed": 0, "fold": fold, "strong": strong, "weak": ["video"], "unimodal_scores": {"text": 0.7}}
        ...           for fold, strong in enumerate(["text", "text", "audio"])]
        >>> stability([{"name": "smfl", "choices": chosen}])
        ['smfl: text lifts video in 2 of 3 fits, audio lifts video in 1']
    """
    told = []
    for name, rows in searched(models):
        if found := Counter(lifting(one) for one in rows if "unimodal_scores" in one):
            told.append(f"{name}: {_often(found, len(rows))}")
        if found := Counter(settings_of(one) for one in rows if "tuning" in one):
            own, others = found.get("its own", 0), len([1 for settings in found if settings != "its own"])
            further = f"; {others} different other{'s were' if others > 1 else ' was'} chosen" if others else ""
            trials = next(one["tuning"]["trials"] for one in rows if "tuning" in one)
            told.append(f"{name}: after {trials} trials its own settings stayed in {own} of {len(rows)} fits{further}")
    return told


def trials_table(models: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Every trial of every fit: `TRIAL_COLUMNS`, then settings, empty where a model has no such setting.

    Args:
        models: entries of ``results.json``.
    """
    import pandas as pd

    rows = [
        {
            "model": model["name"],
            "seed": one["seed"],
            "fold": one["fold"],
            "trial": tried["trial"],
            "loss": tried["loss"],
            "chosen": int(tried["trial"] == one["tuning"]["chosen"]),
            **tried["settings"],
        }
        for model in models
        for one in model.get("choices", ())
        for tried in one.get("tuning", {"tried": ()})["tried"]
    ]
    return pd.DataFrame(rows, columns=None if rows else list(TRIAL_COLUMNS))


def trials_text(models: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The content of `TRIALS` by its name; nothing where no setting was tuned.

    Args:
        models: entries of ``results.json``.
    """
    table = trials_table(models)
    return {TRIALS: table.to_csv(index=False, lineterminator="\n")} if len(table) else {}


def _often(found: Counter[str], of: int) -> str:
    """How often each, the most frequent first."""
    (first, count), *rest = found.most_common()
    return ", ".join(
        [
            f"{first or 'nothing is lifted'} in {count} of {of} fits",
            *(f"{one or 'nothing is lifted'} in {n}" for one, n in rest),
        ]
    )
