"""The face mesh: mediapipe's 478 points with irises, followed through a video.

mediapipe 0.10.14 (Apache-2.0) carries its model. It is used in tracking mode, where each picture is searched around
the face of the picture before: only there are its points steady. The first pictures of a track are off until it is
steady, so a picture that begins one is shown several times.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from smfl.features.face.landmarks import MESH_POINTS
from smfl.features.recording.pictures import RgbImage
from smfl.interview import FloatArray, MissingExtraError

FIRST_PICTURE_REPEATS = 4
"""How often the first picture of a track is shown."""

JUMP = 0.05
"""Points that move by more than this share of the face's size, on average, from one picture to the next begin a new
track: the camera was cut to another face. (Five such cuts: 0.08 to 0.25; people moving: up to 0.03.)"""

DETECTED = 0.5
"""The detector's score from which a face counts, as in the mesh's own search."""

COVER_MARGIN = 0.2
"""A face is covered together with this share of its box around it."""

GREY = 110

QUIET = {"GLOG_minloglevel": "3", "TF_CPP_MIN_LOG_LEVEL": "3"}
"""Keeps the C++ libraries under mediapipe from writing messages."""


class MeshTracker:
    """Follows one face through the pictures of a video, in order. Use it in a ``with`` statement.

    mediapipe follows the face of which its detector is surest, as a rule the largest, until it is lost.

    Attributes:
        begins: whether the last picture began a new track: the first one, after a loss, or after a jump.

    Raises:
        MissingExtraError: at the first picture, where mediapipe isn't installed.
    """

    def __init__(self) -> None:
        self.begins = False
        self._mesh: Any = None
        self._detector: Any = None
        self._last: FloatArray | None = None

    def __enter__(self) -> MeshTracker:
        return self

    def __exit__(self, *_: object) -> None:
        for part in (self._mesh, self._detector):
            if part is not None:
                part.close()

    def __call__(self, picture: RgbImage) -> FloatArray | None:
        """The mesh in the next picture.

        Args:
            picture: [height, width, 3], RGB.

        Returns:
            [478, 3]: x right, y down, z away from the camera, all in pixels (z is relative to the head); None where
            no face was found.
        """
        found = self._find_mesh(picture)
        if (
            found is None and self._last is not None
        ):  # lost where it was: the second time, the whole picture is searched
            found, self._last = self._find_mesh(picture), None
        self.begins = found is not None and (self._last is None or _jumped(self._last, found))
        if self.begins:
            found = self._mesh_when_steady(picture)
        self._last = found
        return found

    def faces(self, picture: RgbImage) -> FloatArray:
        """Where the detector sees faces: boxes [faces, 4], left, top, right, bottom, pixels, the largest first."""
        if self._detector is None:
            with _quiet():
                self._detector = _detector()
                found = self._detector.process(picture).detections
        else:
            found = self._detector.process(picture).detections
        height, width, _ = picture.shape
        boxes = [one.location_data.relative_bounding_box for one in found or ()]
        corners = np.array([(b.xmin, b.ymin, b.xmin + b.width, b.ymin + b.height) for b in boxes]).reshape(-1, 4)
        corners = corners * (width, height, width, height)
        return corners[np.argsort(-(corners[:, 2] - corners[:, 0]), kind="stable")]

    def follow_box(self, picture: RgbImage, wanted: int, boxes: FloatArray) -> FloatArray | None:
        """Leave the face that was followed, and follow another one in the same picture, the others covered meanwhile.

        Args:
            picture: the picture shown last.
            wanted: which of the boxes.
            boxes: of `faces`.

        Returns:
            as a call; None where there is no mesh in that box.
        """
        self._find_mesh(np.zeros_like(picture))  # a black picture: mediapipe loses the face
        others = [box for i, box in enumerate(boxes) if i != wanted]
        self._last = self._mesh_when_steady(_without(picture, others))
        self.begins = self._last is not None
        return self._last

    def _mesh_when_steady(self, picture: RgbImage) -> FloatArray | None:
        found = None
        for _ in range(FIRST_PICTURE_REPEATS - 1):
            found = self._find_mesh(picture)
        return found

    def _find_mesh(self, picture: RgbImage) -> FloatArray | None:
        if self._mesh is None:
            with _quiet():
                self._mesh = _face_mesh()
                faces = self._mesh.process(picture).multi_face_landmarks
        else:
            faces = self._mesh.process(picture).multi_face_landmarks
        if not faces:
            return None
        height, width, _ = picture.shape
        return _points(faces[0]) * (width, height, width)


def _points(face: Any) -> FloatArray:
    """A mesh's points, [478, 3], read from protobuf's own bytes: asking 478 objects for three numbers takes far longer.

    Each point is five times a tag and what it announces: the point's length, then x, y and z as 32-bit floats.
    """
    record = np.dtype(
        [("point", "V2"), ("tx", "u1"), ("x", "<f4"), ("ty", "u1"), ("y", "<f4"), ("tz", "u1"), ("z", "<f4")]
    )
    content = face.SerializeToString()
    if len(content) == MESH_POINTS * record.itemsize:
        points = np.frombuffer(content, record)
        return np.stack([points["x"], points["y"], points["z"]], axis=-1).astype(np.float64)
    return np.array([(point.x, point.y, point.z) for point in face.landmark])


def _without(picture: RgbImage, boxes: Sequence[FloatArray]) -> RgbImage:
    """The picture with these boxes covered in grey."""
    covered = picture.copy()
    for left, top, right, bottom in boxes:
        margin = COVER_MARGIN * (right - left)
        rows = slice(max(round(top - 2 * margin), 0), max(round(bottom + margin), 0))  # the box ends below the hair
        covered[rows, max(round(left - margin), 0) : max(round(right + margin), 0)] = GREY
    return covered


def _face_mesh() -> Any:
    _prepare()
    try:
        from mediapipe.python.solutions.face_mesh import FaceMesh
    except ImportError:
        raise MissingExtraError("mediapipe", extra="face") from None
    return FaceMesh(static_image_mode=False, max_num_faces=1, refine_landmarks=True)


def _detector() -> Any:
    _prepare()
    try:
        from mediapipe.python.solutions.face_detection import FaceDetection
    except ImportError:
        raise MissingExtraError("mediapipe", extra="face") from None
    return FaceDetection(min_detection_confidence=DETECTED)


def _prepare() -> None:
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    warnings.filterwarnings("ignore", message="SymbolDatabase.GetPrototype", category=UserWarning)


def _jumped(before: FloatArray, now: FloatArray) -> bool:
    size = float(np.ptp(before[:, :2], axis=0).max())
    moved = float(np.linalg.norm(now[:, :2] - before[:, :2], axis=-1).mean())
    return moved > JUMP * size


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what C++ writes to stderr while mediapipe starts, and write it only where mediapipe fails."""
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(real, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)
