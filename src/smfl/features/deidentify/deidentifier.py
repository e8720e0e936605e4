"""Names, dates, places, numbers and addresses in what is said, replaced by their kind (§2.2).

The paper removes "personal sensitive information such as names, dates, and locations" from sound and transcripts, and
doesn't say how. Here several layers look for it, since each misses what another finds:

====================  ==============================================================================================
``review``            what a person decided (`smfl.features.deidentify.review`); it overrides all others
``list``              names that the user gives, such as those of the participants and their relatives
``corpus``            what the corpus itself has removed (``scrubbed_entry``)
``pattern``           forms: dates, ages, runs of digits, spoken e-mail addresses
                      (`smfl.features.deidentify.patterns`)
``cue``               names and places, by the words next to them: "my name is …", "grew up in …"
                      (`smfl.features.deidentify.cues`)
``gazetteer``         places of the world (`smfl.features.deidentify.places`)
``recogniser``        a statistical model of names, fed with the sentence as it is and with capitals put back
                      (`smfl.features.deidentify.recogniser`)
``rare``              where ``strict`` is asked for: every word that isn't a common one
====================  ==============================================================================================

The layers know English; of other languages, only the list, written digits and written addresses are found. How much
is found is measured in ``docs/benchmarks/deidentify.md``. Some is missed, and a person can be identified by much
else: the result is less identifying, not anonymous.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from smfl.features.deidentify.common_words import is_common
from smfl.features.deidentify.cues import cues
from smfl.features.deidentify.patterns import patterns
from smfl.features.deidentify.places import places
from smfl.features.deidentify.recogniser import recogniser
from smfl.features.deidentify.spans import NAME, REMOVED, Layer, Span, merged
from smfl.interview import CallError

_MARKED = re.compile(
    r"\bscrubbed[_ ]entry\b|[\[<(](?:redacted|anonymi[sz]ed|removed|de-?identified)[\])>]", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_CHINESE = re.compile(r"[㐀-鿿豈-﫿]")


@dataclass(frozen=True)
class Deidentifier:
    """Several layers as one.

    Args:
        layers: in any order.

    Example:
        >>> from smfl.features.deidentify.spans import replaced
        >>> find = Deidentifier((patterns, marked_by_corpus))
        >>> text = "i was born on may third nineteen eighty four in scrubbed_entry"
        >>> replaced(text, find(text))
        'i was born on [DATE] in [REMOVED]'
    """

    layers: tuple[Layer, ...]

    def __call__(self, text: str) -> tuple[Span, ...]:
        """What is to be replaced, in order, not overlapping."""
        return merged(text, (span for layer in self.layers for span in layer(text)))


def deidentifier(names: Sequence[str] = (), *, strict: bool = False) -> Deidentifier:
    """All layers, the recogniser loaded once in a process.

    Args:
        names: that the user gives; each is found whole, and by each of its words that isn't a common one.
        strict: whether every rare word is replaced as a name, too: more names are found, and more other words are lost.

    Raises:
        MissingExtraError: where spaCy, presidio or the recogniser's model isn't installed.
    """
    layers = (name_list(tuple(names)), marked_by_corpus, patterns, cues, places, recogniser())
    return Deidentifier((*layers, rare_words) if strict else layers)


def rare_words(text: str) -> Iterable[Span]:
    """Every word that isn't a common one.

    Example:
        >>> [span.start for span in rare_words("we told siobhan's mum")]
        [8]
    """
    for match in _WORD.finditer(text):
        word = match[0].removesuffix("'s").removesuffix("’s")
        if len(word) > 1 and not is_common(match[0]):
            yield Span(match.start(), match.start() + len(word), NAME, "rare")


def marked_by_corpus(text: str) -> Iterable[Span]:
    """What transcribers have removed already: DAIC-WOZ's ``scrubbed_entry``, ``[redacted]`` and its like."""
    return (Span(*match.span(), REMOVED, "corpus") for match in _MARKED.finditer(text))


def name_list(names: tuple[str, ...]) -> Layer:
    """The layer that finds given names, capitals aside.

    Example:
        >>> layer = name_list(("Ana Luz", "May"))
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


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault)
