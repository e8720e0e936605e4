"""The participant's face, followed through a video with the face mesh: landmarks, head pose, gaze, movements.

A frame without a face keeps its time stamp, and its row is ``nan``; so is that of another person's face (`persons`) and
of one that can't be trusted (`trust`). The columns are those of `smfl.features.face.columns`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.features.face import gaze, landmarks, persons, pose, trust
from smfl.features.face.columns import AXES, BLOCK, COLUMNS, SPEEDS, frame_values
from smfl.features.recording.growing_array import GrowingArray
from smfl.features.recording.pictures import read_pictures
from smfl.features.recording.prefetch import prefetched
from smfl.features.segments import union
from smfl.interview import Entry, FloatArray, RecordingError, Segment, Signal

Progress = Callable[[float], None]
"""Called with how many seconds of the recording are done."""


LEAD_S = 0.2
"""So much before a stretch is measured too: the mesh is steady when it begins, and speeds have a frame before."""

LISTED_INSTANTS = 5
"""The ledger lists so many instants, and says how many more there were."""


@dataclass(frozen=True, eq=False)
class FollowedFace:
    """A face that was followed through a video.

    Args:
        signal: the columns, ``nan`` where the participant's face wasn't seen or can't be trusted.
        confidence: of each frame, 0 to 1, `trust`; ``nan`` without a face.
        persons: whose face each frame shows: 0 the participant, 1, 2, … others, -1 nobody's.
        begins: which frames begin a track.
        several: share of the checks, one a second, at which there was more than one face.
        faults: what is wrong with the recording, in words.
    """

    signal: Signal
    confidence: FloatArray
    persons: npt.NDArray[np.int64]
    begins: npt.NDArray[np.bool_]
    several: float
    faults: tuple[str, ...] = ()

    @property
    def seen(self) -> float:
        """Share of frames in which the participant's face was seen well enough, 0 to 1."""
        return float(np.isfinite(self.signal.values).any(axis=1).mean())

    @property
    def tracks(self) -> int:
        """Into how many pieces the participant's face was followed."""
        return int((self.begins & (self.persons == 0)).sum())

    @property
    def switches(self) -> FloatArray:
        """The instants at which the face became another person's, s."""
        times, shown = self.signal.times, np.flatnonzero(self.persons >= 0)
        assert times is not None
        changed = np.flatnonzero(np.diff(self.persons[shown])) + 1
        switches: FloatArray = times[shown[changed]]
        return switches

    def entries(self, interview: str, where: str = "") -> tuple[Entry, ...]:
        """Lines for the ledger."""
        lines = [("missing", what, "") for what in self.faults]
        frames = len(self.signal)
        lines.append(("noted", f"face seen in {self.seen:.1%} of {frames} frames, in {self.tracks} track(s)", ""))
        others = int((self.persons > 0).sum())
        if others:
            instants = ", ".join(f"{time:.1f}" for time in self.switches[:LISTED_INSTANTS])
            more = f" and {len(self.switches) - LISTED_INSTANTS} more" if len(self.switches) > LISTED_INSTANTS else ""
            what = f"{others} frames of {int(self.persons.max())} other face(s); the face changes at {instants} s{more}"
            lines.append(("missing", what, "the participant is the person who is seen in most frames"))
        if self.several > 0:
            what = f"more than one face at {self.several:.0%} of the checks"
            lines.append(("noted", what, "the one who is seen in most frames is followed; the largest at first"))
        doubted = int((self.confidence[self.persons == 0] < trust.MIN_CONFIDENCE).sum())
        if doubted:
            why = "too small, at the picture's edge, turned away or jerking; see smfl.features.face.trust"
            lines.append(("missing", f"{doubted} frames of the face can't be trusted", why))
        return tuple(Entry(interview, action, what, where, why) for action, what, why in lines)


def measure_face(
    path: Path | str, *, rate_hz: float | None = None, everyone: bool = False, progress: Progress | None = None
) -> Signal:
    """Measure the participant's face in every picture of a video, with the face mesh; see `follow_face`.

    Args:
        path: a video file.
        rate_hz: measure at most this many pictures a second; None: all.
        everyone: also the rows of other persons' faces.
        progress: called with the seconds done, picture by picture.

    Returns:
        ``video``, columns `COLUMNS`, float32; its rate is the median of what the time stamps say.
    """
    return follow_face(path, rate_hz=rate_hz, everyone=everyone, progress=progress).signal


