"""The open format: how anyone brings their own interviews.

**Citation, access, licence.** The corpus's own, as its ``corpus.toml`` states them.

**On disk** (UTF-8; times in seconds from the start of the recording; an empty cell is *missing*)::

    corpus.toml       what it is: format = 1, name, language, [label] scale and cutoff, [features.<modality>]
    interviews.csv    a row an interview: interview, participant, label, score, split, gender, age, recording,
                      transcript; any further column is kept as metadata
    sentences.csv     a row a stretch of speech: interview, start, stop, speaker, text
    recordings/, transcripts/                        wherever interviews.csv points, below the folder
    features/<modality>/<interview>.{npy,csv,parquet}

**Label rule.** ``label`` as given; else ``score >= cutoff``.

**What is at fault.** A fault of the corpus as a whole (no ``interviews.csv``, a required column that isn't there, a
``corpus.toml`` that says nothing usable) is raised when the folder is opened, together with every other fault that can
be seen by then. A fault of one interview is raised when that interview is read, all of its faults at once, and the
others stay usable; where not one interview is usable, opening the folder says so, with every fault. What belongs to no
interview (rows or features of one that isn't listed) is a line of the cohort's ledger.

Where the format leaves a choice: participants' rows are in time order, those without times in the file's order; a
speaker is compared without regard to case; rows of speakers without times make no turns, as a turn is a stretch of
time; of a transcript file and rows of ``sentences.csv`` for the same interview, the rows are used; a path may lead over
a link inside the folder, but never by ``..`` or from the root of the disk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, TypeVar

from smfl.corpora.manifest.features import Modality, survey
from smfl.corpora.manifest.settings import FILE as SETTINGS
from smfl.corpora.manifest.settings import Settings, read_settings
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.formats.tables import Check, Row, Table, read_table
from smfl.interview import (
    GENDERS,
    HIGHEST_SCORE,
    PARTICIPANT,
    SPLITS,
    Cohort,
    Entry,
    Interview,
    Label,
    Problems,
    Segment,
    Sentence,
    SignalReader,
    Source,
    Turn,
)

INTERVIEWS, SENTENCES = "interviews.csv", "sentences.csv"
COLUMNS = ("interview", "participant", "label", "score", "split", "gender", "age", "recording", "transcript")
"""The columns of `interviews.csv` that mean something; all others are metadata."""

OLDEST = 130.0  # years
_KEY = re.compile(r"[A-Za-z0-9._-]+")
_T = TypeVar("_T")


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open a corpus in the open format.

    Raises:
        Problems: what makes it unusable as a whole, and everything else that is wrong with it.
    """
    problems: list[str] = []
    settings = _collect(problems, lambda: read_settings(root))
    interviews = _collect(problems, lambda: read_table(root / INTERVIEWS, required=("interview",)))
    needed = ("interview", "speaker", "text")
    speech = (
        _collect(problems, lambda: read_table(root / SENTENCES, required=needed))
        if (root / SENTENCES).exists()
        else None
    )
    if speech is not None and not any(_is_participant(row) for row in speech.rows):
        speakers = ", ".join(
            repr(word) for word, _ in Counter(row.cells["speaker"] for row in speech.rows).most_common(5)
        )
        problems.append(
            f"{SENTENCES}, column 'speaker': no row says {PARTICIPANT!r}; found {speakers or 'no row at all'}"
        )
    known = settings is not None
    settings = settings or Settings(Source(root.name), "other", None, {}, ())
    ledger = list(settings.ledger)
    rows = _by_interview(interviews.rows, ledger) if interviews else {}
    speech_rows = _by_interview(speech.rows, []) if speech else {}
    modalities, wrong, notes = survey(root, settings.features, tuple(rows))
    ledger += notes + _unlisted(speech, rows) + _in_two_parts(rows)
    problems += wrong if known else []
    if interviews is not None and not rows:
        problems.append(f"{INTERVIEWS}: no row names an interview; expected one row an interview")
    reader = _Reader(root, settings, rows, speech_rows, tuple(modalities))
    if problems or not reader.any_usable():
        raise Problems(str(root), problems + reader.all_faults())
    return Cohort(settings.source, tuple(rows), reader.read, ledger)


