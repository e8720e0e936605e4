"""Comparators without a network: what can be had from an interview's averages, its words, or its prevalence alone.

A model of sentences has to beat these on the same folds before anything is said of sentences.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin

from smfl.features.sentences import SentenceFeatures
from smfl.interview import FeatureError
from smfl.nn.model import Setting
from smfl.training.comparators.averages import Averages, average
from smfl.training.entry import Comparator
from smfl.training.penalty import STRENGTHS, TINY, both_classes, choose, class_weights

Array = npt.NDArray[np.float64]
Interviews = Sequence[SentenceFeatures]
Averaged = Sequence[SentenceFeatures] | Sequence[Averages]

WORDS = r"[\u3400-\u9fff]|(?:(?![\u3400-\u9fff])\w)+"
"""A token is a word, or one Chinese character: Chinese has no spaces between words."""


class _Probabilistic(ClassifierMixin, BaseEstimator, ABC):
    """Shared by all comparators: the call of the more probable class."""

    classes_: npt.NDArray[np.int64]
    n_parameters_: int

    @abstractmethod
    def predict_proba(self, X: Interviews) -> Array:
        """Probabilities of class 0 and 1, [n, 2]."""

    def predict(self, X: Interviews) -> npt.NDArray[np.int64]:
        """1 where its probability is at least ½, [n]."""
        return np.asarray(self.predict_proba(X)[:, 1] >= 0.5).astype(np.int64)


class Majority(_Probabilistic):
    """Says the training part's share of positives of everyone, whatever it is shown.

    Args:
        modalities: not read; there for the common signature.
        seed: not used.

    Attributes:
        reads: the modalities that it reads, whatever it is given.

    Example:
        >>> Majority().fit([None] * 4, [0, 0, 0, 1]).predict_proba([None]).tolist()
        [[0.75, 0.25]]
    """

    reads = ()

    def __init__(self, modalities: Sequence[str] | None = None, seed: int = 0) -> None:
        self.modalities = modalities
        self.seed = seed

    def fit(self, X: Interviews, y: Sequence[int] | npt.NDArray[np.int64]) -> Self:
        """Learn one number."""
        self.classes_ = np.array([0, 1])
        self.prevalence_ = float(np.mean(y))
        self.n_parameters_ = 1
        return self

    def predict_proba(self, X: Interviews) -> Array:
        """The prevalence, for each of n, [n, 2]."""
        return np.tile([1 - self.prevalence_, self.prevalence_], (len(X), 1))


class _Pooled(_Probabilistic):
    """Shared by models of pooled vectors: which modalities there are, how wide, and which are missing."""

    takes_averages = True
    """Whether `fit` and `predict_proba` take `Averages`, so that interviews can be averaged once for many fits."""

    modalities: Sequence[str] | None
    widths_: dict[str, int]

    def _learn(self, X: Averaged) -> tuple[Array, list[str]]:
        """Take modalities and widths from the training interviews; vectors [n, D] and who each is of."""
        interviews = average(X)
        found: dict[str, int] = {}
        for one in interviews:
            for name, vector in one.vectors.items():
                found.setdefault(name, len(vector))
        wanted = sorted(found) if self.modalities is None else list(self.modalities)
        self.widths_ = {name: found[name] for name in wanted if name in found}
        if not self.widths_:
            raise FeatureError(
                f"no training interview has features of {', '.join(wanted) or 'any modality'}; "
                f"there are: {', '.join(sorted(found)) or 'none'}"
            )
        return self._vectors(interviews), [one.participant for one in interviews]

    def _vectors(self, X: Averaged) -> Array:
        """Averages, and for each modality whether it is missing, [n, Σ 2 D_m + modalities]."""
        rows = []
        for one in average(X):
            for name, width in self.widths_.items():
                if name in one.vectors and len(one.vectors[name]) != width:
                    raise FeatureError(
                        f"interview {one.interview}: {name} has {len(one.vectors[name]) // 2} features; "
                        f"the model was fitted on {width // 2}"
                    )
            parts = [one.vectors.get(name, np.full(width, np.nan)) for name, width in self.widths_.items()]
            rows.append(np.concatenate([*parts, [float(name not in one.vectors) for name in self.widths_]]))
        return np.stack(rows)


class PooledLogisticRegression(_Pooled):
    """Logistic regression on the mean and deviation of every feature over the whole interview: no sentences, no order.

    A missing feature is the training people's mean, and each modality has an indicator that says it is missing.
    Everything is standardised on training people. Classes are weighted by Eq. 1–2; the strength of the L2 penalty is
    the one with the lowest class-weighted log loss in an inner cross-validation over the training participants.

    Args:
        modalities: to read; all that training interviews have where None.
        strengths: choices for C.
        seed: of the inner folds.

    Example:
        >>> def one(i, value):
        ...     return SentenceFeatures(str(i), str(i), {"audio": np.full((2, 1), value, "f4")},
        ...                             {"audio": np.array([0, 2])}, np.zeros((1, 2)), ("",))
        >>> X = [one(i, i % 2) for i in range(20)]
        >>> model = PooledLogisticRegression().fit(X, [i % 2 for i in range(20)])
        >>> model.predict(X[:4]).tolist()
        [0, 1, 0, 1]
    """

    def __init__(
        self, modalities: Sequence[str] | None = None, strengths: Sequence[float] = STRENGTHS, seed: int = 0
    ) -> None:
        self.modalities = modalities
        self.strengths = strengths
        self.seed = seed

    def fit(self, X: Averaged, y: Sequence[int] | npt.NDArray[np.int64]) -> Self:
        """Learn from interviews and their labels, [n]."""
        labels = both_classes(y)
        vectors, participants = self._learn(X)
        self.classes_ = np.array([0, 1])
        self.C_, self.pipeline_ = choose(
            _scaler, _logistic(labels), vectors, labels, participants, self.strengths, self.seed
        )
        self.n_parameters_ = int(self.pipeline_[-1].coef_.size + 1)
        return self

    def predict_proba(self, X: Averaged) -> Array:
        """Probabilities of class 0 and 1, [n, 2]."""
        return np.asarray(self.pipeline_.predict_proba(self._vectors(X)))


class PooledGradientBoosting(_Pooled):
    """Boosted trees on the same vectors, which leave missing features missing. Small and slow on purpose: n is small.

    Args:
        modalities: to read; all that training interviews have where None.
        rounds: trees.
        seed: of the trees.
        learning_rate: by how much each tree counts.
        depth: questions that a tree asks one after the other, at most.
        penalty: L2, on what a leaf says.
    """

    def __init__(
        self,
        modalities: Sequence[str] | None = None,
        rounds: int = 100,
        seed: int = 0,
        learning_rate: float = 0.05,
        depth: int = 3,
        penalty: float = 1.0,
    ) -> None:
        self.modalities = modalities
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.depth = depth
        self.penalty = penalty
        self.seed = seed

    def fit(self, X: Averaged, y: Sequence[int] | npt.NDArray[np.int64]) -> Self:
        """Learn from interviews and their labels, [n]."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        labels = both_classes(y)
        vectors, _ = self._learn(X)
        self.classes_ = np.array([0, 1])
        self.trees_ = HistGradientBoostingClassifier(
            max_iter=self.rounds,
            learning_rate=self.learning_rate,
            max_depth=self.depth,
            min_samples_leaf=5,
            l2_regularization=self.penalty,
            max_features=0.3,
            early_stopping=False,
            class_weight=class_weights(labels),
            random_state=self.seed,
        ).fit(vectors, labels)
        self.n_parameters_ = int(sum(tree.get_n_leaf_nodes() for stage in self.trees_._predictors for tree in stage))
        return self

    def predict_proba(self, X: Averaged) -> Array:
        """Probabilities of class 0 and 1, [n, 2]."""
        return np.asarray(self.trees_.predict_proba(self._vectors(X)))


