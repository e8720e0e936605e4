"""Two corpora as one division: everybody of one is trained on, everybody of the other is tested, nothing is pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from smfl.evaluation import Split
from smfl.features import Prepared, Schema, SentenceFeatures
from smfl.features.fit_columns import check_fit, fitted_to
from smfl.interview import CallError
from smfl.pipeline.comparison.kept_fits import KeptFits, code_digest
from smfl.pipeline.comparison.overlap import check_apart
from smfl.pipeline.comparison.rows import ModelRow
from smfl.pipeline.comparison.shift import shift

CODE = ("pipeline/comparison/across.py",)
"""What of the pipeline decides, beside `kept_fits.CODE`, what a fit across corpora gives."""

CORPUS_FACTS = ("corpus", "label_rule", "scale", "language", "simulated")
"""What the results say of each corpus; where the first three of a label differ, they warn."""


@dataclass(frozen=True, eq=False)
class Across:
    """Interviews of the training corpus, then those of the test corpus, all with the columns of the first.

    Indexing with a number gives one interview; with an array of positions, an `Across` of those.

    Args:
        train: labelled interviews to fit on.
        test: labelled interviews to judge.
        schema: what is read, as the training corpus has it.
        met: who is in both, where that was asked for.
        positions: those that are kept; all by default.
    """

    train: Prepared
    test: Prepared
    schema: Schema
    met: tuple[str, ...] = ()
    positions: npt.NDArray[np.int64] | None = None

    @classmethod
    def of(cls, train: Prepared, test: Prepared, *, allow_overlap: bool) -> Across:
        """Two prepared folders' labelled interviews, with the modalities that both have.

        Raises:
            CallError: where one has no label, or somebody is in both and it wasn't asked for.
            FeatureError: where they have no modality in common.
        """
        for side, purpose in ((train, "training"), (test, "evaluation")):
            if not len(side.labelled):
                raise CallError(f"{side.folder}: no interview has a label; {purpose} needs them")
        shared = {name: m for name, m in train.schema.modalities.items() if name in test.schema.modalities}
        if not shared:
            check_fit(train.schema, test.schema, where=str(test.folder))
        met = check_apart(train.labelled, test.labelled, allowed=allow_overlap)
        return cls(train.labelled, test.labelled, replace(train.schema, modalities=shared), met)

    def reading(self, rows: Sequence[ModelRow]) -> Across:
        """The same, with no more than what at least one model reads.

        Raises:
            FeatureError: where columns of it don't fit, by name.
        """
        read = {name for row in rows for name in row.reads}
        modalities = {name: m for name, m in self.schema.modalities.items() if name in read}
        schema = replace(self.schema, modalities=modalities)
        if schema.modalities:
            check_fit(schema, self.test.schema, where=str(self.test.folder))
        return replace(self, schema=schema)

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> SentenceFeatures: ...
    @overload
    def __getitem__(self, index: Any) -> Across: ...
    def __getitem__(self, index: Any) -> SentenceFeatures | Across:
        if not isinstance(index, (int, np.integer)):
            return replace(self, positions=self._kept[index if isinstance(index, slice) else np.asarray(index)])
        position = int(self._kept[index])
        side, own = (self.train, position) if position < len(self.train) else (self.test, position - len(self.train))
        return fitted_to(self.schema, side.schema, side[own])

    @property
    def _kept(self) -> npt.NDArray[np.int64]:
        return np.arange(len(self.train) + len(self.test)) if self.positions is None else self.positions

    @property
    def split(self) -> Split:
        """The one division there is."""
        first = len(self.train)
        return Split(0, np.arange(first), np.arange(first, first + len(self.test)))

    def keys(self, column: str) -> list[str]:
        """Interviews' or participants' keys: the test corpus's as they are, the training corpus's marked.

        Corpora count their people alike, so that one's 300 needn't be the other's: who is the same was checked by
        whose the keys are.
        """
        return [f"trained on/{key}" for key in self.train.table[column]] + self.test.table[column].astype(str).tolist()

    def kept(self, kept: KeptFits) -> KeptFits:
        """Where fits are kept: by the fingerprint of both corpora."""
        settings = [*kept.settings, KeptFits(None, self.test, []).content, self.schema.to_dict()["modalities"]]
        return KeptFits(kept.folder, self.train, [*settings, code_digest(CODE)])

    def facts(self) -> dict[str, Any]:
        """What the results tell beside any evaluation's: both corpora, and the shift between them."""
        split, columns = self.split, {name: m.columns for name, m in self.schema.modalities.items()}
        here, there = ((self[int(i)] for i in side) for side in (split.train, split.test))
        corpora = {"trained_on": _corpus_facts(self.train), "tested_on": _corpus_facts(self.test)}
        return {**corpora, "shared_participants": list(self.met), "shift": shift(here, there, columns)}

    def remarks(self) -> list[str]:
        """What a reader has to know: other labels, languages or tools; people in both; modalities in one only."""
        one, other = _corpus_facts(self.train), _corpus_facts(self.test)
        found = [
            f"fitted on all {one['n']} labelled interviews of {one['corpus']}, tested on all {other['n']} of "
            f"{other['corpus']}; models take their validation part from the former"
        ]
        if [one[key] for key in ("label_rule", "scale")] != [other[key] for key in ("label_rule", "scale")]:
            found.append(
                f"labels differ: trained on {_label(one)}, tested on {_label(other)}; who is positive by one needn't "
                "be by the other, so a low score may be the labels' and not the model's"
            )
        if one["language"] != other["language"]:
            found.append(f"languages differ: trained on {one['language']}, tested on {other['language']}")
        for name, ours in self.schema.modalities.items():
            theirs = self.test.schema.modalities[name]
            if ours.extractor != theirs.extractor:
                found.append(f"{name} was measured by {ours.extractor} in training and {theirs.extractor} in the test")
        lone = sorted(self.train.schema.modalities.keys() ^ self.test.schema.modalities.keys())
        if lone:
            found.append(f"only one of the corpora has {', '.join(lone)}: not read")
        if self.met:
            found.append(
                f"optimistic: {len(self.met)} of {other['participants']} tested participants were trained on "
                f"({', '.join(self.met[:3])}{', …' if len(self.met) > 3 else ''})"
            )
        return found


def _corpus_facts(known: Prepared) -> dict[str, Any]:
    settings = known.schema.source
    return {key: settings.get(key) for key in CORPUS_FACTS} | {
        "n": len(known),
        "participants": int(known.table["participant"].nunique()),
        "positives": int(known.labels.sum()),
    }


def _label(facts: dict[str, Any]) -> str:
    rule = facts["label_rule"] or "a rule that isn't recorded"
    return f"{rule} (scale {facts['scale']})" if facts["scale"] else str(rule)
