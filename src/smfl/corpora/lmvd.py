"""LMVD: 1823 vlogs, as OpenFace's output and VGGish's; neither words nor sound nor pictures.

**Citation.** He et al. (2024), *LMVD: a large-scale multimodal vlog dataset for depression detection in the wild*,
arXiv 2407.00024.

**Access and licence.** From the authors' repository, for research only.

**On disk.** Samples ``001`` … ``1823`` (three digits at least; 908 depressed, 915 not; said to be of 1475 people):

======================================  ==============================================================================
``Video_feature/{id}.csv``              OpenFace's output, a space after each comma: see `openface_files`
``Audio_feature/{id}.npy``              VGGish, T x 128, a row each .96 s
``label/{id}_Depression.csv``           one number, *no header*
``labels.csv``                          third-party (DepMamba): ``index,label,fold``; read for its split
======================================  ==============================================================================

**Sentence.** Nothing tells where one begins: stretches of some seconds stand for them, see `answers`, and words are
missing. **Signals.** ``openface`` gives what face-common can have of it (pose and gaze; landmarks where they are in
millimetres); ``vggish`` and ``landmarks-2d`` (pixels) are read with ``features="own"``. **Split.** The authors publish
none; DepMamba's is told as theirs. **Gender, age.** Not distributed.

**People.** Who owns which vlog isn't published: each counts as a person here, so no split can be shown to keep people
apart. D-Vlog was gathered from the same kind of source; that the two share people can't be ruled out.

**Label rule.** As annotated by the authors: 1 is depressed.

**Repairs**, with a line in the ledger: samples whose label file and ``labels.csv`` differ are told, the authors'
counts; the longer of two signals is cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from smfl.corpora.answers import no_words, stretches
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, pool
from smfl.formats.npy import read_rows, read_shape
from smfl.formats.numeric_tables import first_cells
from smfl.formats.openface import PIXELS, agreed_columns, faults, last_time, read_openface, several_faces
from smfl.formats.tables import Check, Row, read_table
from smfl.interview import Cohort, CorpusError, Entry, Interview, Label, Problems, Signal, SignalReader, Source

VIDEO, AUDIO, LABEL, SPLITS = "Video_feature", "Audio_feature", "label", "labels.csv"
LABEL_RULE = "as annotated by the authors: 1 is depressed"
FOLDS = {"train": "train", "valid": "validation", "test": "test"}
VGGISH, VGGISH_S = 128, 0.96
APART_S = 2.0
SAMPLED = 5

_ID = re.compile(r"\d{3,}")


def _ids(root: Path) -> list[str]:
    found = {path.stem for path in (root / VIDEO).glob("*.csv")} | {path.stem for path in (root / AUDIO).glob("*.npy")}
    return sorted((key for key in found if _ID.fullmatch(key)), key=int)


def detect(root: Path) -> bool:
    """Whether the two folders of features are there."""
    return (root / VIDEO).is_dir() and (root / AUDIO).is_dir() and bool(_ids(root))


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open the corpus.

    Raises:
        Problems: where no sample is there, or ``labels.csv`` can't be read.
    """
    keys = _ids(root)
    if not keys:
        raise Problems(str(root), [f"no sample; expected {CORPUS.looks_for}"])
    ledger, parts = [], {}
    if (root / SPLITS).is_file():
        rows = read_table(root / SPLITS, required=("index", "label", "fold")).rows
        parts = {row.cells["index"].zfill(3): row for row in rows}
        ledger.append(Entry("", "noted", "the split is DepMamba's, a third party's; the authors publish none", SPLITS))
    if not (root / LABEL).is_dir():
        ledger.append(Entry("", "missing", "no folder of labels: nobody has the authors' label", LABEL))
    sample = [root / VIDEO / f"{key}.csv" for key in keys if (root / VIDEO / f"{key}.csv").is_file()][:SAMPLED]
    columns, pixels = agreed_columns(sample), agreed_columns(sample, PIXELS)
    source = Source("lmvd", CORPUS.citation, CORPUS.licence, "zh", LABEL_RULE, is_simulated(root), pool(root, "lmvd"))
    return Cohort(source, tuple(keys), _Reader(root, parts, columns, pixels).read, ledger)


