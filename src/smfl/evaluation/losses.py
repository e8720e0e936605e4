"""Losses by epoch of several training runs, aligned and averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smfl.evaluation.sample import Array


@dataclass(frozen=True, eq=False, slots=True)
class LossCurve:
    """The losses of one training run (a seed, a fold, a member of an ensemble), epoch by epoch.

    Args:
        epochs: [E].
        train: [E], training loss.
        watched: [E], the loss that early stopping watched; nan where none was.
        chosen: the epoch that was kept, or None where nothing was watched.
    """

    epochs: Array
    train: Array
    watched: Array
    chosen: float | None


def chosen_epoch(epochs: Array, watched: Array, marked: float | None = None) -> float | None:
    """The epoch that a run kept: the one that it marked, else the first with the lowest watched loss, else None.

    Args:
        epochs: [E].
        watched: [E]; nan where nothing was watched.
        marked: the epoch that the run itself marked as kept.

    Example:
        >>> chosen_epoch(np.arange(1.0, 4.0), np.array([0.7, 0.5, 0.5])), chosen_epoch(np.ones(1), np.full(1, np.nan))
        (2.0, None)
    """
    if marked is not None:
        return marked
    return float(epochs[int(np.nanargmin(watched))]) if np.isfinite(watched).any() else None


def kept_epochs(runs: tuple[LossCurve, ...]) -> tuple[float, float, float] | None:
    """First, last and median epoch that the runs kept; None where none kept one.

    Example:
        >>> kept_epochs(tuple(LossCurve(np.ones(1), np.ones(1), np.ones(1), kept) for kept in (3.0, 9.0, 4.0, None)))
        (3.0, 9.0, 4.0)
    """
    kept = [run.chosen for run in runs if run.chosen is not None]
    return (min(kept), max(kept), float(np.median(kept))) if kept else None


def mean_losses(runs: tuple[LossCurve, ...]) -> tuple[Array, Array, Array]:
    """Epochs, mean training loss and mean watched loss, as far as at least half of the runs still train.

    Further out, the mean would be one of the runs that happened to last, and would jump where another ends.

    Example:
        >>> runs = tuple(LossCurve(np.arange(2.0), np.full(2, y), np.full(2, np.nan), None) for y in (1.0, 3.0))
        >>> mean_losses(runs)[1].tolist(), loss_spread(runs)[0].round(3).tolist()
        ([2.0, 2.0], [1.414, 1.414])
    """
    epochs, table = _aligned(runs)
    means, _ = _moments(table)
    return epochs, means[0], means[1]


def loss_spread(runs: tuple[LossCurve, ...]) -> tuple[Array, Array]:
    """Standard deviation over the runs of the training and of the watched loss, at the epochs of `mean_losses`.

    ``nan`` at an epoch that fewer than two runs reached.
    """
    _, deviations = _moments(_aligned(runs)[1])
    return deviations[0], deviations[1]


def _aligned(runs: tuple[LossCurve, ...]) -> tuple[Array, Array]:
    """Epochs [E], and training and watched loss of each run at them, [2, runs, E]; nan where a run has none."""
    lengths = sorted((float(run.epochs[-1]) for run in runs), reverse=True)
    last = lengths[(len(lengths) - 1) // 2]
    epochs = np.unique(np.concatenate([run.epochs for run in runs]))
    epochs = epochs[epochs <= last]
    table = np.full((2, len(runs), len(epochs)), np.nan)
    for row, run in enumerate(runs):
        at = np.isin(epochs, run.epochs)
        own = np.isin(run.epochs, epochs)
        table[0, row, at], table[1, row, at] = run.train[own], run.watched[own]
    return epochs, table


def _moments(table: Array) -> tuple[Array, Array]:
    """Mean and standard deviation over runs, each [2, E]; nan where there is no run, or no second one."""
    counts = np.isfinite(table).sum(axis=1)
    means = np.where(counts > 0, np.nansum(table, axis=1) / np.maximum(counts, 1), np.nan)
    squares = np.nansum(np.square(table - means[:, None, :]), axis=1)
    return means, np.where(counts > 1, np.sqrt(squares / np.maximum(counts - 1, 1)), np.nan)
