"""An interview, and a cohort of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import overload

from smfl.interview.errors import CallError, CorpusError, choice
from smfl.interview.files import Packed
from smfl.interview.label import Label
from smfl.interview.ledger import Entry
from smfl.interview.piece import Piece
from smfl.interview.signal import SignalReader
from smfl.interview.speech import Sentence, Turn

SPLITS = ("train", "validation", "test")
GENDERS = ("female", "male", "other")
_KEY = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, eq=False)
class Interview:
    """One recorded interview with one participant.

    Args:
        id: key within the cohort: letters, digits, ``.``, ``_``, ``-``.
        participant: who; two interviews of one person share it, and no split ever separates them.
        sentences: the participant's sentences in time order; empty where they come from `transcript`.
        turns: everything that was said, interviewer included: for description and for probes, never an input.
        transcript: a transcript file that is still to be read.
        recording: the video or sound file; None where there are ready-made signals only.
        signals: readers of ready-made signals by name: ``video``, ``audio``, ``text`` are used as they are;
            ``openface``, ``covarep`` and ``formant`` are a known tool's output.
        label: None where unknown.
        split: one of `SPLITS`, where the corpus has an official split.
        gender: one of `GENDERS`.
        age: years.
        metadata: anything else the corpus tells.
        ledger: what was repaired or found missing on the way here.
        packed: the recording where it lies inside an archive: it is on disk for as long as the interview is measured.
        pieces: the sound where it comes in several files, each at its instant; `recording` is None then.
        own: names of signals that only this corpus has, in a measure of its own (another network's vectors, points in
            pixels): read where ``features="own"`` asks for them.
    """

    id: str
    participant: str
    sentences: tuple[Sentence, ...] = ()
    turns: tuple[Turn, ...] = ()
    transcript: Path | None = None
    recording: Path | None = None
    signals: Mapping[str, SignalReader] = field(default_factory=lambda: MappingProxyType({}))
    label: Label | None = None
    split: str | None = None
    gender: str | None = None
    age: float | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ledger: tuple[Entry, ...] = ()
    packed: Packed | None = None
    pieces: tuple[Piece, ...] = ()
    own: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.id) or self.id in (".", ".."):
            raise CorpusError(f"an interview's key is letters, digits, '.', '_' and '-'; got {self.id!r}")
        if not self.participant:
            raise CorpusError(f"interview {self.id}: who took part? 'participant' is empty")
        if self.split is not None:
            choice(self.split, SPLITS, what=f"split of interview {self.id}")
        if self.gender is not None:
            choice(self.gender, GENDERS, what=f"gender of interview {self.id}")
        if self.age is not None and not 0 <= self.age <= 130:
            raise CorpusError(f"interview {self.id}: age is in years, 0 to 130; got {self.age:g}")


@dataclass(frozen=True)
class Source:
    """Where a corpus comes from, and what its labels mean.

    Args:
        name: e.g. ``daic-woz``.
        citation: the publication to cite.
        licence: in words.
        language: BCP 47 tag, e.g. ``en``.
        label_rule: how the label follows from the score, in words.
        simulated: whether the people are made up; said wherever a result is shown.
        people: whom the participants' keys name: corpora with the same word here hold the same people under the same
            keys, so that nobody is trained on in one and tested on in the other; the corpus's own name where empty.
    """

    name: str
    citation: str = ""
    licence: str = ""
    language: str = "en"
    label_rule: str = ""
    simulated: bool = False
    people: str = ""


class Cohort(Sequence[Interview]):
    """Interviews of one corpus, each read when it is asked for.

    Args:
        source: where they come from.
        keys: the interviews' keys, in order.
        read: reads one interview by its key. May raise a `SmflError`: that interview can't be used, and the
            error says why.
        ledger: what was found about the corpus as a whole.
        root: the corpus's folder, where it has one.

    Example:
        >>> cohort = Cohort(Source("two"), ["a", "b"], lambda key: Interview(key, participant=key))
        >>> [interview.participant for interview in cohort]
        ['a', 'b']
    """

    def __init__(
        self,
        source: Source,
        keys: Sequence[str],
        read: Callable[[str], Interview],
        ledger: Sequence[Entry] = (),
        root: Path | None = None,
    ) -> None:
        self.source = source
        self.root = root
        self.keys = tuple(keys)
        self.ledger = tuple(ledger)
        self._read = read

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Interview]:
        return (self.read(key) for key in self.keys)

    @overload
    def __getitem__(self, index: int) -> Interview: ...
    @overload
    def __getitem__(self, index: slice) -> Cohort: ...
    def __getitem__(self, index: int | slice) -> Interview | Cohort:
        """The interview at a position, or a cohort of a slice of them."""
        if isinstance(index, slice):
            return Cohort(self.source, self.keys[index], self._read, self.ledger, self.root)
        return self.read(self.keys[index])

    def read(self, key: str) -> Interview:
        """The interview with this key.

        Raises:
            SmflError: where it isn't one of the cohort's, or can't be read.
        """
        if key not in self.keys:
            raise CallError(f"no interview {key!r} in {self.source.name}; it has {len(self)} interviews")
        return self._read(key)
