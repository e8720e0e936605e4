"""How far the people of one corpus are from those of another, column by column: what a model would have to bridge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from smfl.features import SentenceFeatures
from smfl.training.out_of_distribution import means

if TYPE_CHECKING:
    import pandas as pd

BEYOND = (1, 2)
"""Distances, in standard deviations, beyond which columns are counted."""

FARTHEST = 10
"""Columns of a modality that are named."""

DEFINITION = (
    "mean of the test people less mean of the training people, in standard deviations between training people; a "
    "person's value is the mean over their frames"
)

_CONSTANT = 1e-6
"""Training people whose standard deviation is at most this share of their mean are all alike."""


def shift(
    train: Iterable[SentenceFeatures], test: Iterable[SentenceFeatures], columns: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """The distance of each column's means, told by modality.

    It looks at features only, and at each interview once. No model sees it.

    Args:
        train: who is trained on.
        test: who is tested.
        columns: names by modality, the same on both sides.

    Returns:
        ``definition``; and by ``modalities``: how many ``columns`` could be compared, the share of them ``beyond`` each
        of `BEYOND`, the ``farthest`` with both means, and by name the ``incomparable``: without a value on one side, or
        the same in all training people.

    Example:
        >>> def person(who, pitch):
        ...     return SentenceFeatures(who, who, {"audio": np.full((2, 1), pitch, "f4")}, {"audio": np.array([0, 2])},
        ...                             np.zeros((1, 2)), ("yes",))
        >>> import numpy as np
        >>> known, others = [person("a", 1), person("b", 3)], [person("c", 5)]
        >>> found = shift(known, others, {"audio": ["F0"]})["modalities"]["audio"]
        >>> found["columns"], found["beyond"], round(found["farthest"][0]["distance"], 2)
        (1, {'1': 1.0, '2': 1.0}, 2.12)
    """
    here, there = _people(train, columns), _people(test, columns)
    return {"definition": DEFINITION, "modalities": {name: _of(here[name], there[name]) for name in columns}}


def _people(interviews: Iterable[SentenceFeatures], columns: Mapping[str, Sequence[str]]) -> dict[str, pd.DataFrame]:
    """Each person's means, by modality: a row a person, a column each column."""
    import pandas as pd

    rows: dict[str, list[Any]] = {name: [] for name in columns}
    who: dict[str, list[str]] = {name: [] for name in columns}
    for one in interviews:
        for name in columns:
            if name in one.modalities:
                rows[name].append(means(one, name))
                who[name].append(one.participant)
    return {
        name: pd.DataFrame(rows[name], who[name], list(columns[name]), dtype="float64").groupby(level=0).mean()
        for name in columns
    }


def _of(here: pd.DataFrame, there: pd.DataFrame) -> dict[str, Any]:
    """One modality's figures."""
    import pandas as pd

    mean, sd, other = here.mean(), here.std(), there.mean()
    distance = (other - mean) / sd.where(sd > _CONSTANT * mean.abs())
    found = pd.DataFrame({"column": here.columns, "distance": distance, "train": mean, "test": other})
    known = found.dropna()
    far = known["distance"].abs()
    farthest_first = far.sort_values(ascending=False, kind="stable").index
    return {
        "columns": len(known),
        "beyond": {str(limit): float((far > limit).mean()) if len(known) else None for limit in BEYOND},
        "farthest": known.loc[farthest_first].head(FARTHEST).to_dict("records"),
        "incomparable": found["column"][distance.isna()].tolist(),
    }
