r"""Settings chosen inside the training people: an estimator around an estimator.

Each trial fits the model with other settings (`smfl.training.selection.space`) on all training interviews, and is
judged by the class-weighted cross-entropy of the probabilities that they got from fits without them: of networks the
members' own (``validation_probabilities_``), of other models an inner cross-validation. A participant's interviews are
on one side.
Optuna's tree-structured Parzen estimator (Bergstra et al. 2011; Akiba et al. 2019, doi 10.1145/3292500.3330701) draws
the settings.

The first trial is the model as it is. **[decision]** It is kept unless another one's loss is lower by more than one
standard error of the fall over participants: the best of twenty trials on a hundred people always looks better by luck.
The same trials give the same choice: everything is seeded.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from smfl.evaluation.splits import inner_folds
from smfl.features import SentenceFeatures
from smfl.interview import CallError
from smfl.nn.model import Setting, Value
from smfl.training.comparators.averages import average
from smfl.training.comparators.graded import Graded
from smfl.training.penalty import TINY, both_classes, class_weights
from smfl.training.selection.modality_roles import AUTO, weak_modalities
from smfl.training.selection.space import space_of, value_of, with_settings

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
FEWEST = 2
"""Trials with which there is a choice: the first is the model as it is."""


@dataclass(frozen=True)
class Trial:
    """One try.

    Args:
        number: 0 is the model as it is.
        settings: by name.
        loss: class-weighted cross-entropy of the training people, each judged without them; infinite where the model
            diverged.
        better: whether it is lower than the first one's by more than a standard error.
    """

    number: int
    settings: Mapping[str, Value]
    loss: float
    better: bool


def check_trials(trials: int) -> None:
    """See that there is a choice.

    Raises:
        CallError: for one trial, or less than none.

    Example:
        >>> check_trials(1)
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: at least 2 trials are needed, for the first is the recipe as it is; got 1
    """
    if trials != 0 and trials < FEWEST:
        raise CallError(f"at least {FEWEST} trials are needed, for the first is the recipe as it is; got {trials}")


def tuned(estimator: Any, trials: int, seed: int = 0, on_trial: Callable[[int, int, Trial], None] | None = None) -> Any:
    """An estimator with so many trials; unchanged where there are none, or nothing to tune.

    Args:
        estimator: unfitted.
        trials: how many; 0 for none.
        seed: of what is drawn.
        on_trial: see `Tuned`.

    Raises:
        CallError: for one trial, or less than none.

    Example:
        >>> from smfl.training import make
        >>> [type(tuned(make(name), 20)).__name__ for name in ("smfl", "gradient-boosting", "majority")]
        ['Tuned', 'Tuned', 'Majority']
    """
    check_trials(trials)
    if isinstance(estimator, Graded):
        return clone(estimator).set_params(model=tuned(estimator.model, trials, seed, on_trial))
    if not trials or not space_of(estimator):
        return estimator
    return Tuned(estimator, trials=trials, seed=seed, on_trial=on_trial)


def _inner_has(name: str) -> Callable[[Any], bool]:
    return lambda self: hasattr(getattr(self, "best_estimator_", self.estimator), name)


class Tuned(ClassifierMixin, BaseEstimator):
    """An estimator whose settings are chosen in `fit`, by training people only.

    Args:
        estimator: unfitted; each trial fits a fresh one.
        trials: how many, the first being the estimator as it is.
        seed: of what is drawn, and of inner folds.
        on_trial: called after each with how many are done, of how many, and the `Trial`.

    Attributes:
        best_estimator_: the fitted one that was chosen.
        best_params_: its settings by name.
        trials_: all of them, in their order.
        history_: the chosen one's, by epoch; empty where it has none.
        n_parameters_: the chosen one's.
        choices_: what was chosen in fitting, as it is written into results and model folders.

    Example:
        >>> def one(i, value):
        ...     return SentenceFeatures(str(i), str(i), {"audio": np.full((2, 1), value, "f4")},
        ...                             {"audio": np.array([0, 2])}, np.zeros((1, 2)), ("",))
        >>> from smfl.training import make
        >>> X, y = [one(i, i % 2) for i in range(20)], [i % 2 for i in range(20)]
        >>> model = Tuned(make("gradient-boosting"), trials=3).fit(X, y)
        >>> len(model.trials_), model.trials_[0].settings["rounds"], model.predict(X[:4]).tolist()
        (3, 100, [0, 1, 0, 1])
    """

    def __init__(
        self,
        estimator: Any,
        trials: int = 20,
        seed: int = 0,
        on_trial: Callable[[int, int, Trial], None] | None = None,
    ) -> None:
        self.estimator = estimator
        self.trials = trials
        self.seed = seed
        self.on_trial = on_trial

    def fit(
        self,
        X: Sequence[SentenceFeatures],
        y: Sequence[int] | Integers,
        stop_on: tuple[Sequence[SentenceFeatures], Sequence[int] | Integers] | None = None,
        scores: Sequence[float] | Array | None = None,
    ) -> Tuned:
        """Try, choose, and keep what was fitted with the chosen settings.

        Args:
            X: training interviews, n of them.
            y: their labels, [n].
            stop_on: people whose loss chooses the epoch, where the estimator takes them: the paper's own protocol.
                They don't choose settings: the chosen estimator is fitted once more with them.
            scores: the questionnaire's, [n], where the estimator takes them.

        Raises:
            CallError: for one trial, or labels that aren't 0 and 1, both of them.
        """
        check_trials(self.trials)
        labels, interviews = both_classes(y), [X[i] for i in range(len(X))]
        takes = inspect.signature(self.estimator.fit).parameters
        more = {"scores": np.asarray(scores, dtype=np.float64)} if scores is not None and "scores" in takes else {}
        task = _Task(interviews, labels, more, self.seed)
        space = space_of(self.estimator)
        first = best = task.run(self.estimator)
        base = _with_found_roles(self.estimator, first.estimator)
        first_settings = {one.name: value_of(self.estimator, one.name) for one in space}
        self.trials_: list[Trial] = []
        with _silent_optuna() as optuna:
            sampler = optuna.samplers.TPESampler(seed=self.seed)
            study = optuna.create_study(direction="minimize", sampler=sampler)
            study.enqueue_trial(first_settings)
            distributions = {one.name: _distribution(one) for one in space}
            for number in range(self.trials):
                drawn = study.ask(distributions)
                settings = (
                    first_settings if number == 0 else {one.name: one.rounded(drawn.params[one.name]) for one in space}
                )
                run = first if number == 0 else task.run(with_settings(base, settings))
                study.tell(drawn, run.loss)
                trial = Trial(number, settings, run.loss, run.clearly_below(first))
                self.trials_.append(trial)
                if number == 0 or (trial.better and run.loss < best.loss):
                    best, chosen = run, trial
                if self.on_trial is not None:
                    self.on_trial(number + 1, self.trials, trial)
        self.best_estimator_, self.best_params_ = best.estimator, dict(chosen.settings)
        if stop_on is not None and "stop_on" in takes:
            chosen_estimator = with_settings(base, self.best_params_) if chosen.number else base
            self.best_estimator_ = clone(chosen_estimator).fit(interviews, labels, stop_on=stop_on, **more)
        self.classes_, self.n_parameters_ = np.array([0, 1]), self.best_estimator_.n_parameters_
        self.history_ = getattr(self.best_estimator_, "history_", [])
        self.choices_ = getattr(first.estimator, "choices_", {}) | {"tuning": _summary(self.trials_, chosen)}
        if hasattr(self.best_estimator_, "choices_"):
            self.best_estimator_.choices_ = self.choices_
            self.best_estimator_.unimodal_scores_ = first.estimator.unimodal_scores_
        return self

    def predict_proba(self, X: Sequence[SentenceFeatures]) -> Array:
        """Probabilities of not depressed and depressed by the chosen one, [n, 2]."""
        check_is_fitted(self, "best_estimator_")
        return np.asarray(self.best_estimator_.predict_proba(X))

    def predict(self, X: Sequence[SentenceFeatures]) -> Integers:
        """1 where the probability is at least .5, [n]."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(np.int64)

    @property
    def tasks_(self) -> tuple[str, ...]:
        """What the chosen one tells."""
        check_is_fitted(self, "best_estimator_")
        return tuple(getattr(self.best_estimator_, "tasks_", ()))

    @available_if(_inner_has("predict_scores"))
    def predict_scores(self, X: Sequence[SentenceFeatures]) -> Array:
        """The questionnaire's score by the chosen one, [n]."""
        return np.asarray(self.best_estimator_.predict_scores(X))

    @available_if(_inner_has("predict_severity"))
    def predict_severity(self, X: Sequence[SentenceFeatures]) -> Integers:
        """The band of the PHQ-8 by the chosen one, [n]."""
        return np.asarray(self.best_estimator_.predict_severity(X))

    @available_if(_inner_has("predict_members"))
    def predict_members(self, X: Sequence[SentenceFeatures]) -> Array:
        """The probability of depression by each member of the chosen one, [members, n]."""
        check_is_fitted(self, "best_estimator_")
        return np.asarray(self.best_estimator_.predict_members(X))


