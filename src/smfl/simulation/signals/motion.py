"""How a face moves during an interview: smiles, speech, blinks, gaze, head, and what the tracker makes of it.

The latent markers set the mean of each sentence (in the participant's sentences; elsewhere the participant's habit):

    smile (AU 12 intensity)  softplus(0.6 + 0.6 x)           gaze lowered   0.10 + 0.045 x rad
    head lowered (pose_Rx)   0.05 + 0.05 x rad

Around them the frames move: smiles come and go, from nearly none to twice their mean, so that they show against any
mouth's width; the head nods and sways, the eyes dart, the mouth opens with speech.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from smfl.simulation.conversation.timeline import Timeline
from smfl.simulation.model import BoolArray, Latent
from smfl.simulation.signals.face import FloatArray, draw_shape, render

SMILE_REST, SMILE_UNIT = 0.6, 0.6
SMILES_A_SECOND, SMILE_SWING = 0.5, 0.85
GAZE_REST, GAZE_UNIT = 0.10, 0.045
HEAD_REST, HEAD_UNIT = 0.05, 0.05
BLINKS_A_SECOND, BLINK_SECONDS = 0.28, 0.25
VERGENCE = 0.11
LOST_A_MINUTE = 0.6
TRANSITION_SECONDS = 0.25


@dataclass(frozen=True, eq=False, slots=True)
class FaceMotion:
    """A tracked face over time, n frames; ``nan`` where it was lost.

    Args:
        times: s, [n].
        smile: AU 12 intensity, 0 to 5, [n].
        mouth_open: mm, [n].
        brow_raise: mm, [n].
        blink: share closed, [n].
        landmarks: mm, camera coordinates, [n, 68, 3].
        gaze: unit vectors of both eyes, camera coordinates, [n, 2, 3].
        translation: head position, mm, [n, 3].
        angles: pose Rx, Ry, Rz, rad, [n, 3].
        confidence: 0 to 1, [n].
        success: whether the face was found, [n].
    """

    times: FloatArray
    smile: FloatArray
    mouth_open: FloatArray
    brow_raise: FloatArray
    blink: FloatArray
    landmarks: FloatArray
    gaze: FloatArray
    translation: FloatArray
    angles: FloatArray
    confidence: FloatArray
    success: BoolArray


def wander(rng: np.random.Generator, n: int, *, rate: float, seconds: float, sd: float) -> FloatArray:
    """A stationary random motion (first-order autoregressive) that forgets within ``seconds``, [n]."""
    from scipy.signal import lfilter

    keep = float(np.exp(-1 / (rate * seconds)))
    noise = rng.standard_normal(n) * np.sqrt(1 - keep**2)
    noise[:1] = rng.standard_normal(min(n, 1))
    return np.asarray(sd * lfilter([1.0], [1.0, -keep], noise), dtype=np.float64)


def smooth(track: FloatArray, *, rate: float, seconds: float) -> FloatArray:
    """The running mean over ``seconds``, [n]."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(track, max(1, round(rate * seconds)), mode="nearest"), dtype=np.float64)


def by_sentence(times: FloatArray, timeline: Timeline, values: FloatArray, habit: float) -> FloatArray:
    """A track that holds each sentence's value during it, and the habit elsewhere, [n]."""
    track = np.full(len(times), habit)
    for utterance, value in zip(timeline.sentences, values, strict=True):
        track[np.searchsorted(times, utterance.start) : np.searchsorted(times, utterance.stop)] = value
    return track


def speaking(times: FloatArray, timeline: Timeline) -> BoolArray:
    """Whether the participant utters words at each instant, pauses left out, [n]."""
    active = np.zeros(len(times), dtype=np.bool_)
    for utterance in timeline.sentences:
        for run in utterance.runs:
            active[np.searchsorted(times, run.start) : np.searchsorted(times, run.stop)] = True
    return active


def _inside(times: FloatArray, timeline: Timeline) -> Iterator[slice]:
    """The instants of each of the participant's sentences that has any."""
    for utterance in timeline.sentences:
        start, stop = (int(np.searchsorted(times, instant)) for instant in (utterance.start, utterance.stop))
        if stop > start:
            yield slice(start, stop)


def centred(track: FloatArray, times: FloatArray, timeline: Timeline) -> FloatArray:
    """The track without most of its mean inside each sentence: motion that hardly changes its level, [n]."""
    out = track.copy()
    for inside in _inside(times, timeline):
        out[inside] -= 0.8 * out[inside].mean()
    return out


def _mean_one(track: FloatArray, times: FloatArray, timeline: Timeline) -> FloatArray:
    """The track over its mean inside each of the participant's sentences, [n]."""
    out = track.copy()
    for inside in _inside(times, timeline):
        out[inside] /= max(float(out[inside].mean()), 0.3)
    return out


