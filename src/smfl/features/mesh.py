"""The face mesh: mediapipe's 478 points with irises, followed through a video.

mediapipe 0.10.14 (Apache-2.0) carries its model. It is used in tracking mode, where each picture is searched around
the face of the picture before: only there are its points steady. The first pictures of a track are off until it has
settled, so a picture that begins one is shown several times.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from smfl.features.recording import RgbImage
from smfl.interview import FloatArray, MissingExtraError

SETTLING = 4
"""How often the first picture of a track is shown."""

JUMP = 0.05
"""Points that move by more than this share of the face's size, on average, from one picture to the next begin a new
track: the camera was cut to another face. (Five such cuts: 0.08 to 0.25; people moving: up to 0.03.)"""

QUIET = {"GLOG_minloglevel": "3", "TF_CPP_MIN_LOG_LEVEL": "3"}
"""Keeps the C++ libraries under mediapipe from narrating."""


class MeshTracker:
    """Follows one face through the pictures of a video, in order. Use it in a ``with`` statement.

    mediapipe follows the face of which its detector is surest, as a rule the largest, until it is lost.

    Raises:
        MissingExtraError: at the first picture, where mediapipe isn't installed.
    """

    def __init__(self) -> None:
        self._mesh: Any = None
        self._last: FloatArray | None = None

    def __enter__(self) -> MeshTracker:
        return self

    def __exit__(self, *_: object) -> None:
        if self._mesh is not None:
            self._mesh.close()

    def __call__(self, picture: RgbImage) -> FloatArray | None:
        """The mesh in the next picture.

        Args:
            picture: [height, width, 3], RGB.

        Returns:
            [478, 3]: x right, y down, z away from the camera, all in pixels (z is relative to the head); None where
            no face was found.
        """
        found = self._look(picture)
        if found is not None and (self._last is None or _jumped(self._last, found)):
            for _ in range(SETTLING - 1):
                found = self._look(picture)
        self._last = found
        return found

    def _look(self, picture: RgbImage) -> FloatArray | None:
        if self._mesh is None:
            with _quiet():
                self._mesh = _face_mesh()
                faces = self._mesh.process(picture).multi_face_landmarks
        else:
            faces = self._mesh.process(picture).multi_face_landmarks
        if not faces:
            return None
        height, width, _ = picture.shape
        points = np.array([(point.x, point.y, point.z) for point in faces[0].landmark])
        return points * (width, height, width)


def _face_mesh() -> Any:
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    try:
        from mediapipe.python.solutions.face_mesh import FaceMesh
    except ImportError:
        raise MissingExtraError("mediapipe", extra="face") from None
    warnings.filterwarnings("ignore", message="SymbolDatabase.GetPrototype", category=UserWarning)
    return FaceMesh(static_image_mode=False, max_num_faces=1, refine_landmarks=True)


def _jumped(before: FloatArray, now: FloatArray) -> bool:
    size = float(np.ptp(before[:, :2], axis=0).max())
    moved = float(np.linalg.norm(now[:, :2] - before[:, :2], axis=-1).mean())
    return moved > JUMP * size


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what C++ writes to the process's stderr while mediapipe starts; told after all where it fails."""
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