def follow_face(
    path: Path | str,
    *,
    rate_hz: float | None = None,
    within: Sequence[Segment] | None = None,
    everyone: bool = False,
    progress: Progress | None = None,
) -> FollowedFace:
    """Follow the participant's face through a video, with the face mesh, picture by picture.

    Pictures are decoded in a thread of their own while the mesh is fitted to those before. Memory holds the rows of the
    result and little else.

    Args:
        path: a video file.
        rate_hz: measure at most this many pictures a second; None: all.
        within: only what lies in these stretches is measured, such as the participant's sentences; the person seen most
            is decided by them; None: all.
        everyone: also the rows of other persons' faces, which are ``nan`` else.
        progress: called with the seconds done, picture by picture.

    Returns:
        The face, a row a picture, and facts about it.

    Raises:
        RecordingError: where the file can't be read or has no video, or holds a single picture.
        MissingExtraError: where PyAV or mediapipe isn't installed.
    """
    faults: list[str] = []
    stretches = None if within is None else with_lead(within)
    times: list[float] = []
    begins: list[bool] = []
    rows = _Rows()
    decoded = prefetched(read_pictures(path, rate_hz, within=stretches, note=faults.append))
    with persons.Follower() as follow, closing(decoded) as pictures:
        for time, picture in pictures:
            mesh = follow(time, picture)
            begins.append(mesh is not None and follow.is_first)
            rows.add(time, mesh, picture.shape[:2], is_first=begins[-1])
            times.append(time)
            if progress is not None:
                progress(time)
        who = follow.persons()
        several = follow.several / max(follow.checks, 1)
    if len(times) < 2:
        if stretches is not None:
            raise RecordingError(f"{path}: fewer than two pictures lie in the participant's sentences")
        raise RecordingError(f"{path}: holds a single picture; a face is followed through a video")
    values, confidence, clock = rows.values(), rows.confidence(), np.array(times)
    if not everyone:
        values[who != 0] = np.nan
    steps = np.diff(clock)
    rate = round(float(1.0 / np.median(steps[steps > 0])), 3)
    signal = Signal("video", COLUMNS, values, clock, rate)
    return FollowedFace(signal, confidence, who, np.array(begins), several, tuple(faults))


def with_lead(stretches: Sequence[Segment]) -> tuple[Segment, ...]:
    """Stretches in time order, each begun `LEAD_S` earlier; those that then overlap are one.

    Example:
        >>> [(s.start, s.stop) for s in with_lead([Segment(4.0, 5.0), Segment(1.0, 2.0), Segment(2.1, 3.0)])]
        [(0.8, 3.0), (3.8, 5.0)]
    """
    return union(Segment(max(one.start - LEAD_S, 0.0), one.stop) for one in stretches)


class _Rows:
    """Rows made of meshes, a block at a time; the last frame of a block is kept for the speeds of the next one."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._points: list[FloatArray] = []
        self._eyes: list[FloatArray] = []
        self._inside: list[float] = []
        self._first: list[bool] = []
        self._values = GrowingArray(len(COLUMNS))
        self._confidence: list[FloatArray] = []
        self._is_later = False

    def add(self, time: float, mesh: FloatArray | None, shape: tuple[int, ...], *, is_first: bool) -> None:
        """Take the next frame's mesh, of a picture of this height and width."""
        if mesh is None:
            mesh = np.full((landmarks.MESH_POINTS, len(AXES)), np.nan)
        x, y = mesh[:, 0], mesh[:, 1]
        self._inside.append(float(((x >= 0) & (y >= 0) & (x < shape[1]) & (y < shape[0])).mean()))
        self._times.append(time)
        self._points.append(landmarks.from_mesh(mesh).astype(np.float32))
        self._eyes.append(mesh[np.array(gaze.MESH_EYES)].astype(np.float32))
        self._first.append(is_first)
        if len(self._times) > BLOCK:
            self._flush()

    def values(self) -> FloatArray:
        """All rows, [T, columns]."""
        self._flush()
        return self._values.rows

    def confidence(self) -> FloatArray:
        """Of all rows, [T]."""
        return np.concatenate(self._confidence) if self._confidence else np.empty(0)

    def _flush(self) -> None:
        if len(self._times) <= self._is_later:
            return
        times, points, first = np.array(self._times), np.stack(self._points), np.array(self._first)
        confidence = trust.confidence(points, np.array(self._inside), times, first)
        points[~(confidence >= trust.MIN_CONFIDENCE)] = np.nan
        rotations = pose.fit(points)
        gaze_angles = gaze.from_eyes(np.stack(self._eyes), rotations)
        values = frame_values(points, rotations, pose.angles(rotations), gaze_angles, times)
        values[np.ix_(first, np.array(SPEEDS))] = np.nan  # between two faces, or two places
        done = int(self._is_later)
        self._values.add(values[done:])
        self._confidence.append(confidence[done:])
        for part in (self._times, self._points, self._eyes, self._inside, self._first):
            del part[:-1]
        self._is_later = True