def _blinks(rng: np.random.Generator, times: FloatArray) -> FloatArray:
    """Share of the eye that is closed, [n]: blinks of a quarter of a second at random instants."""
    seconds = float(times[-1]) if len(times) else 0.0
    instants = np.sort(rng.uniform(0, seconds, rng.poisson(BLINKS_A_SECOND * seconds)))
    if not len(instants):
        return np.zeros(len(times))
    place = np.searchsorted(instants, times)
    before = np.abs(times - instants[np.clip(place - 1, 0, len(instants) - 1)])
    after = np.abs(times - instants[np.clip(place, 0, len(instants) - 1)])
    return np.asarray(np.clip(1 - np.minimum(before, after) / (BLINK_SECONDS / 2), 0, 1), dtype=np.float64)


def _found(rng: np.random.Generator, times: FloatArray) -> BoolArray:
    """Whether the tracker has the face: it loses it now and then for one to three seconds, [n]."""
    found = np.ones(len(times), dtype=np.bool_)
    seconds = float(times[-1]) if len(times) else 0.0
    for start in rng.uniform(0, seconds, rng.poisson(LOST_A_MINUTE * seconds / 60)):
        stop = start + rng.uniform(0.5, 3.0)
        found[np.searchsorted(times, start) : np.searchsorted(times, stop)] = False
    return found


def move(rng: np.random.Generator, latent: Latent, timeline: Timeline, *, rate: float) -> FaceMotion:
    """Render a participant's face for the whole interview.

    Args:
        rng: source of chance.
        latent: the markers.
        timeline: when the sentences are.
        rate: frames a second.
    """
    shape = draw_shape(rng)
    seat = np.array([rng.normal(0, 25), rng.normal(10, 25), rng.normal(650, 70)])
    n = int(timeline.seconds * rate)
    times = np.arange(n) / rate

    def level(name: str, rest: float, unit: float) -> FloatArray:
        track = by_sentence(times, timeline, latent.marker(name), latent.habit(name))
        return rest + unit * smooth(track, rate=rate, seconds=TRANSITION_SECONDS)

    def motion(seconds: float, sd: float) -> FloatArray:
        return centred(wander(rng, n, rate=rate, seconds=seconds, sd=sd), times, timeline)

    swing = np.cumsum(SMILES_A_SECOND + wander(rng, n, rate=rate, seconds=1.0, sd=0.15)) / rate + rng.random()
    ebb = _mean_one(1 + SMILE_SWING * np.sin(2 * np.pi * swing), times, timeline)
    smile = np.clip(np.logaddexp(0, level("smile", SMILE_REST, SMILE_UNIT)) * ebb, 0, 5)
    active = smooth(speaking(times, timeline).astype(np.float64), rate=rate, seconds=0.15)
    syllables = 0.5 + 0.5 * np.sin(2 * np.pi * np.cumsum(4.5 + wander(rng, n, rate=rate, seconds=0.5, sd=1.0)) / rate)
    mouth_open = active * (2.0 + 6.0 * syllables * np.exp(wander(rng, n, rate=rate, seconds=0.4, sd=0.3)))
    brow_raise = np.logaddexp(0, 3 * (wander(rng, n, rate=rate, seconds=1.0, sd=0.8) - 0.6)) + 0.4 * active
    blink = _blinks(rng, times)

    pitch = level("head lowered", HEAD_REST, HEAD_UNIT) + motion(0.8, 0.03) + 0.02 * active * (syllables - 0.5)
    yaw = rng.normal(0, 0.08) + wander(rng, n, rate=rate, seconds=2.0, sd=0.07)
    roll = rng.normal(0, 0.03) + wander(rng, n, rate=rate, seconds=2.0, sd=0.035)
    angles = np.stack([pitch, yaw, roll], axis=1)
    sway = np.stack([wander(rng, n, rate=rate, seconds=6.0, sd=sd) for sd in (12.0, 6.0, 15.0)], axis=1)
    translation = seat + sway

    down = level("gaze lowered", GAZE_REST, GAZE_UNIT) + motion(0.6, 0.04) + 0.15 * blink
    aside = -0.5 * yaw + wander(rng, n, rate=rate, seconds=0.7, sd=0.07)
    gaze = np.stack([_unit(aside + turned, down) for turned in (VERGENCE, -VERGENCE)], axis=1)
    gaze += rng.normal(0, 0.01, gaze.shape)
    gaze /= np.linalg.norm(gaze, axis=2, keepdims=True)

    expression = np.stack([smile, mouth_open, brow_raise, blink], axis=1)
    landmarks = render(shape, expression, translation, angles) + rng.normal(0, 0.35, (n, len(shape), 3))
    success = _found(rng, times)
    confidence = np.where(success, np.clip(rng.normal(0.96, 0.02, n), 0.82, 0.98), rng.uniform(0, 0.2, n))
    for lost in (landmarks, gaze, translation, angles):
        lost[~success] = np.nan
    return FaceMotion(
        times, smile, mouth_open, brow_raise, blink, landmarks, gaze, translation, angles, confidence, success
    )


def _unit(aside: FloatArray, down: FloatArray) -> FloatArray:
    """A line of sight towards the camera, turned aside and down by these angles in rad, [n, 3]."""
    return np.stack([np.sin(aside) * np.cos(down), np.sin(down), -np.cos(aside) * np.cos(down)], axis=-1)
