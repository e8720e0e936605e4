"""What a row's name says: the model, and the recipe and modalities that were asked for beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LETTERS = {"video": "V", "audio": "A", "text": "T"}
"""The paper's letters for modalities (Fig. 6), in its order."""


@dataclass(frozen=True, slots=True)
class RowName:
    """A name taken apart: ``name[:recipe][@modality+modality]``.

    Args:
        model: name of the model.
        recipe: that was asked for in the name; empty where none was.
        modalities: that were asked for in the name; none where all were left to be read.
    """

    model: str
    recipe: str = ""
    modalities: tuple[str, ...] = ()

    @classmethod
    def of(cls, label: str) -> RowName:
        """Take a row's name apart.

        Example:
            >>> RowName.of("smfl:paper@text+audio")
            RowName(model='smfl', recipe='paper', modalities=('text', 'audio'))
        """
        before, _, own = label.partition("@")
        model, _, recipe = before.partition(":")
        return cls(model, recipe, tuple(own.split("+")) if own else ())

    @property
    def system(self) -> str:
        """The name without its modalities: rows of one system differ in what they read only.

        Example:
            >>> RowName.of("smfl:paper@text").system
            'smfl:paper'
        """
        return f"{self.model}:{self.recipe}" if self.recipe else self.model

    def title(self, titles: Mapping[str, str]) -> str:
        """As tables show it.

        Args:
            titles: of models by name; a model that has none is shown by its name.

        Example:
            >>> RowName.of("smfl:paper@text+audio").title({"smfl": "SMFL"})
            'SMFL, paper recipe, A+T'
        """
        parts = [titles.get(self.model, self.model)]
        parts += [f"{self.recipe} recipe"] if self.recipe else []
        parts += [short(self.modalities)] if self.modalities else []
        return ", ".join(parts)


def in_order(modalities: Iterable[str]) -> tuple[str, ...]:
    """Modalities in the paper's order, others after them.

    Example:
        >>> in_order(["text", "gait", "video"])
        ('video', 'text', 'gait')
    """
    places = {name: place for place, name in enumerate(LETTERS)}
    return tuple(sorted(modalities, key=lambda name: (places.get(name, len(places)), name)))


def short(modalities: Iterable[str]) -> str:
    """Modalities by their letters.

    Example:
        >>> short(["text", "video"]), short(["gait"])
        ('V+T', 'gait')
    """
    return "+".join(LETTERS.get(name, name) for name in in_order(modalities))
