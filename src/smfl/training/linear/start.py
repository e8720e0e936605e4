r"""Where the linear path of a network starts: a closed form, from the training people only.

Terms (`smfl.training.linear.terms`) give scores of an interview: averages over all columns, and over the few that a
clinician would name (`smfl.features.measures`); then what the words say of where to look, by topic and by feeling. How
much to trust each is a logistic regression on scores of people who weren't fitted on, each weight less its standard
error and none below zero: a term that tells nothing would only add noise. One more logistic regression on the sum sets
its size.

A member of an ensemble is trained from the start that its own training people give, and its epoch is chosen by the
others. Then the start of all training people takes its place (`move`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression

from smfl.evaluation.splits import fewest_of_a_class, inner_folds
from smfl.nn import LinearEvidence
from smfl.training.inputs.batching import Example
from smfl.training.inputs.cues import Cues
from smfl.training.linear.terms import VARIES, Array, Averages, ByFeeling, ByTopic, Directed, Labels, Term

TRUST = 0.3
"""scikit-learn's C of the logistic regression on the terms' standardised scores."""


def start_linear(
    evidence: LinearEvidence,
    examples: Sequence[Example],
    labels: Labels,
    groups: npt.NDArray[np.str_],
    measures: Mapping[str, Sequence[int]],
    *,
    scores: Array | None = None,
    cues: Cues | None = None,
) -> None:
    """Set the linear path's parameters from training people.

    Args:
        evidence: new, all zero; changed in place.
        examples: training interviews.
        labels: theirs.
        groups: their participants.
        measures: by modality, positions of the statistics that are measures; where a modality has none, signs are
            looked for in all of its statistics.
        scores: the questionnaire's, [n]; where one is ``nan`` or all are alike, none is read.
        cues: where to look, from the words; None where the encoder has no such columns.
    """
    everyone = np.arange(len(labels))
    target = labels.astype(np.float64)
    if scores is not None and np.isfinite(scores).all() and np.ptp(scores) > 0:
        target = np.asarray(scores, dtype=np.float64)
    terms = _terms(evidence, examples, measures, cues)
    trust, bias = _trust(terms, labels, target, groups)
    with torch.no_grad():
        for weight, term in zip(trust, terms, strict=True):
            if not weight:
                continue
            weights = term.fit(everyone, labels, target)
            mean, sd = _mean_sd(term.score(weights, everyone))
            bias -= weight * mean / sd
            term.write(evidence, weights, weight / sd)
        evidence.bias.fill_(bias)


@torch.no_grad()
def move(evidence: LinearEvidence, old: LinearEvidence, new: LinearEvidence) -> None:
    """Put another start under a linear path that was trained on: what training changed stays.

    Args:
        evidence: changed in place.
        old: the start that it was trained from.
        new: the start to be under it.
    """
    for own, before, after in zip(evidence.parameters(), old.parameters(), new.parameters(), strict=True):
        own.add_(after - before)


def _terms(
    evidence: LinearEvidence, examples: Sequence[Example], measures: Mapping[str, Sequence[int]], cues: Cues | None
) -> list[Term]:
    """The terms that these modalities and this path allow."""
    terms: list[Term] = [Averages.of(examples, {name: range(n) for name, n in evidence.columns.items()})]
    if any(measures.values()):
        terms.append(Averages.of(examples, measures))
    if evidence.gate is not None:
        terms.append(ByTopic.of(evidence, examples, measures, cues))
    if evidence.words and cues:
        terms.append(ByFeeling.of(evidence, examples, measures, cues))
    else:
        terms += [Directed.of(examples, str(evidence.strong), name) for name in evidence.words]
    return terms


def _trust(
    terms: Sequence[Term], labels: Labels, target: Array, groups: npt.NDArray[np.str_]
) -> tuple[npt.NDArray[np.float64], float]:
    """The weight of each standardised score, and the bias: from scores of people who weren't fitted on."""
    if fewest_of_a_class(labels, groups) < 2:
        return np.zeros(len(terms)), 0.0
    out_of_fold = np.zeros((len(labels), len(terms)))
    for train, held in inner_folds(labels, groups, seed=0):
        for k, term in enumerate(terms):
            weights = term.fit(train, labels, target)
            mean, sd = _mean_sd(term.score(weights, train))
            out_of_fold[held, k] = (term.score(weights, held) - mean) / sd
    line = LogisticRegression(C=TRUST, class_weight="balanced").fit(out_of_fold, labels)
    weights = np.maximum(line.coef_[0] - _standard_errors(line, out_of_fold), 0.0)
    if not weights.any():
        weights = np.maximum(line.coef_[0], 0.0)
    sums = out_of_fold @ weights[:, None]
    size = LogisticRegression(class_weight="balanced").fit(sums, labels)
    return weights * max(float(size.coef_[0, 0]), 0.0), float(size.intercept_[0])


def _standard_errors(line: LogisticRegression, values: Array) -> Array:
    """Of a logistic regression's weights, by the curvature of its penalised likelihood, [D]."""
    p = line.predict_proba(values)[:, 1]
    curvature = (values * (p * (1 - p))[:, None]).T @ values + np.eye(values.shape[1]) / TRUST
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(curvature))))


def _mean_sd(score: Array) -> tuple[float, float]:
    return float(score.mean()), max(float(score.std()), VARIES)
