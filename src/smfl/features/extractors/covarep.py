"""The voice as COVAREP and a formant tracker measured it, read with ``features="own"``.

Degottex, G., et al. (2014). COVAREP: a collaborative voice analysis repository for speech technologies. ICASSP.
"""

from __future__ import annotations

from collections.abc import Mapping

from smfl.features.extractors.contract import Context, Extractor, Preference
from smfl.features.settings import ExtractionSettings
from smfl.features.side_by_side import joined
from smfl.interview import FeatureError, Interview, Signal

TOOLS = ("covarep", "formant")


class Covarep(Extractor):
    """The columns of both tools side by side, or of the one that is there."""

    name, modality = "covarep", "audio"
    preference = Preference.TOOL
    features = ("own",)
    further = True

    def columns(self, settings: ExtractionSettings) -> Mapping[str, str]:
        """None that every corpus has: they are the tools'."""
        return {}

    def check(self, interview: Interview, settings: ExtractionSettings) -> None:
        """The output of one of the tools is needed."""
        if not set(TOOLS) & set(interview.signals):
            raise FeatureError("no output of COVAREP or of a formant tracker")

    def extract(self, interview: Interview, context: Context) -> Signal:
        """Join what is there by time."""
        return joined("audio", [context.read(interview, tool) for tool in TOOLS if tool in interview.signals])


EXTRACTOR = Covarep()
