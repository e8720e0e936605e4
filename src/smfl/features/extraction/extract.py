"""One interview, from what its corpus or recording gives, to its features by sentence (method §1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smfl.features import Modality, SentenceFeatures, cut, longest
from smfl.features.deidentify.hiding import hidden
from smfl.features.deidentify.sound import masked
from smfl.features.extraction.quality import Facts, quality_of
from smfl.features.extraction.side_by_side import beside, thinned
from smfl.features.speech.participant_sentences import sentences_of
from smfl.interview import (
    CallError,
    Entry,
    FeatureError,
    Interview,
    Segment,
    Sentence,
    Signal,
    SmflError,
    choice,
)

if TYPE_CHECKING:
    from smfl.features.deidentify.review import Row
    from smfl.features.text.encoders import TextEncoder
    from smfl.features.voice.quality import SoundQuality

FEATURES = ("common", "own")
"""``common``: columns that a recording and every corpus can give, so that a model of one reads the other.
``own``: what the corpus itself brings: OpenFace's action units, COVAREP and formants."""

TEXT_LEVELS = ("sentence", "token")

SPEECH_MODEL = "tiny.en"
"""Recognises words where there is no transcript: built in, English."""

OUTPUT_OF_TOOLS = ("openface", "covarep", "formant")
"""Signals that are a tool's raw output; all others are features of a modality, used as they are."""


@dataclass(frozen=True)
class Settings:
    """How interviews are prepared; together with the inputs it decides the bytes.

    Args:
        features: one of `FEATURES`.
        text_encoder: name of the sentence encoder; see ``smfl encoders``.
        face_rate: frames a second at which the face is measured; all frames where None.
        max_sentences: the threshold M: at most so many sentences an interview, the longest.
        modalities: only these are measured; all where None.
        speech_model: name of the model that recognises words where there is no transcript; see ``smfl encoders``.
        language: BCP 47 tag of what is spoken there; None leaves it to the model.
        participant: the participant's name in a transcript file; without one ``first`` or ``second`` (the voice heard
            first, or the other) or ``all``; None: found out.
        text_level: a row a ``sentence``, or a row a ``token``.
        deidentify: whether what identifies is replaced in the words and silenced in the voice.
        strict: whether every rare word counts as a name.
        names: that are replaced wherever they are said.
        reviewed: what a person has decided of this interview's replacements.

    Raises:
        CallError: for a value that makes no sense.
    """

    features: str = "common"
    text_encoder: str = "minilm"
    face_rate: float | None = None
    max_sentences: int = 120
    modalities: tuple[str, ...] | None = None
    speech_model: str = SPEECH_MODEL
    language: str | None = None
    participant: str | None = None
    text_level: str = "sentence"
    deidentify: bool = False
    strict: bool = False
    names: tuple[str, ...] = ()
    reviewed: tuple[Row, ...] = ()

    def __post_init__(self) -> None:
        choice(self.text_level, TEXT_LEVELS, what="text level")
        choice(self.features, FEATURES, what="features")
        if self.face_rate is not None and not self.face_rate > 0:
            raise CallError(f"the face rate is in frames a second, above 0; got {self.face_rate:g}")
        if self.max_sentences < 1:
            raise CallError(f"the threshold M is at least 1 sentence; got {self.max_sentences}")


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


def extract(interview: Interview, settings: Settings) -> Extracted:
    """Measure one interview and cut it into the participant's sentences.

    Each modality comes from where it is best had: ready-made features, else a tool's output, else the recording. One
    that can't be had is missing, with its reason in the ledger; the interview goes on without it.

    Args:
        interview: sentences or a transcript, and signals or a recording.
        settings: how.

    Raises:
        TranscriptError: where there are no sentences of the participant, or nobody is heard to speak.
        RecordingError: where the sentences have to be heard, and the recording can't be read.
        FeatureError: where there is no modality at all.
    """
    ledger = list(interview.ledger)
    sources = _Sources(interview, (), settings)
    sentences = sentences_of(interview, settings, sources.face, ledger)
    secret = hidden(interview, sentences, settings)
    sentences = secret.sentences
    ledger += secret.ledger
    sources = replace(sources, sentences=sentences, silence=secret.silence)
    kept = longest(sentences, settings.max_sentences)
    values, offsets, modalities, clocks = {}, {}, {}, {}
    sources.measure()
    for name in sources.modalities:
        try:
            signal, extractor = sources.take(name)
            signal = _finite(signal, interview.id, ledger)
            if name == "audio":
                signal = masked(signal, secret.silence)
            rows, bounds = cut(signal, sentences, spent=name not in interview.signals)
        except SmflError as fault:
            ledger.append(Entry(interview.id, "missing", name, why=_one_line(fault)))
            continue
        clocks[name] = signal.times
        empty = int((np.diff(bounds) == 0)[kept].sum())
        if not len(rows):
            ledger.append(Entry(interview.id, "missing", name, why="not one sentence has a frame of it"))
            continue
        if empty:
            ledger.append(Entry(interview.id, "missing", f"{name} of {empty} of {len(kept)} sentences"))
        values[name], offsets[name] = rows, bounds
        modalities[name] = Modality(signal.columns, signal.level, signal.rate_hz, extractor)
    ledger += sources.notes
    if not values:
        reasons = "; ".join(f"{e.what}: {e.why}" for e in ledger if e.action == "missing" and e.why)
        raise FeatureError(f"no modality could be had ({reasons})")
    label = interview.label
    features = SentenceFeatures(
        interview.id, interview.participant, values, offsets, _times(sentences), tuple(s.text for s in sentences),
        None if label is None else label.value, None if label is None else label.score,
    )  # fmt: skip
    if len(kept) < len(sentences):
        lost = len(sentences) - len(kept)
        why = f"threshold M = {settings.max_sentences}: the longest are kept"
        ledger.append(Entry(interview.id, "cut", f"{lost} of {len(sentences)} sentences", why=why))
        features = features.keep(kept)
    return Extracted(
        features, modalities, tuple(ledger), quality_of(features, modalities, clocks, sources.heard), secret.replaced
    )