class LateFusion(_Probabilistic):
    """One `PooledLogisticRegression` a modality, their log-odds averaged over the modalities that an interview has.

    Args:
        modalities: to read; all that training interviews have where None.
        seed: of the inner folds.
    """

    def __init__(self, modalities: Sequence[str] | None = None, seed: int = 0) -> None:
        self.modalities = modalities
        self.seed = seed

    def fit(self, X: Averaged, y: Sequence[int] | npt.NDArray[np.int64]) -> Self:
        """Learn from interviews and their labels, [n]; each modality's model from those that have it."""
        labels, interviews = both_classes(y), average(X)
        found = sorted({name for one in interviews for name in one.vectors})
        self.classes_ = np.array([0, 1])
        self.models_: dict[str, PooledLogisticRegression] = {}
        for name in found if self.modalities is None else self.modalities:
            having = [i for i, one in enumerate(interviews) if name in one.vectors]
            if len(set(labels[having].tolist())) == 2:
                model = PooledLogisticRegression((name,), seed=self.seed)
                self.models_[name] = model.fit([interviews[i] for i in having], labels[having])
        if not self.models_:
            raise FeatureError(f"no modality has interviews of both classes; there are: {', '.join(found) or 'none'}")
        self.n_parameters_ = sum(model.n_parameters_ for model in self.models_.values())
        return self

    def predict_proba(self, X: Averaged) -> Array:
        """Probabilities of class 0 and 1, [n, 2]; ½ for an interview that has none of the modalities.

        Models with the weights of Eq. 1–2 take both classes to be equally frequent; hence ½, not the prevalence.
        """
        from scipy.special import expit, logit

        interviews = average(X)
        total, count = np.zeros(len(X)), np.zeros(len(X))
        for name, model in self.models_.items():
            having = [i for i, one in enumerate(interviews) if name in one.vectors]
            if having:
                said = model.predict_proba([interviews[i] for i in having])[:, 1]
                total[having] += logit(np.clip(said, TINY, 1 - TINY))
                count[having] += 1
        positive = expit(np.divide(total, count, out=np.zeros(len(X)), where=count > 0))
        return np.column_stack([1 - positive, positive])