def _collect(problems: list[str], read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except Problems as fault:
        problems += fault.problems
        return None


def _is_participant(row: Row) -> bool:
    return row.cells["speaker"].casefold() == PARTICIPANT


def _by_interview(rows: Sequence[Row], ledger: list[Entry]) -> dict[str, list[Row]]:
    """Rows by key; those whose key can't be one go to the ledger."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        key = row.cells["interview"]
        if _KEY.fullmatch(key) and key not in (".", ".."):
            found.setdefault(key, []).append(row)
        else:
            why = "a key is letters, digits, '.', '_' and '-'"
            ledger.append(
                Entry("", "skipped", f"{key!r} can't be an interview's key", f"{row.place}, column 'interview'", why)
            )
    return found


def _unlisted(speech: Table | None, listed: Mapping[str, list[Row]]) -> list[Entry]:
    """Rows of `sentences.csv` that belong to no interview, one line for each unknown key."""
    strangers: dict[str, list[int]] = {}
    for row in speech.rows if speech else ():
        if row.cells["interview"] not in listed:
            strangers.setdefault(row.cells["interview"], []).append(row.number)
    return [
        Entry(
            "",
            "skipped",
            f"{len(numbers)} row(s) of an interview {key!r} that {INTERVIEWS} doesn't list",
            f"{SENTENCES}, row {numbers[0]}, column 'interview'",
            f"expected one of the {len(listed)} interviews of {INTERVIEWS}",
        )
        for key, numbers in strangers.items()
    ]


def _in_two_parts(rows: Mapping[str, list[Row]]) -> list[Entry]:
    """Participants whose interviews the corpus's own split separates."""
    parts: dict[str, set[str]] = {}
    for key, (row, *_) in rows.items():
        parts.setdefault(row.cells.get("participant") or key, set()).add(row.cells.get("split", ""))
    where, why = f"{INTERVIEWS}, column 'split'", "results on this split know the participant already"
    return [
        Entry("", "noted", f"participant {who!r} is in {' and '.join(sorted(split - {''}))}", where, why)
        for who, split in parts.items()
        if len(split - {""}) > 1
    ]


@dataclass(frozen=True)
class _Reader:
    """Makes interviews of the tables' rows."""

    root: Path
    settings: Settings
    rows: Mapping[str, Sequence[Row]]
    speech_rows: Mapping[str, Sequence[Row]]
    modalities: tuple[Modality, ...]

    def any_usable(self) -> bool:
        return any(not self._build(key)[1] for key in self.rows)

    def all_faults(self) -> list[str]:
        return [fault for key in self.rows for fault in self._build(key)[1]]

    def read(self, key: str) -> Interview:
        fields, faults = self._build(key)
        if faults:
            raise Problems(f"interview {key}", faults)
        return Interview(**fields)

    def _build(self, key: str) -> tuple[dict[str, Any], list[str]]:
        """The interview's fields, and all that is wrong with it."""
        first, *others = self.rows[key]
        check = Check(first)
        for row in others:
            check.faults.append(
                f"{row.place}, column 'interview': {key!r} is in row {first.number} too; expected each key once"
            )
        ledger: list[Entry] = []
        fields: dict[str, Any] = {
            "id": key,
            "participant": check.text("participant") or key,
            "label": self._label(check, ledger),
            "split": check.word("split", SPLITS),
            "gender": check.word("gender", GENDERS),
            "age": check.number("age", f"years, 0 to {OLDEST:g}", high=OLDEST),
            "recording": self._path(check, "recording"),
            "transcript": self._path(check, "transcript"),
            "metadata": {name: text for name, text in first.cells.items() if name not in COLUMNS and text},
        }
        turns, sentences, faults = _speech(self.speech_rows.get(key, ()))
        faults = check.faults + faults
        if key in self.speech_rows and fields["transcript"] is not None:
            fields["transcript"] = None
            ledger.append(
                Entry(key, "noted", f"its transcript isn't read, as {SENTENCES} has its rows", check.text("transcript"))
            )
        if key not in self.speech_rows and not check.text("transcript"):
            faults.append(f"{first.place}: interview {key} has no transcript; expected one, or its rows in {SENTENCES}")
        timed = all(sentence.segment is not None for sentence in sentences)
        if not timed:
            ledger.append(
                Entry(key, "noted", "its sentences have no times: no turns, and frames can't be cut", SENTENCES)
            )
        signals: dict[str, SignalReader] = {}
        for modality in self.modalities:
            name = modality.folder.name
            reader, wrong = modality.reader(key, len(sentences) if key in self.speech_rows else None)
            faults += wrong
            if reader is not None:
                signals[name] = reader
                if modality.folder.level == "frame" and not timed:
                    faults.append(
                        f"{SENTENCES}: interview {key} has no times; expected start and stop, as features/{name} "
                        "is at frame level"
                    )
            elif not wrong:
                ledger.append(Entry(key, "missing", f"no ready-made {name} features", f"features/{name}"))
        fields |= {"turns": turns, "sentences": sentences, "signals": signals, "ledger": tuple(ledger)}
        return fields, faults

    def _label(self, check: Check, ledger: list[Entry]) -> Label | None:
        scale, cutoff = self.settings.scale, self.settings.cutoff
        highest = HIGHEST_SCORE[scale]
        score = check.number("score", f"a {scale} score, 0 to {highest:g}", high=highest)
        given = check.number("label", "0 (not depressed), 1 (depressed) or nothing")
        if given not in (None, 0.0, 1.0):
            check.fault("label", "0 (not depressed), 1 (depressed) or nothing")
            return None
        if given is None:
            return None if score is None else Label.from_score(score, scale=scale, cutoff=cutoff)
        if score is not None and cutoff is not None and int(given) != int(score >= cutoff):
            what = f"label {given:g} with a score of {score:g}, though the cutoff is {cutoff:g}"
            ledger.append(Entry(check.text("interview"), "noted", what, check.row.place, "the label is used as given"))
        return Label(int(given), score, scale)

    def _path(self, check: Check, column: str) -> Path | None:
        text = check.text(column)
        if not text:
            return None
        windows = PureWindowsPath(text)
        if PurePosixPath(text).is_absolute() or windows.drive or windows.root or ".." in windows.parts:
            check.fault(column, "a path below the corpus folder, without '..'")
            return None
        path = self.root / text
        if not path.is_file():
            hint = ": use '/' between folders" if "\\" in text else ""
            check.fault(column, f"a file that is there, below the corpus folder{hint}")
            return None
        return path


def _speech(rows: Sequence[Row]) -> tuple[tuple[Turn, ...], tuple[Sentence, ...], list[str]]:
    """Turns of everyone and sentences of the participant, in time order; and what is wrong with the rows."""
    faults: list[str] = []
    spoken: list[tuple[Segment | None, str, str]] = []
    for row in rows:
        check = Check(row)
        start = check.number("start", "seconds from the start of the recording, at least 0")
        stop = check.number("stop", "seconds from the start of the recording, at least 0")
        if not check.text("speaker"):
            check.fault("speaker", f"{PARTICIPANT!r}, or any other word for everyone else")
        if start is not None and stop is not None and stop < start:
            check.fault("stop", f"{start:g} s or later, where the row starts")
        elif not check.faults and (start is None) != (stop is None):
            check.fault(
                "start" if start is None else "stop", "seconds: start and stop are given together or not at all"
            )
        if not check.faults:
            segment = None if start is None or stop is None else Segment(start, stop)
            speaker = PARTICIPANT if _is_participant(row) else check.text("speaker")
            spoken.append((segment, speaker, check.text("text")))
        faults += check.faults
    timed = [(segment, speaker, text) for segment, speaker, text in spoken if segment is not None]
    if timed and len(timed) < len(spoken):
        faults.append(
            f"{rows[0].file}: interview {rows[0].cells['interview']} has times in {len(timed)} of its {len(spoken)} "
            "rows; expected start and stop in all of them, or in none"
        )
    timed.sort(key=lambda item: item[0])
    turns = tuple(Turn(segment, speaker, text) for segment, speaker, text in timed)
    ordered = timed or spoken
    sentences = tuple(Sentence(segment, text) for segment, speaker, text in ordered if speaker == PARTICIPANT)
    if rows and not sentences and not faults:
        faults.append(f"{rows[0].place}, column 'speaker': no row of this interview says {PARTICIPANT!r}")
    return turns, sentences, faults


def _detect(root: Path) -> bool:
    return (root / SETTINGS).is_file() or (root / INTERVIEWS).is_file()


CORPUS = Corpus(
    name="manifest",
    title="your own interviews, in the open format",
    citation="as corpus.toml tells",
    access="yours",
    licence="as corpus.toml tells",
    language="as corpus.toml tells",
    label_rule="label as given, else score >= cutoff",
    looks_for=f"{SETTINGS} and {INTERVIEWS}, and {SENTENCES} or a transcript file for each interview",
    detect=_detect,
    load=load,
)
