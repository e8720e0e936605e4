"""The settings of a simulated corpus, and all of its randomness.

All randomness of participant k comes from generators seeded by (seed, k, purpose), so that a participant is the same
in a corpus of 10 or 189 participants and in every on-disk format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from smfl.interview import SPLITS, CallError, choice
from smfl.simulation import confounds
from smfl.simulation.ideal import MODALITIES, evidence, ratio
from smfl.simulation.model import IntArray, Latent, check_settings, draw_latent

PURPOSES = ("person", "latent", "words", "timing", "face", "voice", "noise", "split", "items", "confound", "defects")
SPLIT_SIZES = (107, 35, 47)
"""DAIC-WOZ's train, development and test interviews; other sizes are split in these proportions."""

Progress = Callable[[int, int], None]
"""Called with how many interviews are written, and of how many."""


@dataclass(frozen=True, slots=True)
class Study:
    """The settings of a simulated corpus.

    Args:
        participants: how many, at least 2.
        minutes: nominal length of an interview.
        regime: where the signs are planted.
        effect: how strong; 0 none, 1 as published.
        seed: 0 or more.
        positives: share of depressed participants, above 0 and below 1.
        modalities: those that are written.
        confounds: what else goes with the label, of `smfl.simulation.confounds.CONFOUNDS`; nothing by default.
        defects: True plants all that the real corpus has, names plant these; () plants none, but numbers the
            participants as if there were some.
        archives: whether each session is packed as the real ones are downloaded.

    Raises:
        CallError: naming what can't be.

    Example:
        >>> Study(participants=10, positives=0.3).labels().sum()
        np.int64(3)
        >>> Study(positives=30)
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: positives is the share of depressed participants, between 0 and 1; got 30
    """

    participants: int = 189
    minutes: float = 4.0
    regime: str = "global"
    effect: float = 1.0
    seed: int = 0
    positives: float = 0.3
    modalities: tuple[str, ...] = MODALITIES
    confounds: tuple[str, ...] = ()
    defects: bool | tuple[str, ...] = False
    archives: bool = False

    def __post_init__(self) -> None:
        if self.participants < 2:
            raise CallError(f"a corpus needs at least 2 participants; got {self.participants}")
        if not 0 < self.positives < 1:
            raise CallError(
                f"positives is the share of depressed participants, between 0 and 1; got {self.positives:g}"
            )
        if self.seed < 0:
            raise CallError(f"a seed is a whole number from 0; got {self.seed}")
        if not self.modalities:
            raise CallError(f"at least one modality must be written: {', '.join(MODALITIES)}")
        for modality in self.modalities:
            choice(modality, MODALITIES, what="modality")
        confounds.check(self.confounds)
        check_settings(minutes=self.minutes, regime=self.regime, effect=self.effect)

    def labels(self) -> IntArray:
        """1 depressed, 0 not, of each participant: of the first n always round(n · positives) are depressed."""
        n = np.arange(self.participants + 1)
        labels = np.asarray(np.diff(np.floor(n * self.positives + 0.5)), dtype=np.int64)
        return -np.sort(-labels) if "order" in self.confounds else labels

    def settings(self) -> dict[str, Any]:
        """As `simulation.json` has them; of the options that not every corpus has, those that were asked for."""
        unasked = {"confounds": (), "defects": False, "archives": False}
        return {name: value for name, value in asdict(self).items() if name not in unasked or value != unasked[name]}

    def speaker(self, participant: int) -> int:
        """Whose face and voice a participant has: their own, unless one person is planted in many sessions."""
        labels = self.labels()
        if "speaker-windows" not in self.confounds or not labels[participant]:
            return participant
        ill = np.flatnonzero(labels)
        return int(ill[0]) if int(np.searchsorted(ill, participant)) % 2 == 0 else participant

    def generator(self, participant: int, purpose: str) -> np.random.Generator:
        """The source of chance for one purpose of one participant."""
        if purpose in confounds.OF_THE_SPEAKER:
            participant = self.speaker(participant)
        return np.random.default_rng([self.seed, participant, PURPOSES.index(purpose)])

    def latent(self, participant: int) -> Latent:
        """What is planted in a participant."""
        label = int(self.labels()[participant])
        longer = confounds.LONGER if label and "duration" in self.confounds else 1.0
        return draw_latent(
            self.generator(participant, "latent"),
            label=label,
            minutes=self.minutes * longer,
            regime=self.regime,
            effect=self.effect,
        )

    def splits(self) -> list[str]:
        """`train`, `validation` or `test` of each participant: DAIC-WOZ's proportions inside each class."""
        labels = self.labels()
        keys = np.array([self.generator(k, "split").random() for k in range(self.participants)])
        found = [""] * self.participants
        shares = np.cumsum(SPLIT_SIZES) / sum(SPLIT_SIZES)
        wanted = np.round(shares * self.participants).astype(int)
        ill = np.round(shares * int(labels.sum())).astype(int)
        for label, stops in ((1, ill), (0, wanted - ill)):
            members = np.flatnonzero(labels == label)
            ranked = members[np.argsort(keys[members])]
            for split, part in zip(SPLITS, np.split(ranked, stops[:-1]), strict=True):
                for k in part:
                    found[k] = split
        return found

    def ratios(self, latent: Latent) -> dict[str, float]:
        """Columns of `truth.csv`: the ideal observer's ratio of all written modalities, and of each alone."""
        shown = {name: evidence(latent, name, regime=self.regime, effect=self.effect) for name in MODALITIES}
        together = np.sum([shown[name] for name in self.modalities], axis=0)
        return {"llr": ratio(together)} | {f"llr_{name}": ratio(shown[name]) for name in MODALITIES}
