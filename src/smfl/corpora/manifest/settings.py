"""`corpus.toml` of the open format: what the corpus is, what its labels mean, what lies under ``features/``."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smfl.corpora.manifest.feature_files import KEY_COLUMNS, FeatureFolder
from smfl.corpora.simulated import pool
from smfl.interview import SCALES, Entry, Problems, Source

FILE = "corpus.toml"
FORMAT = 1
TRUTH = "truth.csv"
"""Lies in a simulated corpus, and says what was planted."""
LEVELS = tuple(KEY_COLUMNS)

_KNOWN = {
    "": {"format", "name", "language", "citation", "licence", "simulated", "label", "features"},
    "label": {"scale", "cutoff"},
    "features.*": {"level", "rate_hz", "columns"},
}
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Settings:
    """What `corpus.toml` says.

    Args:
        source: name, citation, licence, language, label rule.
        scale: one of `SCALES`.
        cutoff: lowest score that is depressed; None where only labels tell.
        features: by modality.
        ledger: what it says that isn't understood.
    """

    source: Source
    scale: str
    cutoff: float | None
    features: Mapping[str, FeatureFolder]
    ledger: tuple[Entry, ...]


def read_settings(root: Path) -> Settings:
    """Read `corpus.toml`.

    Raises:
        Problems: all that is wrong with it.
    """
    try:
        document = tomllib.loads((root / FILE).read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise Problems(
            str(root), [f'{FILE}: not there; expected one with at least: format = {FORMAT}, name = "…"']
        ) from None
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise Problems(str(root), [f"{FILE}, line {line}: isn't UTF-8; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as fault:
        raise Problems(str(root), [f"{FILE}: isn't TOML: {fault}"]) from None
    return _Reader(document).settings(root)


class _Reader:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.problems: list[str] = []
        self.ledger: list[Entry] = []

    def settings(self, root: Path) -> Settings:
        top = self.document
        self.unknown(top, "", "")
        if top.get("format") != FORMAT:
            self.fault("format", top.get("format"), f"{FORMAT}, the version of the open format")
        name = self.word(top, "name", "a short name of the corpus", needed=True)
        language = self.word(top, "language", 'a language tag such as "en"') or "en"
        if not _LANGUAGE.fullmatch(language):
            self.fault("language", language, 'a language tag such as "en" or "zh-CN"')
        scale, cutoff = self.label()
        simulated = top.get("simulated", False)
        if not isinstance(simulated, bool):
            self.fault("simulated", simulated, "true or false")
        features = self.features()
        if self.problems:
            raise Problems(str(root), self.problems)
        rule = "as given in interviews.csv" if cutoff is None else f"{scale} score >= {cutoff:g} is depressed"
        source = Source(
            name,
            self.word(top, "citation", "text"),
            self.word(top, "licence", "text"),
            language,
            rule,
            bool(simulated) or (root / TRUTH).is_file(),
            pool(root, name),
        )
        return Settings(source, scale, cutoff, features, tuple(self.ledger))

    def label(self) -> tuple[str, float | None]:
        table = self.table(self.document, "label", "label")
        self.unknown(table, "label", "label")
        scale = table.get("scale", "other")
        if scale not in SCALES:
            self.fault("label.scale", scale, f"one of {', '.join(SCALES)}")
        return str(scale), self.positive(table, "cutoff", "label.cutoff", "a score from which on a label is 1", low=0.0)

    def features(self) -> dict[str, FeatureFolder]:
        folders = {}
        for name, table in self.table(self.document, "features", "features").items():
            place = f"features.{name}"
            if not _NAME.fullmatch(name) or not isinstance(table, dict):
                self.fault(place, table, "a table [features.NAME]; a name is letters, digits, '_' and '-'")
                continue
            self.unknown(table, "features.*", place)
            level = table.get("level")
            if level not in LEVELS:
                self.fault(f"{place}.level", level, " or ".join(f'"{valid}"' for valid in LEVELS))
            rate = self.positive(table, "rate_hz", f"{place}.rate_hz", "frames a second, above 0", low=math.ulp(0.0))
            columns = table.get("columns")
            if columns is not None and not (
                isinstance(columns, list)
                and columns
                and all(isinstance(column, str) and column for column in columns)
                and len(set(columns)) == len(columns)
            ):
                self.fault(f"{place}.columns", columns, "a list of names that differ")
                columns = None
            folders[name] = FeatureFolder(name, str(level), rate, None if columns is None else tuple(columns))
        return folders

    def table(self, parent: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
        value = parent.get(key, {})
        if isinstance(value, dict):
            return value
        self.fault(place, value, f"a table [{place}]")
        return {}

    def word(self, table: Mapping[str, Any], key: str, expected: str, *, needed: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            self.fault(key, table.get(key), expected)
            return ""
        return value.strip()

    def positive(self, table: Mapping[str, Any], key: str, place: str, expected: str, *, low: float) -> float | None:
        value = table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value < math.inf:
            self.fault(place, value, expected)
            return None
        return float(value)

    def fault(self, key: str, value: object, expected: str) -> None:
        found = "isn't there" if value is None else f"is {value!r}"
        self.problems.append(f"{FILE}: {key!r} {found}; expected {expected}")

    def unknown(self, table: Mapping[str, Any], kind: str, place: str) -> None:
        for key in sorted(set(table) - _KNOWN[kind]):
            where = f"{FILE}, [{place}]" if place else FILE
            valid = ", ".join(sorted(_KNOWN[kind]))
            self.ledger.append(Entry("", "noted", f"{key!r} isn't understood, and not used", where, f"known: {valid}"))
