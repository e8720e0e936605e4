"""Statistics of each sentence, of the values that are there: pitch has none where nothing sounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def of_sentences(
    frames: Floats, present: npt.NDArray[np.bool_], offsets: npt.NDArray[np.int64], *, spread: bool
) -> Floats:
    """Mean of each column in each sentence, and with ``spread`` standard deviation and log of the number of frames.

    Args:
        frames: float32 [rows, K].
        present: bool [rows, K]: values that were measured.
        offsets: int64 [S + 1]: sentence i owns rows offsets[i]:offsets[i+1].
        spread: whether more than the mean is wanted.

    Returns:
        float32 [S, K], or [S, 2 K + 1] with ``spread``; ``nan`` where a sentence has no value.

    Example:
        >>> frames = np.array([[1, 5], [3, 7], [4, 9]], "f4")
        >>> present = np.array([[True, True], [True, False], [False, True]])
        >>> of_sentences(frames, present, np.array([0, 2, 3]), spread=False).tolist()
        [[2.0, 5.0], [nan, 9.0]]
    """
    lengths = np.diff(offsets)
    there = lengths > 0
    width = frames.shape[1]
    out = np.full((len(lengths), 2 * width + 1 if spread else width), np.nan, np.float32)
    if not there.any():
        return out
    starts = offsets[:-1][there]
    values = np.where(present, frames, np.float32(0))
    count = np.add.reduceat(present.astype(np.float32), starts, axis=0)
    count[count == 0] = np.nan
    mean = np.add.reduceat(values, starts, axis=0) / count
    out[there, :width] = mean
    if spread:
        square = np.add.reduceat(values**2, starts, axis=0) / count
        out[there, width:-1] = np.sqrt(np.maximum(square - mean**2, 0.0))
        out[there, -1] = np.log(lengths[there])
    return out
