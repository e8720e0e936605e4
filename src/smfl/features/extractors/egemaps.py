"""The voice in a recording, every 10 ms: the descriptors of eGeMAPS; see `smfl.features.voice.descriptors`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from smfl.features.extractors.contract import Context, Extractor, absent
from smfl.features.extractors.covarep import TOOLS
from smfl.features.settings import ExtractionSettings
from smfl.features.voice import descriptors as voice
from smfl.features.voice import quality
from smfl.features.voice.pieces import voice_of
from smfl.interview import FeatureError, Interview, Signal

UNITS: Mapping[str, str] = {
    "F0semitone": "semitones above 27.5 Hz",
    "frequency": "Hz",
    "bandwidth": "Hz",
    "dB": "dB",
    "LogRelF0": "dB",
    "logRelF0": "dB",
    "alphaRatio": "dB",
    "hammarberg": "dB",
    "slope": "dB/Hz",
}
"""The unit of the columns whose name holds such a word; the others have none."""


class Egemaps(Extractor):
    """25 descriptors of the voice, from a recording or from its pieces."""

    name, modality = "egemaps", "audio"

    def columns(self, settings: ExtractionSettings) -> Mapping[str, str]:
        """OpenSMILE's names."""
        return {name: _unit(name) for name in voice.COLUMNS}

    def check(self, interview: Interview, settings: ExtractionSettings) -> None:
        """Sound is needed."""
        there = interview.recording is not None or interview.packed is not None
        tools = [tool for tool in TOOLS if tool in interview.signals]
        if tools and not there:
            raise FeatureError(f"no recording; {' and '.join(tools)} are there: features='own' reads them")
        if not there and not interview.pieces:
            raise absent(interview, "voice")

    def extract(self, interview: Interview, context: Context) -> Signal:
        """Measure the voice where the participant speaks, silenced where it has to be."""
        if interview.pieces:
            context.sound.append(quality.of_recordings(piece.path for piece in interview.pieces))
            signal, faults = voice_of(interview.pieces, context.silence)
            for fault in faults:
                context.note(interview, "missing", "a part of the sound", why=fault)
            return signal
        return voice.extract(
            context.recording(interview, "voice"),
            sound_quality=context.listen(interview),
            silence=context.silence,
            within=context.stretches,
            note=partial(context.note, interview, "missing"),
        )


def _unit(column: str) -> str:
    """By what openSMILE's name says is measured.

    Example:
        >>> _unit("F1frequency_sma3nz"), _unit("F1amplitudeLogRelF0_sma3nz"), _unit("mfcc1_sma3")
        ('Hz', 'dB', '1')
    """
    return next((unit for part, unit in UNITS.items() if part in column), "1")


EXTRACTOR = Egemaps()
