"""Whose voice it is, instant by instant: two speakers distinguished by their voices or by their channels.

Voices are compared by Resemblyzer's network (Wan, L., et al. (2018). Generalized end-to-end loss for speaker
verification. ICASSP; weights inside its package), which makes a point on a sphere of 1.6 s of sound. Eight such windows
a second are put into two groups by spectral clustering (Ng, A., Jordan, M., and Weiss, Y. (2001). On spectral
clustering. NIPS) of the powers of their cosines.

Two things matter more than the clustering. The network reads mel energies, not their logarithms, so every window is
brought to one level first: otherwise loud and soft are distinguished instead of the two voices. And windows eight a
second overlap their neighbours by nine tenths, so a graph of nearest neighbours follows time; all pairs count instead.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.features.recording.sound import SPEECH_RATE_HZ
from smfl.features.speech.activity import MARGIN_S
from smfl.interview import FloatArray, MissingExtraError, Segment

RATE_HZ = 8.0
WINDOW_S = 1.6
LEVEL_DB = -30.0
"""Level of every window, dB of full scale: the network was trained at it."""

SHARPNESS = 6
"""Power of the cosine of two windows that says how much they belong together; from 2 to 20 all distinguish voices."""

MAX_WINDOWS = 2000
"""Windows that are clustered, evenly spread; in a longer recording each other one goes with its `NEIGHBOURS`."""

NEIGHBOURS = 10

ONE_VOICE_COSINE = 0.85
"""Cosine of the two groups' means from which they are one voice. Seen: one voice .86 to .95, two voices .42 to .83."""

ONE_VOICE_COSINE_SHORT = 0.70
"""The same where there is less than `MIN_SPEECH_S` of speech: one voice .72 to .93 then, as words differ so much."""

MIN_SPEECH_S = 10.0

LOUDER_DB = 6.0
"""A channel has a voice of its own where it is louder than the other by this much, in `OWN_SHARE` of the speech."""

OWN_SHARE = 0.05
BOTH_SHARE = 0.6

_MEL_STEP = SPEECH_RATE_HZ // 100
_WINDOW = round(WINDOW_S * 100)
_BATCH = 256
_BLOCK = 512


