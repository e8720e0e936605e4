"""The face as OpenFace measured it: the columns that the mesh gives too, and with ``features="own"`` its action units.

Baltrušaitis, T., et al. (2018). OpenFace 2.0: facial behavior analysis toolkit. FG.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from smfl.features.extractors import mesh
from smfl.features.extractors.contract import Context, Extractor, Preference
from smfl.features.face.action_units import ACTION_UNIT, action_units
from smfl.features.face.openface import from_openface, has_landmarks
from smfl.features.settings import ExtractionSettings
from smfl.features.side_by_side import joined, thinned
from smfl.interview import FeatureError, Interview, Signal, SmflError


class OpenFace(Extractor):
    """The common columns, from OpenFace's output.

    Where that has no landmarks, and there are pictures to look at, they come from the mesh.
    """

    name, modality = "openface", "video"
    preference = Preference.TOOL
    features = ("common",)
    of_sound = False
    decides = ("face_rate",)

    def columns(self, settings: ExtractionSettings) -> Mapping[str, str]:
        """The common ones."""
        return mesh.UNITS

    def weights(self, settings: ExtractionSettings) -> tuple[Path, ...]:
        """Those of the mesh, which stands in for landmarks that aren't there."""
        return mesh.EXTRACTOR.weights(settings)

    def check(self, interview: Interview, settings: ExtractionSettings) -> None:
        """OpenFace's output is needed."""
        if "openface" not in interview.signals:
            raise FeatureError("no output of OpenFace")

    def extract(self, interview: Interview, context: Context) -> Signal:
        """The output's frames, thinned to the face rate."""
        return self.common(self.output(interview, context), interview, context)

    def output(self, interview: Interview, context: Context) -> Signal:
        """OpenFace's columns, at most `face_rate` frames a second."""
        return thinned(context.read(interview, "openface"), context.settings.face_rate)

    def common(self, output: Signal, interview: Interview, context: Context) -> Signal:
        """The common columns."""
        if has_landmarks(output) or not _has_pictures(interview):
            return from_openface(output)
        return mesh.EXTRACTOR.extract(interview, context)


class OpenFaceOwn(OpenFace):
    """The common columns, and after them OpenFace's action units, where it measured any."""

    name = "openface-action-units"
    features = ("own",)
    further = True

    def extract(self, interview: Interview, context: Context) -> Signal:
        """The output's frames, thinned to the face rate."""
        output = self.output(interview, context)
        common = self.common(output, interview, context)
        if any(ACTION_UNIT.fullmatch(name) for name in output.columns):
            return joined("video", [common, action_units(output)])
        return common


def _has_pictures(interview: Interview) -> bool:
    """Whether there is a recording to look at."""
    from smfl.features.recording.info import probe

    try:
        return interview.recording is not None and probe(interview.recording).has_video
    except SmflError:
        return False


EXTRACTOR = (OpenFace(), OpenFaceOwn())
