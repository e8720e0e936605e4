"""The generative model and its ideal observer: exact, calibrated, and as strong as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp
from scipy.stats import multivariate_normal
from sklearn.metrics import roc_auc_score

from smfl.interview import CallError
from smfl.simulation import ideal, model

N = 2000


def people(regime: str, effect: float, n: int = N, positives: float = 0.5) -> tuple[np.ndarray, list[model.Latent]]:
    labels = (np.arange(n) % 100 < 100 * positives).astype(int)
    drawn = [
        model.draw_latent(np.random.default_rng([11, i]), label=int(label), minutes=4.0, regime=regime, effect=effect)
        for i, label in enumerate(labels)
    ]
    return labels, drawn


@pytest.fixture(scope="module", params=model.REGIMES)
def drawn(request: pytest.FixtureRequest) -> tuple[str, np.ndarray, list[model.Latent]]:
    labels, latents = people(request.param, 1.0)
    return request.param, labels, latents


def test_scores_belong_to_their_class() -> None:
    for label in (0, 1):
        p = model.score_distribution(label)
        assert p.sum() == pytest.approx(1)
        assert (np.flatnonzero(p) >= model.CUTOFF).all() == bool(label)
    assert np.diff(model.severity()).min() > 0


@pytest.mark.parametrize("regime", model.REGIMES)
def test_the_markers_evidence_is_a_multivariate_normal(regime: str) -> None:
    one = model.draw_latent(np.random.default_rng(3), label=1, minutes=0.8, regime=regime, effect=1.5)
    n = len(one)
    for k, marker in enumerate(model.MARKERS):
        covariance = marker.sigma**2 * np.eye(n) + np.ones((n, n))
        brute = np.array([
            multivariate_normal(model.deltas(1.5)[k] * g * one.carries, covariance).logpdf(one.markers[:, k])
            for g in model.severity()
        ])  # fmt: skip
        ours = ideal.marker_evidence(one, k, 1.5)
        np.testing.assert_allclose(ours - ours[0], brute - brute[0], atol=1e-9)


def test_the_words_evidence_is_the_integral_over_the_participants_rates() -> None:
    """The Dirichlet-multinomial and beta-binomial against sums over a fine grid of rates."""
    one = model.draw_latent(np.random.default_rng(5), label=1, minutes=0.8, regime="sentence", effect=1.0)
    inside = one.topics.affect
    steps = np.arange(0.0025, 1, 0.005)
    a, b = np.meshgrid(steps, steps, indexing="ij")
    rates = np.stack([a, b, 1 - a - b], axis=-1)[(a + b) < 1]
    counts = np.bincount(one.valence[inside], minlength=3)
    first = int(one.self_focus[inside].sum())
    brute = []
    for g in 0.6 * model.severity():
        alpha = model.CONCENTRATION * model.valence_rates(True, g)
        density = gammaln(alpha.sum()) - gammaln(alpha).sum() + ((alpha - 1 + counts) * np.log(rates)).sum(axis=1)
        q = model.CONCENTRATION * model.self_rate(g)
        p = model.CONCENTRATION - q
        beta = gammaln(q + p) - gammaln(q) - gammaln(p)
        beta = beta + (q - 1 + first) * np.log(steps) + (p - 1 + inside.sum() - first) * np.log(1 - steps)
        brute.append(logsumexp(density) + np.log(0.005**2) + logsumexp(beta) + np.log(0.005))
    np.testing.assert_allclose(ideal.text_evidence(one, "sentence", 0.6), brute, atol=0.02)


def test_the_ratio_marginalises_over_the_scores() -> None:
    one = model.draw_latent(np.random.default_rng(9), label=0, minutes=1.0, regime="global", effect=1.0)
    evidence = sum(ideal.marker_evidence(one, k, 1.0) for k in range(len(model.MARKERS)))
    evidence = np.exp(evidence + ideal.text_evidence(one, "global", 1.0))
    expected = np.log(evidence @ model.score_distribution(1)) - np.log(evidence @ model.score_distribution(0))
    assert ideal.log_likelihood_ratio(one, regime="global", effect=1.0) == pytest.approx(expected)


def test_how_much_there_is_to_find(drawn: tuple[str, np.ndarray, list[model.Latent]]) -> None:
    """All modalities .90 to .95; each alone clearly less."""
    regime, labels, latents = drawn

    shown = {name: [ideal.evidence(x, name, regime=regime, effect=1.0) for x in latents] for name in ideal.MODALITIES}

    def auroc(*modalities: str) -> float:
        ratios = [ideal.ratio(sum(each)) for each in zip(*(shown[name] for name in modalities), strict=True)]
        return float(roc_auc_score(labels, ratios))

    everything = auroc(*ideal.MODALITIES)
    assert 0.90 <= everything <= 0.95
    for modality in ideal.MODALITIES:
        assert 0.69 <= auroc(modality) <= 0.87


def test_the_ratio_is_calibrated(drawn: tuple[str, np.ndarray, list[model.Latent]]) -> None:
    """Of the people to whom it gives a probability, that share is depressed."""
    regime, labels, latents = drawn
    ratios = np.array([ideal.log_likelihood_ratio(x, regime=regime, effect=1.0) for x in latents])
    probability = 1 / (1 + np.exp(-ratios))
    for part in np.array_split(np.argsort(probability), 8):
        sd = np.sqrt((probability[part] * (1 - probability[part])).sum()) / len(part)
        assert abs(labels[part].mean() - probability[part].mean()) < 4 * sd


@pytest.mark.parametrize("regime", model.REGIMES)
def test_more_effect_is_easier_and_none_is_chance(regime: str) -> None:
    found = []
    for effect in (0.0, 0.5, 1.0, 2.0):
        labels, latents = people(regime, effect, n=300)
        found.append(
            roc_auc_score(labels, [ideal.log_likelihood_ratio(x, regime=regime, effect=effect) for x in latents])
        )
    assert found[0] == pytest.approx(0.5, abs=0.09)
    assert np.diff(found).min() > 0.02


def test_without_effect_the_label_touches_the_score_only() -> None:
    well, ill = (
        model.draw_latent(np.random.default_rng(2), label=label, minutes=2.0, regime="global", effect=0.0)
        for label in (0, 1)
    )
    assert well.label == 0
    assert ill.label == 1
    np.testing.assert_array_equal(well.markers, ill.markers)
    np.testing.assert_array_equal(well.valence, ill.valence)


def test_where_the_signs_are() -> None:
    labels, latents = people("sentence", 1.0, n=600)
    smile = [(x.marker("smile"), x.carries) for x in latents]
    ill = [values for values, label in zip(smile, labels, strict=True) if label]
    well = [values for values, label in zip(smile, labels, strict=True) if not label]

    def mean(group: list[tuple[np.ndarray, np.ndarray]], inside: bool) -> float:
        return float(np.mean([values[carries == inside].mean() for values, carries in group]))

    assert mean(ill, True) < mean(well, True) - 0.5
    assert mean(ill, False) == pytest.approx(mean(well, False), abs=0.2)
    assert np.mean([x.topics.affect.mean() for x in latents]) == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"regime": "globl"}, "did you mean 'global'"),
        ({"effect": -1.0}, "0 (none) or more"),
        ({"minutes": 0.0}, "0.25 to 600"),
    ],
)
def test_wrong_settings_are_named(settings: dict, words: str) -> None:
    right = {"label": 1, "minutes": 1.0, "regime": "global", "effect": 1.0}
    with pytest.raises(CallError) as told:
        model.draw_latent(np.random.default_rng(0), **{**right, **settings})
    assert words in str(told.value)
