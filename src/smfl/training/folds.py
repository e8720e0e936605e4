"""Inner folds: training people held out from other training people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from smfl.interview import LabelError

INNER_FOLDS = 5


def left_out(
    labels: npt.NDArray[np.int64], people: Sequence[str] | npt.NDArray[np.str_], seed: int
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Parts to fit on and to be judged, stratified; nobody's interviews are on both sides.

    Args:
        labels: 0 or 1, [n].
        people: who, [n].
        seed: of the division.

    Raises:
        LabelError: where a class has fewer than two people.

    Example:
        >>> parts = list(left_out(np.array([0, 1] * 4), list("aabbccdd"), 0))
        >>> len(parts), sorted(int(i) for _, test in parts for i in test)
        (4, [0, 1, 2, 3, 4, 5, 6, 7])
    """
    from sklearn.model_selection import StratifiedGroupKFold

    who = np.asarray(people, dtype=str)
    least = min(len(np.unique(who[labels == label])) for label in (0, 1))
    if least < 2:
        raise LabelError("training needs at least two participants of each class: one of them is left out")
    yield from StratifiedGroupKFold(min(INNER_FOLDS, least), shuffle=True, random_state=seed).split(labels, labels, who)
