"""Whether an interview is like those that a model was trained on: a network gives a number for any input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from smfl.features import SentenceFeatures

if TYPE_CHECKING:
    from smfl.training import SMFLClassifier

FAR = 4.0
"""A column is out of distribution where the interview's mean lies more than so many of the training interviews'
standard deviations over single frames from their mean: a frame so far off is rare, a whole interview so far off is
another instrument."""

TOO_MANY = 0.05
"""From this share of columns out of distribution in a modality on, the interview isn't judged."""

SHOWN = 3


def columns_out_of_distribution(model: SMFLClassifier, one: SentenceFeatures) -> dict[str, tuple[float, list[str]]]:
    """Columns that are far from the training people's, the farthest first.

    Args:
        model: fitted; it keeps mean and standard deviation of each column over the training people.
        one: what the model is given.

    Returns:
        By modality, where there is any: the share of its columns that is far off, and those columns with their
        distance in words.
    """
    found = {}
    for name, measured in model.inputs_.measured.items():
        if name not in one.modalities:
            continue
        distance = np.nan_to_num((means(one, name) - measured.mean) / measured.sd)
        far = [i for i in np.argsort(-np.abs(distance)) if abs(distance[i]) > FAR]
        if far:
            found[name] = (
                len(far) / len(distance),
                [f"{measured.columns[i]} ({distance[i]:+.0f} sd)" for i in far],
            )
    return found


def means(one: SentenceFeatures, modality: str) -> npt.NDArray[np.float64]:
    """Mean of each column over an interview's frames, of the values that are there: [D], ``nan`` where there is none.

    Example:
        >>> values = {"audio": np.array([[1, np.nan], [3, np.nan]], "f4")}
        >>> one = SentenceFeatures("a", "a", values, {"audio": np.array([0, 2])}, np.zeros((1, 2)), ("yes",))
        >>> means(one, "audio").tolist()
        [2.0, nan]
    """
    values = np.asarray(one.values[modality], dtype=np.float64)
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def warnings_of_columns(found: Mapping[str, tuple[float, list[str]]]) -> list[str]:
    """A warning for each modality.

    Example:
        >>> warnings_of_columns({"audio": (0.08, ["Loudness_sma3 (+9 sd)", "slope0-500_sma3 (-5 sd)"])})
        ["audio is unlike the training people's in 8% of its columns: Loudness_sma3 (+9 sd), slope0-500_sma3 (-5 sd)"]
    """
    return [
        f"{name} is unlike the training people's in {share:.0%} of its columns: "
        + ", ".join(columns[:SHOWN])
        + (", …" if len(columns) > SHOWN else "")
        for name, (share, columns) in found.items()
    ]


def reason_out_of_distribution(found: Mapping[str, tuple[float, list[str]]]) -> str | None:
    """Why an interview that is too unlike the training people's isn't judged; None where it is alike enough.

    Example:
        >>> reason_out_of_distribution({"audio": (0.3, ["F0 (+9 sd)"])})
        "audio is too unlike the training people's (another camera, microphone, extractor or kind of interview)"
        >>> reason_out_of_distribution({})
    """
    names = [name for name, (share, _) in found.items() if share > TOO_MANY]
    if not names:
        return None
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{' and '.join(names)} {verb} too unlike the training people's "
        "(another camera, microphone, extractor or kind of interview)"
    )
