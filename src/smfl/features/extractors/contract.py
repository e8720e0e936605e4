"""The contract of an extractor, and the context in which it measures.

A new one is one file: a subclass of `Extractor`, and an instance of it under the name ``EXTRACTOR``. The frames that it
returns are cut into the participant's sentences by `smfl.features.extraction`, which also sees to it that nothing of
what de-identification silenced is left in them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from smfl.features.segments import union
from smfl.features.settings import FEATURES, ExtractionSettings
from smfl.features.weights import weights_hash
from smfl.interview import CallError, Entry, FeatureError, FloatArray, Interview, Segment, Sentence, Signal

if TYPE_CHECKING:
    from smfl.features.voice.quality import SoundQuality


class Preference(IntEnum):
    """Which of several extractors of a modality is chosen: the highest that can be had."""

    RECORDING = 1
    """Measures the recording, or the words."""
    TOOL = 2
    """Reads what a known tool has measured already."""
    GIVEN = 3
    """Takes the corpus's ready-made features as they are."""


@dataclass(frozen=True, eq=False)
class Context:
    """All that an extractor has to honour while it measures one interview.

    Args:
        settings: of the extraction: rates, levels, encoder.
        modality: that is asked for.
        sentences: of the participant, with their words, de-identified where that is asked for; all of them.
        stretches: where the sentences lie that are kept, s: only there is it worth measuring; None: everywhere.
        silence: what isn't to be heard, s. `sounds` leaves it out; frames in it become missing ones in any case.
        ledger: takes lines; see `note`.
        sound: takes what is known of how good the sound is; see `listen`.
    """

    settings: ExtractionSettings
    modality: str
    sentences: tuple[Sentence, ...] = ()
    stretches: tuple[Segment, ...] | None = None
    silence: tuple[Segment, ...] = ()
    ledger: list[Entry] = field(default_factory=list)
    sound: list[SoundQuality] = field(default_factory=list)

    def note(self, interview: Interview, action: str, what: str, where: str = "", why: str = "") -> None:
        """Write a line of the ledger, once."""
        entry = Entry(interview.id, action, what, where, why)
        if entry not in self.ledger:
            self.ledger.append(entry)

    def read(self, interview: Interview, signal: str) -> Signal:
        """A ready-made signal of the interview; what was repaired while it was read goes into the ledger."""
        found = interview.signals[signal]()
        self.ledger.extend(found.notes)
        return found

    def recording(self, interview: Interview, of: str) -> Path:
        """The recording's file.

        Raises:
            FeatureError: where there is none, saying what there is.
        """
        if interview.recording is None:
            raise absent(interview, of)
        return interview.recording

    def listen(self, interview: Interview) -> SoundQuality:
        """How good the recording's sound is, measured in the `stretches`, once an interview.

        Raises:
            RecordingError: where it can't be read.
        """
        from smfl.features.voice import quality

        if not self.sound:
            path = self.recording(interview, "voice")
            note = partial(self.note, interview, "missing")
            self.sound.append(quality.of_recording(path, within=self.stretches, note=note))
            for channel in self.sound[0].inverted:
                what = f"channel {channel} of the sound is another one upside down; it was turned over before mixing"
                self.note(interview, "repaired", what, path.name)
        return self.sound[0]

    def sounds(self, interview: Interview) -> Iterator[tuple[float, FloatArray]]:
        """The recording's sound in each of the `stretches` in order, mono at 16 000 Hz, silenced where it has to be.

        Stretches that overlap come as one. Memory holds one stretch; where there are none, all of the sound.

        Yields:
            The instant of the first sample, s, and the samples, -1 to 1, [samples].

        Raises:
            RecordingError: where it can't be read.
        """
        from smfl.features.deidentify.sound import silenced
        from smfl.features.recording.sound import SPEECH_RATE_HZ, Sound, read_sound_pieces

        path, rate = self.recording(interview, "voice"), SPEECH_RATE_HZ
        pieces = read_sound_pieces(path, mix=self.listen(interview).mix, note=partial(self.note, interview, "missing"))
        held: list[Sound] = []
        for stretch in union(self.stretches or (Segment(0.0, math.inf),)):
            held = [one for one in held if one.start_s + len(one.samples) / rate > stretch.start]
            while not held or held[-1].start_s + len(held[-1].samples) / rate < stretch.stop:
                piece = next(pieces, None)
                if piece is None:
                    break
                if piece.start_s + len(piece.samples) / rate > stretch.start:
                    held.append(piece)
            if held:
                samples, start = np.concatenate([one.samples for one in held]), held[0].start_s
                first = max(round((stretch.start - start) * rate), 0)
                stop = None if math.isinf(stretch.stop) else round((stretch.stop - start) * rate)
                start += first / rate
                yield start, silenced(samples[first:stop], rate, start, self.silence)