def facts_of(interview: Interview) -> dict[str, Any]:
    """Columns of the index beside label and score: the corpus's split, who the participant is, its metadata."""
    from smfl.features.store import COLUMNS

    own = {"split": interview.split, "gender": interview.gender, "age": interview.age}
    metadata = {f"corpus_{k}" if k in COLUMNS else k: v for k, v in interview.metadata.items()}
    return own | metadata


@dataclass(frozen=True, eq=False)
class _Sources:
    """Where each modality of an interview comes from."""

    interview: Interview
    sentences: tuple[Sentence, ...]
    settings: Settings
    silence: tuple[Segment, ...] = ()
    speech: tuple[Segment, ...] = ()
    notes: list[Entry] = field(default_factory=list)
    sound: list[SoundQuality] = field(default_factory=list)
    measured: dict[str, tuple[Signal, str] | SmflError] = field(default_factory=dict)

    @property
    def modalities(self) -> tuple[str, ...]:
        """The paper's three, then the corpus's own."""
        unread = self.interview.own if self.settings.features == "common" else ()
        own = sorted(set(self.interview.signals) - {"video", "audio", "text", *OUTPUT_OF_TOOLS, *unread})
        wanted = self.settings.modalities
        return tuple(name for name in ("video", "audio", "text", *own) if wanted is None or name in wanted)

    def face(self, speech: tuple[Segment, ...]) -> Signal | None:
        """The face while anyone speaks, where it is wanted and can be had; why it can't, `signal` tells."""
        try:
            return replace(self, speech=speech).signal("video")[0] if "video" in self.modalities else None
        except SmflError:
            return None

    def measure(self) -> None:
        """Measure all modalities: the face in this thread, the others in one of their own, beside it.

        Most of the time both are in libraries that let the other one work. The ledger's order is always the same.
        """
        apart = replace(self, notes=[])
        pool = ThreadPoolExecutor(1, "beside-the-face")
        try:
            others = [pool.submit(apart._attempt, name) for name in self.modalities if name != "video"]
            if "video" in self.modalities:
                self._attempt("video")
            for other in others:
                other.result()
        finally:
            pool.shutdown(cancel_futures=True)
        self.notes.extend(apart.notes)

    def take(self, name: str) -> tuple[Signal, str]:
        """As `signal`, and let go: what is cut into sentences is all that is kept in memory."""
        try:
            return self.signal(name)
        finally:
            self.measured.pop(name, None)

    def _attempt(self, name: str) -> None:
        """Measure a modality; why one can't be had, `signal` tells."""
        with suppress(SmflError):
            self.signal(name)

    def signal(self, name: str) -> tuple[Signal, str]:
        """A modality's signal and the name of what measured it; it is measured once.

        Raises:
            SmflError: why it can't be had.
        """
        if name not in self.measured:
            try:
                self.measured[name] = self._measure(name)
            except SmflError as fault:
                self.measured[name] = fault
        found = self.measured[name]
        if isinstance(found, SmflError):
            raise found
        return found

    def _measure(self, name: str) -> tuple[Signal, str]:
        if name in self.interview.signals:
            return self._read(name), "given"
        return {"video": self._video, "audio": self._audio, "text": self._text}[name]()

    def _read(self, name: str) -> Signal:
        """A ready-made signal; what was repaired while it was read is noted."""
        signal = self.interview.signals[name]()
        self.notes.extend(signal.notes)
        return signal

    def _video(self) -> tuple[Signal, str]:
        from smfl.features.face import tracks as face

        if "openface" not in self.interview.signals:
            return self._watched(), "face-common"
        raw = thinned(self._read("openface"), self.settings.face_rate)
        common = face.from_openface(raw) if face.has_landmarks(raw) or not self._has_pictures() else self._watched()
        if self.settings.features == "own" and any(face.ACTION_UNIT.fullmatch(name) for name in raw.columns):
            return beside("video", [common, face.action_units(raw)]), "face-common + openface action units"
        return common, "face-common"

    def _watched(self) -> Signal:
        """The face as the mesh sees it in the recording."""
        from smfl.features.face import tracks as face

        path = self._recording("face")
        watched = face.watch(path, rate_hz=self.settings.face_rate, within=self.speech or self._stretches())
        self.notes.extend(watched.entries(self.interview.id, str(path)))
        return watched.signal

    def _has_pictures(self) -> bool:
        """Whether there is a recording to look at."""
        from smfl.features.recording.media import probe

        try:
            return self.interview.recording is not None and probe(self.interview.recording).has_video
        except SmflError:
            return False

    def _stretches(self) -> list[Segment] | None:
        """Where the sentences are that are kept: only there is it worth measuring; None where that isn't known."""
        kept = [self.sentences[i].segment for i in longest(self.sentences, self.settings.max_sentences)]
        found = [segment for segment in kept if segment is not None]
        return found if found and len(found) == len(kept) else None

    def _audio(self) -> tuple[Signal, str]:
        from smfl.features.voice import descriptors as voice
        from smfl.features.voice import quality

        tools = [tool for tool in ("covarep", "formant") if tool in self.interview.signals]
        if tools and self.settings.features == "own":
            return beside("audio", [self._read(tool) for tool in tools]), " + ".join(tools)
        if tools and self.interview.recording is None:
            raise FeatureError(f"no recording; {' and '.join(tools)} are there: features='own' reads them")
        if self.interview.pieces:
            from smfl.features.voice.pieces import voice_of

            signal, faults = voice_of(self.interview.pieces)
            self.sound.append(quality.of_recordings(piece.path for piece in self.interview.pieces))
            self.notes.extend(Entry(self.interview.id, "missing", "a part of the sound", why=fault) for fault in faults)
            return signal, "voice-lld"
        path = self._recording("voice")
        heard, within = self._listen(path), self._stretches()
        signal = voice.extract(path, heard=heard, silence=self.silence, within=within, note=self._amiss)
        return signal, "voice-lld"

    def _amiss(self, what: str) -> None:
        """What is wrong with the recording, told once."""
        entry = Entry(self.interview.id, "missing", what)
        if entry not in self.notes:
            self.notes.append(entry)

    def _listen(self, path: Path) -> SoundQuality:
        """How good the sound is, and what is to be mended in it."""
        from smfl.features.voice import quality

        self.sound.append(quality.of_recording(path, within=self._stretches(), note=self._amiss))
        for channel in self.heard.inverted if self.heard else ():
            what = f"channel {channel} of the sound is another one upside down; it was turned over before mixing"
            self.notes.append(Entry(self.interview.id, "repaired", what, path.name))
        return self.sound[-1]

    @property
    def heard(self) -> SoundQuality | None:
        """How good the sound is; None where the voice wasn't measured on one."""
        return self.sound[-1] if self.sound else None

    def _recording(self, of: str) -> Path:
        if self.interview.recording is None:
            own = f"; features='own' reads {', '.join(self.interview.own)}" if self.interview.own else ""
            raise FeatureError(f"neither a recording nor features of the {of}{own}")
        return self.interview.recording

    def _text(self) -> tuple[Signal, str]:
        if not any(sentence.text.strip() for sentence in self.sentences):
            raise FeatureError("no sentence has words")
        encoder = _encoder(self.settings.text_encoder)
        texts, name = [sentence.text for sentence in self.sentences], f"text-{self.settings.text_encoder}"
        if self.settings.text_level == "token":
            return encoder.encode_tokens(texts), f"{name}-tokens"
        return encoder.encode(texts), name


_ENCODERS: dict[str, TextEncoder | SmflError] = {}


def _encoder(name: str) -> TextEncoder:
    """The sentence encoder, loaded once in a process; one that couldn't be loaded isn't tried again."""
    from smfl.features.text import encoders as text

    if name not in _ENCODERS:
        try:
            _ENCODERS[name] = text.encoder(name)
        except SmflError as fault:
            _ENCODERS[name] = fault
    found = _ENCODERS[name]
    if isinstance(found, SmflError):
        raise found
    return found


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


def _times(sentences: Iterable[Sentence]) -> Any:
    """Start and stop of each sentence, float64 [S, 2] s; nan where unknown."""
    rows = [(s.segment.start, s.segment.stop) if s.segment else (np.nan, np.nan) for s in sentences]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _one_line(fault: SmflError) -> str:
    return " ".join(str(fault).split())
