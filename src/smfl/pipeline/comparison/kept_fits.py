"""Kept fits: the predictions of each fit, written as soon as they are there, so that a stopped run can go on."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import smfl
from smfl.evaluation import FoldResult, Split
from smfl.features import Prepared
from smfl.interview.atomic import write_text
from smfl.pipeline.comparison.rows import ModelRow

DECIDING = ("numpy", "optuna", "scikit-learn", "torch")
"""Libraries whose version decides what a fit gives."""

CODE = (
    "features",
    "nn",
    "training",
    "evaluation/crossval.py",
    "evaluation/splits.py",
    "evaluation/sample.py",
    "pipeline/comparison/rows.py",
    "pipeline/comparison/blinded.py",
)
"""What of this package does: where it has changed, no earlier fit is reused."""


@dataclass(frozen=True, eq=False)
class KeptFit:
    """One fit's place on disk.

    Args:
        path: of its file; None where nothing is kept.
        fingerprint: of all that decides its result.
    """

    path: Path | None
    fingerprint: str

    def read(self) -> FoldResult | None:
        """What an earlier run left, where it is whole and of the same data, settings and code."""
        if self.path is None or not self.path.exists():
            return None
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError:
            return None
        if document.pop("fingerprint", None) != self.fingerprint:
            return None
        document["predictions"], document["history"] = tuple(document["predictions"]), tuple(document["history"])
        return FoldResult(**document)

    def write(self, result: FoldResult) -> None:
        """Keep a result, whole or not at all."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_text(self.path, json.dumps({"fingerprint": self.fingerprint, **asdict(result)}))


@dataclass(frozen=True, eq=False)
class KeptFits:
    """All fits of a comparison.

    Args:
        folder: where they are kept; None: nowhere.
        data: labelled interviews.
        settings: what else decides every fit: the protocol, whether labels are shuffled.
    """

    folder: Path | None
    data: Prepared
    settings: Sequence[Any]

    def of(self, row: ModelRow, seed: int, split: Split, interviews: Sequence[str], targets: Sequence[Any]) -> KeptFit:
        """The place of one model's fit.

        Args:
            row: which model.
            seed: of splits and estimator.
            split: who is trained on and tested.
            interviews: keys of all positions.
            targets: labels and scores as they are given to the estimator, each [n].
        """
        if self.folder is None:
            return KeptFit(None, "")
        deciding = [
            self.content,
            asdict(row),
            list(self.settings),
            seed,
            split.fold,
            [np.asarray(target).tolist() for target in targets],
            [interviews[i] for i in split.train],
            [interviews[i] for i in split.test],
        ]
        fingerprint = _digest(json.dumps(deciding).encode())
        name = f"{re.sub(r'[^A-Za-z0-9.+-]+', '_', row.label)}-s{seed}-f{split.fold}-{fingerprint[:12]}.json"
        return KeptFit(self.folder / name, fingerprint)

    @cached_property
    def content(self) -> str:
        """Digest of what all fits share: interviews, schema, code, libraries."""
        versions = [metadata.version(name) for name in DECIDING]
        shared = [self.data.fingerprint, self.data.participants.tolist(), versions, code_digest()]
        return _digest(json.dumps(shared).encode())


def code_digest(code: Sequence[str] = CODE) -> str:
    """Digest of the source files that decide what a fit gives: of what they do, not of how they are explained."""
    root = Path(smfl.__file__).parent
    files = [file for part in code for file in ([root / part] if part.endswith(".py") else (root / part).rglob("*.py"))]
    sources = [[file.relative_to(root).as_posix(), bare(file.read_text(encoding="utf-8"))] for file in sorted(files)]
    return _digest(json.dumps(sources).encode())


def bare(source: str) -> str:
    """Source without docstrings, comments and layout.

    Example:
        >>> bare("x = 1/2  # a half")
        'x = 1 / 2'
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = [line for line in node.body if not _is_text(line)]
    return ast.unparse(tree)


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
