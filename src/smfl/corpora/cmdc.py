"""CMDC: the Chinese Multimodal Depression Corpus, 78 people who answer the same twelve questions.

**Citation.** Zou et al. (2022), *Semi-structural interview-based Chinese multimodal depression corpus towards automatic
preliminary screening of depressive disorders*, IEEE Transactions on Affective Computing, 10.1109/TAFFC.2022.3181210.

**Access and licence.** From IEEE DataPort, after an agreement; for research only.

**On disk.** A folder a person, ``HC01`` to ``HC52`` and ``MDD01`` to ``MDD26``, in any folder, and
``SubjectInfo.xlsx``. For each question n = 1 … 12, where it was answered and distributed:

================  ======================================================================================================
``Q{n}.wav``      the answer; 48 kHz, stereo in public copies
``Q{n}.txt``      its words, one string, UTF-8, without times
``Q{n}.csv``      OpenFace's output, of 45 people (26 HC, 19 MDD): read as any OpenFace, see `openface_files`
``Q{n}.npy``      TimeSformer's embedding of the video: signal ``timesformer``, a row an answer
``Q{n}.pkl``      VGGish, rows of 128 about .96 s each, may hold ``nan``: signal ``vggish``; see `pickled_arrays`
``vector_Q{n}.csv``  a 768-d vector of a Chinese BERT in *one header line*: signal ``bert``, a row an answer
================  ======================================================================================================

**Sentence.** An answer is a sentence, and the answers are laid end to end, see `answers`. The interviewer isn't
distributed. **Split.** The paper's is 5-fold by person, and the folds aren't published: public loaders rebuild them in
different ways, so none is official here. **Gender** is read where it is a word (F/M, female/male, 女/男); what a number
would mean isn't documented, and isn't guessed. **Overlap.** None is known with another corpus.

**Label rule.** The diagnosis, column ``MDD`` (1 depressed, 0 not); the folder's name where a person isn't in the table.
PHQ-9 and HAMD-17 are kept as metadata, and never made labels.

**Repairs**, each with a line in the ledger: equal numbers in a vector's header that pandas made differ (``0.5.1``);
totals of questionnaires that are blank and follow from their items; a diagnosis that contradicts the folder's name is
told; missing answers are told. Without a line: the header's spelling ``VideoAvailabe``, ``V2HAMD05`` for ``HAMD05``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from smfl.corpora.answers import Answer, LaidOut, Placed, joined, lay_out
from smfl.corpora.questionnaires import total
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, pool
from smfl.corpora.vocabulary import gender_of, read_words
from smfl.formats.npy import read_shape
from smfl.formats.openface import agreed_columns, faults, last_time, read_openface, several_faces
from smfl.formats.pickled_arrays import read_pickled_array
from smfl.formats.tables import Check, Row
from smfl.formats.wav import read_header
from smfl.formats.workbooks import read_sheet
from smfl.interview import (
    Cohort,
    CorpusError,
    Entry,
    FloatArray,
    Interview,
    Label,
    Problems,
    Signal,
    SignalReader,
    Source,
)

QUESTIONS = 12
INFO = "SubjectInfo.xlsx"
LABEL_RULE = "the diagnosis, column MDD"
PHQ = tuple(f"PHQ-{k}" for k in range(1, 10))
HAMD = tuple(f"HAMD{k:02d}" for k in range(1, 18))
VGGISH, BERT, VGGISH_S = 128, 768, 0.96
UNKNOWN_S = 1.0
"""What an answer is taken to last whose sound and face are both missing."""

_PERSON = re.compile(r"(HC|MDD)\d+")
_FILE = re.compile(r"(?P<kind>vector_)?Q(?P<number>\d{1,2})\.(?P<end>wav|txt|csv|npy|pkl)")
_SAME_NUMBER = re.compile(r"(-?\d+\.\d+(?:[eE][-+]?\d+)?)\.\d+")

Files = Mapping[tuple[str, int], Path]


def _people(root: Path) -> dict[str, Path]:
    """Folders of people, at most two folders down."""
    found = [p for pattern in ("*", "*/*", "*/*/*") for p in sorted(root.glob(pattern)) if _PERSON.fullmatch(p.name)]
    return {path.name: path for path in reversed(found) if path.is_dir()}


def detect(root: Path) -> bool:
    """Whether there are people's folders with answers in them."""
    return any(any(_FILE.fullmatch(path.name) for path in folder.iterdir()) for folder in _people(root).values())


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open the corpus.

    Raises:
        Problems: where the table of people is there and can't be read, or no folder of a person is.
    """
    people = _people(root)
    if not people:
        raise Problems(str(root), [f"no person's folder; expected {CORPUS.looks_for}"])
    ledger: list[Entry] = []
    table = next((path for path in (root / INFO, *sorted(root.glob(f"*/{INFO}"))) if path.is_file()), None)
    rows: dict[str, Row] = {}
    if table is None:
        what = f"no {INFO}: the folders' names tell who is depressed; no age, gender or questionnaire"
        ledger.append(Entry("", "missing", what, str(root.name)))
    else:
        rows = {row.cells["ID"].upper(): row for row in read_sheet(table, required=("ID", "MDD")).rows}
        absent = sorted(set(rows) - set(people))
        if absent:
            ledger.append(Entry("", "missing", f"{len(absent)} people of {INFO} aren't here: {', '.join(absent[:8])}"))
    keys = tuple(sorted(people))
    source = Source("cmdc", CORPUS.citation, CORPUS.licence, "zh", LABEL_RULE, is_simulated(root), pool(root, "cmdc"))
    faces = [path for folder in people.values() for path in sorted(folder.glob("Q*.csv"))]
    return Cohort(source, keys, _Reader(people, rows, agreed_columns(faces), options).read, ledger)


@dataclass(frozen=True)
class _Reader:
    people: Mapping[str, Path]
    rows: Mapping[str, Row]
    face_columns: tuple[str, ...]
    options: Options

    def read(self, key: str) -> Interview:
        """One person.

        Raises:
            Problems: all that makes the person unusable.
        """
        ledger: list[Entry] = []
        matches = [(m, path) for path in sorted(self.people[key].iterdir()) if (m := _FILE.fullmatch(path.name))]
        files = {(f"{m['kind'] or ''}{m['end']}", int(m["number"])): path for m, path in matches}
        numbers = sorted({number for _, number in files})
        problems = [fault for (kind, _), path in files.items() if kind == "csv" for fault in faults(path)]
        answers = [_answer(key, number, files, ledger) for number in numbers]
        laid = lay_out(answers)
        absent = [str(n) for n in range(1, QUESTIONS + 1) if n not in numbers]
        if absent:
            ledger.append(Entry(key, "missing", f"no answer to question {', '.join(absent)}", self.people[key].name))
        label, facts = self._facts(key, ledger, problems)
        if problems or not numbers:
            raise Problems(f"interview {key}", problems or [f"{self.people[key].name}: no answer (Q1.wav, …) in it"])
        signals = self._signals(key, files, numbers, laid, ledger)
        return Interview(
            id=key,
            participant=key,
            sentences=laid.sentences,
            turns=laid.turns,
            pieces=laid.pieces,
            signals=signals,
            own=tuple(name for name in signals if name != "openface"),
            label=label,
            ledger=tuple(ledger),
            **facts,
        )

    def _facts(self, key: str, ledger: list[Entry], problems: list[str]) -> tuple[Label | None, dict[str, Any]]:
        named = int(key.startswith("MDD"))
        row = self.rows.get(key)
        if row is None:
            if self.rows:
                ledger.append(Entry(key, "noted", f"not in {INFO}: the folder's name tells the diagnosis"))
            return Label(named, None, "diagnosis"), {"metadata": {}}
        check = Check(row)
        given = check.number("MDD", "1 (depressed) or 0", high=1.0)
        if given is not None and given != named:
            what = f"MDD is {given:g}, though the folder is {key}: the table is believed"
            ledger.append(Entry(key, "noted", what, row.place, "the diagnosis is what the table tells"))
        age = check.number("age", "years, 0 to 130", high=130.0)
        gender = gender_of(check.text("gender"), key, f"{row.place}, column 'gender'", ledger)
        spelt = {name.replace("V2HAMD", "HAMD"): text for name, text in row.cells.items()}
        there = {"phq9": total(spelt, PHQ, "PHQtotal", key, row.place, ledger, repair=self.options.repaired)}
        there["hamd17"] = total(spelt, HAMD, "HAMDtotal", key, row.place, ledger, repair=self.options.repaired)
        problems += check.faults
        metadata = {name: f"{value:g}" for name, value in there.items() if value is not None}
        label = Label(named if given is None else int(given), None, "diagnosis")
        return label, {"age": age, "gender": gender, "metadata": metadata}

    def _signals(
        self, key: str, files: Files, numbers: Sequence[int], laid: LaidOut, ledger: list[Entry]
    ) -> dict[str, SignalReader]:
        def placed(kind: str) -> list[Placed]:
            pairs = zip(numbers, laid.segments, strict=True)
            return [(files[kind, n], s.start, s.stop) for n, s in pairs if (kind, n) in files]

        def by_answer(kind: str) -> list[tuple[int, Path]]:
            return [(i, files[kind, n]) for i, n in enumerate(numbers) if (kind, n) in files]

        signals: dict[str, SignalReader] = {}
        if faces := placed("csv"):
            signals["openface"] = partial(_face, faces, self.face_columns, key)
            ledger += [entry for path, _, _ in faces for entry in several_faces(path, key)]
        if vggish := placed("pkl"):
            signals["vggish"] = partial(joined, _vggish, vggish)
        if vectors := by_answer("vector_csv"):
            signals["bert"] = partial(_rows, "bert", vectors, len(numbers), BERT)
            ledger += [entry for _, path in vectors for entry in _renamed(path, key)]
        if seen := by_answer("npy"):
            width = read_shape(seen[0][1])[-1]
            signals["timesformer"] = partial(_rows, "timesformer", seen, len(numbers), width)
        for name, kind, what in (("openface", "csv", "face (OpenFace)"), ("", "wav", "sound"), ("", "txt", "words")):
            if not any((kind, n) in files for n in numbers) and name not in signals:
                ledger.append(Entry(key, "missing", f"no {what} of any answer", f"Q*.{kind}"))
        return signals


def _answer(key: str, number: int, files: Files, ledger: list[Entry]) -> Answer:
    """One answer; a sound that can't be read, and one that isn't there, are told."""
    sound, face = files.get(("wav", number)), files.get(("csv", number))
    seconds = None
    if sound is not None:
        try:
            seconds = read_header(sound).seconds
        except CorpusError as fault:
            ledger.append(Entry(key, "missing", f"the sound of question {number}", sound.name, str(fault)))
            sound = None
    if seconds is None and face is not None:
        seconds = last_time(face)
    if seconds is None or not seconds > 0:
        what = f"question {number}: neither sound nor face tells how long it lasts; {UNKNOWN_S:g} s is taken"
        ledger.append(Entry(key, "noted", what))
        seconds = UNKNOWN_S
    words = read_words(files[("txt", number)], key, ledger) if ("txt", number) in files else ""
    return Answer(f"Q{number}", seconds, words, sound)


def _face(files: Sequence[Placed], columns: tuple[str, ...], interview: str) -> Signal:
    return joined(partial(read_openface, columns=columns, interview=interview), files)


def _vggish(path: Path) -> Signal:
    values = read_pickled_array(path)
    if values.ndim != 2 or values.shape[1] != VGGISH:
        raise CorpusError(f"{path.name}: an array of shape {values.shape}; expected rows of {VGGISH}")
    names = tuple(f"vggish_{k}" for k in range(VGGISH))
    times = (np.arange(len(values)) + 0.5) * VGGISH_S
    return Signal("vggish", names, np.where(np.isinf(values), np.nan, values), times, round(1 / VGGISH_S, 3))


def header_numbers(path: Path) -> tuple[list[str], int]:
    """The numbers of a vector's one line as text, and how many pandas had renamed (``0.5.1`` is 0.5 again)."""
    cells = path.read_text(encoding="utf-8-sig").split("\n", 1)[0].strip().split(",")
    plain = [found[1] if (found := _SAME_NUMBER.fullmatch(cell.strip())) else cell.strip() for cell in cells]
    return plain, sum(a != b.strip() for a, b in zip(plain, cells, strict=True))


