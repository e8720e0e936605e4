"""Ready-made features of the corpus, used as they are."""

from __future__ import annotations

from collections.abc import Mapping

from smfl.features.extractors.contract import Context, Extractor, Preference
from smfl.features.settings import ExtractionSettings
from smfl.interview import Interview, Signal


class Given(Extractor):
    """Reads the interview's signal of the modality's name; its columns are the corpus's."""

    name, modality = "given", "any"
    preference = Preference.GIVEN
    of_sound = False  # but for `audio`: what else a corpus brings isn't known to be made of sound
    further = True

    def columns(self, settings: ExtractionSettings) -> Mapping[str, str]:
        """None that every corpus has."""
        return {}

    def check(self, interview: Interview, settings: ExtractionSettings) -> None:
        """It is asked only for signals that are there."""

    def extract(self, interview: Interview, context: Context) -> Signal:
        """The signal as its reader gives it."""
        return context.read(interview, context.modality)


EXTRACTOR = Given()
