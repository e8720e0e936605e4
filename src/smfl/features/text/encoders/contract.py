"""The contract of a text encoder: what is known of it, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from smfl.interview import Signal

Progress = Callable[[int], None]
"""Called with how many sentences are done."""


class TextEncoder(Protocol):
    """Turns sentences into vectors."""

    info: EncoderInfo

    @property
    def columns(self) -> tuple[str, ...]:
        """``text_000``, ``text_001``, …: one a dimension; then, of some, `READABLE_COLUMNS`."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """One row a sentence, at sentence level; a row of ``nan`` for an empty text."""

    def encode_tokens(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """One row a token, at token level; no row for an empty text."""


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """What is known of an encoder, and how it is loaded: an entry of the register.

    Args:
        name: how it is called here.
        source: a Python package that carries it, a folder, or a name on the Hugging Face hub.
        load: loads it, given this entry.
        reference: whom to cite.
        language: BCP 47 tag, or ``mul`` for many.
        dimensions: of a vector; None until it is loaded.
        licence: of the weights.
        offline: whether it works without a network from the start.
        readable: whether emotions, topics and pronouns follow its vectors; the emotions were fitted to one
            encoder's, and pronouns are looked for in English.
        tokens: whether it has hidden states of tokens as well as the vector of the sentence.
        version: raised whenever the same weights give other vectors.
        weights: finds the files or folders of weights, given this entry; those in ``source`` where None.
    """

    name: str
    source: str
    load: Callable[[EncoderInfo], TextEncoder]
    reference: str = ""
    language: str = "mul"
    dimensions: int | None = None
    licence: str = ""
    offline: bool = False
    readable: bool = False
    tokens: bool = True
    version: int = 1
    weights: Callable[[EncoderInfo], tuple[Path, ...]] | None = None

    def to_dict(self) -> dict[str, Any]:
        """All that can be shown."""
        return {name: getattr(self, name) for name in self.__slots__ if name not in ("load", "weights")}