@dataclass(frozen=True, eq=False)
class _Run:
    """A fitted estimator, and each participant's part of its loss, [participants]."""

    estimator: Any
    losses: Array

    @property
    def loss(self) -> float:
        return float(self.losses.mean())

    def clearly_below(self, other: _Run) -> bool:
        """Whether the mean loss is lower by more than one standard error of the participants' paired falls."""
        falls = other.losses - self.losses
        if len(falls) < 2 or not np.isfinite(falls).all():
            return bool(self.loss < other.loss == math.inf)
        return bool(falls.mean() > falls.std(ddof=1) / math.sqrt(len(falls)))


@dataclass(frozen=True, eq=False)
class _Task:
    """What every trial is done on: training people, and nobody else.

    Args:
        interviews: interviews.
        labels: theirs, [n].
        more: what else `fit` takes.
        seed: of inner folds.
    """

    interviews: Sequence[SentenceFeatures]
    labels: Integers
    more: Mapping[str, Any]
    seed: int

    def run(self, estimator: Any) -> _Run:
        """Fit a fresh one on all, and judge by probabilities of fits without the judged."""
        shown: Sequence[Any] = (
            average(self.interviews) if getattr(estimator, "takes_averages", False) else self.interviews
        )
        fitted = clone(estimator).fit(shown, self.labels, **self.more)
        first_settings = getattr(fitted, "validation_probabilities_", None)
        predicted = (
            self._inner(estimator, shown) if first_settings is None else np.asarray(first_settings, dtype=np.float64)
        )
        diverged = not np.isfinite(fitted.predict_proba(shown[:1])).all()  # a mean over members: one is enough
        return _Run(fitted, self._losses(predicted, diverged=diverged))

    def _inner(self, estimator: Any, shown: Sequence[Any]) -> Array:
        """Probabilities from inner folds of participants, [n]; ``nan`` for those of no fold."""
        predicted = np.full(len(self.labels), np.nan)
        for train, held in inner_folds(self.labels, self._participants(), self.seed):
            fitted = clone(estimator).fit([shown[i] for i in train], self.labels[train])
            predicted[held] = fitted.predict_proba([shown[i] for i in held])[:, 1]
        return predicted

    def _losses(self, predicted: Array, *, diverged: bool) -> Array:
        """Each judged participant's part of the class-weighted cross-entropy, [participants]; its mean is the loss."""
        judged = ~np.isnan(predicted)
        labels, p = self.labels[judged], np.clip(predicted[judged], TINY, 1 - TINY)
        if diverged or not len(labels):
            return np.full(1, np.inf)
        by_class = class_weights(self.labels)
        weights = np.array([by_class[int(label)] for label in labels])
        parts = -weights * np.log(np.where(labels == 1, p, 1 - p)) / weights.sum()
        _, of_participant = np.unique(self._participants()[judged], return_inverse=True)
        by_participant = np.bincount(of_participant, weights=parts)
        return np.asarray(by_participant * len(by_participant), dtype=np.float64)

    def _participants(self) -> npt.NDArray[np.str_]:
        return np.array([str(one.participant) for one in self.interviews])


