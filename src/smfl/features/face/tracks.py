"""The face in each picture of a video: landmarks, head pose, gaze, movements.

There are two sources and one set of columns. `extract` measures a video with the face mesh; `from_openface` reads what
OpenFace measured. Landmarks are normalised per frame (method §1: translation, scale, rotation by head pose), so that
neither the camera's distance nor where the head turns is in them. A frame whose face was lost keeps its time stamp;
its row is ``nan``; so is that of another person's face (`persons`) and of one that can't be trusted (`trust`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.features.face import gaze, landmarks, persons, pose, proxies, trust
from smfl.features.recording import media as recording
from smfl.features.recording.growing_array import Gathered
from smfl.features.recording.prefetch import ahead
from smfl.interview import Entry, FeatureError, FloatArray, RecordingError, Segment, Signal

AXES = ("x", "y", "z")

LANDMARK_COLUMNS = tuple(f"landmark_{i}_{axis}" for i in range(landmarks.LANDMARKS) for axis in AXES)
"""The 68 landmarks of the frontal face, eye distances; x rightwards in the picture, y down, z away from the camera."""

COLUMNS: tuple[str, ...] = (*LANDMARK_COLUMNS, *pose.ANGLES, *gaze.ANGLES, *proxies.MOVEMENTS)
"""Every column of ``video``: landmarks (eye distances), head pose (rad), gaze (rad), movements (see `proxies`)."""

SPEEDS = tuple(i for i, name in enumerate(COLUMNS) if name.endswith("_speed"))
"""Where the columns are that compare a frame with the one before."""

EXTRACTOR = "face-common"
"""The name of these columns in a feature schema."""

ACTION_UNIT = re.compile(r"AU\d{2}(_[rc])?")

OPENFACE_LANDMARKS = tuple(f"{axis}_{i}" for i in range(landmarks.LANDMARKS) for axis in ("X", "Y", "Z"))
OPENFACE_GAZE = tuple(f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in AXES)
OPENFACE_SUCCESS = "success"

Progress = Callable[[float], None]
"""Told how many seconds of the recording are done."""


LEAD_S = 0.2
"""So much before a stretch is looked at too: the mesh has settled when it begins, and speeds have a frame before."""

BLOCK = 1024
"""So many frames at a time become rows: memory holds the meshes of these, and rows of all."""

TOLD = 5
"""The ledger tells so many instants, and how many more there were."""


@dataclass(frozen=True, eq=False)
class Watched:
    """A face that was followed through a video.

    Args:
        signal: the columns, ``nan`` where the participant's face wasn't seen or can't be trusted.
        confidence: of each frame, 0 to 1, `trust`; ``nan`` without a face.
        persons: whose face each frame shows: 0 the participant, 1, 2, … others, -1 nobody's.
        begins: which frames begin a track.
        several: share of the looks, one a second, at which there was more than one face.
        amiss: what the recording's reading told.
    """

    signal: Signal
    confidence: FloatArray
    persons: npt.NDArray[np.int64]
    begins: npt.NDArray[np.bool_]
    several: float
    amiss: tuple[str, ...] = ()

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
        """What the ledger tells of it."""
        told = [("missing", what, "") for what in self.amiss]
        frames = len(self.signal)
        told.append(("noted", f"face seen in {self.seen:.1%} of {frames} frames, in {self.tracks} track(s)", ""))
        others = int((self.persons > 0).sum())
        if others:
            instants = ", ".join(f"{time:.1f}" for time in self.switches[:TOLD])
            more = f" and {len(self.switches) - TOLD} more" if len(self.switches) > TOLD else ""
            what = f"{others} frames of {int(self.persons.max())} other face(s); the face changes at {instants} s{more}"
            told.append(("missing", what, "the participant is the person who is seen in most frames"))
        if self.several > 0:
            what = f"more than one face at {self.several:.0%} of the looks"
            told.append(("noted", what, "the one who is seen in most frames is followed; the largest at first"))
        doubted = int((self.confidence[self.persons == 0] < trust.LEAST_CONFIDENCE).sum())
        if doubted:
            why = "too small, at the picture's edge, turned away or jerking; see smfl.features.face.trust"
            told.append(("missing", f"{doubted} frames of the face can't be trusted", why))
        return tuple(Entry(interview, action, what, where, why) for action, what, why in told)


def extract(
    path: Path | str, *, rate_hz: float | None = None, everyone: bool = False, progress: Progress | None = None
) -> Signal:
    """Measure the participant's face in every picture of a video, with the face mesh; see `watch`.

    Args:
        path: a video file.
        rate_hz: measure at most this many pictures a second; None: all.
        everyone: also the rows of other persons' faces.
        progress: called with the seconds done, picture by picture.

    Returns:
        ``video``, columns `COLUMNS`, float32; its rate is the median of what the time stamps say.
    """
    return watch(path, rate_hz=rate_hz, everyone=everyone, progress=progress).signal


def watch(
    path: Path | str,
    *,
    rate_hz: float | None = None,
    within: Sequence[Segment] | None = None,
    everyone: bool = False,
    progress: Progress | None = None,
) -> Watched:
    """Follow the participant's face through a video, with the face mesh, picture by picture.

    Pictures are decoded in a thread of their own while the mesh looks at those before. Memory holds the rows of the
    result and little else.

    Args:
        path: a video file.
        rate_hz: measure at most this many pictures a second; None: all.
        within: only what lies in these stretches is measured, such as the participant's sentences; who is seen most is
            told from them; None: all.
        everyone: also the rows of other persons' faces, which are ``nan`` else.
        progress: called with the seconds done, picture by picture.

    Returns:
        The face, a row a picture, and what is to be said of it.

    Raises:
        RecordingError: where the file can't be read or has no video, or holds a single picture.
        MissingExtraError: where PyAV or mediapipe isn't installed.
    """
    amiss: list[str] = []
    stretches = None if within is None else merged(within)
    times: list[float] = []
    begins: list[bool] = []
    rows = _Rows()
    decoded = ahead(recording.frames(path, rate_hz, within=stretches, note=amiss.append))
    with persons.Follower() as follow, closing(decoded) as pictures:
        for time, picture in pictures:
            mesh = follow(time, picture)
            begins.append(mesh is not None and follow.is_first)
            rows.add(time, mesh, picture.shape[:2], is_first=begins[-1])
            times.append(time)
            if progress is not None:
                progress(time)
        who = follow.persons()
        several = follow.several / max(follow.looks, 1)
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
    return Watched(signal, confidence, who, np.array(begins), several, tuple(amiss))


def merged(stretches: Sequence[Segment]) -> list[Segment]:
    """Stretches in time order, each begun `LEAD_S` earlier; those that then meet are one.

    Example:
        >>> [(s.start, s.stop) for s in merged([Segment(4.0, 5.0), Segment(1.0, 2.0), Segment(2.1, 3.0)])]
        [(0.8, 3.0), (3.8, 5.0)]
    """
    found: list[Segment] = []
    for one in sorted(stretches, key=lambda s: s.start):
        start = max(one.start - LEAD_S, 0.0)
        if found and start <= found[-1].stop:
            found[-1] = Segment(found[-1].start, max(found[-1].stop, one.stop))
        else:
            found.append(Segment(start, one.stop))
    return found


class _Rows:
    """Rows made of meshes, a block at a time; the last frame of a block is looked back at by the next one's speeds."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._points: list[FloatArray] = []
        self._eyes: list[FloatArray] = []
        self._inside: list[float] = []
        self._first: list[bool] = []
        self._values = Gathered(len(COLUMNS))
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
        points[~(confidence >= trust.LEAST_CONFIDENCE)] = np.nan
        rotations = pose.fit(points)
        looks = gaze.from_eyes(np.stack(self._eyes), rotations)
        values = _values(points, rotations, pose.angles(rotations), looks, times)
        values[np.ix_(first, np.array(SPEEDS))] = np.nan  # between two faces, or two places
        done = int(self._is_later)
        self._values.add(values[done:])
        self._confidence.append(confidence[done:])
        for part in (self._times, self._points, self._eyes, self._inside, self._first):
            del part[:-1]
        self._is_later = True


