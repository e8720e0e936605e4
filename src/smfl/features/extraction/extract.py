"""One interview, from what its corpus or recording gives, to its features by sentence (method §1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from smfl.features.deidentify.sound import masked
from smfl.features.extraction.quality import Facts, quality_of
from smfl.features.extraction.unpacked import named, on_disk
from smfl.features.extractors import Choice, Chosen, Context, Preference, choose
from smfl.features.schema import Modality
from smfl.features.sentences import SentenceFeatures, cut, longest
from smfl.features.settings import ExtractionSettings
from smfl.features.speech.participant_sentences import sentences_of
from smfl.interview import Entry, FeatureError, FloatArray, Interview, Segment, Sentence, Signal, SmflError

if TYPE_CHECKING:
    from smfl.features.deidentify.review import Row

Measured = dict[str, Signal | SmflError]


@dataclass(frozen=True, eq=False)
class Extracted:
    """What `extract` found: the features, what their columns are, what happened on the way, and how good it is.

    ``replaced``: for the review of de-identification, with the words as they were.
    """

    features: SentenceFeatures
    modalities: Mapping[str, Modality]
    ledger: tuple[Entry, ...]
    quality: Facts
    replaced: tuple[Row, ...] = ()


def extract(
    interview: Interview, settings: ExtractionSettings, chosen: Chosen | None = None, reviewed: tuple[Row, ...] = ()
) -> Extracted:
    """Measure one interview and cut it into the participant's sentences.

    The way: the sentences → de-identification → each chosen extractor: measured, silenced, cut → what is known of it.
    A modality that can't be had is missing, with its reason in the ledger; the interview goes on without it.

    Args:
        interview: sentences or a transcript, and signals or a recording.
        settings: how.
        chosen: by modality, its extractor; `smfl.features.extractors.choose` says which where None.
        reviewed: what a person has decided of this interview's replacements.

    Raises:
        TranscriptError: where there are no sentences of the participant, or nobody is heard to speak.
        RecordingError: where the sentences have to be heard, and the recording can't be read.
        FeatureError: where there is no modality at all.
    """
    chosen = choose(interview, settings) if chosen is None else chosen
    if interview.packed is None:
        return _extract(interview, settings, chosen, reviewed)
    with on_disk(interview) as measured:
        made = _extract(measured, settings, chosen, reviewed)
    return replace(made, ledger=named(made.ledger, measured, interview))


def _extract(
    interview: Interview, settings: ExtractionSettings, chosen: Chosen, reviewed: tuple[Row, ...]
) -> Extracted:
    """The same of an interview whose recording, where there is one, lies on disk."""
    ledger, measured, context = list(interview.ledger), Measured(), Context(settings, "")
    face = partial(_face_early, interview, chosen, context, measured)
    sentences = sentences_of(interview, settings, face, ledger)
    replaced: tuple[Row, ...] = ()
    if settings.deidentify:
        from smfl.features.deidentify.review_file import deidentify_interview

        without = deidentify_interview(interview, sentences, settings, reviewed)
        sentences, replaced = without.sentences, without.replaced
        ledger += without.ledger
        context = replace(context, silence=without.silence)
    kept = longest(sentences, settings.max_sentences)
    context = replace(context, sentences=sentences, stretches=_stretches([sentences[i] for i in kept]))
    _measure(interview, chosen, context, measured)
    pieces = {name: _cut(name, measured.pop(name), chosen, context, interview.id, ledger, kept) for name in chosen}
    found = {name: piece for name, piece in pieces.items() if piece is not None}
    ledger += context.ledger
    clocks = {name: piece.clock for name, piece in found.items()}
    found = {name: piece for name, piece in found.items() if len(piece.rows)}
    if not found:
        reasons = "; ".join(f"{e.what}: {e.why}" for e in ledger if e.action == "missing" and e.why)
        raise FeatureError(f"no modality could be had ({reasons})")
    modalities = {name: piece.modality for name, piece in found.items()}
    features = _features(interview, sentences, found)
    if len(kept) < len(sentences):
        lost = len(sentences) - len(kept)
        why = f"threshold M = {settings.max_sentences}: the longest are kept"
        ledger.append(Entry(interview.id, "cut", f"{lost} of {len(sentences)} sentences", why=why))
        features = features.keep(kept)
    heard = context.sound[-1] if context.sound else None
    return Extracted(features, modalities, tuple(ledger), quality_of(features, modalities, clocks, heard), replaced)


def _stretches(kept: list[Sentence]) -> tuple[Segment, ...] | None:
    """Where the sentences are that are kept: only there is it worth measuring; None where that isn't known."""
    found = tuple(sentence.segment for sentence in kept if sentence.segment is not None)
    return found if found and len(found) == len(kept) else None


