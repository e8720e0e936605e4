"""MODMA, the audio part (Lanzhou 2015): 52 people, 29 recordings each, sound only.

**Citation.** Cai et al. (2022), *A multi-modal open dataset for mental-disorder analysis*, Scientific Data 9, 178.

**Access and licence.** From http://modma.lzu.edu.cn, after an agreement; for research only.

**On disk.** ``audio_lanzhou_2015/<8-digit id>/01.wav`` … ``29.wav``: 44.1 kHz, 24 bits, at a low level. 01-18 are
answers in an interview, 19 a text read aloud, 20-25 lists of words, 26-29 descriptions of pictures (one public
repository numbers them otherwise). Beside them ``subjects_information_audio_lanzhou_2015.xlsx``, sheet ``Sheet1``:
``subject id`` (an integer that lost its zeros), ``type`` (MDD or HC), ``age``, ``gender`` (M/F), ``education（years）``
in full-width brackets, ``PHQ-9``, ``CTQ-SF``, ``LES``, ``SSRS``, ``GAD-7``, ``PSQI``, and two columns of nothing.

**Sentence.** A recording is one sentence; the recordings are laid end to end, see `answers`. There are no transcripts,
so words are missing, and no video. **Speakers.** Each file holds the participant's answer. **Split.** None is official.
**Gender.** M/F, in words. **Overlap.** The corpus's EEG parts share people with this one; they aren't read.

**Label rule.** The diagnosis, column ``type``: MDD is depressed, HC isn't. PHQ-9 and the others are metadata.

**Repairs**, each with a line in the ledger: identifiers get their zeros back; recordings that can't be read (of
02010004, files 24 to 28 are known) are left out and named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smfl.corpora.answers import Answer, lay_out, no_words
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, pool
from smfl.corpora.vocabulary import gender_of
from smfl.formats.tables import Check, Row
from smfl.formats.wav import read_header
from smfl.formats.workbooks import read_sheet
from smfl.interview import Cohort, CorpusError, Entry, Interview, Label, Problems, Source

INFO, SHEET, FOLDER = "subjects_information_audio_lanzhou_2015.xlsx", "Sheet1", "audio_lanzhou_2015"
RECORDINGS, DIGITS = 29, 8
LABEL_RULE = "the diagnosis, column type: MDD is depressed"
TYPES = {"MDD": 1, "HC": 0}
FACTS = {"PHQ-9": "phq9", "GAD-7": "gad7", "CTQ-SF": "ctq_sf", "LES": "les", "SSRS": "ssrs", "PSQI": "psqi"}

_PERSON, _FILE = re.compile(rf"\d{{{DIGITS}}}"), re.compile(r"\d{2}\.wav", re.IGNORECASE)


def _people(root: Path) -> dict[str, Path]:
    found = [p for pattern in ("*", "*/*") for p in sorted(root.glob(pattern)) if _PERSON.fullmatch(p.name)]
    return {path.name: path for path in found if path.is_dir()}


def _info(root: Path) -> Path | None:
    return next((p for p in (root / INFO, root.parent / INFO, *sorted(root.glob(f"*/{INFO}"))) if p.is_file()), None)


def detect(root: Path) -> bool:
    """Whether folders of eight digits hold numbered recordings."""
    return any(any(_FILE.fullmatch(path.name) for path in folder.iterdir()) for folder in _people(root).values())


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open the corpus.

    Raises:
        Problems: where no person's folder is there, or the table can't be read.
    """
    people = _people(root)
    if not people:
        raise Problems(str(root), [f"no person's folder; expected {CORPUS.looks_for}"])
    table, ledger, rows = _info(root), [], {}
    if table is None:
        ledger.append(Entry("", "missing", f"no {INFO}: nobody has a label", root.name, "ask for it with the sound"))
    else:
        short = 0
        for row in read_sheet(table, sheet=SHEET, required=("subject id", "type")).rows:
            key = row.cells["subject id"].zfill(DIGITS)
            short += len(row.cells["subject id"]) < DIGITS
            rows[key] = row
        if short:
            what = f"{short} identifiers were numbers: their zeros are put back"
            ledger.append(Entry("", "repaired", what, f"{INFO}, column 'subject id'", f"folders have {DIGITS} digits"))
        absent = sorted(set(rows) - set(people))
        if absent:
            ledger.append(Entry("", "missing", f"{len(absent)} people of {INFO} aren't here: {', '.join(absent[:8])}"))
    keys = tuple(sorted(people))
    source = Source("modma", CORPUS.citation, CORPUS.licence, "zh", LABEL_RULE, is_simulated(root), pool(root, "modma"))
    return Cohort(source, keys, _Reader(people, rows).read, ledger)


@dataclass(frozen=True)
class _Reader:
    people: Mapping[str, Path]
    rows: Mapping[str, Row]

    def read(self, key: str) -> Interview:
        """One person.

        Raises:
            Problems: all that makes the person unusable.
        """
        ledger: list[Entry] = []
        answers = []
        for path in sorted(self.people[key].iterdir()):
            if not _FILE.fullmatch(path.name):
                continue
            try:
                answers.append(Answer(path.stem, read_header(path).seconds, sound=path))
            except CorpusError as fault:
                ledger.append(Entry(key, "skipped", f"recording {path.stem}", f"{key}/{path.name}", str(fault)))
        numbers = {answer.name for answer in answers} | {entry.what[-2:] for entry in ledger}
        absent = [f"{n:02d}" for n in range(1, RECORDINGS + 1) if f"{n:02d}" not in numbers]
        if absent:
            ledger.append(Entry(key, "missing", f"no recording {', '.join(absent)}", key))
        ledger += no_words(key, stretched=False)
        label, facts, problems = self._facts(key, ledger)
        if problems or not answers:
            raise Problems(f"interview {key}", problems or [f"{key}: not one recording can be read; copy it again"])
        laid = lay_out(answers)
        return Interview(
            id=key,
            participant=key,
            sentences=laid.sentences,
            turns=laid.turns,
            pieces=laid.pieces,
            label=label,
            signals={},
            ledger=tuple(ledger),
            **facts,
        )

    def _facts(self, key: str, ledger: list[Entry]) -> tuple[Label | None, dict[str, Any], list[str]]:
        row = self.rows.get(key)
        if row is None:
            if self.rows:
                ledger.append(Entry(key, "missing", f"no label, as {INFO} doesn't list it"))
            return None, {"metadata": {}}, []
        check = Check(row)
        kind = check.text("type").upper()
        if kind not in TYPES:
            check.fault("type", "MDD or HC")
        age = check.number("age", "years, 0 to 130", high=130.0)
        gender = gender_of(check.text("gender"), key, f"{row.place}, column 'gender'", ledger)
        education = next((text for name, text in row.cells.items() if name.startswith("education")), "")
        told = {word: check.text(name) for name, word in FACTS.items()} | {"education_years": education}
        label = Label(TYPES.get(kind), None, "diagnosis")
        metadata = {word: text for word, text in told.items() if text}
        return label, {"age": age, "gender": gender, "metadata": metadata}, check.faults


CORPUS = Corpus(
    name="modma",
    title="52 people, 29 recordings each, in Chinese; sound only",
    citation="Cai et al. (2022). A multi-modal open dataset for mental-disorder analysis. Scientific Data 9, 178.",
    access="http://modma.lzu.edu.cn, after an agreement",
    licence="research only, under an agreement",
    language="zh",
    label_rule=LABEL_RULE,
    looks_for=f"{FOLDER}/02010001/01.wav, … and {INFO}",
    detect=detect,
    load=load,
)