def from_openface(signal: Signal) -> Signal:
    """The same columns from what OpenFace measured.

    Read are the landmarks ``X_0`` … ``Z_67`` (mm), ``pose_Rx`` … ``pose_Rz`` (rad), and ``gaze_angle_x``,
    ``gaze_angle_y`` (rad) or, where those aren't there, the gaze vectors ``gaze_0_x`` … ``gaze_1_z``. A group that
    isn't there is ``nan``; the pose can be had from the landmarks. Landmarks are turned to the front by the same fit as
    the mesh's: one code path for both sources. Rows with ``success`` 0 are ``nan``.

    Args:
        signal: columns in OpenFace's naming, at frame level.

    Returns:
        ``video``, columns `COLUMNS`, float32, with the same time stamps.

    Raises:
        FeatureError: where the signal has no time stamps, or none of these groups.
    """
    if signal.times is None or signal.rate_hz is None:
        raise FeatureError(f"{signal.name}: OpenFace's rows need time stamps; the column 'timestamp' has them")
    groups = (OPENFACE_LANDMARKS, pose.ANGLES, gaze.ANGLES, OPENFACE_GAZE)
    if not any(set(group) <= set(signal.columns) for group in groups):
        raise FeatureError(
            f"{signal.name}: none of OpenFace's landmarks (X_0 … Z_67), head pose (pose_Rx …) or gaze (gaze_0_x …) "
            f"is among its columns: {', '.join(signal.columns[:6])}, …; names are case-sensitive"
        )
    values = np.empty((len(signal), len(COLUMNS)), dtype=np.float32)
    for start in range(0, len(signal), BLOCK):  # speeds look back at the frame before a block
        begin, stop = max(start - 1, 0), start + BLOCK
        block = replace(signal, values=signal.values[begin:stop], times=signal.times[begin:stop])
        values[start:stop] = _of_openface(block)[start - begin :]
    return Signal("video", COLUMNS, values, signal.times, signal.rate_hz)


