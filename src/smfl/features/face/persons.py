"""Whose face it is: the participant is the person who is seen most.

mediapipe follows one face, whoever's it is. Here tracks are assigned to persons, so that the interviewer who leans in,
or whom the camera is cut to, isn't mixed in. What was decided:

- A **look** at a face is a grey thumbnail of 24 × 24 pixels, turned and scaled by eyes and mouth, hair and chin
  included, less its mean, scaled to length 1. Two looks agree by their correlation. On eight recorded people the looks
  of one person agree by 0.96 and more with an earlier one while they talk, 0.76 where one turns and moves about; those
  of two people by 0.75 at most. From `SAME` on they are one person's. It distinguishes people within one recording, in
  its light, and nobody anywhere else; looks are deleted with the last picture.
- A face is looked at where a track begins and once in `LOOK_S`. A track whose looks agree with an earlier person's is
  that person's. One that begins where and as large as the last one was lost, some pictures later and within
  `REGAINED_S`, needs `NEARLY_SAME` only; right after, it is a cut, and people are filmed at the same place. Where a
  track's later look is like its own person's and an earlier one's, the two are one; where it is like the earlier one's
  only, the track slid from face to face, and a new one begins.
  Of 56 cuts from one of eight people to another and back, all were seen; of eight people lost for 0.4 s, and for 4 s,
  all were found again as the same.
- The **participant** is the person with the most frames, the earliest of equals. Frames of others are missing.
- At every look the faces in the picture are counted by mediapipe's detector (1 ms). Where there are several and the
  participant so far isn't the one that is followed, each is tried, the others covered. At the very first, the largest
  is followed. So one face costs one detector's run a second; of two people who are both seen all the time, the one
  followed first is taken, and the ledger says that there were two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from smfl.features.face import landmarks
from smfl.features.face.mesh import MeshTracker
from smfl.features.recording.pictures import RgbImage
from smfl.interview import FloatArray

LOOK_S = 1.0
SAME, NEARLY_SAME = 0.8, 0.7
REGAINED_S = 2.0
NEAR = 0.5
"""A face that is regained lies no farther away than this share of its size, and is no other size by more."""

KNOWN = 0.95
"""A look that agrees so well with one that a person has already isn't kept."""

SIDE = 24
MAX_FACES = 4
NOBODY = -1

_EYE_RIGHT, _EYE_LEFT, _MOUTH = (8.25, 8.5), (15.75, 8.5), (12.0, 16.0)
"""Where the middles of eyes and mouth come to lie in a thumbnail."""

_OVER = 4
"""A thumbnail is sampled so many times finer, then averaged."""


@dataclass
class Person:
    """A person in the pictures.

    Args:
        looks: that differ, [n, SIDE²].
        frames: in how many pictures.
    """

    looks: list[FloatArray] = field(default_factory=list)
    frames: int = 0

    def agreement(self, look: FloatArray) -> float:
        """The best correlation of a look with this person's."""
        return max((float(look @ other) for other in self.looks), default=-1.0)

    def remember(self, look: FloatArray) -> None:
        """Keep a look that isn't like those there are."""
        if self.agreement(look) < KNOWN:
            self.looks.append(look)


class Follower:
    """Follows faces through a video, and distinguishes persons. Use it in a ``with`` statement.

    Attributes:
        tracks: how many there were.
        several: at how many looks there was more than one face.
        looks: how often was looked.
        is_first: whether the last picture began a track.
    """

    def __init__(self) -> None:
        self.tracks = self.several = self.looks = 0
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
            mesh = self._look(time, picture, mesh)
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

    def _look(self, time: float, picture: RgbImage, mesh: FloatArray) -> FloatArray | None:
        """Look whose face this is; where it isn't the participant's so far, and there are others, try those."""
        self._due = time + LOOK_S
        self.looks += 1
        boxes = self._tracker.faces(picture)[:MAX_FACES]
        self.several += len(boxes) > 1
        look = thumbnail(picture, mesh)
        wanted = self._most_seen()
        is_wanted = wanted is not None and wanted.agreement(look) >= SAME
        if len(boxes) > 1 and not is_wanted:
            mesh, look = self._try_others(picture, mesh, look, boxes, wanted)
        if self.is_first:
            self._now = self._recognised(time, mesh, look)
        else:
            self._compare(look)
        self._now = self._root(self._now)
        self._persons[self._now].remember(look)
        return mesh

    def _compare(self, look: FloatArray) -> None:
        """A later look of a track: it may show whose it has been all along, or that it slid to another face."""
        now = self._root(self._now)
        other = next((i for i in self._roots() if i != now and self._persons[i].agreement(look) >= SAME), None)
        if other is None:
            return
        if self._persons[now].agreement(look) >= SAME:
            self._merge(now, other)
        else:
            self._now, self.is_first = other, True

    def _try_others(
        self, picture: RgbImage, mesh: FloatArray, look: FloatArray, boxes: FloatArray, wanted: Person | None
    ) -> tuple[FloatArray, FloatArray]:
        """The participant's face among several; the largest where nobody has been seen yet; else the one there was."""
        here = _box_of(mesh, boxes)
        order = [i for i in range(len(boxes) if wanted else 1) if i != here]
        for i in order:
            found = self._tracker.follow_box(picture, i, boxes)
            if found is None:
                continue
            seen = thumbnail(picture, found)
            if wanted is None or wanted.agreement(seen) >= SAME:
                self.is_first = True
                return found, seen
        if order:
            back = self._tracker.follow_box(picture, here, boxes)
            mesh = mesh if back is None else back
        return mesh, look

    def _recognised(self, time: float, mesh: FloatArray, look: FloatArray) -> int:
        """The person of a track that begins; a new one where it is nobody's."""
        roots = self._roots()
        agreed = [self._persons[i].agreement(look) for i in roots]
        best = int(np.argmax(agreed)) if roots else 0
        if roots and agreed[best] >= SAME:
            return roots[best]
        before = next((who for who in reversed(self._who) if who != NOBODY), NOBODY)
        was_lost = bool(self._who) and self._who[-1] == NOBODY
        if was_lost and before != NOBODY and self._is_regained(time, mesh):
            person = self._root(before)
            if self._persons[person].agreement(look) >= NEARLY_SAME:
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
        for look in self._persons[second].looks:
            self._persons[first].remember(look)
        self._persons[first].frames += self._persons[second].frames


def thumbnail(picture: RgbImage, mesh: FloatArray) -> FloatArray:
    """A look at a face: [SIDE²], float32, mean 0, length 1.

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