@dataclass(frozen=True)
class _Reader:
    root: Path
    parts: Mapping[str, Row]
    columns: tuple[str, ...]
    pixels: tuple[str, ...]

    def read(self, key: str) -> Interview:
        """One vlog.

        Raises:
            Problems: all that makes it unusable.
        """
        ledger = no_words(key, stretched=True)
        problems: list[str] = []
        signals: dict[str, SignalReader] = {}
        seconds: dict[str, float] = {}
        face, voice = self.root / VIDEO / f"{key}.csv", self.root / AUDIO / f"{key}.npy"
        if face.is_file():
            wrong = faults(face)
            problems += wrong
            signals["openface"] = partial(read_openface, face, self.columns, interview=key)
            if set(self.pixels) & set(first_cells(face)):
                signals["landmarks-2d"] = partial(read_openface, face, self.pixels, "landmarks-2d")
            if not wrong:
                seconds["face"] = last_time(face) or 0.0
                ledger += several_faces(face, key)
        else:
            ledger.append(Entry(key, "missing", "no face (OpenFace)", f"{VIDEO}/{face.name}"))
        if voice.is_file():
            try:
                seconds["voice"] = read_shape(voice)[0] * VGGISH_S
                signals["vggish"] = partial(_vggish, voice)
            except CorpusError as fault:
                problems.append(str(fault))
        else:
            ledger.append(Entry(key, "missing", "no voice (VGGish)", f"{AUDIO}/{voice.name}"))
        label, split = self._label(key, ledger, problems)
        if problems or not seconds or min(seconds.values()) <= 0:
            raise Problems(f"interview {key}", problems or [f"{key}: its features hold no time"])
        end = min(seconds.values())
        if max(seconds.values()) - end > APART_S:
            longer = max(seconds, key=lambda name: seconds[name])
            what = f"the {longer} lasts {seconds[longer]:.1f} s, the other {end:.1f} s: the rest is left out"
            ledger.append(Entry(key, "repaired", what, why="a stretch needs both"))
        own = tuple(name for name in signals if name != "openface")
        return Interview(
            id=key,
            participant=key,
            sentences=stretches(end),
            signals=signals,
            own=own,
            label=label,
            split=split,
            metadata={},
            ledger=tuple(ledger),
        )

    def _label(self, key: str, ledger: list[Entry], problems: list[str]) -> tuple[Label | None, str | None]:
        path = self.root / LABEL / f"{key}_Depression.csv"
        own = None
        if path.is_file():
            text = path.read_text(encoding="utf-8-sig", errors="replace").strip()
            if text not in ("0", "1", "0.0", "1.0"):
                problems.append(f"{LABEL}/{path.name}: {text!r}; expected 1 (depressed) or 0, and nothing else")
            else:
                own = int(float(text))
        elif (self.root / LABEL).is_dir():
            ledger.append(Entry(key, "missing", "no label", f"{LABEL}/{path.name}"))
        row = self.parts.get(key)
        if row is None:
            return (None if own is None else Label(own, None, "other")), None
        check = Check(row)
        other, fold = check.number("label", "0 or 1", high=1.0), check.word("fold", tuple(FOLDS))
        problems += check.faults
        if own is None and other is not None:
            own = int(other)
            ledger.append(
                Entry(key, "repaired", f"the label {own} is {SPLITS}'s", row.place, "no file of the authors'")
            )
        elif own is not None and other is not None and own != int(other):
            ledger.append(
                Entry(key, "noted", f"label {own}, but {other:g} in {SPLITS}: the authors' counts", row.place)
            )
        return (None if own is None else Label(own, None, "other")), None if fold is None else FOLDS[fold]


def _vggish(path: Path) -> Signal:
    values = read_rows(path, VGGISH)
    values[np.isinf(values)] = np.nan
    names = tuple(f"vggish_{k}" for k in range(VGGISH))
    return Signal("vggish", names, values, np.arange(len(values)) * VGGISH_S, round(1 / VGGISH_S, 3))


CORPUS = Corpus(
    name="lmvd",
    title="1823 Chinese vlogs as OpenFace's and VGGish's output; no words, sound or pictures",
    citation="He et al. (2024). LMVD: a large-scale multimodal vlog dataset for depression detection in the wild. "
    "arXiv 2407.00024.",
    access="the authors' repository",
    licence="research only",
    language="zh",
    label_rule=LABEL_RULE,
    looks_for=f"{VIDEO}/001.csv, {AUDIO}/001.npy and {LABEL}/001_Depression.csv, …",
    detect=detect,
    load=load,
)
