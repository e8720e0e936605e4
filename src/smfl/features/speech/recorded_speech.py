"""The speech in a recording without a transcript: who spoke when, and what.

Speech is found (`activity`), its words are recognised (`recognition`), its speakers separated (`speakers`). Which voice
is the participant's is decided after that (`participant`), as it may take the face. Then words become sentences
(`words_to_sentences`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smfl.features.recording.info import probe
from smfl.features.recording.sound import SPEECH_RATE_HZ, read_sound
from smfl.features.speech import activity, recognition, speakers
from smfl.features.speech.recognition import Recognised
from smfl.features.speech.speakers import Voices
from smfl.features.speech.speech_models import DEFAULT
from smfl.features.speech.words_to_sentences import sentences
from smfl.features.voice import quality
from smfl.interview import INTERVIEWER, PARTICIPANT, FloatArray, Segment, TranscriptError, Turn, Word

AUDIBLE = 1e-4
"""Sound whose largest sample is below this (-80 dB of full scale) is silent."""


@dataclass(frozen=True, eq=False)
class RecognisedSpeech:
    """Words and voices of a recording, on its clock.

    Args:
        stretches: of speech, in order.
        recognised: the words.
        voices: who speaks when.
        model: that recognised the words.
        notes: what is amiss with the sound, in words.
    """

    stretches: tuple[Segment, ...]
    recognised: Recognised
    voices: Voices
    model: str
    notes: tuple[str, ...] = ()

    @property
    def mean_probability(self) -> float:
        """Mean probability of the words, by the recogniser; ``nan`` where there is none."""
        given = [word.probability for word in self.recognised.words if word.probability is not None]
        return float(np.mean(given)) if given else float("nan")

    def turns(self, participant: int | None) -> tuple[Turn, ...]:
        """Every sentence of everyone, as a turn with its words, in order of time.

        Args:
            participant: which voice is the participant's, 0 or 1; None: whoever speaks.
        """
        return tuple(
            Turn(
                Segment(words[0].segment.start, max(word.segment.stop for word in words)),
                PARTICIPANT if participant in (None, voice) else INTERVIEWER,
                self.recognised.text(words),
                tuple(words),
            )
            for voice, words in sentences(self.recognised.words, self.voices)
        )


@dataclass(frozen=True, eq=False)
class Speech:
    """The sound of a recording, and where anyone speaks in it.

    Args:
        path: the recording.
        channels: [2, samples] or [1, samples], at `SPEECH_RATE_HZ`.
        mono: what they are together, at the reference level of `quality`: quiet and loud recordings are recognised
            alike, [samples].
        start_s: the instant of the first sample, s from the start of the recording.
        stretches: of speech, s from the first sample.
        notes: what is amiss with the sound, in words.
    """

    path: Path
    channels: FloatArray
    mono: FloatArray
    start_s: float
    stretches: tuple[Segment, ...]
    notes: tuple[str, ...]

    @property
    def on_clock(self) -> tuple[Segment, ...]:
        """The stretches of speech, s from the start of the recording."""
        return tuple(one.shifted(self.start_s) for one in self.stretches)

    def recognise(
        self, model: str = DEFAULT, language: str | None = None, *, two_voices: bool = False
    ) -> RecognisedSpeech:
        """Its words and voices.

        Voices are distinguished by their channels, where each channel holds one; else by their sound.

        Args:
            model: the speech model; see `recognition.recognise`.
            language: that is spoken; None leaves it to the model.
            two_voices: whether there are two voices for certain, however alike.

        Raises:
            TranscriptError: where no word is recognised.
            CallError: for an unknown model, or a language that it can't read.
            FeatureError: where the model can't be loaded.
            MissingExtraError: where a library isn't installed.
        """
        recognised = recognition.recognise(self.mono, self.stretches, model, language)
        if not recognised.words:
            raise TranscriptError(
                f"{self.path}: {sum(one.duration for one in self.stretches):.1f} s sound like speech, but {model} "
                "hears no word in them; give a transcript, or name another model with --speech-model"
            )
        voices = speakers.by_channel(self.channels, self.stretches) if len(self.channels) == 2 else None
        voices = voices or speakers.by_voice(self.mono, self.stretches, force=two_voices)
        return RecognisedSpeech(
            self.on_clock,
            _shifted(recognised, self.start_s),
            Voices(voices.times + self.start_s, voices.labels, voices.how),
            model,
            self.notes,
        )


def find_speech(path: Path | str) -> Speech:
    """Find where anyone speaks in a recording; takes a hundredth of its length.

    Raises:
        RecordingError: where the file can't be read.
        TranscriptError: where there is no sound in it, or nobody speaks.
        MissingExtraError: where a library isn't installed.
    """
    path = Path(path)
    if not probe(path).has_audio:
        raise TranscriptError(
            f"{path}: there is no sound in it, and no transcript beside it; without sentences there is nothing to "
            "read: give a transcript, with --transcript or a file of the recording's name"
        )
    notes: list[str] = []
    channels, mono, start_s = _sound(path, notes)
    stretches = activity.speech(mono)
    if not stretches:
        raise TranscriptError(
            f"{path}: nobody is heard to speak in its {len(mono) / SPEECH_RATE_HZ:.1f} s of sound"
            f"{' (it is silent)' if np.abs(channels).max(initial=0.0) < AUDIBLE else ''}, and there is no transcript "
            "beside it; without sentences there is nothing to read"
        )
    return Speech(path, channels, mono, start_s, stretches, tuple(notes))


def recognise_speech(
    path: Path | str, *, model: str = DEFAULT, language: str | None = None, two_voices: bool = False
) -> RecognisedSpeech:
    """Find out who spoke when, and what, in a recording: `find_speech`, then `Speech.recognise`."""
    return find_speech(path).recognise(model, language, two_voices=two_voices)


def _sound(path: Path | str, notes: list[str]) -> tuple[FloatArray, FloatArray, float]:
    """The sound of a recording.

    Returns:
        The channels, [2, samples] or [1, samples]; their mix at the reference level, [samples]; the first instant, s.
    """
    if probe(path).channels == 2:
        left, start_s = read_sound(path, mix=(1.0, 0.0), note=notes.append)
        right, _ = read_sound(path, mix=(0.0, 1.0), note=lambda _: None)
        channels = np.stack([left, right])
    else:
        samples, start_s = read_sound(path, note=notes.append)
        channels = samples[None]
    meter = quality.SoundMeter(SPEECH_RATE_HZ)
    for first in range(0, channels.shape[1], SPEECH_RATE_HZ):
        meter.add(channels[:, first : first + SPEECH_RATE_HZ])
    found = meter.result()
    weights = np.asarray(found.mix, dtype=np.float32) * np.float32(found.gain)
    return channels, (weights @ channels).clip(-1, 1), start_s


def _shifted(recognised: Recognised, seconds: float) -> Recognised:
    if not seconds:
        return recognised
    words = tuple(Word(word.segment.shifted(seconds), word.text, word.probability) for word in recognised.words)
    return Recognised(words, recognised.language, recognised.spaced)
