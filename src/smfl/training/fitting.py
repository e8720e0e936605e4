"""The training loop: one network on some training people, its epoch chosen by others of them."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from smfl.nn import Batch, BesideLine, Output
from smfl.nn.sentence import MAX_FRAMES
from smfl.training.inputs.batching import Example, collate
from smfl.training.penalty import class_weights
from smfl.training.recipe import Recipe
from smfl.training.tasks import BINARY, Objective, Targets

LINKS_SHARE = 10.0
"""Learning rate of the links from log-odds to bands and scores, over the network's: a few numbers with far to go."""


@dataclass(frozen=True)
class Epoch:
    """One line of a training history; losses are class-weighted cross-entropies, without CMJAT's own loss."""

    epoch: int
    learning_rate: float
    train_loss: float
    validation_loss: float


def fit_network(
    network: nn.Module,
    recipe: Recipe,
    train: tuple[Sequence[Example], Targets],
    watch: tuple[Sequence[Example], Targets],
    *,
    tasks: Sequence[str] = (BINARY,),
    seed: int,
    device: torch.device,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> list[Epoch]:
    """Train in place, and leave the network as it was at its lowest validation loss.

    A network with a linear path starts from something good, and leaves it only for a loss that is lower by more than a
    standard error.

    Args:
        network: freshly initialised.
        recipe: how.
        train: examples and targets that gradients come from.
        watch: examples and targets whose loss chooses the epoch; never test people, but in the ``paper`` protocol.
        tasks: whose losses are summed.
        seed: of the order of interviews and of what is dropped.
        device: where.
        on_epoch: called after each epoch.

    Returns:
        The history.
    """
    rng = np.random.default_rng(seed)
    labels = train[1].labels.numpy()
    weights = class_weights(labels)
    objective = Objective(tasks, torch.tensor([weights.get(label, float(len(labels))) for label in (0, 1)])).to(device)
    optimiser = torch.optim.AdamW(_groups(network, objective, recipe), foreach=True)
    best, best_epoch, history = math.inf, 0, []
    best_state = copy.deepcopy(network.state_dict())
    start = losses_of(network, *watch, objective=objective, batch=recipe.batch, device=device)
    beside_line = isinstance(network, BesideLine)
    if beside_line:  # a start that is worth something
        best = float(start.sum())
    for epoch in range(1, recipe.epochs + 1):
        rate = _rate(recipe, epoch)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
        train_loss = _train_epoch(network, recipe, train, objective, optimiser, rng, device)
        losses = losses_of(network, *watch, objective=objective, batch=recipe.batch, device=device)
        watched = float(losses.sum())
        history.append(Epoch(epoch, rate, train_loss, watched))
        if on_epoch:
            on_epoch(history[-1])
        if watched < best and (not beside_line or _clearly_less(losses, start)):
            best, best_epoch, best_state = watched, epoch, copy.deepcopy(network.state_dict())
        elif epoch - best_epoch >= recipe.patience:
            break
    network.load_state_dict(best_state)
    return history


def _train_epoch(
    network: nn.Module,
    recipe: Recipe,
    train: tuple[Sequence[Example], Targets],
    objective: Objective,
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
    device: torch.device,
) -> float:
    """One pass over the training people; their mean loss."""
    examples, targets = train
    network.train()
    total, seen = 0.0, 0
    for index in _batches(len(examples), recipe.batch, rng):
        batch = collate(
            [examples[i] for i in index],
            _max_frames(network),
            sentence_dropout=recipe.sentence_dropout,
            modality_dropout=recipe.modality_dropout,
            rng=rng,
        ).to(device)
        target = targets[index].to(device)
        output = network(batch)
        loss = objective(output.logits, target, recipe.label_smoothing)
        full = loss + recipe.auxiliary * _auxiliary(output, target, objective, recipe.label_smoothing)
        optimiser.zero_grad()
        full.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), max_norm=1.0)
        optimiser.step()
        total, seen = total + loss.item() * len(index), seen + len(index)
    return total / seen


@torch.inference_mode()
def losses_of(
    network: nn.Module,
    examples: Sequence[Example],
    targets: Targets,
    *,
    objective: Objective,
    batch: int,
    device: torch.device,
) -> torch.Tensor:
    """Each person's part of the loss over people that aren't trained on, [n]."""
    return objective.each(logits_of(network, examples, batch=batch, device=device), targets.to(device))


@torch.inference_mode()
def logits_of(network: nn.Module, examples: Sequence[Example], *, batch: int, device: torch.device) -> torch.Tensor:
    """The network's logits of each interview, [n, 2], without dropout."""
    logits = network.logits if isinstance(network, BesideLine) else lambda one: network(one).logits
    return torch.cat([logits(one) for one in _in_order(network, examples, batch, device)])


@torch.inference_mode()
def outputs(network: nn.Module, examples: Sequence[Example], *, batch: int, device: torch.device) -> list[Output]:
    """The network's output of each batch of interviews, in order, without dropout."""
    return [network(one) for one in _in_order(network, examples, batch, device)]


def _in_order(network: nn.Module, examples: Sequence[Example], batch: int, device: torch.device) -> Iterator[Batch]:
    network.eval()
    for start in range(0, len(examples), batch):
        yield collate(examples[start : start + batch], _max_frames(network)).to(device)


def _max_frames(network: nn.Module) -> int:
    """How many of a sentence's last frames a network reads."""
    inner = network.network if isinstance(network, BesideLine) else network
    return int(getattr(inner, "max_frames", MAX_FRAMES))


def _clearly_less(losses: torch.Tensor, start: torch.Tensor) -> bool:
    """Whether the validation people's losses fell by more than one standard error of the fall.

    The linear path's start is good; of a few epochs, one looks better on two dozen people by luck alone.
    """
    fall = start - losses
    return bool(fall.mean() > fall.std() / math.sqrt(len(fall)))


def _groups(network: nn.Module, objective: Objective, recipe: Recipe) -> list[dict[str, Any]]:
    """The deep path's parameters; the linear path's, which move slowly and aren't pulled towards zero; the links'."""
    linear = set(network.linear.parameters()) if isinstance(network, BesideLine) else set()
    deep = [parameter for parameter in network.parameters() if parameter not in linear]
    groups = [{"params": deep, "share": 1.0, "weight_decay": recipe.weight_decay}]
    if linear:
        groups.append({"params": list(linear), "share": recipe.linear_share, "weight_decay": 0.0})
    links = list(objective.parameters())
    if links:
        groups.append({"params": links, "share": LINKS_SHARE, "weight_decay": 0.0})
    return groups


def _batches(count: int, size: int, rng: np.random.Generator) -> list[npt.NDArray[np.int64]]:
    return np.array_split(rng.permutation(count), max(1, round(count / size)))


def _rate(recipe: Recipe, epoch: int) -> float:
    if recipe.schedule == "step":
        return recipe.learning_rate * 0.1 ** ((epoch - 1) // 5)
    warm = min(1.0, epoch / 3)
    return recipe.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * (epoch - 1) / recipe.epochs))


def _auxiliary(output: Output, target: Targets, objective: Objective, smoothing: float) -> torch.Tensor:
    losses = [objective(logits, target, smoothing) for logits in output.auxiliary]
    return torch.stack(losses).mean() if losses else output.logits.new_zeros(())
