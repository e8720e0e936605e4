"""EATD-Corpus: 162 volunteers who answer three questions in Mandarin, one each about something good, bad, and neither.

**Citation.** Shen, Yang & Lin (2022), *Automatic depression detection: an emotional audio-textual corpus and a
GRU/BiLSTM-based model*, ICASSP.

**Access and licence.** From the authors' repository (speechandlanguageprocessing/ICASSP2022-Depression), whose archive
opens with a password that they give; for research.

**On disk.** ``t_<n>/`` (83 people to train, 19 depressed) and ``v_<n>/`` (79 to validate, 11), numbers with gaps. In
each:

============================================  ========================================================================
``positive.wav, neutral.wav, negative.wav``   the answers; the rate is told by the header (16 kHz mono is usual)
``positive_out.wav``, …                       the same, cut and cleaned of noise: stands in for a raw one
``positive.txt``, …                           the words, UTF-8, without times; some are very short, some empty
``label.txt``, ``new_label.txt``              the SDS's raw score, and its index: raw x 1.25
============================================  ========================================================================

**Sentence.** An answer is a sentence; three are laid end to end, see `answers`. The three answers of a person are one
interview: they never come apart, and none is repeated. **Speakers.** The participant's only. **Split.** The official
one is train and validation; there is no test part. **Gender, age.** Not distributed. **Overlap.** None is known.

**Label rule.** SDS index (``new_label.txt``) >= 53 is depressed.

**Repairs**, each with a line in the ledger: an index that isn't there is made of the raw score; an index that isn't
1.25 times the raw score is told and used; the cleaned sound stands in for a raw one that isn't there or can't be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from smfl.corpora.answers import Answer, lay_out
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, pool
from smfl.corpora.vocabulary import read_words
from smfl.formats.wav import read_header
from smfl.interview import HIGHEST_SCORE, Cohort, CorpusError, Entry, Interview, Label, Problems, Source

ANSWERS = ("positive", "neutral", "negative")
SCALE, CUTOFF, INDEX_OF_RAW = "SDS", 53, 1.25
LABEL_RULE = f"{SCALE} index >= {CUTOFF} is depressed"
RAW, INDEX = "label.txt", "new_label.txt"
PARTS = {"t": "train", "v": "validation"}
ROUNDING = 0.51

_PERSON = re.compile(r"(?P<part>[tv])_\d+")


def _people(root: Path) -> dict[str, Path]:
    found = [p for pattern in ("*", "*/*") for p in sorted(root.glob(pattern)) if _PERSON.fullmatch(p.name)]
    return {path.name: path for path in found if path.is_dir()}


def detect(root: Path) -> bool:
    """Whether folders t_1, v_1, … hold the three answers' sound or words."""
    return any(
        (folder / f"{name}{end}").is_file()
        for folder in _people(root).values()
        for name in ANSWERS
        for end in (".wav", ".txt", "_out.wav")
    )


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open the corpus.

    Raises:
        Problems: where no person's folder is there.
    """
    people = _people(root)
    if not people:
        raise Problems(str(root), [f"no person's folder; expected {CORPUS.looks_for}"])
    keys = tuple(sorted(people, key=lambda key: (key[0], int(key[2:]))))
    source = Source(
        "eatd", CORPUS.citation, CORPUS.licence, "zh-CN", LABEL_RULE, is_simulated(root), pool(root, "eatd")
    )
    return Cohort(source, keys, _Reader(people, options).read)


@dataclass(frozen=True)
class _Reader:
    people: Mapping[str, Path]
    options: Options

    def read(self, key: str) -> Interview:
        """One person.

        Raises:
            Problems: all that makes the person unusable.
        """
        folder = self.people[key]
        ledger: list[Entry] = []
        problems: list[str] = []
        answers = [answer for name in ANSWERS if (answer := self._answer(key, folder, name, ledger))]
        label = self._label(key, folder, ledger, problems)
        if problems or not answers:
            raise Problems(f"interview {key}", problems or [f"{key}: none of the three answers can be read"])
        laid = lay_out(answers)
        return Interview(
            id=key,
            participant=key,
            sentences=laid.sentences,
            turns=laid.turns,
            pieces=laid.pieces,
            label=label,
            split=PARTS[key[0]],
            signals={},
            metadata={},
            ledger=tuple(ledger),
        )

    def _answer(self, key: str, folder: Path, name: str, ledger: list[Entry]) -> Answer | None:
        said = folder / f"{name}.txt"
        words = ""
        if said.is_file():
            words = read_words(said, key, ledger)
        else:
            ledger.append(Entry(key, "missing", f"the words of the {name} answer", f"{key}/{said.name}"))
        faults = []
        for path in (folder / f"{name}.wav", folder / f"{name}_out.wav"):
            try:
                seconds = read_header(path).seconds
            except CorpusError as fault:
                faults.append(str(fault))
                continue
            if faults:
                what = f"the cleaned sound of the {name} answer stands in"
                ledger.append(Entry(key, "repaired", what, f"{key}/{path.name}", faults[0]))
            return Answer(name, seconds, words, path)
        ledger.append(Entry(key, "missing", f"the {name} answer", key, "; ".join(faults)))
        return None

    def _label(self, key: str, folder: Path, ledger: list[Entry], problems: list[str]) -> Label | None:
        raw, index = (_number(folder / name, problems) for name in (RAW, INDEX))
        if index is None and raw is not None and self.options.repaired:
            index = raw * INDEX_OF_RAW
            what = f"no {INDEX}: {index:g}, {INDEX_OF_RAW:g} times the raw score {raw:g}"
            ledger.append(Entry(key, "repaired", what, f"{key}/{RAW}", LABEL_RULE))
        elif index is not None and raw is not None and abs(raw * INDEX_OF_RAW - index) > ROUNDING:
            what = f"the index is {index:g}, though {INDEX_OF_RAW:g} times the raw score {raw:g} is {raw * 1.25:g}"
            ledger.append(Entry(key, "noted", what, f"{key}/{INDEX}", "the index decides"))
        if index is None:
            if not problems:
                ledger.append(Entry(key, "missing", "no label", f"{key}/{INDEX}"))
            return None
        if index > HIGHEST_SCORE[SCALE]:
            problems.append(f"{key}/{INDEX}: {index:g}; expected an {SCALE} index, 0 to {HIGHEST_SCORE[SCALE]:g}")
            return None
        return Label.from_score(index, scale=SCALE, cutoff=CUTOFF)


def _number(path: Path, problems: list[str]) -> float | None:
    """The one number in a file; None where the file isn't there or is empty."""
    text = path.read_text(encoding="utf-8-sig", errors="replace").strip() if path.is_file() else ""
    try:
        value = float(text) if text else None
    except ValueError:
        value = -1.0
    if value is not None and not value >= 0:
        problems.append(f"{path.parent.name}/{path.name}: {text!r}; expected one number, an {SCALE} score")
        return None
    return value


CORPUS = Corpus(
    name="eatd",
    title="162 volunteers, three answers each in Mandarin; sound and words",
    citation="Shen, Yang & Lin (2022). Automatic depression detection: an emotional audio-textual corpus and a "
    "GRU/BiLSTM-based model. ICASSP.",
    access="the authors' repository speechandlanguageprocessing/ICASSP2022-Depression; a password from them",
    licence="research only",
    language="zh-CN",
    label_rule=LABEL_RULE,
    looks_for="folders t_1, v_1, … with positive.wav, positive.txt, …, label.txt and new_label.txt",
    detect=detect,
    load=load,
)