def _summary(trials: Sequence[Trial], chosen: Trial) -> dict[str, Any]:
    """What results and model folders say of the choice; a loss that isn't finite is None."""
    tried = [
        {"trial": one.number, "loss": one.loss if math.isfinite(one.loss) else None, "settings": dict(one.settings)}
        for one in trials
    ]
    return {"trials": len(tried), "chosen": chosen.number, "settings": dict(chosen.settings), "tried": tried}


def _with_found_roles(estimator: Any, fitted: Any) -> Any:
    """The same with strong and weak as the first trial found them: all trials lift alike, and they are found once."""
    if not hasattr(estimator, "strong") or AUTO not in (estimator.strong, *(weak_modalities(estimator.weak) or ())):
        return estimator
    if fitted.strong_ is None:
        return clone(estimator).set_params(strong=None, weak=None)
    return clone(estimator).set_params(strong=fitted.strong_, weak=fitted.weak_)


def _distribution(setting: Setting) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if setting.kind == "choice":
        return CategoricalDistribution(setting.range)
    low, high = setting.range
    return FloatDistribution(float(low), float(high), log=setting.kind == "log")


@contextmanager
def _silent_optuna() -> Iterator[Any]:
    """Optuna, without a line for each trial; how much it told before is put back."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield optuna
    finally:
        optuna.logging.set_verbosity(before)
