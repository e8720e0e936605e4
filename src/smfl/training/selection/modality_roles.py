"""Which modality is strong and which are weak (§2.6): as the system says, as asked for, or found by each one alone.

The paper trains a model on each modality alone, calls the best one strong and lets it lift a weak one (§3.3.2.1). It
does so once, on people whom it then tests on. Here it is done inside the training people, anew in each fold: each
modality's model judges only people that it wasn't trained on, and no held-out person is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from smfl.features import SentenceFeatures
from smfl.interview import CallError, choice
from smfl.nn import SMFLSettings

MODALITIES = ("video", "audio", "text")
STRONG = SMFLSettings().strong
"""The paper's; also the modality whose sentences have topics in a model that enhances none."""

AUTO = "auto"
"""In the place of a modality's name: the best, or the lowest, by itself."""

PARTS = 3
"""Members of a model of one modality, each on two thirds of the people: everyone is judged by one that hasn't seen
them, at less than the whole model's cost."""


@dataclass(frozen=True)
class ModalityRoles:
    """Who lifts whom.

    Args:
        strong: the modality that lifts; None where nothing is lifted.
        weak: those that are lifted.
        scores: AUROC of each modality alone, 0 to 1, where they were asked for; one that too few people have has none.
    """

    strong: str | None = None
    weak: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of_settings(cls, settings: Any) -> ModalityRoles:
        """Those that a network's settings name; none where the network has no CMJAT.

        Example:
            >>> ModalityRoles.of_settings(SMFLSettings()), ModalityRoles.of_settings(None)
            (ModalityRoles(strong='text', weak=('video',), scores={}), ModalityRoles(strong=None, weak=(), scores={}))
        """
        if not getattr(settings, "cmjat", False):
            return cls()
        return cls(settings.strong, settings.weak)

    def to_dict(self) -> dict[str, Any]:
        """As it is written into results and model folders; empty where nothing is lifted, and nothing was measured.

        Example:
            >>> ModalityRoles("text", ("video",)).to_dict(), ModalityRoles().to_dict()
            ({'strong': 'text', 'weak': ['video']}, {})
        """
        summary: dict[str, Any] = {} if self.strong is None else {"strong": self.strong, "weak": list(self.weak)}
        return summary | ({"unimodal_scores": self.scores} if self.scores else {})


