"""`smfl.load`: a corpus folder, or recordings of one's own, as a cohort."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from smfl.interview import CallError, Cohort, CorpusError, Entry, Interview, Source

RECORDINGS = (".mp4", ".mkv", ".mov", ".avi", ".mpg", ".mpeg", ".webm", ".wav", ".flac", ".mp3", ".m4a", ".ogg")
"""File names that are taken for recordings."""

TRANSCRIPTS = (".csv", ".tsv", ".srt", ".vtt", ".TextGrid", ".textgrid", ".eaf", ".json")
"""File names that are looked for beside a recording where no transcript is given, the first one wins."""


def load(
    path: str | Path | Sequence[str | Path],
    corpus: str | None = None,
    *,
    transcript: str | Path | None = None,
    repairs: str = "default",
    exclude_known_bad: bool = False,
    label_rule: str | None = None,
) -> Cohort:
    """Open a corpus, or recordings, as a cohort of interviews, each read when it is asked for.

    What OpenFace or py-feat measured of a face, in a table beside its recording, is used instead of the face mesh
    (`smfl.corpora.face_tables` says under which names it is looked for).

    Args:
        path: a corpus's folder, or one recording or several.
        corpus: the corpus's name, e.g. ``daic-woz``; found out by what is in the folder where None.
        transcript: of a single recording; where None, the file of the same name with a transcript's ending beside
            it (``visit.mp4`` and ``visit.srt``).
        repairs: ``default`` mends a corpus's known defects, ``none`` leaves it as distributed.
        exclude_known_bad: leave out the sessions of a corpus that other authors leave out.
        label_rule: which of a corpus's label rules, where it has several and must be told.

    Returns:
        The cohort.

    Raises:
        CallError: where the path doesn't exist, or a transcript is given for several recordings.
        CorpusError: where the folder is no corpus that is known here.

    Example:
        >>> load("no-such-folder")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: no-such-folder: there is no such file or folder
    """
    paths = [Path(p) for p in ([path] if isinstance(path, (str, Path)) else path)]
    if not paths:
        raise CallError("nothing to load: give a corpus folder or recordings")
    for one in paths:
        if not one.exists():
            raise CallError(f"{one}: there is no such file or folder")
    if len(paths) == 1 and paths[0].is_dir():
        if transcript is not None:
            raise CallError(f"{paths[0]} is a folder: a transcript can be given for one recording only")
        return _corpus(paths[0], corpus, repairs, exclude_known_bad, label_rule)
    if corpus is not None:
        raise CallError(f"{paths[0]} isn't a folder: the corpus {corpus!r} is one")
    return _recordings(paths, None if transcript is None else Path(transcript))


def _corpus(folder: Path, name: str | None, repairs: str, exclude_known_bad: bool, label_rule: str | None) -> Cohort:
    from smfl.corpora import Options, open_corpus

    cohort = open_corpus(folder, name, Options(repairs, exclude_known_bad, label_rule))
    return Cohort(cohort.source, cohort.keys, lambda key: with_face_table(cohort.read(key)), cohort.ledger, folder)


def _recordings(paths: Sequence[Path], transcript: Path | None) -> Cohort:
    if transcript is not None and len(paths) > 1:
        raise CallError(f"one transcript for {len(paths)} recordings: give them one at a time")
    if transcript is not None and not transcript.exists():
        raise CallError(f"{transcript}: there is no such transcript")
    interviews: dict[str, Interview] = {}
    for path in paths:
        if path.is_dir():
            raise CallError(f"{path} is a folder among files: give one corpus folder, or recordings")
        if path.suffix.lower() not in RECORDINGS:
            raise CorpusError(f"{path}: not a recording; recordings end in {', '.join(RECORDINGS)}")
        key = re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).strip(".") or "recording"
        if key in interviews:
            raise CallError(f"{path} and {interviews[key].recording} would both be the interview {key!r}: rename one")
        interviews[key] = _interview(key, path, transcript)
    source = Source("recordings", language="und")
    return Cohort(source, list(interviews), interviews.__getitem__)


def _interview(key: str, path: Path, transcript: Path | None) -> Interview:
    from smfl.corpora import face_tables

    candidates = (p for p in map(path.with_suffix, TRANSCRIPTS) if p.is_file())
    there = transcript or next(
        (p for p in candidates if not (p.suffix == ".csv" and face_tables.is_face_table(p))), None
    )
    ledger: tuple[Entry, ...] = ()
    if transcript is None and there is not None:
        ledger = (Entry(key, "noted", f"transcript {there.name}", str(there), "it has the recording's name"),)
    return with_face_table(Interview(key, participant=key, transcript=there, recording=path, ledger=ledger))


def with_face_table(interview: Interview) -> Interview:
    """The interview with what OpenFace or py-feat measured of its face, where that lies beside its recording.

    It is used instead of the face mesh (`smfl.corpora.face_tables`); features that the corpus brings go first.
    """
    from smfl.corpora import face_tables
    from smfl.features.recording.pictures import picture_times

    path = interview.recording
    if path is None or {"video", "openface"} & set(interview.signals):
        return interview
    table = face_tables.table_for(path)
    if table is None:
        return interview
    reader = partial(face_tables.read, table, partial(picture_times, path), interview.id)
    told = Entry(interview.id, "noted", f"face from {table.name}", str(table), "it has the recording's name")
    return replace(interview, signals={**interview.signals, "openface": reader}, ledger=(*interview.ledger, told))