def _renamed(path: Path, key: str) -> list[Entry]:
    renamed = header_numbers(path)[1]
    if not renamed:
        return []
    return [
        Entry(
            key,
            "repaired",
            f"{renamed} numbers with a second suffix are read without",
            path.name,
            "a table's reader made equal names of columns differ",
        )
    ]


def _rows(name: str, files: Sequence[tuple[int, Path]], answers: int, width: int) -> Signal:
    """A row an answer: vectors from text, and embeddings, averaged where there are several rows of one."""
    values = np.full((answers, width), np.nan, dtype=np.float32)
    for place, path in files:
        row = _vector(path) if path.suffix == ".csv" else _mean_row(path, width)
        if len(row) != width:
            raise CorpusError(f"{path.name}: {len(row)} numbers; expected {width}")
        values[place] = row
    return Signal(name, tuple(f"{name}_{k}" for k in range(width)), values)


def _mean_row(path: Path, width: int) -> FloatArray:
    if read_shape(path)[-1:] != (width,):
        raise CorpusError(f"{path.name}: an array of shape {read_shape(path)}; expected rows of {width}")
    return np.asarray(np.load(path, allow_pickle=False).reshape(-1, width).mean(axis=0), dtype=np.float32)


def _vector(path: Path) -> FloatArray:
    try:
        return np.array(header_numbers(path)[0], dtype=np.float32)
    except ValueError as fault:
        raise CorpusError(f"{path.name}, row 1: {fault}; expected numbers with commas between them") from None


CORPUS = Corpus(
    name="cmdc",
    title="78 people who answer twelve questions in Chinese; sound, words, and OpenFace of 45",
    citation="Zou et al. (2022). Semi-structural interview-based Chinese multimodal depression corpus towards "
    "automatic preliminary screening of depressive disorders. IEEE TAFFC, 10.1109/TAFFC.2022.3181210.",
    access="IEEE DataPort, after an agreement",
    licence="research only, under an agreement",
    language="zh",
    label_rule=LABEL_RULE,
    looks_for=f"folders HC01, MDD01, … with Q1.wav, Q1.txt, Q1.csv, … and {INFO}",
    detect=detect,
    load=load,
)