def weak_modalities(weak: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """The weak modalities as a tuple; None where none are named.

    Args:
        weak: names, in a sequence or with commas between them.

    Raises:
        CallError: where a name is empty.

    Example:
        >>> weak_modalities("video, audio"), weak_modalities(["auto"]), weak_modalities(None)
        (('video', 'audio'), ('auto',), None)
    """
    if weak is None:
        return None
    found = tuple(name.strip() for name in (weak.split(",") if isinstance(weak, str) else weak))
    if not found or not all(found):
        raise CallError(f"weak: names with commas between them, such as video,audio, or {AUTO}; got {weak!r}")
    return found


def check_roles(
    strong: str | None, weak: str | Sequence[str] | None, modalities: Sequence[str], own: str = STRONG
) -> None:
    """See that names are there and don't contradict each other.

    Args:
        strong: a modality, ``auto``, or None.
        weak: modalities, ``auto``, or None.
        modalities: valid names.
        own: the system's strong modality, which lifts where ``strong`` is None.

    Raises:
        CallError: for an unknown name, or where a modality would lift itself.

    Example:
        >>> check_roles("text", "video,text", ["video", "text"])
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: text can't be both: strong is text, weak are video, text
    """
    if strong is not None:
        choice(strong, [*modalities, AUTO], what="strong modality")
    named = weak_modalities(weak)
    if named is None or named == (AUTO,):
        return
    for name in named:
        choice(name, [*modalities, AUTO] if len(named) == 1 else list(modalities), what="weak modality")
    lifts = strong or own
    if lifts in named:
        hint = "" if strong else "; name another strong one, or auto"
        raise CallError(f"{lifts} can't be both: strong is {lifts}, weak are {', '.join(named)}{hint}")


def decide_roles(
    own: ModalityRoles,
    strong: str | None,
    weak: str | Sequence[str] | None,
    present: Sequence[str],
    scores: dict[str, float],
) -> ModalityRoles:
    """Who lifts whom, of the modalities that the training people have.

    Where only the strong one is named or found, and the system's weak one is that or isn't there, all others are weak.
    Equal scores leave the strong modality that the system has.

    Args:
        own: those of the system's settings.
        strong: a modality, ``auto``, or None: as the system says.
        weak: modalities, ``auto``, or None: as the system says.
        present: modalities that training people have.
        scores: of each alone; only read for ``auto``.

    Example:
        >>> scores = {"video": 0.6, "audio": 0.8, "text": 0.7}
        >>> paper = ModalityRoles.of_settings(SMFLSettings())
        >>> found = decide_roles(paper, "auto", "auto", ("video", "audio", "text"), scores)
        >>> found.strong, found.weak
        ('audio', ('video',))
        >>> decide_roles(paper, "video", None, ("video", "audio", "text"), {}).weak
        ('audio', 'text')
    """
    if own.strong is None:
        return ModalityRoles(scores=scores)
    named = weak_modalities(weak)
    if strong == AUTO:
        candidates = [name for name in scores if named is None or name not in named]
        lifts = max(candidates, key=lambda name: (scores[name], name == own.strong), default=own.strong)
    else:
        lifts = strong or own.strong
    if named == (AUTO,):
        others = [name for name in scores if name != lifts]
        lifted = tuple(sorted(others, key=lambda name: (scores[name], name not in own.weak))[:1])
    else:
        lifted = tuple(name for name in named or own.weak if name != lifts and name in present)
        if not lifted and named is None and strong is not None:
            lifted = tuple(name for name in present if name != lifts)
    if lifts not in present or not lifted:
        return ModalityRoles(scores=scores)
    return ModalityRoles(lifts, lifted, scores)


def find_roles(
    estimator: Any,
    own: ModalityRoles,
    interviews: Sequence[SentenceFeatures],
    labels: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
) -> ModalityRoles:
    """The strong and weak modalities of a system, and how they were found.

    Args:
        estimator: an `SMFLClassifier`; its ``strong``, ``weak`` and ``modalities`` are read.
        own: those of the system's settings.
        interviews: training interviews, n of them; nobody else is looked at.
        labels: theirs, [n].
        scores: the questionnaire's, [n], ``nan`` where unknown.

    Raises:
        CallError: for an unknown name, or where a modality would lift itself.
    """
    strong, weak = estimator.strong, estimator.weak
    check_roles(strong, weak, list(dict.fromkeys([*MODALITIES, *estimator.modalities])), own.strong or STRONG)
    present = tuple(
        name for name in estimator.modalities if any(name in interviews[i].modalities for i in range(len(interviews)))
    )
    alone: dict[str, float] = {}
    if AUTO in (strong, *(weak_modalities(weak) or ())) and own.strong is not None and len(present) > 1:
        alone = unimodal_scores(estimator, present, [interviews[i] for i in range(len(interviews))], labels, scores)
    return decide_roles(own, strong, weak, present, alone)


def unimodal_scores(
    estimator: Any,
    present: Sequence[str],
    interviews: Sequence[SentenceFeatures],
    labels: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
) -> dict[str, float]:
    """AUROC of each modality alone over training people whom its model wasn't trained on (§3.3.2.1).

    A modality is learned from, and judged on, the people who have it; with fewer than two participants of a class it
    has no score.

    Args:
        estimator: an `SMFLClassifier`; a fresh one with its settings reads one modality.
        present: modalities that training people have.
        interviews: training interviews, n of them.
        labels: theirs, [n].
        scores: the questionnaire's, [n], ``nan`` where unknown.

    Returns:
        Score of each modality, 0 to 1, in the order of ``present``.
    """
    found = {}
    for name in present:
        having = [i for i, one in enumerate(interviews) if name in one.modalities]
        of_class = [{interviews[i].participant for i in having if labels[i] == c} for c in (0, 1)]
        if min(map(len, of_class)) < 2:
            continue
        alone = clone(estimator).set_params(modalities=(name,), strong=None, weak=None, members=PARTS, on_epoch=None)
        alone.fit([interviews[i] for i in having], labels[having], scores=scores[having])
        predicted = alone.validation_probabilities_
        found[name] = float(roc_auc_score(labels[having], predicted))
    return found
