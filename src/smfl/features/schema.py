"""The feature schema: which columns, at which rate, measured by what; and whether two of them fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from smfl.features.settings import ExtractionSettings
from smfl.interview import CallError, FeatureError
from smfl.interview.atomic import write_text

FORMAT = 2
"""Of ``schema.json`` and of the prepared folder that it lies in: raised when what is read there changes."""

RATE_TOLERANCE = 0.25
"""Two frame rates fit where they differ by at most this share: 25 and 30 frames a second do, 25 and 100 don't."""


@dataclass(frozen=True, slots=True)
class Modality:
    """What one modality's features are.

    Args:
        columns: names, in order.
        level: ``frame``, ``token`` (rows of a sentence without a time) or ``sentence``.
        rate_hz: frames a second; None at the other levels.
        extractor: what measured them, by its name in the register; ``given`` where the corpus brought them.
        identity: the extractor's version, settings, and the hash of its weights; see `smfl.features.extractors`.
    """

    columns: tuple[str, ...]
    level: str
    rate_hz: float | None
    extractor: str
    identity: str = ""


@dataclass(frozen=True)
class Schema:
    """What a prepared folder holds, and what a model expects.

    Args:
        modalities: by name, in the order of the store.
        source: of whom: corpus, people, citation, licence, language, label_rule, scale, simulated, and the versions
            of the libraries that measured.
        settings: with which it was prepared; see `smfl.features.settings`.

    Example:
        >>> lld = Modality(("F0", "loudness"), "frame", 100.0, "egemaps")
        >>> other = Modality(("F0",), "frame", 50.0, "egemaps")
        >>> for misfit in Schema({"audio": lld}).misfits(Schema({"audio": other})):
        ...     print(misfit)
        audio: the model needs the column 'loudness', which isn't there
        audio: the model was trained on 100 frames a second; here there are 50
    """

    modalities: Mapping[str, Modality]
    source: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    settings: ExtractionSettings = field(default_factory=ExtractionSettings)

    def misfits(self, other: Schema) -> list[str]:
        """Why features of ``other`` can't be read by a model trained on features of this schema; empty if they can.

        A modality that ``other`` lacks as a whole is no misfit: it is missing, and models take that.
        Further columns of ``other`` are no misfit either: they aren't read.
        """
        found = []
        for name, ours in self.modalities.items():
            theirs = other.modalities.get(name)
            if theirs is None:
                continue
            missing = [column for column in ours.columns if column not in theirs.columns]
            if missing:
                shown = ", ".join(repr(column) for column in missing[:4])
                if len(missing) == 1:
                    found.append(f"{name}: the model needs the column {shown}, which isn't there")
                else:
                    more = f" and {len(missing) - 4} more" if len(missing) > 4 else ""
                    found.append(f"{name}: the model needs {len(missing)} columns that aren't there: {shown}{more}")
            if ours.level != theirs.level:
                found.append(
                    f"{name}: the model was trained on {ours.level}-level features; here: {theirs.level} level"
                )
            elif ours.rate_hz and theirs.rate_hz and abs(theirs.rate_hz / ours.rate_hz - 1) > RATE_TOLERANCE:
                found.append(
                    f"{name}: the model was trained on {ours.rate_hz:g} frames a second; "
                    f"here there are {theirs.rate_hz:g}"
                )
        return found

    def to_dict(self) -> dict[str, Any]:
        """As `schema.json` has it."""
        return {
            "format": FORMAT,
            "modalities": {
                name: {
                    "extractor": m.extractor,
                    "identity": m.identity,
                    "level": m.level,
                    "rate_hz": m.rate_hz,
                    "columns": list(m.columns),
                }
                for name, m in self.modalities.items()
            },
            "source": dict(self.source),
            "settings": self.settings.to_dict(),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Schema:
        """From what `to_dict` gave."""
        modalities = {
            name: Modality(tuple(m["columns"]), m["level"], m["rate_hz"], m["extractor"], m["identity"])
            for name, m in document["modalities"].items()
        }
        settings = ExtractionSettings.from_dict(document.get("settings", {}))
        return cls(modalities, document.get("source", {}), settings)

    def write(self, path: Path) -> None:
        """Write `schema.json`."""
        write_text(path, json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, path: Path) -> Schema:
        """Read `schema.json`.

        Raises:
            FeatureError: where it isn't there, isn't a schema, or is of another format.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document.get("format") == FORMAT:
                return cls.from_dict(document)
        except FileNotFoundError:
            raise FeatureError(
                f"{path}: not there; is {path.parent} a folder that `smfl prepare` or `smfl train` wrote?"
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError, CallError) as fault:
            raise FeatureError(f"{path}: not a feature schema ({fault}); prepare the folder anew") from None
        raise FeatureError(
            f"{path}: of format {document.get('format')}; this version reads {FORMAT}: prepare again, or train again"
        )
