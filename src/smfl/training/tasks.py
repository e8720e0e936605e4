r"""What is learned of a person: whether they are depressed, in which band of the PHQ-8, with which score.

All tasks are functions of one number, the network's log-odds :math:`\eta`: with a hundred people there is no room for a
severity of its own beside it. Each task is a link on it, and training minimises the sum of the asked ones' losses:

- ``binary``: the class-weighted cross-entropy of the paper (Eq. 1–2).
- ``severity``: cumulative logits :math:`P(\text{band} \ge k) = \sigma(s \eta - \theta_k)` with rising thresholds
  (McCullagh 1980, J. R. Stat. Soc. B 42:109), over the bands of the PHQ-8 (Kroenke et al. 2009): the mean of the four
  binary cross-entropies.
- ``score``: :math:`a + b \eta`, half the squared error in standard deviations of the training people.

Who has no score is left out of the latter two. CMJAT's own prediction (§2.6) is judged by the same sum. The links are
aids of training; a fitted model predicts by `smfl.training.links`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from smfl.interview import BANDED, CUTS, CallError, LabelError, bands_of, choice

TASKS = ("binary", "severity", "score")
BINARY, SEVERITY, SCORE = TASKS
FEWEST = 10
"""People with scores from whom bands and points are learned, at least."""

Labels = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


def tasks_of(text: str | Sequence[str]) -> tuple[str, ...]:
    """Tasks by name, in the order of `TASKS`.

    Args:
        text: names, in a sequence or with commas between.

    Raises:
        CallError: for an unknown name, or none.

    Example:
        >>> tasks_of("score,binary")
        ('binary', 'score')
    """
    asked = [name.strip() for name in (text.split(",") if isinstance(text, str) else text)]
    for name in asked:
        choice(name, list(TASKS), what="task")
    if not asked:
        raise CallError(f"no task is named; valid: {', '.join(TASKS)}")
    return tuple(name for name in TASKS if name in asked)


def check_scores(tasks: Sequence[str], scores: Scores | None, scale: str | None = None) -> None:
    """Refuse a task whose scores aren't there.

    Args:
        tasks: what is asked.
        scores: of the training people, ``nan`` where unknown; None for none.
        scale: the questionnaire; None where it isn't told.

    Raises:
        CallError: for bands of a scale that has none.
        LabelError: where fewer than `FEWEST` people have a score, or all have the same.
    """
    graded = [task for task in tasks if task != BINARY]
    if not graded:
        return
    if SEVERITY in graded and scale is not None and scale not in BANDED:
        raise CallError(
            f"--task severity is of the bands of {' and '.join(BANDED)}; these scores are of {scale}: "
            "--task score learns them as they are"
        )
    known = np.empty(0) if scores is None else np.asarray(scores, dtype=np.float64)
    known = known[~np.isnan(known)]
    if len(known) < FEWEST or np.ptp(known) == 0:
        raise LabelError(
            f"--task {','.join(graded)} learns from the questionnaire's scores; {len(known)} training people have one"
            f"{', all the same' if len(known) and np.ptp(known) == 0 else ''}: it takes {FEWEST}, not all alike"
        )


@dataclass(frozen=True, eq=False)
class Targets:
    """What is to be predicted of some interviews.

    Args:
        labels: int64 [n].
        bands: int64 [n], -1 where unknown.
        scores: float32 [n], in standard deviations from the training people's mean; ``nan`` where unknown.
    """

    labels: Tensor
    bands: Tensor
    scores: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: npt.NDArray[np.int64] | Labels) -> Targets:
        return Targets(*(part[torch.as_tensor(rows)] for part in (self.labels, self.bands, self.scores)))

    def to(self, device: torch.device) -> Targets:
        """The same on another device."""
        return Targets(self.labels.to(device), self.bands.to(device), self.scores.to(device))

    @classmethod
    def of(cls, labels: Labels, scores: Scores | None = None) -> Targets:
        """Of training people; their scores are standardised by themselves."""
        values = np.full(len(labels), np.nan) if scores is None else np.asarray(scores, dtype=np.float64)
        known = values[~np.isnan(values)]
        mean, sd = (known.mean(), known.std()) if len(known) else (0.0, 1.0)
        standardised = ((values - mean) / max(sd, 1e-6)).astype(np.float32)
        return cls(torch.from_numpy(labels), torch.from_numpy(bands_of(values)), torch.from_numpy(standardised))


class Objective(nn.Module):
    """The loss of the asked tasks.

    Args:
        tasks: of `TASKS`.
        weights: of the classes (Eq. 1–2), [2].

    Example:
        >>> objective = Objective(("binary", "severity"), torch.ones(2))
        >>> people = Targets.of(np.array([0, 1]), np.array([3.0, 17.0]))
        >>> right, wrong = (torch.tensor([[0.0, x], [0.0, -x]]) for x in (-2.0, 2.0))
        >>> bool(objective(right, people) < objective(wrong, people))
        True
    """

    weights: Tensor

    def __init__(self, tasks: Sequence[str], weights: Tensor) -> None:
        super().__init__()
        self.tasks = tuple(tasks)
        self.register_buffer("weights", weights)
        if SEVERITY in self.tasks:
            self.first = nn.Parameter(torch.tensor(-1.0))
            self.gaps = nn.Parameter(torch.zeros(len(CUTS) - 1))
            self.steepness = nn.Parameter(torch.tensor(1.0))
        if SCORE in self.tasks:
            self.offset = nn.Parameter(torch.tensor(0.0))
            self.slope = nn.Parameter(torch.tensor(0.5))

    def forward(self, logits: Tensor, targets: Targets, smoothing: float = 0.0) -> Tensor:
        """The loss of some people.

        Args:
            logits: [n, 2].
            targets: theirs.
            smoothing: of labels, in the task ``binary``.
        """
        total = logits.new_zeros(())
        if BINARY in self.tasks:
            total = functional.cross_entropy(logits, targets.labels, weight=self.weights, label_smoothing=smoothing)
        for losses in self._graded(logits, targets):
            total = total + losses.sum()
        return total

    def each(self, logits: Tensor, targets: Targets) -> Tensor:
        """Each person's part of the loss, [n]."""
        total = logits.new_zeros(len(logits))
        if BINARY in self.tasks:
            losses = functional.cross_entropy(logits, targets.labels, weight=self.weights, reduction="none")
            total = losses / self.weights[targets.labels].sum()
        for losses in self._graded(logits, targets):
            total = total + losses
        return total

    def _graded(self, logits: Tensor, targets: Targets) -> list[Tensor]:
        """Of severity and score, each person's part; zero for who has no score."""
        odds = logits[:, 1] - logits[:, 0]
        known = targets.bands >= 0
        share = known / known.sum().clamp(min=1)
        found = []
        if SEVERITY in self.tasks:
            thresholds = torch.cat([self.first[None], self.first + functional.softplus(self.gaps).cumsum(0)])
            cumulative = self.steepness * odds[:, None] - thresholds
            reached = (targets.bands[:, None] > torch.arange(len(CUTS), device=odds.device)).to(odds.dtype)
            losses = functional.binary_cross_entropy_with_logits(cumulative, reached, reduction="none")
            found.append(losses.mean(dim=1) * share)
        if SCORE in self.tasks:
            errors = self.offset + self.slope * odds - torch.where(known, targets.scores, torch.zeros_like(odds))
            found.append(errors**2 / 2 * share)
        return found
