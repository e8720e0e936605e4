"""Splits, metrics, intervals, cross-validation, and the record of results; for anything with fit and predict_proba.

What the report draws is computed here: `smfl.evaluation.curves` (ROC, precision-recall, reliability, confusion),
`smfl.evaluation.losses` (losses by epoch), `smfl.evaluation.ranking` (``best_first``, ``constant_models``) and
`smfl.evaluation.graded` (``best_graded``, ``band_counts``).
"""

from smfl.evaluation.crossval import Cases, CrossValidation, FoldResult, cross_validate, run_fold
from smfl.evaluation.intervals import Difference, Resamples, Score, bootstrap, difference, scores
from smfl.evaluation.metrics import GRADED, METRICS, GradedMetric, Metric, metric
from smfl.evaluation.pairs import Standing, Standings, standings
from smfl.evaluation.results import ModelFacts, Results, read_predictions
from smfl.evaluation.splits import Split, check_split, grouped_folds, holdout, inner_folds, official, split_hash

__all__ = [
    "GRADED",
    "METRICS",
    "Cases",
    "CrossValidation",
    "Difference",
    "FoldResult",
    "GradedMetric",
    "Metric",
    "ModelFacts",
    "Resamples",
    "Results",
    "Score",
    "Split",
    "Standing",
    "Standings",
    "bootstrap",
    "check_split",
    "cross_validate",
    "difference",
    "grouped_folds",
    "holdout",
    "inner_folds",
    "metric",
    "official",
    "read_predictions",
    "run_fold",
    "scores",
    "split_hash",
    "standings",
]
