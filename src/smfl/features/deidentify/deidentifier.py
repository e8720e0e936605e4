"""Names, dates, places, numbers and addresses in what is said, replaced by words that tell their kind (§2.2).

The paper removes "personal sensitive information such as names, dates, and locations" from sound and transcripts, and
doesn't say how. Here several layers look for it, since each misses what another finds:

====================  ==============================================================================================
``review``            what a person decided (`smfl.features.deidentify.review`); it wins over all others
``list``              names that the user gives, such as those of the participants and their relatives
``corpus``            what the corpus itself has taken out (``scrubbed_entry``)
``pattern``           forms: dates, ages, runs of digits, spoken e-mail addresses
                      (`smfl.features.deidentify.patterns`)
``cue``               names and places that the words beside announce: "my name is …", "grew up in …"
                      (`smfl.features.deidentify.cues`)
``gazetteer``         places of the world (`smfl.features.deidentify.places`)
``recogniser``        a statistical model of names, fed with the sentence as it is and with capitals put back
                      (`smfl.features.deidentify.recogniser`)
``rare``              where ``strict`` is asked for: every word that running English doesn't write small
====================  ==============================================================================================

The layers know English; of other languages, only the list, written digits and written addresses are found. How much
is found is measured in ``docs/benchmarks/deidentify.md``. Some is missed, and who someone is can be told from much
else: the result is less identifying, never more than that.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from smfl.interview import CallError

NAME, PLACE, DATE, NUMBER, EMAIL, PHONE, REMOVED = "NAME", "PLACE", "DATE", "NUMBER", "EMAIL", "PHONE", "REMOVED"
KINDS = (NAME, PLACE, DATE, NUMBER, EMAIL, PHONE, REMOVED)
"""``NAME`` of a person, pet or organisation; ``REMOVED``: taken out by the corpus, which doesn't say what it was."""

LAYERS = ("review", "list", "corpus", "pattern", "cue", "gazetteer", "recogniser", "rare")
"""Where two overlap, the kind is what the earlier one says, and all that either covers goes."""