def _of_openface(signal: Signal) -> FloatArray:
    """All of `COLUMNS` of a block of OpenFace's rows."""
    points, angles = _group(signal, OPENFACE_LANDMARKS), _group(signal, pose.ANGLES)
    gaze_angles, vectors = _group(signal, gaze.ANGLES), _group(signal, OPENFACE_GAZE)
    rows = len(signal)
    faces = np.full((rows, landmarks.LANDMARKS, 3), np.nan) if points is None else points.reshape(rows, -1, 3)
    fitted = pose.fit(faces)
    if gaze_angles is None:
        both = np.full((rows, 3), np.nan) if vectors is None else vectors.reshape(rows, 2, 3).mean(axis=1)
        gaze_angles = gaze.angles(both)
    clock = np.empty(0) if signal.times is None else signal.times
    return _values(faces, fitted, pose.angles(fitted) if angles is None else angles, gaze_angles, clock)


def has_landmarks(signal: Signal) -> bool:
    """Whether what OpenFace measured holds its 68 landmarks in 3-D."""
    return set(OPENFACE_LANDMARKS) <= set(signal.columns) and bool(
        np.isfinite(signal.select(OPENFACE_LANDMARKS).values).any()
    )


def action_units(signal: Signal) -> Signal:
    """The action units of what a tool measured.

    OpenFace's are intensities ``AU01_r`` … (0 to 5) and presences ``AU01_c`` … (0 or 1), py-feat's probabilities
    ``AU01`` … (0 to 1). Which there are depends on the tool's version; they are found by name.

    Raises:
        FeatureError: where there is none.

    Example:
        >>> wide = Signal("openface", ("confidence", "AU12_r"), np.ones((2, 2), "f4"), np.arange(2.0), 30.0)
        >>> action_units(wide).columns
        ('AU12_r',)
    """
    found = tuple(name for name in signal.columns if ACTION_UNIT.fullmatch(name))
    if not found:
        raise FeatureError(f"{signal.name}: no action unit (AU01_r, AU12_c, …) among its {len(signal.columns)} columns")
    units = signal.select(found)
    values = np.where(_failed(signal)[:, None], np.nan, units.values).astype(np.float32)
    return Signal("video", found, values, signal.times, signal.rate_hz)


def _values(
    points: FloatArray, rotations: FloatArray, angles: FloatArray, gaze_angles: FloatArray, times: FloatArray
) -> FloatArray:
    """All of `COLUMNS`, [T, columns], from landmarks as seen by the camera [T, 68, 3]: the one path of both sources."""
    faces = pose.frontal(points, rotations)
    movements = proxies.movements(faces, pose.rotation(angles), times)
    return np.concatenate(
        [faces.reshape(len(faces), -1), angles, gaze_angles, movements], axis=1, dtype=np.float32, casting="same_kind"
    )


def _group(signal: Signal, columns: tuple[str, ...]) -> FloatArray | None:
    """These columns as float64, with failed rows ``nan``; None where one of them isn't there."""
    if not set(columns) <= set(signal.columns):
        return None
    values = signal.select(columns).values.astype(np.float64)
    values[_failed(signal)] = np.nan
    return values


def _failed(signal: Signal) -> npt.NDArray[np.bool_]:
    """Rows that OpenFace itself calls failed: their values are zero or those of an earlier frame (OpenFace#425)."""
    if OPENFACE_SUCCESS not in signal.columns:
        return np.zeros(len(signal), dtype=bool)
    return np.asarray(signal.select((OPENFACE_SUCCESS,)).values[:, 0] == 0)
