"""What is said of a model in one place: names, source, network, settings, and what may be tuned.

A file of `smfl.nn.models` describes one model, or a family of them, under the name ``MODEL``. That is all it takes for
a model to be listed, compared, tuned, trained and saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from smfl.nn.batch import Widths

Value = float | int
DIGITS = 3
"""Significant digits of a number that is drawn: more would only be hard to read."""

LAST = 10_000
"""The position of a model that names none: after the project's own."""


@dataclass(frozen=True)
class Setting:
    """One dimension of a search.

    Args:
        name: of a field of the recipe, or of the network's settings or the inputs' (``network.channels``); of a model
            without a recipe, an argument of its estimator.
        kind: ``log``: a number, its logarithm drawn evenly; ``even``: a number, drawn evenly; ``choice``: one of a few.
        range: lowest and highest number; or the choices.
        part: the switch of the network's settings without which the setting does nothing; "" where it always does.

    Raises:
        ValueError: for an unknown kind, or a range that has no two ends.

    Example:
        >>> rate = Setting("learning_rate", "log", (1e-4, 1e-2))
        >>> 1e-3 in rate, 0.0 in rate, 12 in Setting("network.channels", "choice", (8, 16))
        (True, False, False)
        >>> rate.rounded(0.00123456)
        0.00123
    """

    name: str
    kind: str
    range: tuple[Value, ...]
    part: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("log", "even", "choice"):
            raise ValueError(f"{self.name}: kind is {self.kind!r}; it is log, even or choice")
        if self.kind != "choice" and (len(self.range) != 2 or self.range[0] >= self.range[1]):
            raise ValueError(f"{self.name}: {self.range} isn't a lowest and a highest number")

    def __contains__(self, value: object) -> bool:
        if self.kind == "choice":
            return value in self.range
        return isinstance(value, (int, float)) and self.range[0] <= value <= self.range[1]

    def rounded(self, value: Value) -> Value:
        """A drawn value as it is used and written."""
        return value if self.kind == "choice" else float(f"{value:.{DIGITS}g}")


SPACE = (
    Setting("learning_rate", "log", (1e-4, 1e-2)),
    Setting("weight_decay", "log", (1e-4, 1e-1)),
    Setting("network.channels", "choice", (8, 12, 16, 24)),
    Setting("network.dropout", "even", (0.1, 0.6)),
    Setting("sentence_dropout", "even", (0.0, 0.5)),
    Setting("modality_dropout", "even", (0.0, 0.3)),
    Setting("inputs.components", "choice", (16, 24, 32)),
    Setting("auxiliary", "choice", (0.0, 0.25, 0.5), part="cmjat"),
)
"""What may be tuned of a network unless it says otherwise; channels are even, for every attention has two heads."""


@dataclass(frozen=True)
class Sizes:
    """The settings of a network that has no others, and the base of those that do.

    Args:
        channels: H.
        dropout: share.
    """

    channels: int = 12
    dropout: float = 0.5


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """What tables, messages and searches need to know of any model.

    Args:
        name: as users type it.
        title: as tables show it; the paper's own words where it is one of the paper's rows.
        reference: publication.
        tables: those of the paper that have it, in its words, e.g. ``Tables 2, 3``; "" for none.
        space: what may be tuned; empty for nothing.
        position: in lists; models of the same position are in the order of their files.
    """

    name: str
    title: str
    reference: str
    tables: str = ""
    space: tuple[Setting, ...] = ()
    position: int = LAST

    @property
    def source(self) -> str:
        """The publication, with the paper's tables."""
        return f"{self.reference}; {self.tables}" if self.tables else self.reference

    @property
    def trainable(self) -> bool:
        """Whether a fitted one can be saved as a model folder."""
        return False

    @property
    def lifts(self) -> bool:
        """Whether a strong modality enhances weak ones, so that there is something to choose (§2.6)."""
        return False


@dataclass(frozen=True, kw_only=True)
class NetworkModel(ModelEntry):
    """A model that is a network.

    The network is any `torch.nn.Module` that maps a `Batch` to an `Output`. Two attributes are read where it has them:
    ``max_frames``, how many of a sentence's last frames it can see (else 3000 are given), and ``head``, its last layer
    (else a network beside a linear path, see `smfl.nn.evidence`, doesn't start from zero).

    Args:
        network: makes a network from the widths of its input and the settings.
        settings: the model's own; a frozen dataclass of sizes and switches. A recipe may replace fields of it.

    Example:
        >>> from smfl.nn.models.smfl import SMFL_MODEL
        >>> network = SMFL_MODEL.network(Widths({"text": 6}, {"text": 0}), SMFL_MODEL.settings)
        >>> type(network).__name__, network.max_frames, SMFL_MODEL.lifts
        ('SMFL', 249, True)
    """

    network: Callable[[Widths, Any], nn.Module]
    settings: Any
    space: tuple[Setting, ...] = SPACE

    @property
    def trainable(self) -> bool:
        """Every network can be saved."""
        return True

    @property
    def lifts(self) -> bool:
        """Whether the network has CMJAT: its settings have a switch of this name, ``strong`` and ``weak``."""
        return bool(getattr(self.settings, "cmjat", False))
