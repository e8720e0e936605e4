"""D-Vlog: 961 vlogs, as measurements of face and voice once a second; neither words nor sound nor pictures.

**Citation.** Yoon, Kang, Kim & Han (2022), *D-Vlog: multimodal vlog dataset for depression detection*, AAAI.

**Access and licence.** From the authors, on request; for research only.

**On disk.** ``labels.csv``: ``index,label,duration,gender,fold`` (``depression``/``normal``; seconds; ``f``/``m``;
``train``/``valid``/``test``), 961 rows, 0 to 960. For each, ``{index}/{index}_acoustic.npy``, T x 25: openSMILE's
eGeMAPS descriptors, by inference in the order of v02; and ``{index}/{index}_visual.npy``, T x 136: dlib's 68 points in
the picture, x and y in turn. About a row a second; the two T may differ by some rows, and both are cut to the shorter.

**Sentence.** Nothing tells where one begins: stretches of some seconds stand for them, see `answers`, and words are
missing. **Signals.** ``audio``: the 25 descriptors under their names, but once a second: no model of 100 frames a
second reads them, and the schema says so. ``landmarks-2d``: points in pixels, read with ``features="own"``; face-common
needs them in three dimensions. **Split.** Official: 647 to train, 102 to validate, 212 to test.

**People.** One person may own several vlogs, and who owns which isn't published: each vlog counts as a person here, and
neither the official split nor any other can be shown to keep people apart. LMVD was gathered from the same kind of
source; that the two share people can't be ruled out.

**Label rule.** As annotated from the vlog by the authors: ``depression`` or ``normal``; no questionnaire.

**Repairs**, with a line in the ledger: the longer of two signals is cut. Without: a row of zeros is a face that wasn't
found, and missing; voiced measures are missing where F0 is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from smfl.corpora.answers import no_words, stretches
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, pool
from smfl.corpora.vocabulary import GENDERS
from smfl.formats.npy import read_rows, read_shape
from smfl.formats.opensmile import V02, without_unvoiced
from smfl.formats.tables import Check, Row, read_table
from smfl.interview import Cohort, CorpusError, Entry, Interview, Label, Problems, Signal, SignalReader, Source

LABELS = "labels.csv"
COLUMNS = ("index", "label", "duration", "gender", "fold")
VALUES = {"depression": 1, "normal": 0}
FOLDS = {"train": "train", "valid": "validation", "test": "test"}
LABEL_RULE = "as annotated from the vlog: depression or normal"
RATE_HZ = 1.0
"""About a row a second, by the lengths that labels.csv tells."""
POINTS = tuple(f"{axis}_{k}" for k in range(68) for axis in "xy")
KINDS = {"acoustic": ("audio", V02), "visual": ("landmarks-2d", POINTS)}
FAR_APART = 0.05
"""A length that differs from the rows by a larger share is told."""


def detect(root: Path) -> bool:
    """Whether a table of labels lies beside folders of arrays."""
    return (root / LABELS).is_file() and any(root.glob("*/*_acoustic.npy"))


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open the corpus.

    Raises:
        Problems: where the table of labels can't be read.
    """
    rows = {row.cells["index"]: row for row in read_table(root / LABELS, required=COLUMNS).rows}
    source = Source(
        "d-vlog", CORPUS.citation, CORPUS.licence, "en", LABEL_RULE, is_simulated(root), pool(root, "d-vlog")
    )
    return Cohort(source, tuple(rows), _Reader(root, rows).read)


@dataclass(frozen=True)
class _Reader:
    root: Path
    rows: Mapping[str, Row]

    def read(self, key: str) -> Interview:
        """One vlog.

        Raises:
            Problems: all that makes it unusable.
        """
        check, ledger = Check(self.rows[key]), no_words(key, stretched=True)
        value = check.word("label", tuple(VALUES))
        fold = check.word("fold", tuple(FOLDS))
        gender = check.word("gender", ("f", "m"))
        told = check.number("duration", "seconds")
        problems, lengths = list(check.faults), {}
        for kind, (_, columns) in KINDS.items():
            path = self._path(key, kind)
            if not path.is_file():
                ledger.append(Entry(key, "missing", f"no {kind} features", f"{key}/{path.name}"))
                continue
            try:
                shape = read_shape(path)
                if len(shape) < 2 or int(np.prod(shape[1:])) != len(columns) or not shape[0]:
                    raise CorpusError(f"{path.name}: an array of shape {shape}; expected rows of {len(columns)}")
                lengths[kind] = shape[0]
            except CorpusError as fault:
                problems.append(str(fault))
        if problems or not lengths:
            raise Problems(f"interview {key}", problems or [f"{key}: neither acoustic nor visual features are there"])
        rows = min(lengths.values())
        if max(lengths.values()) > rows:
            longer = max(lengths, key=lambda kind: lengths[kind])
            what = f"{longer} has {lengths[longer]} rows, the other {rows}: both are cut to {rows}"
            ledger.append(Entry(key, "repaired", what, f"{key}/{key}_{longer}.npy", "the two end apart"))
        if told and abs(rows / RATE_HZ - told) > max(FAR_APART * told, 2.0):
            what = f"{rows} rows of about a second, but {told:g} s by {LABELS}: its clock is the rows'"
            ledger.append(Entry(key, "noted", what, self.rows[key].place))
        signals: dict[str, SignalReader] = {
            KINDS[kind][0]: partial(_signal, kind, self._path(key, kind), rows) for kind in lengths
        }
        return Interview(
            id=key,
            participant=key,
            sentences=stretches(rows / RATE_HZ),
            signals=signals,
            own=("landmarks-2d",),
            label=None if value is None else Label(VALUES[value], None, "other"),
            split=None if fold is None else FOLDS[fold],
            gender=None if gender is None else GENDERS[gender],
            metadata={} if told is None else {"duration_s": f"{told:g}"},
            ledger=tuple(ledger),
        )

    def _path(self, key: str, kind: str) -> Path:
        return self.root / key / f"{key}_{kind}.npy"


def _signal(kind: str, path: Path, rows: int) -> Signal:
    name, columns = KINDS[kind]
    values = read_rows(path, len(columns))[:rows]
    if kind == "acoustic":
        values = without_unvoiced(values, columns)
    else:
        values[~values.any(axis=1)] = np.nan
    values[np.isinf(values)] = np.nan
    return Signal(name, columns, values, np.arange(len(values)) / RATE_HZ, RATE_HZ)


CORPUS = Corpus(
    name="d-vlog",
    title="961 English vlogs as measurements once a second; no words, sound or pictures",
    citation="Yoon, Kang, Kim & Han (2022). D-Vlog: multimodal vlog dataset for depression detection. AAAI.",
    access="from the authors, on request",
    licence="research only",
    language="en",
    label_rule=LABEL_RULE,
    looks_for=f"{LABELS} and folders 0/0_acoustic.npy, 0/0_visual.npy, …",
    detect=detect,
    load=load,
)
