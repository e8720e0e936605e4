"""The ideal observer: the exact log-likelihood ratio of an interview's latent markers.

No classifier can do better than rank by it, so it says how much there is to be found in a simulated corpus. With the
model's notation (`smfl.simulation.model`), the n values of marker k given the score are Gaussian,

    x_k | s ~ N(g a, Σ),   a = δ_k c,   Σ = σ² I + 1 1ᵀ     (the habit b_k is shared by all sentences)

By Sherman and Morrison Σ⁻¹ v = (v - 1 (1ᵀv) / (σ² + n)) / σ², and up to what doesn't depend on s

    log p(x_k | s) = g aᵀΣ⁻¹x - ½ g² aᵀΣ⁻¹a

The words' likelihood is Dirichlet-multinomial (valence) and beta-binomial (first person). Given s all are independent:

    LLR = log Σ_s p(s | 1) Π p(· | s) - log Σ_s p(s | 0) Π p(· | s)

The observer of one modality knows which sentences carry signs, but takes nothing from how many do.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import numpy as np

from smfl.simulation.model import (
    CONCENTRATION,
    HIGHEST,
    MARKERS,
    VALENCES,
    FloatArray,
    Latent,
    deltas,
    score_distribution,
    self_rate,
    severity,
    text_carries,
    valence_rates,
)

MODALITIES = ("video", "audio", "text")


def marker_evidence(latent: Latent, marker: int, effect: float) -> FloatArray:
    """Log p(x_k | s) of one marker for s = 0 … 24, up to a constant, [25]."""
    sigma, delta = MARKERS[marker].sigma, float(deltas(effect)[marker])
    a = delta * latent.carries
    precise = (a - a.sum() / (sigma**2 + len(latent))) / sigma**2
    g = severity()
    return np.asarray(g * (precise @ latent.markers[:, marker]) - 0.5 * g**2 * (precise @ a), dtype=np.float64)


def _polya(counts: FloatArray, alpha: FloatArray) -> FloatArray:
    """Log-likelihood of sequences with these counts [A] whose rates are Dirichlet(alpha), alpha [25, A]: [25]."""
    from scipy.special import gammaln

    total = alpha.sum(axis=1)
    each = (gammaln(alpha + counts) - gammaln(alpha)).sum(axis=1)
    return np.asarray(gammaln(total) - gammaln(total + counts.sum()) + each, dtype=np.float64)


@cache
def _alphas(affect: bool, effect: float) -> tuple[FloatArray, FloatArray]:
    """Dirichlet and beta parameters of a group of sentences for every score, [25, 3] and [25, 2]."""
    shifts = [effect * float(g) for g in severity()]
    first = np.array([self_rate(shift) for shift in shifts])
    valence = np.array([valence_rates(affect, shift) for shift in shifts])
    return CONCENTRATION * valence, CONCENTRATION * np.stack([first, 1 - first], axis=1)


def text_evidence(latent: Latent, regime: str, effect: float) -> FloatArray:
    """Log p(valence, first person | s) for s = 0 … 24, [25]."""
    evidence = np.zeros(HIGHEST + 1)
    for group in (True, False):
        if not text_carries(regime, group):
            continue
        inside = latent.topics.affect == group
        of_valence, of_self = _alphas(group, effect)
        valence = np.bincount(latent.valence[inside], minlength=len(VALENCES)).astype(np.float64)
        first = float(latent.self_focus[inside].sum())
        evidence += _polya(valence, of_valence)
        evidence += _polya(np.array([first, float(inside.sum()) - first]), of_self)
    return evidence


def evidence(latent: Latent, modality: str, *, regime: str, effect: float) -> FloatArray:
    """Log p(what one modality shows | s) for s = 0 … 24, up to a constant, [25]."""
    if modality == "text":
        return text_evidence(latent, regime, effect)
    shown = np.zeros(HIGHEST + 1)
    for index, marker in enumerate(MARKERS):
        if marker.modality == modality:
            shown += marker_evidence(latent, index, effect)
    return shown


def ratio(shown: FloatArray) -> float:
    """The log-likelihood ratio of evidence for each score: over the scores of either class, [25] → 1.

    Example:
        >>> ratio(np.zeros(25)) == 0
        True
    """
    from scipy.special import logsumexp

    ill, well = (float(logsumexp(shown, b=score_distribution(label))) for label in (1, 0))
    return ill - well


def log_likelihood_ratio(
    latent: Latent, *, regime: str, effect: float, modalities: Collection[str] = MODALITIES
) -> float:
    """Log p(x | depressed) - log p(x | not) of what these modalities show.

    Args:
        latent: one interview.
        regime: the regime under which it was drawn.
        effect: the effect under which it was drawn; 0 gives a ratio of 0.
        modalities: those that the observer sees.

    Example:
        >>> from smfl.simulation.model import draw_latent
        >>> one = draw_latent(np.random.default_rng(1), label=1, minutes=4.0, regime="global", effect=3.0)
        >>> log_likelihood_ratio(one, regime="global", effect=3.0) > 3
        True
        >>> abs(log_likelihood_ratio(one, regime="global", effect=0.0)) < 1e-9
        True
    """
    shown = [evidence(latent, modality, regime=regime, effect=effect) for modality in modalities]
    return ratio(np.sum(shown, axis=0))