class Extractor:
    """Measures one modality of interviews.

    Subclasses set the attributes, and define `columns` and `extract`; `check` where anything has to be present.

    Attributes:
        name: as users type it, and as ``schema.json`` has it.
        modality: that it gives: ``video``, ``audio``, ``text``, or a new one, which then is a further modality.
        version: raised whenever the same input gives other values; a test of what it gives demands it.
        preference: where it measures; of several extractors the highest that can be had is chosen, and of equals the
            built-in one.
        features: the settings' ``features`` with which it is chosen.
        of_sound: whether its frames are made of sound, so that those in silenced stretches become missing ones.
        decides: the fields of the settings that decide what it gives.
        further: whether columns of the corpus follow those of `columns`.

    Example:
        >>> class Clock(Extractor):
        ...     name, modality, of_sound = "clock", "clock", False
        ...     def columns(self, settings):
        ...         return {"elapsed": "s"}
        ...     def extract(self, interview, context):
        ...         times = np.arange(0.0, 10.0, 0.5)
        ...         return Signal("clock", ("elapsed",), times[:, None].astype("f4"), times, 2.0)
        >>> import numpy as np
        >>> Clock().identity(ExtractionSettings())
        'clock 1'
    """

    name: ClassVar[str]
    modality: ClassVar[str]
    version: ClassVar[int] = 1
    preference: ClassVar[Preference] = Preference.RECORDING
    features: ClassVar[tuple[str, ...]] = FEATURES
    of_sound: ClassVar[bool] = True
    decides: ClassVar[tuple[str, ...]] = ()
    further: ClassVar[bool] = False

    def columns(self, settings: ExtractionSettings) -> Mapping[str, str]:
        """The names of the columns in order, and the unit of each; ``1`` where it has none.

        Raises:
            CallError: where a subclass doesn't define it.
        """
        raise CallError(f"the extractor {self.name!r} says no columns: define `columns`")

    def extract(self, interview: Interview, context: Context) -> Signal:
        """Measure an interview.

        Args:
            interview: with its recording on disk.
            context: what has to be honoured; takes lines for the ledger.

        Returns:
            A signal with the `columns`: frames with ascending time stamps, or a row a sentence; what couldn't be
            measured is ``nan``.

        Raises:
            SmflError: why it can't be had; the interview goes on without it.
        """
        raise CallError(f"the extractor {self.name!r} measures nothing: define `extract`")

    def check(self, interview: Interview, settings: ExtractionSettings) -> None:
        """Refuse an interview that has nothing to be measured; looks at no file's content.

        Raises:
            FeatureError: what isn't there.
        """
        if interview.recording is None and interview.packed is None:
            raise absent(interview, self.modality)

    def weights(self, settings: ExtractionSettings) -> tuple[Path, ...]:
        """The files or folders of weights that decide what it gives."""
        return ()

    def identity(self, settings: ExtractionSettings) -> str:
        """By which it is known whether features were measured in the same way: name, version, settings, weights."""
        decided = {name: getattr(settings, name) for name in self.decides}
        parts = [f"{self.name} {self.version}"]
        if decided:
            parts.append(json.dumps(decided, sort_keys=True))
        parts += [f"sha256:{weights_hash(path)}" for path in self.weights(settings)]
        return " ".join(parts)


def absent(interview: Interview, of: str) -> FeatureError:
    """That there is nothing to measure a face or a voice in."""
    own = f"; features='own' reads {', '.join(interview.own)}" if interview.own else ""
    return FeatureError(f"neither a recording nor features of the {of}{own}")
