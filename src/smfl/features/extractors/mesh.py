"""The face as the mesh sees it in the pictures of a recording; see `smfl.features.face.video`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from smfl.features.extractors.contract import Context, Extractor, absent
from smfl.features.face import gaze, pose
from smfl.features.face.columns import COLUMNS
from smfl.features.face.video import follow_face
from smfl.features.settings import ExtractionSettings
from smfl.interview import Interview, Signal

WEIGHTS = (
    "face_landmark/face_landmark_with_attention.tflite",
    "face_detection/face_detection_short_range.tflite",
)
"""The models that mediapipe carries, of the mesh and of the detector that finds a face for it."""

_EYE_DISTANCES, _RADIANS = "eye distances", "rad"
_MOVEMENT_UNITS = {
    "proxy_mouth_open": "1",
    "proxy_eye_open_right": "1",
    "proxy_eye_open_left": "1",
    "proxy_landmark_speed": "eye distances/s",
    "proxy_head_speed": "rad/s",
}

UNITS: Mapping[str, str] = {
    **dict.fromkeys(COLUMNS, _EYE_DISTANCES),
    **dict.fromkeys((*pose.ANGLES, *gaze.ANGLES), _RADIANS),
    **_MOVEMENT_UNITS,
}
"""The unit of each column, in order."""


class Mesh(Extractor):
    """Landmarks, head pose, gaze and movements of the participant's face, in the stretches where it is needed."""

    name, modality = "mesh", "video"
    of_sound = False
    decides = ("face_rate",)

    def columns(self, settings: ExtractionSettings) -> Mapping[str, str]:
        """Those that OpenFace's output gives too."""
        return UNITS

    def check(self, interview: Interview, settings: ExtractionSettings) -> None:
        """A recording is needed."""
        if interview.recording is None and interview.packed is None:
            raise absent(interview, "face")

    def weights(self, settings: ExtractionSettings) -> tuple[Path, ...]:
        """The files in `WEIGHTS`."""
        package = find_spec("mediapipe")
        if package is None or package.origin is None:
            return ()
        return tuple(Path(package.origin).parent / "modules" / name for name in WEIGHTS)

    def extract(self, interview: Interview, context: Context) -> Signal:
        """Follow the face through the recording."""
        path = context.recording(interview, "face")
        watched = follow_face(path, rate_hz=context.settings.face_rate, within=context.stretches)
        context.ledger.extend(watched.entries(interview.id, str(path)))
        return watched.signal


EXTRACTOR = Mesh()