class TfidfLinear(_Probabilistic):
    """Logistic regression on the words: TF-IDF of words and word pairs over all of the participant's sentences.

    Args:
        modalities: not read; words only.
        strengths: choices for C, made by inner cross-validation over the training participants.
        seed: of the inner folds.
    """

    reads = ("text",)

    def __init__(
        self,
        modalities: Sequence[str] | None = None,
        strengths: Sequence[float] = (*STRENGTHS[2:], 100.0),
        seed: int = 0,
    ) -> None:
        self.modalities = modalities
        self.strengths = strengths
        self.seed = seed

    def fit(self, X: Interviews, y: Sequence[int] | npt.NDArray[np.int64]) -> Self:
        """Learn from interviews and their labels, [n]."""
        labels = both_classes(y)
        interviews = [X[i] for i in range(len(X))]
        texts = [_words(one) for one in interviews]
        if not any(text.strip() for text in texts):
            raise FeatureError("no training interview has words; this model reads transcripts only")
        self.classes_ = np.array([0, 1])
        self.C_, self.pipeline_ = choose(
            _tfidf, _logistic(labels), texts, labels, [one.participant for one in interviews], self.strengths, self.seed
        )
        self.n_parameters_ = int(self.pipeline_[-1].coef_.size + 1)
        return self

    def predict_proba(self, X: Interviews) -> Array:
        """Probabilities of class 0 and 1, [n, 2]."""
        return np.asarray(self.pipeline_.predict_proba([_words(X[i]) for i in range(len(X))]))


def _words(one: SentenceFeatures) -> str:
    return "\n".join(one.texts)


def _logistic(labels: npt.NDArray[np.int64]) -> Callable[[float], Any]:
    from sklearn.linear_model import LogisticRegression

    return lambda strength: LogisticRegression(C=strength, class_weight=class_weights(labels), max_iter=2000)


def _scaler() -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())


def _tfidf() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(token_pattern=WORDS, ngram_range=(1, 2), sublinear_tf=True)


AVERAGED = "mean and sd over the interview"

MODEL = (
    Comparator(
        name="logistic-regression",
        title="Logistic regression, pooled",
        reference=AVERAGED,
        estimator=PooledLogisticRegression,
        position=50,
    ),
    Comparator(
        name="gradient-boosting",
        title="Gradient boosting, pooled",
        reference=f"{AVERAGED}; Friedman 2001",
        estimator=PooledGradientBoosting,
        space=(
            Setting("learning_rate", "log", (1e-2, 3e-1)),
            Setting("rounds", "choice", (50, 100, 200)),
            Setting("depth", "choice", (1, 2, 3, 4)),
            Setting("penalty", "log", (1e-1, 1e2)),
        ),
        position=52,
    ),
    Comparator(
        name="late-fusion",
        title="Late fusion",
        reference="mean of one logistic regression a modality",
        estimator=LateFusion,
        position=53,
    ),
    Comparator(
        name="tfidf-linear", title="TF-IDF + linear", reference="words only", estimator=TfidfLinear, position=54
    ),
    Comparator(name="majority", title="Majority class", reference="reads nothing", estimator=Majority, position=55),
)
"""Linear models choose their penalty by themselves, inside the training people (`smfl.training.penalty`), and the
majority has nothing to choose, so only the trees have something to tune."""
