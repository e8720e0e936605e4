"""Folders of OpenFace's and openSMILE's output: a csv a recording, and a table of labels.

**Citation, access, licence.** The corpus's own; the tools: Baltrušaitis et al. (2018), *OpenFace 2.0*, FG; Eyben et al.
(2010), *openSMILE*, ACM Multimedia.

**On disk.** ``labels.csv`` with a column ``recording`` and any of ``participant, label, score, scale, split, gender,
age``; all others are metadata. Anywhere below the folder, for each recording, csv files whose name is the recording's,
or begins with it (``visit1.csv``, ``openface/visit1.csv``, ``visit1_egemaps.csv``): what wrote a file is told by its
header, see `openface_files` and `opensmile_files`. A sound or video file of the recording's name is its recording, a
transcript (srt, vtt, TextGrid, eaf) of its name is its transcript.

**Sentence.** The participant's, by the transcript; without one, stretches of some seconds stand for sentences, and
words are missing: see `answers`. The open format (`manifest`) does more: write one where you can.

**Label rule.** ``label`` as given, 1 depressed and 0 not. Scores are of one ``scale`` throughout, and without a label
stay scores: no cutoff is assumed. **Gender**: female, male or other.

**Repairs**, with a line in the ledger: of several faces the one followed longest is read; files that no recording owns
are named. Failed frames are missing, whatever stale values stand there; time is what the time stamps say.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from smfl.corpora.answers import no_words, stretches
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import TRUTH, is_simulated, pool
from smfl.formats import openface as openface_files
from smfl.formats import opensmile as opensmile_files
from smfl.formats.numeric_tables import first_cells
from smfl.formats.tables import Check, Row, read_table
from smfl.interview import (
    GENDERS,
    HIGHEST_SCORE,
    SPLITS,
    Cohort,
    Entry,
    Interview,
    Label,
    Problems,
    SignalReader,
    Source,
)

LABELS = "labels.csv"
COLUMNS = ("recording", "participant", "label", "score", "scale", "split", "gender", "age")
LABEL_RULE = "label as given"
MEDIA = (".mp4", ".mkv", ".mov", ".avi", ".mpg", ".wav", ".flac", ".mp3", ".m4a")
TRANSCRIPTS = (".srt", ".vtt", ".TextGrid", ".eaf")
FACE, VOICE = "openface", "opensmile"

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_SEPARATOR = re.compile(r"[._\-\s]")


def _files(root: Path) -> Iterator[Path]:
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith((".", "__MACOSX")))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def _kind(path: Path) -> str | None:
    """Which tool wrote a csv."""
    if openface_files.is_openface(first_cells(path)):
        return FACE
    return VOICE if opensmile_files.is_opensmile(path) or opensmile_files.faults(path) else None


def detect(root: Path) -> bool:
    """Whether a table of recordings lies above a tool's output."""
    if not (root / LABELS).is_file() or "recording" not in first_cells(root / LABELS):
        return False
    return any(_kind(path) for path in _files(root) if _csv(path))


