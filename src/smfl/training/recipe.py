"""How a network is trained: the paper's recipe (§2.2, §3.2) and the tuned one, two configurations of one loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from smfl.interview import CallError, choice
from smfl.training.inputs.preprocessing import InputSettings


@dataclass(frozen=True)
class Recipe:
    """One way to train.

    Args:
        name: as users type it.
        inputs: what is done to features before the network.
        network: changes to the network's own settings, by field; see `smfl.training.models.changed_settings`.
        linear: whether a linear path over the sentences' statistics goes beside the network (`smfl.nn.evidence`).
        learning_rate: of Adam, at the start.
        schedule: ``step``: × 0.1 every 5 epochs (the paper); ``cosine``: down to zero over ``epochs``.
        epochs: at most.
        patience: stop after so many epochs without a lower validation loss.
        batch: interviews a step.
        weight_decay: decoupled (AdamW).
        linear_share: the linear path's learning rate, as a share of the rest's.
        auxiliary: weight of CMJAT's own loss.
        label_smoothing: share.
        sentence_dropout: share of an interview's sentences left out of each training step.
        modality_dropout: chance that an interview loses one of its modalities in a training step.
        members: networks trained on different parts of the training people and averaged.
        validation: share of the training people whose loss chooses the epoch; with several members each keeps
            another part, and the share is 1 / members.

    Raises:
        CallError: for a linear path without what it reads: statistics of each sentence, and the same less the person's
            own mean.
    """

    name: str
    inputs: InputSettings = field(default_factory=InputSettings)
    network: dict[str, Any] = field(default_factory=dict)
    linear: bool = False
    learning_rate: float = 1e-3
    schedule: str = "step"
    epochs: int = 100
    patience: int = 10
    batch: int = 16
    weight_decay: float = 0.0
    linear_share: float = 0.1
    auxiliary: float = 0.5
    label_smoothing: float = 0.0
    sentence_dropout: float = 0.0
    modality_dropout: float = 0.0
    members: int = 1
    validation: float = 0.2

    def __post_init__(self) -> None:
        if self.linear and not (self.inputs.statistics and self.inputs.centred):
            raise CallError(
                f"recipe {self.name}: a linear path reads statistics of each sentence, and the same less the person's "
                "own mean; set inputs.statistics and inputs.centred, or leave out linear"
            )


PAPER = Recipe("paper")
"""Adam, 1e-3, × 0.1 every 5 epochs, at most 100 epochs, stop after 10 without improvement: of the validation loss,
where the paper watches the test loss."""

TUNED = Recipe(
    "tuned",
    inputs=InputSettings(frame_hz=5.0, components=24, statistics=True, centred=True, topics=32),
    network={"channels": 16, "levels": 4, "dropout": 0.3},
    linear=True,
    epochs=8,
    patience=2,
    sentence_dropout=0.3,
    members=5,
)
"""For a hundred people: fewer frames and columns, statistics of each sentence beside its frames, a linear path that
starts from a closed form, and five networks, each stopped by another fifth of the training people."""

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (PAPER, TUNED)}


def recipe_named(name: str) -> Recipe:
    """The recipe of this name.

    Example:
        >>> recipe_named("paper").learning_rate
        0.001
    """
    return RECIPES[choice(name, list(RECIPES), what="recipe")]