_MARKED = re.compile(
    r"\bscrubbed[_ ]entry\b|[\[<(](?:redacted|anonymi[sz]ed|removed|de-?identified)[\])>]", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_CHINESE = re.compile(r"[㐀-鿿豈-﫿]")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text that identifies someone.

    Args:
        start: of its first character.
        stop: after its last.
        kind: one of `KINDS`.
        layer: one of `LAYERS`.
    """

    start: int
    stop: int
    kind: str
    layer: str


class Layer(Protocol):
    """One way to look for what identifies."""

    def __call__(self, text: str) -> Iterable[Span]:
        """The spans that it finds; they may overlap."""


@dataclass(frozen=True)
class Deidentifier:
    """Several layers as one.

    Args:
        layers: in any order.

    Example:
        >>> from smfl.features.deidentify.patterns import patterns
        >>> hide = Deidentifier((patterns, marked_by_corpus))
        >>> text = "i was born on may third nineteen eighty four in scrubbed_entry"
        >>> replaced(text, hide(text))
        'i was born on [DATE] in [REMOVED]'
    """

    layers: tuple[Layer, ...]

    def __call__(self, text: str) -> tuple[Span, ...]:
        """What goes, in order, not overlapping."""
        return merged(text, (span for layer in self.layers for span in layer(text)))


def merged(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping spans as one, of the kind that the first of `LAYERS` says; and neighbours of one kind.

    Example:
        >>> merged("ana luz b", [Span(0, 7, "NAME", "recogniser"), Span(4, 9, "PLACE", "gazetteer")])
        (Span(start=0, stop=9, kind='PLACE', layer='gazetteer'),)
    """
    found: list[Span] = []
    for span in sorted(spans):
        last = found[-1] if found else None
        joins = last is not None and not text[last.stop : span.start].strip() and last.kind == span.kind
        if last is not None and (span.start < last.stop or joins):
            first = min(last, span, key=lambda s: LAYERS.index(s.layer))
            found[-1] = Span(last.start, max(last.stop, span.stop), first.kind, first.layer)
        else:
            found.append(span)
    return tuple(found)


def replaced(text: str, spans: Sequence[Span]) -> str:
    """The text with ``[NAME]`` and its like in the place of each span.

    Example:
        >>> replaced("ask ana", [Span(4, 7, "NAME", "list")])
        'ask [NAME]'
    """
    parts, done = [], 0
    for span in spans:
        parts += [text[done : span.start], f"[{span.kind}]"]
        done = span.stop
    return "".join([*parts, text[done:]])


def deidentifier(names: Sequence[str] = (), *, strict: bool = False) -> Deidentifier:
    """All layers, the recogniser loaded once in a process.

    Args:
        names: that the user gives; each is found whole, and by each of its words that isn't a common one.
        strict: whether every rare word goes, too, as a name: more is found, and more is lost that names nobody.

    Raises:
        MissingExtraError: where spaCy, presidio or the recogniser's model isn't installed.
    """
    from smfl.features.deidentify.cues import cues
    from smfl.features.deidentify.patterns import patterns
    from smfl.features.deidentify.places import places
    from smfl.features.deidentify.recogniser import recogniser

    layers = (listed(tuple(names)), marked_by_corpus, patterns, cues, places, recogniser())
    return Deidentifier((*layers, rare) if strict else layers)


def rare(text: str) -> Iterable[Span]:
    """Every word that isn't a common one.

    Example:
        >>> [span.start for span in rare("we told siobhan's mum")]
        [8]
    """
    for match in _WORD.finditer(text):
        word = match[0].removesuffix("'s").removesuffix("’s")
        if len(word) > 1 and not is_common(match[0]):
            yield Span(match.start(), match.start() + len(word), NAME, "rare")


def marked_by_corpus(text: str) -> Iterable[Span]:
    """What transcribers have taken out already: DAIC-WOZ's ``scrubbed_entry``, ``[redacted]`` and its like."""
    return (Span(*match.span(), REMOVED, "corpus") for match in _MARKED.finditer(text))


def listed(names: tuple[str, ...]) -> Layer:
    """The layer that finds given names, capitals aside.

    Example:
        >>> layer = listed(("Ana Luz", "May"))
        >>> text = "may is luz's aunt, not mayor ana luz"
        >>> [text[span.start : span.stop] for span in layer(text)]
        ['may', 'luz', 'ana luz']
    """
    wanted = [*names, *(word for name in names for word in name.split() if len(word) > 2 and not is_common(word))]
    longest = sorted({name.casefold() for name in wanted}, key=lambda name: (-len(name), name))
    forms = [re.escape(name) if _CHINESE.search(name) else rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest]
    pattern = re.compile("|".join(forms), re.IGNORECASE) if forms else None

    def find(text: str) -> Iterable[Span]:
        return (Span(*match.span(), NAME, "list") for match in pattern.finditer(text)) if pattern else ()

    return find


def read_names(path: Path | str) -> tuple[str, ...]:
    """A list of names: one a line, UTF-8; empty lines and those that start with ``#`` aside.

    Raises:
        CallError: where it can't be read, or holds none.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise CallError(
            f"{path}: the list of names can't be read ({_reason(fault)}); it is UTF-8, a name a line"
        ) from None
    names = tuple(" ".join(line.split()) for line in lines if line.strip() and not line.lstrip().startswith("#"))
    if not names:
        raise CallError(f"{path}: there is no name in it; write one a line")
    return names


@functools.cache
def common_words() -> frozenset[str]:
    """Words that are written small in running English, from ``tools/common_words.py``, and others that are to stay."""
    files = [Path(__file__).parent / "data" / name for name in ("common_words.txt", "kept_words.txt")]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def word_set(words: str) -> frozenset[str]:
    """Words with spaces between them."""
    return frozenset(words.split())


_CONTRACTED = ("'s", "'ll", "'ve", "'re", "'d", "'m", "n't")
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "ness")


def is_common(word: str) -> bool:
    """Whether a word is a common one, or such a one with an ending: no one's name, on its own.

    Example:
        >>> is_common("walks"), is_common("I'm"), is_common("Priya")
        (True, True, False)
    """
    small = word.casefold().replace("’", "'").strip("'")
    words = common_words()
    if small in words:
        return True
    small = next((small.removesuffix(end) for end in _CONTRACTED if small.endswith(end)), small)
    if small in words:
        return True
    stems = (small.removesuffix(ending) for ending in _ENDINGS if small.endswith(ending))
    return any(len(stem) > 3 and (stem in words or f"{stem}e" in words) for stem in stems)


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault)