def _csv(path: Path) -> bool:
    return path.suffix.casefold() == ".csv" and path.name not in (LABELS, TRUTH)


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open the folder.

    Raises:
        Problems: where the table can't be read, names a recording twice, or mixes scales; or no file is of any of them.
    """
    rows: dict[str, Row] = {}
    problems: list[str] = []
    for row in read_table(root / LABELS, required=("recording",)).rows:
        key = row.cells["recording"]
        if not _KEY.fullmatch(key):
            problems.append(f"{row.place}, column 'recording': {key!r}; expected letters, digits, '.', '_' and '-'")
        elif key in rows:
            problems.append(f"{row.place}, column 'recording': {key!r} is in row {rows[key].number} too")
        rows[key] = row
    scales = Counter(row.cells.get("scale", "") for row in rows.values() if row.cells.get("scale"))
    if len(scales) > 1:
        problems.append(f"{LABELS}, column 'scale': {' and '.join(sorted(scales))}; scores of two scales aren't pooled")
    owned, ledger = _owned(root, tuple(rows))
    if rows and not any(owned.values()):
        problems.append(f"no file is of any of the {len(rows)} recordings of {LABELS}; expected {CORPUS.looks_for}")
    if problems:
        raise Problems(str(root), problems)
    faces = [path for files in owned.values() for path in files.get(FACE, ())]
    voices = [opensmile_files.descriptors(path) for files in owned.values() for path in files.get(VOICE, ())]
    most = Counter(voices).most_common(1)[0][0] if voices else ()
    reader = _Reader(rows, owned, openface_files.agreed_columns(faces), most, next(iter(scales), "other"))
    source = Source(
        "tool-output",
        language="und",
        label_rule=LABEL_RULE,
        simulated=is_simulated(root),
        people=pool(root, "tool-output"),
    )
    return Cohort(source, tuple(rows), reader.read, ledger)


Owned = Mapping[str, Sequence[Path]]


def _owned(root: Path, keys: tuple[str, ...]) -> tuple[dict[str, dict[str, list[Path]]], list[Entry]]:
    """By recording, its files of each kind: ``openface``, ``opensmile``, ``media``, ``transcript``."""
    found: dict[str, dict[str, list[Path]]] = {key: {} for key in keys}
    strangers: list[str] = []
    for path in _files(root):
        if path.suffix.casefold() in MEDIA:
            kind: str | None = "media"
        elif path.suffix in TRANSCRIPTS:
            kind = "transcript"
        else:
            kind = _kind(path) if _csv(path) else None
        if kind is None:
            continue
        owners = [key for key in keys if path.stem == key or (path.stem.startswith(key) and _ends(path.stem, key))]
        if owners:
            found[max(owners, key=len)].setdefault(kind, []).append(path)
        else:
            strangers.append(str(path.relative_to(root)))
    shown = ", ".join(strangers[:5]) + (", …" if len(strangers) > 5 else "")
    what = f"{len(strangers)} file(s) of recordings that {LABELS} doesn't list: {shown}"
    return found, [Entry("", "skipped", what)] if strangers else []


def _ends(stem: str, key: str) -> bool:
    return _SEPARATOR.match(stem[len(key)]) is not None


@dataclass(frozen=True)
class _Reader:
    rows: Mapping[str, Row]
    owned: Mapping[str, Owned]
    face_columns: tuple[str, ...]
    voice_columns: tuple[str, ...]
    scale: str

    def read(self, key: str) -> Interview:
        """One recording.

        Raises:
            Problems: all that makes it unusable.
        """
        files, check, ledger = self.owned[key], Check(self.rows[key]), []
        problems = [fault for path in files.get(FACE, ()) for fault in openface_files.faults(path)]
        problems += [fault for path in files.get(VOICE, ()) for fault in opensmile_files.faults(path)]
        problems += [
            f"{', '.join(path.name for path in several)}: two {kind} files of {key}; expected one"
            for kind, several in files.items()
            if len(several) > 1
        ]
        label = self._label(check)
        facts: dict[str, Any] = {
            "split": check.word("split", SPLITS),
            "gender": check.word("gender", GENDERS),
            "age": check.number("age", "years, 0 to 130", high=130.0),
            "metadata": {name: text for name, text in check.row.cells.items() if name not in COLUMNS and text},
        }
        problems += check.faults
        media, transcript = (next(iter(files.get(kind, ())), None) for kind in ("media", "transcript"))
        if not problems and not (files.get(FACE) or files.get(VOICE) or media):
            problems.append(f"{check.row.place}: no file is of {key!r}; expected {key}.csv by OpenFace or openSMILE")
        if problems:
            raise Problems(f"interview {key}", problems)
        signals: dict[str, SignalReader] = {}
        ends = []
        for path in files.get(FACE, ()):
            signals["openface"] = partial(openface_files.read_openface, path, self.face_columns, interview=key)
            ledger += openface_files.several_faces(path, key)
            ends.append(openface_files.last_time(path))
        for path in files.get(VOICE, ()):
            signals["audio"] = partial(opensmile_files.read_opensmile, path, self.voice_columns)
            ends.append(opensmile_files.last_time(path))
        for name, kind in (("face (OpenFace)", FACE), ("voice (openSMILE)", VOICE)):
            if kind not in files and media is None:
                ledger.append(Entry(key, "missing", f"no {name}"))
        if transcript is None:
            seconds = min((end for end in ends if end), default=0.0)
            if seconds <= 0:
                raise Problems(f"interview {key}", [f"{key}: neither a transcript nor measurements that tell a time"])
            facts["sentences"] = stretches(seconds)
            ledger += no_words(key, stretched=True)
        return Interview(
            id=key,
            participant=check.text("participant") or key,
            signals=signals,
            recording=media,
            transcript=transcript,
            label=label,
            ledger=tuple(ledger),
            **facts,
        )

    def _label(self, check: Check) -> Label | None:
        if self.scale not in HIGHEST_SCORE:
            check.fault("scale", f"one of {', '.join(HIGHEST_SCORE)}")
            return None
        value = check.number("label", "1 (depressed), 0 (not) or nothing", high=1.0)
        highest = HIGHEST_SCORE[self.scale]
        score = check.number("score", f"a {self.scale} score, 0 to {highest:g}", high=highest)
        if value not in (None, 0.0, 1.0):
            check.fault("label", "1 (depressed), 0 (not) or nothing")
            return None
        if value is None and score is None:
            return None
        return Label(None if value is None else int(value), score, self.scale)


CORPUS = Corpus(
    name="tool-output",
    title="a folder of OpenFace's or openSMILE's output, and a table of labels",
    citation="the corpus's own; OpenFace 2.0 (Baltrušaitis et al. 2018), openSMILE (Eyben et al. 2010)",
    access="yours",
    licence="yours",
    language="und",
    label_rule=LABEL_RULE,
    looks_for=f"{LABELS} with a column 'recording', and for each one a csv of its name by OpenFace or openSMILE",
    detect=detect,
    load=load,
)
