"""The settings of a comparison: made once at the door, and kept as they are in ``results.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from smfl.evaluation.crossval import STOPPED_ON_TEST
from smfl.interview import CallError, choice
from smfl.interview.options import changed

PROTOCOLS = {
    "nested": "participant-grouped, stratified folds; every choice is made inside the training participants",
    "holdout": "the paper's 8:2, stratified and grouped; choices on a validation part of the 8",
    "official": "the corpus's own split",
    "paper": f"8:2, the epoch chosen by the test part's loss, as the paper did: {STOPPED_ON_TEST}",
    "across": "fitted on one corpus, tested on another; every choice is made inside the former",
}


@dataclass(frozen=True)
class ComparisonSettings:
    """What is compared, and how.

    Args:
        models: names, each optionally with a recipe and modalities of its own: ``smfl``, ``smfl:paper``,
            ``smfl@text+audio``, or ``smfl@each`` for every choice of modalities; one text with commas between, or
            ``all``.
        folds: of the protocol ``nested``.
        seeds: how many times everything is repeated, each time with other splits and other random numbers; or which of
            these repetitions: ``[3, 4]`` are the last two of ``5``, the same to the last digit.
        protocol: one of `PROTOCOLS`.
        allow_overlap: let participants of the other corpus that is trained on be tested; the results say so.
        modalities: to read; all there are where None.
        recipe: of networks: ``tuned`` or ``paper``.
        task: ``binary``, ``severity`` (the PHQ-8's bands), ``score``, or several with commas between, which are then
            learned together; see `smfl.training.tasks`. Each row's probability of depression is reported in any case.
        shuffle_labels: the null check: labels dealt out anew among participants, which nothing can predict.
        tune: trials by which every fit chooses its settings, inside its training participants
            (`smfl.training.selection.tuning`); a fit takes so many times as long. 0: recipes as they are.
        strong: the strong modality of ``smfl`` (§2.6): a name, ``auto``: the best one alone on the fit's training
            participants (`smfl.training.selection.modality_roles`), or None: the text.
        weak: the weak ones: names, ``auto``: the lowest one alone, or None: the video.

    Raises:
        CallError: for a value that makes no sense.

    Example:
        >>> ComparisonSettings(seeds=2).repetitions
        (0, 1)
        >>> ComparisonSettings(protocol="nestet")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown protocol 'nestet'; did you mean 'nested'? valid: nested, ...
    """

    models: str | tuple[str, ...] = ("smfl",)
    folds: int = 5
    seeds: int | tuple[int, ...] = 1
    protocol: str = "nested"
    allow_overlap: bool = False
    modalities: tuple[str, ...] | None = None
    recipe: str = "tuned"
    task: str | tuple[str, ...] = "binary"
    shuffle_labels: bool = False
    tune: int = 0
    strong: str | None = None
    weak: str | tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        choice(self.protocol, list(PROTOCOLS), what="protocol")
        which = self.repetitions
        if not which:
            raise CallError(f"at least 1 seed is needed; got {self.seeds}")
        if len(set(which)) < len(which) or min(which) < 0:
            raise CallError(f"seeds are different numbers from 0; got {', '.join(map(str, which))}")

    @property
    def repetitions(self) -> tuple[int, ...]:
        """The seeds, one by one."""
        return tuple(range(self.seeds)) if isinstance(self.seeds, int) else tuple(int(seed) for seed in self.seeds)

    @classmethod
    def of(cls, settings: ComparisonSettings | None, options: Mapping[str, Any], *, across: bool) -> ComparisonSettings:
        """Settings as a call gives them.

        Args:
            settings: to start from; the default ones where None.
            options: fields that are to be otherwise; a ``protocol`` of None fits the number of corpora.
            across: whether there is another corpus to train on.

        Raises:
            CallError: for an option that doesn't exist, or a protocol that doesn't fit the number of corpora.
        """
        found = changed(settings or cls(), options)
        if across and options.get("protocol") is None:
            found = changed(found, {"protocol": "across"})
        if across and found.protocol != "across":
            raise CallError(f"protocol {found.protocol} divides one corpus; with another one to train on it is across")
        if found.protocol == "across" and not across:
            raise CallError("protocol across needs a corpus to train on: --train-on PREPARED")
        if found.allow_overlap and not across:
            raise CallError("--allow-overlap is of two corpora: name one to train on, --train-on PREPARED")
        return found

    def to_dict(self) -> dict[str, Any]:
        """As ``results.json`` has them."""
        return asdict(self)