def _attempt(interview: Interview, name: str, chosen: Chosen, context: Context) -> Signal | SmflError:
    """A modality's signal, or why it can't be had."""
    choice = chosen[name]
    if isinstance(choice, SmflError):
        return choice
    try:
        return choice.extractor.extract(interview, replace(context, modality=name))
    except SmflError as fault:
        return fault


def _face_early(
    interview: Interview, chosen: Chosen, context: Context, measured: Measured, speech: tuple[Segment, ...]
) -> Signal | None:
    """The face while anyone speaks, where it is wanted and can be had: it may tell who the participant is."""
    if "video" not in chosen:
        return None
    found = measured["video"] = _attempt(interview, "video", chosen, replace(context, stretches=speech or None))
    return found if isinstance(found, Signal) else None


def _measure(interview: Interview, chosen: Chosen, context: Context, measured: Measured) -> None:
    """Measure all modalities: the face in this thread, the others in another one meanwhile.

    Most of the time both are in libraries that let the other one work. The ledger's order is always the same.
    """
    others = replace(context, ledger=[])
    pool = ThreadPoolExecutor(1, "voice-and-words")
    try:
        later = {name: pool.submit(_attempt, interview, name, chosen, others) for name in chosen if name != "video"}
        if "video" in chosen and "video" not in measured:
            measured["video"] = _attempt(interview, "video", chosen, context)
        measured.update({name: future.result() for name, future in later.items()})
    finally:
        pool.shutdown(cancel_futures=True)
    context.ledger.extend(others.ledger)


@dataclass(frozen=True, eq=False)
class _Piece:
    """One modality, cut into sentences."""

    rows: FloatArray
    offsets: Any
    modality: Modality
    clock: FloatArray | None


def _cut(
    name: str,
    signal: Signal | SmflError,
    chosen: Chosen,
    context: Context,
    interview: str,
    ledger: list[Entry],
    kept: list[int],
) -> _Piece | None:
    """A modality's rows by sentence, without what has to be silenced; None where it is missing."""
    choice = chosen[name]
    try:
        if isinstance(signal, SmflError):
            raise signal
        assert isinstance(choice, Choice)
        signal = _finite(signal, interview, ledger)
        if context.silence and (name == "audio" or choice.extractor.of_sound):
            signal = masked(signal, context.silence)
        given = choice.extractor.preference is Preference.GIVEN
        rows, offsets = cut(signal, context.sentences, in_place=not given)
    except SmflError as fault:
        ledger.append(Entry(interview, "missing", name, why=" ".join(str(fault).split())))
        return None
    empty = int((np.diff(offsets) == 0)[kept].sum())
    if not len(rows):
        ledger.append(Entry(interview, "missing", name, why="not one sentence has a frame of it"))
    elif empty:
        ledger.append(Entry(interview, "missing", f"{name} of {empty} of {len(kept)} sentences"))
    modality = Modality(signal.columns, signal.level, signal.rate_hz, choice.extractor.name, choice.identity)
    return _Piece(rows, offsets, modality, signal.times)


def _finite(signal: Signal, interview: str, ledger: list[Entry]) -> Signal:
    """Infinite values are missing ones: COVAREP writes -inf where a logarithm had nothing to stand on."""
    least, most = (end.reduce(signal.values, axis=0, initial=np.nan) for end in (np.fmin, np.fmax))
    worst = [signal.columns[i] for i in np.flatnonzero(np.isinf(least) | np.isinf(most))]
    if not worst:
        return signal
    infinite = np.isinf(signal.values)
    what = f"{signal.name}: {int(infinite.sum())} infinite values in {', '.join(worst[:4])} are missing ones"
    ledger.append(Entry(interview, "repaired", what))
    return replace(signal, values=np.where(infinite, np.float32(np.nan), signal.values))


def _features(interview: Interview, sentences: Sequence[Sentence], found: Mapping[str, _Piece]) -> SentenceFeatures:
    """All modalities of an interview, with the times of its sentences, float64 [S, 2] s; nan where unknown."""
    spans = [(s.segment.start, s.segment.stop) if s.segment else (np.nan, np.nan) for s in sentences]
    label = interview.label
    return SentenceFeatures(
        interview.id,
        interview.participant,
        {name: piece.rows for name, piece in found.items()},
        {name: piece.offsets for name, piece in found.items()},
        np.array(spans, dtype=np.float64).reshape(-1, 2),
        tuple(sentence.text for sentence in sentences),
        None if label is None else label.value,
        None if label is None else label.score,
    )
