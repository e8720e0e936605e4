"""Whose face each picture shows: the participant is the person with the most pictures.

mediapipe follows one face at a time, and may change to another person's. Here each track is assigned to a person, so
that the interviewer who leans in, or whom the camera is cut to, isn't measured as the participant.

- **Thumbnails.** A face is compared by a grey thumbnail of 24 × 24 pixels, turned and scaled by eyes and mouth, hair
  and chin included, less its mean, scaled to length 1. The agreement of two thumbnails is their correlation. On eight
  recorded people it is 0.96 and more between thumbnails of one person who talks, 0.76 where one turns and moves about,
  and 0.75 at most between two people. From `SAME` on they are one person's. Thumbnails distinguish people within one
  recording, in its light, and nobody anywhere else; they are deleted with the last picture.
- **Checks.** A thumbnail is taken where a track begins and every `CHECK_INTERVAL_S`. A track whose thumbnail agrees
  with an earlier person's is that person's. One that begins at the place and size at which the last one was lost, some
  pictures later and within `REGAINED_S`, needs `NEARLY_SAME` only; without a picture between, it is a cut, and people
  are filmed at the same place. Where a later thumbnail of a track agrees with its own person and an earlier one, the
  two are one person; where it agrees with the earlier one only, the track moved from face to face, and a new one
  begins. Of 56 cuts from one of eight people to another and back, all were found; of eight people lost for 0.4 s, and
  for 4 s, all were assigned to the same person again.
- **Participant.** The person with the most frames, the earliest of equals. Frames of others are missing.
- **Several faces.** At every check mediapipe's detector counts the faces in the picture (1 ms). Where there are several
  and the one that is followed isn't the participant's so far, each is tried, with the others covered. At the very
  first, the largest is followed. So one face costs one run of the detector a second; of two people who are both in the
  picture all the time, the one followed first is taken, and the ledger says that there were two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from smfl.features.face import landmarks
from smfl.features.face.mesh import MeshTracker
from smfl.features.recording.pictures import RgbImage
from smfl.interview import FloatArray

CHECK_INTERVAL_S = 1.0
SAME, NEARLY_SAME = 0.8, 0.7
REGAINED_S = 2.0
NEAR = 0.5
"""A face that is found again is no farther away than this share of its size, and differs in size by no more."""

KNOWN = 0.95
"""A thumbnail that agrees so well with one that a person has already isn't kept."""

SIDE = 24
MAX_FACES = 4
NOBODY = -1

_EYE_RIGHT, _EYE_LEFT, _MOUTH = (8.25, 8.5), (15.75, 8.5), (12.0, 16.0)
"""Where the middles of eyes and mouth are in a thumbnail."""

_OVER = 4
"""A thumbnail is sampled so many times finer, then averaged."""


@dataclass
class Person:
    """A person in the pictures.

    Args:
        thumbnails: that differ, [n, SIDE²].
        frames: in how many pictures.
    """

    thumbnails: list[FloatArray] = field(default_factory=list)
    frames: int = 0

    def agreement(self, thumbnail: FloatArray) -> float:
        """The best correlation of a thumbnail with this person's."""
        return max((float(thumbnail @ other) for other in self.thumbnails), default=-1.0)

    def remember(self, thumbnail: FloatArray) -> None:
        """Keep a thumbnail that differs from those there are."""
        if self.agreement(thumbnail) < KNOWN:
            self.thumbnails.append(thumbnail)


