"""The generative model: which signs of depression are planted, where, and how large.

A participant has a PHQ-8 score s and the label y = [s >= 10]:

    p(s | y = 0) ∝ .85^s,  s = 0 … 9        p(s | y = 1) ∝ .85^(s - 10),  s = 10 … 24

and a severity g(s) = s / (E[s | y = 1] - E[s | y = 0]), so that the two classes are 1 apart on average.

**Voice and face.** Each of n sentences has K = 7 latent markers (`MARKERS`), in units of how much people differ:

    x_ki = b_k + σ_k e_ki + δ_k g(s) c_i,      b_k, e_ki ~ N(0, 1)

b_k is the participant's habit, σ_k how much one person's sentences differ, c_i whether sentence i carries the sign.

**Text.** Each sentence is negative, neutral or positive, and may be said from the first person. In each of two groups
of sentences (affect-laden topics, other topics) a participant has rates of their own,

    θ ~ Dirichlet(κ softmax(β + δ_text g(s) c)),   valence_i ~ θ
    φ ~ Beta(κ q, κ (1 - q)),  q = sigmoid(β' + δ_self g(s) c),   first-person_i ~ φ

**Regimes.** Where the signs are (c):

    global       in every sentence, in all modalities
    sentence     in the sentences on affect-laden topics only (some 15 %); elsewhere everybody is alike
    cross-modal  in voice and face only where that sentence's words are negative; text has its rates everywhere

**Sizes.** δ = `SCALE` · effect · d, with d the standardised difference between depressed and healthy people:

| marker | d | source |
| --- | --- | --- |
| pitch level | -0.20 | mean difference under 2 Hz, not significant (a meta-analysis of six studies, 2026, abstract) |
| pitch variability | -0.50 | lower in 28 patients than in 13 controls (Nilsonne 1988, abstract); size: note 1 |
| pause | +0.65 | r = .29 and .38 with HAMD (Mundt et al. 2007, table 1): note 2 |
| loudness | -0.50 | lower in 12 speech tasks, 'large' (Wang et al. 2019, abstract); taken as medium |
| smile (AU 12) | -0.60 | fewer at high severity, fewer than controls: note 3 |
| gaze lowered | +0.60 | less eye contact (Waxer 1974, from memory; Fiquer et al. 2018, secondary); size as above |
| head lowered | +0.50 | head down (Fiquer et al. 2018, secondary); size as above |
| negative words | +0.72 | Tølbøll 2019, meta-analysis (abstract) |
| positive words | -0.38 | the same |
| first person | +0.44 | the same; Edwards & Holtzman 2017 (r = .13, from memory) is smaller |

1. From memory of reviews (Cummins et al. 2015; Low et al. 2020); Mundt et al. 2007 found no correlation (r = -.01).
2. The correlations are those of pause time and its variability; d = 2r/√(1 - r²) = .61 and .82. Longer switching
   pauses: Yang, Fairbairn & Cohn 2013 (from memory).
3. Girard et al. 2014 (abstract) and Fiquer et al. 2018 (secondary); size: a medium effect, from memory.

`SCALE` is one constant for all of them, chosen once so that the ideal observer (`smfl.simulation.ideal`) of
all modalities has an AUROC between .90 and .95 in every regime at effect 1. No classifier was looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from smfl.interview import CallError, choice
from smfl.simulation.topics import TopicSequence, draw_topics

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

REGIMES = ("global", "sentence", "cross-modal")
SCALE = 1.5
"""The one multiplier of all d; frozen."""
CUTOFF, HIGHEST = 10, 24


@dataclass(frozen=True, slots=True)
class Marker:
    """One latent marker: its modality, d, and σ (sd over one person's sentences, where people differ by 1)."""

    name: str
    modality: str
    d: float
    sigma: float


MARKERS: tuple[Marker, ...] = (
    Marker("pitch level", "audio", -0.20, 1.0),
    Marker("pitch variability", "audio", -0.50, 2.5),
    Marker("pause", "audio", +0.65, 2.5),
    Marker("loudness", "audio", -0.50, 2.5),
    Marker("smile", "video", -0.60, 2.5),
    Marker("gaze lowered", "video", +0.60, 2.5),
    Marker("head lowered", "video", +0.50, 2.0),
)
MARKER_NAMES: tuple[str, ...] = tuple(marker.name for marker in MARKERS)

VALENCES = ("negative", "neutral", "positive")
NEGATIVE = VALENCES.index("negative")
D_VALENCE = (+0.72, 0.0, -0.38)
D_SELF = +0.44
CONCENTRATION = 12.0
"""κ: a participant's own rates scatter about the group's as a sample of this size would."""
LOGIT_SD = 0.6
"""One person's rate against another's, in logits, at κ = 12: what a d of 1 is worth."""
BASE_VALENCE = {True: (0.30, 0.45, 0.25), False: (0.10, 0.60, 0.30)}
"""A healthy person's rates on affect-laden (True) and other topics."""
BASE_SELF = 0.40


@cache
def score_distribution(label: int) -> FloatArray:
    """P(s | label) for s = 0 … 24, [25].

    Example:
        >>> [round(float(score_distribution(y) @ np.arange(25)), 1) for y in (0, 1)]
        [3.2, 14.2]
    """
    scores = np.arange(HIGHEST + 1)
    inside = scores >= CUTOFF if label else scores < CUTOFF
    weights = np.where(inside, 0.85 ** (scores - CUTOFF * label), 0.0)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


@cache
def severity() -> FloatArray:
    """g(s) for s = 0 … 24, [25]: 0 at 0, and one apart between the classes' means."""
    scores = np.arange(HIGHEST + 1, dtype=np.float64)
    return scores / float(score_distribution(1) @ scores - score_distribution(0) @ scores)


def deltas(effect: float) -> FloatArray:
    """δ of the `MARKERS`, [K]."""
    return SCALE * effect * np.array([marker.d for marker in MARKERS])


def valence_rates(affect: bool, shift: float) -> FloatArray:
    """Mean rates of `VALENCES` in a group of sentences where text is shifted by ``shift`` = effect · g · c, [3].

    Example:
        >>> valence_rates(False, 0.0).round(2).tolist(), valence_rates(False, 1.0).round(2).tolist()
        ([0.1, 0.6, 0.3], [0.19, 0.6, 0.21])
    """
    logits = np.log(BASE_VALENCE[affect]) + SCALE * LOGIT_SD * shift * np.array(D_VALENCE)
    rates = np.exp(logits)
    return np.asarray(rates / rates.sum(), dtype=np.float64)


def self_rate(shift: float) -> float:
    """Mean rate of first-person sentences, as `valence_rates`."""
    logit = np.log(BASE_SELF / (1 - BASE_SELF)) + SCALE * LOGIT_SD * D_SELF * shift
    return float(1 / (1 + np.exp(-logit)))


def text_carries(regime: str, affect: bool) -> bool:
    """Whether the words of this group of sentences carry signs."""
    return affect or regime != "sentence"


@dataclass(frozen=True, eq=False, slots=True)
class Latent:
    """Everything about one interview that the ideal observer sees, and the truth.

    Args:
        score: PHQ-8, 0 to 24.
        topics: of its n sentences.
        valence: place in `VALENCES`, int64 [n].
        self_focus: whether said from the first person, bool [n].
        carries: c of voice and face, bool [n].
        habits: b, [K].
        markers: x, [n, K], in the order of `MARKERS`.
    """

    score: int
    topics: TopicSequence
    valence: IntArray
    self_focus: BoolArray
    carries: BoolArray
    habits: FloatArray
    markers: FloatArray

    def __len__(self) -> int:
        return len(self.valence)

    @property
    def label(self) -> int:
        """1 depressed, 0 not."""
        return int(self.score >= CUTOFF)

    def marker(self, name: str) -> FloatArray:
        """One marker of every sentence, [n]."""
        return self.markers[:, MARKER_NAMES.index(name)]

    def habit(self, name: str) -> float:
        """The participant's habit of one marker."""
        return float(self.habits[MARKER_NAMES.index(name)])


def check_settings(*, minutes: float, regime: str, effect: float) -> None:
    """Refuse what no interview can be drawn from.

    Raises:
        CallError: for an unknown regime, a negative effect, or an interview shorter than 15 s or longer than 10 hours.

    Example:
        >>> check_settings(minutes=4.0, regime="global", effect=-1.0)
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: effect is how strong the signs are: 0 (none) or more, ...; got -1.0
    """
    choice(regime, REGIMES, what="regime")
    if not 0 <= effect < np.inf:
        raise CallError(f"effect is how strong the signs are: 0 (none) or more, 1 as published; got {effect}")
    if not 0.25 <= minutes <= 600:
        raise CallError(f"minutes is the length of an interview, 0.25 to 600; got {minutes}")


def draw_latent(rng: np.random.Generator, *, label: int, minutes: float, regime: str, effect: float) -> Latent:
    """Draw one interview from the model.

    Raises:
        CallError: as `check_settings`.

    Example:
        >>> one = draw_latent(np.random.default_rng(7), label=1, minutes=4.0, regime="sentence", effect=1.0)
        >>> one.score >= 10, one.markers.shape, bool((one.carries == one.topics.affect).all())
        (True, (44, 7), True)
    """
    check_settings(minutes=minutes, regime=regime, effect=effect)
    topics = draw_topics(rng, minutes=minutes)
    n, affect = len(topics.numbers), topics.affect
    score = int(rng.choice(HIGHEST + 1, p=score_distribution(label)))
    shift = effect * float(severity()[score])

    valence, self_focus = np.zeros(n, np.int64), np.zeros(n, np.bool_)
    for group in (True, False):
        inside = np.flatnonzero(affect == group)
        amount = shift * text_carries(regime, group)
        rates = rng.dirichlet(CONCENTRATION * valence_rates(group, amount))
        valence[inside] = rng.choice(len(VALENCES), size=len(inside), p=rates)
        q = self_rate(amount)
        self_focus[inside] = rng.random(len(inside)) < rng.beta(CONCENTRATION * q, CONCENTRATION * (1 - q))

    carries = {"global": np.ones(n, np.bool_), "sentence": affect, "cross-modal": valence == NEGATIVE}[regime]
    habits = rng.standard_normal(len(MARKERS))
    noise = rng.standard_normal((n, len(MARKERS))) * np.array([marker.sigma for marker in MARKERS])
    markers = habits + noise + deltas(effect) * float(severity()[score]) * carries[:, None]
    return Latent(score, topics, valence, self_focus, carries, habits, markers)
