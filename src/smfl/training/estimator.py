"""The estimator: scikit-learn's contract around the network and its recipe."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from smfl.evaluation.splits import inner_folds
from smfl.features import SentenceFeatures
from smfl.features.sentences import longest_of
from smfl.interview import CallError, LabelError
from smfl.nn import BesideLine, LinearEvidence, Widths
from smfl.training.fitting import Epoch, fit_network, logits_of, outputs
from smfl.training.inputs.batching import Example
from smfl.training.inputs.training_examples import example_of, training_examples
from smfl.training.linear.start import move, start_linear
from smfl.training.links import Links
from smfl.training.models import changed_settings, network_named
from smfl.training.recipe import Recipe, recipe_named
from smfl.training.selection.modality_roles import MODALITIES, STRONG, ModalityRoles, find_roles
from smfl.training.tasks import BINARY, FEWEST, SCORE, SEVERITY, Labels, Targets, check_scores, tasks_of

Probabilities = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Network = torch.nn.Module
"""From a `smfl.nn.Batch` to a `smfl.nn.Output`."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """What the network read where, in one interview.

    Attention says where the network looks, not why it decides; ``contribution`` says what happens without a sentence.

    Args:
        probability: of depression.
        sentence_weights: float [S], summing to 1.
        modality_weights: by modality, float [S]: how much of that modality's sentence i was read; zero where it is
            missing.
        contribution: float [S]: log-odds with all sentences less log-odds without sentence i.
    """

    probability: float
    sentence_weights: npt.NDArray[np.float64]
    modality_weights: Mapping[str, npt.NDArray[np.float64]]
    contribution: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Training:
    """Interviews to learn from.

    Args:
        examples: n of them.
        labels: [n].
        participants: [n].
        scores: the questionnaire's, [n], ``nan`` where unknown.
    """

    examples: Sequence[Example]
    labels: Labels
    participants: npt.NDArray[np.str_]
    scores: Probabilities

    def part(self, rows: Integers) -> _Training:
        """Some of them."""
        chosen = [self.examples[i] for i in rows]
        return _Training(chosen, self.labels[rows], self.participants[rows], self.scores[rows])


class SMFLClassifier(ClassifierMixin, BaseEstimator):
    """SMFL, another network by name, or your own, as a scikit-learn classifier of interviews.

    ``X`` is a sequence of `SentenceFeatures`; a `Prepared` folder is one. ``y`` is 0 (not depressed) or 1 (depressed).
    Splits inside `fit` keep an interview's participant on one side.

    Args:
        model: name of a network; see `smfl.training.models`. Not read where ``network`` is given.
        recipe: ``tuned``, or ``paper`` (§3.2), or a `Recipe`.
        modalities: those that may be read.
        task: ``binary``, ``severity`` (bands of the PHQ-8), ``score``, or several with commas between, which are then
            learned together; see `smfl.training.tasks`.
        max_sentences: the threshold M; longer interviews keep the sentences with the most speech.
        members: networks that are averaged; the recipe's own number by default.
        epochs: at most; the recipe's own number by default.
        seed: of everything that is random.
        device: where to compute; ``cpu`` by default, for numbers that can be had again anywhere.
        on_epoch: called with (member, `Epoch`) after each epoch.
        strong: the modality that enhances others (§2.6): a name, or ``auto``: the best one alone on the training
            people, each judged by networks that weren't trained on them (§3.3.2.1); None: as the network's settings
            say, the text.
        weak: those that are enhanced: names, in a sequence or with commas, or ``auto``: the one that scores lowest
            alone; None: as the network's settings say, the video.
        network: your own network: called with `smfl.nn.Widths` it gives a `torch.nn.Module` from a `smfl.nn.Batch` to
            a `smfl.nn.Output`; see `smfl.nn.model.NetworkModel`. A recipe's changes of settings don't reach it.

    Attributes:
        history_: a dict a member and epoch: ``member, epoch, learning_rate, train_loss, validation_loss``.
        n_parameters_: parameters of one member.
        validation_probabilities_: for each training interview, the probability by members that didn't train on it;
            ``nan`` where all did.
        settings_: the network's, with the recipe's changes; None for a network of your own.
        strong_: the modality that enhances others; None where none does.
        weak_: those that are enhanced.
        unimodal_scores_: AUROC of each modality alone, 0 to 1, where ``auto`` asked for them.
        choices_: what was chosen in fitting, as it is written into results and model folders.

    Example:
        >>> SMFLClassifier(model="tcn-sentence").get_params()["model"]
        'tcn-sentence'
    """

    def __init__(
        self,
        model: str = "smfl",
        recipe: str | Recipe = "tuned",
        modalities: Sequence[str] = MODALITIES,
        task: str | Sequence[str] = BINARY,
        max_sentences: int = 120,
        members: int | None = None,
        epochs: int | None = None,
        seed: int = 0,
        device: str = "cpu",
        on_epoch: Callable[[int, Epoch], None] | None = None,
        strong: str | None = None,
        weak: str | Sequence[str] | None = None,
        network: Callable[[Widths], Network] | None = None,
    ) -> None:
        self.model = model
        self.recipe = recipe
        self.modalities = modalities
        self.task = task
        self.max_sentences = max_sentences
        self.members = members
        self.epochs = epochs
        self.seed = seed
        self.device = device
        self.on_epoch = on_epoch
        self.strong = strong
        self.weak = weak
        self.network = network

    def fit(
        self,
        X: Sequence[SentenceFeatures],
        y: Sequence[int] | Labels,
        stop_on: tuple[Sequence[SentenceFeatures], Sequence[int] | Labels] | None = None,
        scores: Sequence[float] | npt.NDArray[np.float64] | None = None,
    ) -> SMFLClassifier:
        """Train on these interviews.

        Args:
            X: training interviews.
            y: their labels.
            stop_on: people whose loss chooses the epoch in place of a part of the training people. Only the paper's own
                protocol, which stops on the test people, has a use for it; its results are optimistic.
            scores: the questionnaire's score of each, ``nan`` where unknown. The linear path's start reads them where
                everybody has one: they tell the mildly ill from the severely ill, which labels don't. The tasks
                ``severity`` and ``score`` learn from those who have one.

        Raises:
            LabelError: where labels aren't 0 and 1, one class is absent, or a task lacks scores.
            FeatureError: where features don't fit each other.
            CallError: for an unknown task; where ``strong`` or ``weak`` is no modality, or one is both.
        """
        labels = _checked(y, len(X))
        recipe, self.tasks_ = self.recipe_in_use(), tasks_of(self.task)
        severity = np.full(len(X), np.nan) if scores is None else np.asarray(scores, dtype=np.float64)
        check_scores(self.tasks_, severity)
        self.classes_ = np.array([0, 1])
        words = self._choose_roles(X, labels, severity)
        measured = training_examples(X, recipe.inputs, self.modalities, words, self.max_sentences)
        self.inputs_ = measured.inputs
        training = _Training(measured.examples, labels, measured.participants, severity)
        out_of_part = self._fit_members(training, recipe, stop_on)
        self.links_ = self._fit_links(out_of_part, training)
        judged = self.links_.probability(_odds(out_of_part))
        votes = (~np.isnan(judged)).sum(axis=0)
        self.validation_probabilities_ = np.nansum(judged, axis=0) / np.where(votes > 0, votes, np.nan)
        self.n_parameters_ = sum(p.numel() for p in self.networks_[0].parameters())
        return self

    def predict_members(self, X: Sequence[SentenceFeatures]) -> Probabilities:
        """The probability of depression by each member: [members, n]."""
        return self.links_.probability(self._members(X))

    def predict_proba(self, X: Sequence[SentenceFeatures]) -> Probabilities:
        """Probabilities of not depressed and depressed, [n, 2]: the members' mean."""
        positive = self.predict_members(X).mean(axis=0)
        return np.stack([1 - positive, positive], axis=1)

    def predict(self, X: Sequence[SentenceFeatures]) -> Labels:
        """1 where the probability is at least .5."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(np.int64)

    def predict_scores(self, X: Sequence[SentenceFeatures]) -> Probabilities:
        """The questionnaire's score, in points, [n]: read off the members' mean log-odds.

        Raises:
            CallError: where the model wasn't trained for it.
        """
        self._check_task(SCORE)
        return self.links_.score(self._members(X).mean(axis=0))

    def predict_severity(self, X: Sequence[SentenceFeatures]) -> Labels:
        """The band of the PHQ-8, 0 (none) to 4 (severe), [n].

        Raises:
            CallError: where the model wasn't trained for it.
        """
        self._check_task(SEVERITY)
        return self.links_.band(self._members(X).mean(axis=0))

    def predict_severity_proba(self, X: Sequence[SentenceFeatures]) -> Probabilities:
        """The probability of each band, [n, 5].

        Raises:
            CallError: where the model wasn't trained for it.
        """
        self._check_task(SEVERITY)
        return self.links_.bands(self._members(X).mean(axis=0))

    def explain(self, one: SentenceFeatures) -> Explanation:
        """What was read where in one interview, the mean over members."""
        check_is_fitted(self, "networks_")
        kept = longest_of(one.lengths, self.max_sentences)
        shown = one.keep(kept)
        without = [shown.keep(np.delete(np.arange(len(kept)), i)) for i in range(len(kept))] if len(kept) > 1 else []
        examples = self._examples([shown, *without])
        sentence, odds = np.zeros(len(one)), np.zeros(len(examples))
        modality: dict[str, npt.NDArray[np.float64]] = {}
        share = 1 / len(self.networks_)
        for network in self.networks_:
            found = outputs(network, examples, batch=16, device=torch.device(self.device))
            sentence[kept] += share * found[0].sentence_weights[0, : len(kept)].double().cpu().numpy()
            for name, weights in found[0].modality_weights.items():
                modality.setdefault(name, np.zeros(len(one)))
                modality[name][kept] += share * weights[0, : len(kept)].double().cpu().numpy()
            logits = torch.cat([output.logits for output in found]).double().cpu().numpy()
            odds += share * (logits[:, 1] - logits[:, 0])
        contribution = np.zeros(len(one))
        contribution[kept] = odds[0] - odds[1:] if without else 0.0
        return Explanation(float(self.predict_proba([one])[0, 1]), sentence, modality, contribution)

    def recipe_in_use(self) -> Recipe:
        """The recipe that `fit` follows: the one asked for, with this estimator's own members and epochs."""
        recipe = self.recipe if isinstance(self.recipe, Recipe) else recipe_named(self.recipe)
        changes: dict[str, Any] = {"members": self.members, "epochs": self.epochs}
        return replace(recipe, **{name: value for name, value in changes.items() if value is not None})

    def settings_in_use(self) -> Any:
        """The network's settings with the recipe's changes; None for a network of your own.

        Raises:
            CallError: for an unknown model, or a change of a setting that no network has.
        """
        if self.network is not None:
            return None
        return changed_settings(network_named(self.model), self.recipe_in_use().network)

    def new_network(self, seed: int) -> Network:
        """A network for the measured inputs, freshly initialised; beside a linear path where the recipe has one.

        Raises:
            CallError: where your own ``network`` gives no `torch.nn.Module`.
        """
        torch.manual_seed(seed)
        if self.network is not None:
            network = self.network(self._widths())
            if not isinstance(network, torch.nn.Module):
                raise CallError(f"network gave a {type(network).__name__}; it has to give a torch.nn.Module")
        else:
            network = network_named(self.model).network(self._widths(), self.settings_)
        return BesideLine(network, self._new_line()) if self.recipe_in_use().linear else network

    def _choose_roles(self, X: Sequence[SentenceFeatures], labels: Labels, scores: Probabilities) -> str:
        """Settle the settings, and who enhances whom; the modality whose sentences have topics."""
        self.settings_ = self.settings_in_use()
        own = ModalityRoles.of_settings(self.settings_)
        roles = find_roles(self, own, X, labels, scores)
        if roles.strong is not None:
            self.settings_ = replace(self.settings_, strong=roles.strong, weak=roles.weak)
        self.strong_, self.weak_, self.unimodal_scores_ = roles.strong, roles.weak, roles.scores
        self.choices_ = roles.to_dict()
        return ModalityRoles.of_settings(self.settings_).strong or STRONG

    def _fit_members(
        self,
        training: _Training,
        recipe: Recipe,
        stop_on: tuple[Sequence[SentenceFeatures], Sequence[int] | Labels] | None,
    ) -> Probabilities:
        """Train all members; the logits of each for those whom it wasn't trained on, [members, n, 2], else ``nan``."""
        device, targets = torch.device(self.device), Targets.of(training.labels, training.scores)
        out_of_part = np.full((recipe.members, len(training.labels), 2), np.nan)
        self.networks_: list[Network] = []
        self.history_: list[dict[str, float]] = []
        whole = None
        if recipe.linear:  # once the epochs are chosen, the closed form is computed from all training people
            whole = self._started(self._new_line(), training).to(device)
        for member, (train, watch) in enumerate(_parts(training.labels, training.participants, recipe, self.seed)):
            seed = 1000 * self.seed + member
            network = self.new_network(seed)
            if isinstance(network, BesideLine):
                self._started(network.linear, training.part(train))
                network.start_at_line()
                start = copy.deepcopy(network.linear).to(device)
            network = network.to(device)
            watched = (training.part(watch).examples, targets[watch])
            if stop_on is not None:
                watched = (self._examples(stop_on[0]), Targets.of(np.asarray(stop_on[1], dtype=np.int64)))
                train = np.arange(len(training.labels))
            history = fit_network(
                network,
                recipe,
                (training.part(train).examples, targets[train]),
                watched,
                tasks=self.tasks_,
                seed=seed,
                device=device,
                on_epoch=None if self.on_epoch is None else partial(self.on_epoch, member),
            )
            self.history_ += [{"member": member, **asdict(epoch)} for epoch in history]
            self.networks_.append(network)
            if stop_on is None:
                out_of_part[member, watch] = self._logits(network, watched[0])
            if isinstance(network, BesideLine) and whole is not None:
                move(network.linear, start, whole)
        return out_of_part

    def _new_line(self) -> LinearEvidence:
        """A linear path, all zero; sentences are weighed by topics where the strong modality has them."""
        widths, strong = self._widths(), ModalityRoles.of_settings(self.settings_).strong
        gated = widths.topics[0] and strong in widths.frames
        return LinearEvidence(widths.statistics, strong if gated else None, widths.topics)

    def _started(self, linear: LinearEvidence, training: _Training) -> LinearEvidence:
        """Set a linear path to the closed form of these training."""
        start_linear(
            linear,
            training.examples,
            training.labels,
            training.participants,
            {name: self.inputs_.measures(name) for name in self.inputs_.modalities},
            scores=training.scores,
            cues=self.inputs_.cues(),
        )
        return linear

    def _widths(self) -> Widths:
        return Widths(self.inputs_.frame_widths, self.inputs_.statistics_widths, self.inputs_.topics)

    def _examples(self, X: Sequence[SentenceFeatures]) -> list[Example]:
        return [example_of(X[i], self.inputs_, self.max_sentences) for i in range(len(X))]

    def _logits(self, network: Network, examples: Sequence[Example]) -> Probabilities:
        return logits_of(network, examples, batch=16, device=torch.device(self.device)).double().cpu().numpy()

    def _members(self, X: Sequence[SentenceFeatures]) -> Probabilities:
        """Log-odds by each member, [members, n]."""
        check_is_fitted(self, "networks_")
        examples = self._examples(X)
        return _odds(np.stack([self._logits(network, examples) for network in self.networks_]))

    def _fit_links(self, out_of_part: Probabilities, training: _Training) -> Links:
        """What log-odds mean, by people whom a member wasn't trained on; by all where too few of them have scores."""
        if self.tasks_ == (BINARY,):
            return Links()
        odds = _odds(out_of_part)
        votes = (~np.isnan(odds)).sum(axis=0)
        if (~np.isnan(training.scores[votes > 0])).sum() < FEWEST:
            odds = _odds(np.stack([self._logits(network, training.examples) for network in self.networks_]))
            votes = np.full(len(training.labels), len(odds))
        known = votes > 0
        mean = np.nansum(odds, axis=0)[known] / votes[known]
        return Links.of(self.tasks_, mean, training.labels[known], training.scores[known])

    def _check_task(self, task: str) -> None:
        check_is_fitted(self, "networks_")
        if task not in self.tasks_:
            raise CallError(f"this model was trained for {', '.join(self.tasks_)}; train it with --task {task}")


def _odds(logits: Probabilities) -> Probabilities:
    return np.asarray(logits[..., 1] - logits[..., 0])


def _checked(labels: Sequence[int] | Labels, interviews: int) -> Labels:
    y = np.asarray(labels)
    if len(y) != interviews:
        raise CallError(f"{interviews} interviews, but {len(y)} labels")
    if not np.isin(y, (0, 1)).all():
        raise LabelError(f"labels are 0 (not depressed) or 1 (depressed); got {sorted(set(y.tolist()) - {0, 1})}")
    if len(np.unique(y)) < 2:
        raise LabelError(f"training needs both classes; all {len(y)} interviews have label {y[0]}")
    return y.astype(np.int64)


def _parts(
    labels: Labels, groups: npt.NDArray[np.str_], recipe: Recipe, seed: int
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """For each member, the training people and those that choose its epoch: stratified, no one on both sides."""
    parts = inner_folds(labels, groups, seed, recipe.members if recipe.members > 1 else round(1 / recipe.validation))
    return [parts[member % len(parts)] for member in range(recipe.members)]