class Follower:
    """Follows faces through a video, and distinguishes persons. Use it in a ``with`` statement.

    Attributes:
        tracks: how many there were.
        several: at how many checks there was more than one face.
        checks: how many there were.
        is_first: whether the last picture began a track.
    """

    def __init__(self) -> None:
        self.tracks = self.several = self.checks = 0
        self.is_first = False
        self._tracker = MeshTracker()
        self._persons: list[Person] = []
        self._same_as: list[int] = []  # persons who turned out to be an earlier one
        self._who: list[int] = []
        self._now = NOBODY
        self._due = -np.inf
        self._last: tuple[float, FloatArray] | None = None

    def __enter__(self) -> Follower:
        return self

    def __exit__(self, *_: object) -> None:
        self._tracker.__exit__()

    def __call__(self, time: float, picture: RgbImage) -> FloatArray | None:
        """The mesh of a face in the next picture, [478, 3] as `MeshTracker` has it; None where there is none."""
        mesh = self._tracker(picture)
        self.is_first = self._tracker.begins
        if mesh is not None and (self.is_first or time >= self._due):
            mesh = self._check(time, picture, mesh)
        if mesh is None:
            self._now = NOBODY
        else:
            self.tracks += self.is_first
            self._last = (time, mesh)
            self._persons[self._now].frames += 1
        self._who.append(self._now)
        return mesh

    def persons(self) -> npt.NDArray[np.int64]:
        """Who was seen in each picture so far: 0 the participant, then the others by frames; `NOBODY`."""
        who = np.array([self._root(person) for person in self._who], dtype=np.int64)
        found, first, count = np.unique(who[who != NOBODY], return_index=True, return_counts=True)
        ranks = {int(found[i]): rank for rank, i in enumerate(np.lexsort((first, -count)))}
        return np.array([ranks.get(int(person), NOBODY) for person in who], dtype=np.int64)

    def _check(self, time: float, picture: RgbImage, mesh: FloatArray) -> FloatArray | None:
        """Find out whose face this is; where it isn't the participant's so far, and there are others, try those."""
        self._due = time + CHECK_INTERVAL_S
        self.checks += 1
        boxes = self._tracker.faces(picture)[:MAX_FACES]
        self.several += len(boxes) > 1
        thumbnail = thumbnail_of(picture, mesh)
        wanted = self._most_seen()
        is_wanted = wanted is not None and wanted.agreement(thumbnail) >= SAME
        if len(boxes) > 1 and not is_wanted:
            mesh, thumbnail = self._try_others(picture, mesh, thumbnail, boxes, wanted)
        if self.is_first:
            self._now = self._recognised(time, mesh, thumbnail)
        else:
            self._compare(thumbnail)
        self._now = self._root(self._now)
        self._persons[self._now].remember(thumbnail)
        return mesh

    def _compare(self, thumbnail: FloatArray) -> None:
        """Compare a later thumbnail: the track may be an earlier person's, or have moved to another face."""
        now = self._root(self._now)
        other = next((i for i in self._roots() if i != now and self._persons[i].agreement(thumbnail) >= SAME), None)
        if other is None:
            return
        if self._persons[now].agreement(thumbnail) >= SAME:
            self._merge(now, other)
        else:
            self._now, self.is_first = other, True

    def _try_others(
        self, picture: RgbImage, mesh: FloatArray, thumbnail: FloatArray, boxes: FloatArray, wanted: Person | None
    ) -> tuple[FloatArray, FloatArray]:
        """The participant's face among several; without one, the largest at first, later the one followed so far."""
        here = _box_of(mesh, boxes)
        order = [i for i in range(len(boxes) if wanted else 1) if i != here]
        for i in order:
            found = self._tracker.follow_box(picture, i, boxes)
            if found is None:
                continue
            seen = thumbnail_of(picture, found)
            if wanted is None or wanted.agreement(seen) >= SAME:
                self.is_first = True
                return found, seen
        if order:
            back = self._tracker.follow_box(picture, here, boxes)
            mesh = mesh if back is None else back
        return mesh, thumbnail

    def _recognised(self, time: float, mesh: FloatArray, thumbnail: FloatArray) -> int:
        """The person of a track that begins; a new one where it is nobody's."""
        roots = self._roots()
        agreed = [self._persons[i].agreement(thumbnail) for i in roots]
        best = int(np.argmax(agreed)) if roots else 0
        if roots and agreed[best] >= SAME:
            return roots[best]
        before = next((who for who in reversed(self._who) if who != NOBODY), NOBODY)
        was_lost = bool(self._who) and self._who[-1] == NOBODY
        if was_lost and before != NOBODY and self._is_regained(time, mesh):
            person = self._root(before)
            if self._persons[person].agreement(thumbnail) >= NEARLY_SAME:
                return person
        self._persons.append(Person())
        self._same_as.append(len(self._persons) - 1)
        return len(self._persons) - 1

    def _is_regained(self, time: float, mesh: FloatArray) -> bool:
        if self._last is None or time - self._last[0] > REGAINED_S:
            return False
        before = self._last[1]
        size, was = np.ptp(mesh[:, 0]), np.ptp(before[:, 0])
        away = np.linalg.norm((mesh - before)[:, :2].mean(axis=0))
        return bool(away < NEAR * was and abs(size / was - 1) < NEAR)

    def _most_seen(self) -> Person | None:
        roots = self._roots()
        return self._persons[max(roots, key=lambda i: (self._persons[i].frames, -i))] if roots else None

    def _roots(self) -> list[int]:
        return [i for i, same in enumerate(self._same_as) if i == same]

    def _root(self, person: int) -> int:
        while person != NOBODY and self._same_as[person] != person:
            person = self._same_as[person]
        return person

    def _merge(self, one: int, other: int) -> None:
        if one == other:
            return
        first, second = sorted((one, other))
        self._same_as[second] = first
        for thumbnail in self._persons[second].thumbnails:
            self._persons[first].remember(thumbnail)
        self._persons[first].frames += self._persons[second].frames


def thumbnail_of(picture: RgbImage, mesh: FloatArray) -> FloatArray:
    """The thumbnail of a face: [SIDE²], float32, mean 0, length 1.

    Args:
        picture: [height, width, 3].
        mesh: [478, 3], pixels.
    """
    from PIL import Image

    points = landmarks.from_mesh(mesh)[:, :2]
    there = np.stack(
        [
            points[[landmarks.RIGHT_EYE_OUTER, landmarks.RIGHT_EYE_INNER]].mean(axis=0),
            points[[landmarks.LEFT_EYE_INNER, landmarks.LEFT_EYE_OUTER]].mean(axis=0),
            points[list(landmarks.INNER_LIP)].mean(axis=0),
        ]
    )
    here = np.concatenate([np.array([_EYE_RIGHT, _EYE_LEFT, _MOUTH]) * _OVER, np.ones((3, 1))], axis=1)
    if abs(np.linalg.det(np.concatenate([there, np.ones((3, 1))], axis=1))) < 1.0:  # seen from the side: a line
        return np.zeros(SIDE * SIDE, dtype=np.float32)
    affine = np.linalg.solve(here, there).T
    fine = Image.fromarray(picture).transform(
        (SIDE * _OVER, SIDE * _OVER), Image.Transform.AFFINE, tuple(affine.ravel()), Image.Resampling.BILINEAR
    )
    grey = np.asarray(fine.convert("L").reduce(_OVER), dtype=np.float32).ravel()
    grey -= grey.mean()
    length = float(np.linalg.norm(grey))
    return grey / length if length > 0 else grey


def _box_of(mesh: FloatArray, boxes: FloatArray) -> int:
    """Which of the boxes a mesh is in: the one whose middle is nearest."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    return int(np.argmin(np.linalg.norm(middles - mesh[:, :2].mean(axis=0), axis=1)))