@dataclass(frozen=True, eq=False)
class Voices:
    """Whose voice it is at some instants of speech.

    Args:
        times: s, [N], ascending.
        labels: 0 for the voice that speaks first, 1 for the other, [N].
        how: in words, how they were distinguished, and how sure that is.
    """

    times: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int64]
    how: str

    @property
    def count(self) -> int:
        """How many voices: none, one or two."""
        return len(np.unique(self.labels))

    def at(self, instants: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Whose voice it is at each instant: that of the nearest one that is known; 0 where none is."""
        wanted = np.asarray(instants, dtype=np.float64)
        if not len(self.times):
            return np.zeros(wanted.shape, dtype=np.int64)
        right = np.searchsorted(self.times, wanted).clip(1, max(len(self.times) - 1, 1))
        left, right = right - 1, right.clip(max=len(self.times) - 1)
        nearer = np.abs(self.times[left] - wanted) <= np.abs(self.times[right] - wanted)
        return np.asarray(np.where(nearer, self.labels[left], self.labels[right]), dtype=np.int64)

    def of(self, segment: Segment, step_s: float = 0.05) -> int:
        """Whose voice it is for most of a stretch.

        Example:
            >>> voices = Voices(np.array([1.0, 2.0, 3.0]), np.array([0, 1, 1]), "")
            >>> voices.of(Segment(1.2, 2.8)), voices.of(Segment(0.0, 1.1))
            (1, 0)
        """
        instants = np.arange(segment.start, max(segment.stop, segment.start + step_s), step_s) + step_s / 2
        return int(self.at(instants).mean() > 0.5)


def by_voice(samples: FloatArray, stretches: Sequence[Segment], *, force: bool = False) -> Voices:
    """Distinguish two voices on one channel.

    Args:
        samples: mono, -1 to 1, at `SPEECH_RATE_HZ`, [samples].
        stretches: of speech, in order (see `smfl.features.speech.activity.speech`).
        force: whether there are two voices for certain; else one, where they are as alike as one voice is to itself.

    Raises:
        MissingExtraError: where Resemblyzer isn't installed.
    """
    from threadpoolctl import threadpool_limits

    times = _instants(stretches)
    if len(times) <= NEIGHBOURS:
        return Voices(times, np.zeros(len(times), dtype=np.int64), "too little speech to tell voices apart")
    with threadpool_limits(1):  # the same bytes whatever cores there are
        points = embed(samples, times)
        labels = _two_groups(points)
    means = np.stack([points[labels == one].mean(axis=0) for one in (0, 1)])
    cosine = float(np.prod([means[0] @ means[1], *(1 / np.linalg.norm(means, axis=1))]))
    limit = ONE_VOICE_COSINE if len(times) / RATE_HZ >= MIN_SPEECH_S else ONE_VOICE_COSINE_SHORT
    if cosine >= limit and not force:
        how = f"one voice: halves of its speech are alike by {cosine:.2f} of 1, two voices by less than {limit:.2f}"
        return Voices(times, np.zeros(len(times), dtype=np.int64), how)
    how = f"two voices, told apart by their sound: alike by {cosine:.2f} of 1 (below {limit:.2f} they are two)"
    return Voices(times, _first_is_zero(labels), how)


def by_channel(channels: FloatArray, stretches: Sequence[Segment]) -> Voices | None:
    """Distinguish two voices that were recorded on a channel each.

    Each channel's level is measured relative to its own loud speech, so that microphones of different gain compare.

    Args:
        channels: [2, samples], at `SPEECH_RATE_HZ`.
        stretches: of speech on either.

    Returns:
        None where the channels don't hold a voice each: the same sound on both, or a stereo microphone.
    """
    times = _instants(stretches)
    if len(times) <= NEIGHBOURS:
        return None
    half = round(SPEECH_RATE_HZ / RATE_HZ)
    at = np.round(times * SPEECH_RATE_HZ).astype(np.int64)
    near = [[channel[max(i - half, 0) : i + half] for i in at] for channel in channels]
    level = 10 * np.log10([[_power(sound) for sound in sounds] for sounds in near])
    louder = np.subtract(*(level - np.percentile(level, 95, axis=1, keepdims=True)))
    own = (louder > LOUDER_DB).mean(), (louder < -LOUDER_DB).mean()
    if min(own) < OWN_SHARE or sum(own) < BOTH_SHARE:
        return None
    how = f"two voices, one a channel: in {sum(own):.0%} of the speech one is louder by {LOUDER_DB:g} dB or more"
    return Voices(times, _first_is_zero((louder < 0).astype(np.int64)), how)


def embed(samples: FloatArray, times: FloatArray) -> npt.NDArray[np.float32]:
    """Voices as points on a sphere.

    Args:
        samples: mono, at `SPEECH_RATE_HZ`, [samples].
        times: centres of the windows, s, [N], ascending.

    Returns:
        float32 [N, 256], of length 1.

    Raises:
        MissingExtraError: where Resemblyzer isn't installed.
    """
    import torch

    network, mel_of = _resemblyzer()
    half = round(WINDOW_S / 2 * SPEECH_RATE_HZ)
    padded = np.pad(samples.astype(np.float32, copy=False), half)
    firsts = np.round(np.asarray(times) * SPEECH_RATE_HZ / _MEL_STEP).astype(np.int64)
    found = []
    for i in range(0, len(firsts), _BLOCK):
        block = firsts[i : i + _BLOCK]
        sound = padded[block[0] * _MEL_STEP : (block[-1] + _WINDOW + 1) * _MEL_STEP]
        mel = mel_of(np.pad(sound, (0, _WINDOW * _MEL_STEP)))
        windows = np.stack([mel[first : first + _WINDOW] for first in block - block[0]])
        power = np.array([_power(padded[first * _MEL_STEP : (first + _WINDOW) * _MEL_STEP]) for first in block])
        windows *= (10 ** (LEVEL_DB / 10) / power)[:, None, None]
        with torch.no_grad():
            parts = (windows[j : j + _BATCH].astype(np.float32) for j in range(0, len(windows), _BATCH))
            found += [network(torch.from_numpy(part)).numpy() for part in parts]
    return np.concatenate(found)


def _power(sound: FloatArray) -> float:
    return max(float(np.mean(np.square(sound, dtype=np.float64))), 1e-10)


def _instants(stretches: Sequence[Segment]) -> npt.NDArray[np.float64]:
    """Instants of speech, `RATE_HZ` of them a second, the stretches' margins left out."""
    inner = [(one.start + MARGIN_S, one.stop - MARGIN_S) for one in stretches]
    grids = [np.arange(start, stop, 1 / RATE_HZ) for start, stop in inner if stop > start]
    return np.concatenate(grids) if grids else np.zeros(0)


def _two_groups(points: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    from sklearn.cluster import SpectralClustering
    from sklearn.neighbors import KNeighborsClassifier

    some = np.unique(np.linspace(0, len(points) - 1, min(len(points), MAX_WINDOWS)).round().astype(np.int64))
    affinity = (points[some] @ points[some].T).clip(0, 1).astype(np.float64) ** SHARPNESS
    groups = SpectralClustering(2, affinity="precomputed", random_state=0).fit_predict(affinity)
    if len(some) < len(points):
        groups = KNeighborsClassifier(NEIGHBOURS).fit(points[some], groups).predict(points)
    return np.asarray(groups, dtype=np.int64)


def _first_is_zero(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return labels if labels[0] == 0 else 1 - labels


@functools.lru_cache(maxsize=1)
def _resemblyzer() -> tuple[Any, Any]:
    """The network and what makes mel energies of sound; loaded once in a process."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries under it that are older than their own dependencies
        try:
            from resemblyzer import VoiceEncoder
            from resemblyzer.audio import wav_to_mel_spectrogram
        except ImportError:
            raise MissingExtraError("resemblyzer", extra="speech") from None
        return VoiceEncoder("cpu", verbose=False).eval(), wav_to_mel_spectrogram
