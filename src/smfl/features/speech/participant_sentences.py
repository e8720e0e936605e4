"""The participant's sentences: from the corpus, a transcript, or the sound of the recording itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from smfl.interview import Entry, Interview, Segment, Sentence, Signal, SmflError, TranscriptError

if TYPE_CHECKING:
    from smfl.features.speech.recorded_speech import RecognisedSpeech

SLACK = 0.5
"""s by which a transcript may run past its recording before a sentence is said to be past the end."""

RECOGNISED_LINE, PARTICIPANT_LINE = "no transcript:", "participant:"
"""How the ledger's lines begin on words that were recognised by a machine, and on whose they are."""

Face = Callable[[tuple[Segment, ...]], Signal | None]
"""Measures the face in stretches of a recording; None where that isn't possible."""


class Hearing(Protocol):
    """What of the settings decides how a recording without a transcript is read."""

    @property
    def speech_model(self) -> str:
        """The model that recognises words."""

    @property
    def language(self) -> str | None:
        """That is spoken; None: the model finds out."""

    @property
    def participant(self) -> str | None:
        """Who is the participant; None: found out."""


def sentences_of(interview: Interview, settings: Hearing, face: Face, ledger: list[Entry]) -> tuple[Sentence, ...]:
    """The participant's sentences in time order, none of them past the end of the recording.

    They are the corpus's, else the transcript's, else what is recognised in the recording.

    Args:
        interview: with any of these.
        settings: the speech model, the language, and who the participant is.
        face: measured where nothing but lips may tell who is the participant.
        ledger: gets lines on where they come from.

    Raises:
        TranscriptError: where there are none.
        RecordingError: where they have to be recognised, and the recording can't be read.
        CallError, FeatureError, MissingExtraError: where the speech model can't be loaded, or doesn't know the
        language.
    """
    sentences = interview.sentences
    if not sentences and interview.transcript is not None:
        from smfl.features.speech.transcript import read_transcript
        from smfl.features.speech.transcript import sentences_of as of_turns

        transcript = read_transcript(interview.transcript, participant=settings.participant)
        sentences = of_turns(transcript)
        ledger += [Entry(interview.id, "noted", note, str(interview.transcript)) for note in transcript.notes]
    elif not sentences and interview.recording is not None:
        sentences = _recognised_sentences(interview.id, interview.recording, settings, face, ledger)
    if not sentences:
        where = f"{interview.transcript}: " if interview.transcript else ""
        raise TranscriptError(
            f"{where}no sentences of the participant; a sentence needs a start, a stop and the words: in "
            "sentences.csv, or in a transcript (csv, srt, vtt, TextGrid, eaf, WhisperX json) beside the recording, "
            "with its name, or given with --transcript"
        )
    end = _duration(interview)
    if end is not None and all(s.segment for s in sentences):
        return _inside(interview, sentences, end, ledger)
    return sentences


def _recognised_sentences(
    interview: str, recording: Path, settings: Hearing, face: Face, ledger: list[Entry]
) -> tuple[Sentence, ...]:
    """What the participant says; while words are recognised, the face is measured."""
    from threadpoolctl import threadpool_limits

    from smfl.features.speech import participant, speech_models
    from smfl.features.speech.recorded_speech import find_speech
    from smfl.features.speech.transcript import sentences_of as of_turns

    speech = find_speech(recording)
    speech_models.load_model(settings.speech_model, settings.language)
    two_voices = settings.participant in (participant.FIRST, participant.SECOND)
    with threadpool_limits(1), ThreadPoolExecutor(1) as executor:  # the limit is everyone's, so it is set for both
        listening = executor.submit(speech.recognise, settings.speech_model, settings.language, two_voices=two_voices)
        seen = face(speech.on_clock)
        recognised = listening.result()
    chosen = participant.choose(recognised.voices, recognised.stretches, seen, settings.participant)
    sentences = of_turns(recognised.turns(chosen.voice), merge=False)
    ledger += _ledger_entries(interview, recording, recognised)
    ledger.append(Entry(interview, "noted", f"{PARTICIPANT_LINE} {chosen.what}", str(recording), chosen.why))
    return sentences


def _ledger_entries(interview: str, recording: Path, speech: RecognisedSpeech) -> list[Entry]:
    """Where words and voices come from, for the ledger."""
    words = speech.recognised.words
    what = (
        f"{RECOGNISED_LINE} {len(words)} words were recognised by {speech.model} "
        f"(language: {speech.recognised.language}), sure of a word by {speech.mean_probability:.2f} on average"
    )
    lines = [(what, "none lies beside the recording")]
    lines.append((f"{speech.voices.count} voice{'s' * (speech.voices.count > 1)} heard", speech.voices.how))
    lines += [(note, "what is there is used") for note in speech.notes]
    return [Entry(interview, "noted", what, str(recording), why) for what, why in lines]


def _duration(interview: Interview) -> float | None:
    """How long the recording is, s; None where there is none, or where it can't be read, which its modalities tell."""
    if interview.recording is None:
        return None
    from smfl.features.recording.info import probe

    try:
        return probe(interview.recording).duration_s
    except SmflError:
        return None


def _inside(
    interview: Interview, sentences: tuple[Sentence, ...], end: float, ledger: list[Entry]
) -> tuple[Sentence, ...]:
    """Leave out what starts past the end of the recording; stop at the end what runs past it."""
    inside, clipped, last = [], 0, 0.0
    for sentence in sentences:
        segment = sentence.segment
        if segment is None or segment.start >= end:
            last = max(last, segment.stop if segment else 0.0)
            continue
        if segment.stop > end + SLACK:
            clipped += 1
            sentence = replace(sentence, segment=Segment(segment.start, end))
        inside.append(sentence)
    lost = len(sentences) - len(inside)
    where = str(interview.recording)
    if lost * 2 > len(sentences):
        raise TranscriptError(
            f"{where} lasts {end:.1f} s, but {lost} of {len(sentences)} sentences start after its end, "
            f"the last stops at {last:.1f} s; is the transcript another recording's, or are its times milliseconds?"
        )
    if lost:
        ledger.append(Entry(interview.id, "cut", f"{lost} sentences start after the end, {end:.1f} s", where))
    if clipped:
        ledger.append(Entry(interview.id, "repaired", f"{clipped} sentences ran past the end, {end:.1f} s", where))
    return tuple(inside)
