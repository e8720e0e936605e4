"""Places of the world, by name: countries, states, and the towns that telephone numbers belong to.

The names come with the library phonenumbers (Apache-2.0; Google's libphonenumber), which finds out from a number where
it is from: some 40,000 places in English, kept up to date for that. Many towns have the name of a common word (Reading,
Mobile, Best): such a word alone is found by the other layers only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping

from smfl.features.deidentify.common_words import is_common, word_set
from smfl.features.deidentify.spans import PLACE, Span
from smfl.interview import MissingExtraError

MIN_LETTERS = 4
"""Of the name of a place of one word: most shorter ones are abbreviations and syllables."""

MAX_WORDS = 4
"""Of the name of a place."""

_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_PART = re.compile(r"\s*[/,(&]\s*|\s-\s|\)")
_BEFORE = word_set("in from to near around outside of at leaving visit visited visiting called")


def places(text: str) -> Iterable[Span]:
    """The layer: the longest run of words that is a place's name; common words only after "in", "from" and the like.

    Example:
        >>> text = "we moved from el paso to reading and i was reading in new york"
        >>> [text[span.start : span.stop] for span in places(text)]
        ['el paso', 'new york']
    """
    words = [(match.start(), match.end(), _plain(match[0])) for match in _WORD.finditer(text)]
    here = 0
    while here < len(words):
        length = next((n for n in range(MAX_WORDS, 0, -1) if _is_place(words, here, n)), 0)
        if length:
            last = words[here + length - 1]
            yield Span(
                words[here][0], last[1] - (2 if text[last[0] : last[1]].endswith("'s") else 0), PLACE, "gazetteer"
            )
        here += max(length, 1)


def _is_place(words: list[tuple[int, int, str]], first: int, length: int) -> bool:
    run = [word for _, _, word in words[first : first + length]]
    name = " ".join(run)
    if len(run) < length or name not in gazetteer():
        return False
    rare = [word for word in run if not is_common(word)]
    if length == 1:
        return bool(rare) and len(name) >= MIN_LETTERS
    return bool(rare) or (first > 0 and words[first - 1][2] in _BEFORE)


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'").removesuffix("'s")


@functools.cache
def gazetteer() -> frozenset[str]:
    """Names of places, in small letters.

    Raises:
        MissingExtraError: where phonenumbers isn't installed.
    """
    try:
        from phonenumbers.geodata import GEOCODE_DATA
        from phonenumbers.geodata.locale import LOCALE_DATA
    except ImportError:
        raise MissingExtraError("phonenumbers", extra="deidentify") from None
    towns = {names["en"] for names in GEOCODE_DATA.values() if "en" in names}
    return frozenset(_names({*towns, *(_country(names) for names in LOCALE_DATA.values())}))


def _country(names: Mapping[str, str]) -> str:
    """The English name; ``*aa`` says that it is the one of the language ``aa``."""
    name = names.get("en", "")
    return names.get(name[1:], "") if name.startswith("*") else name


def _names(raw: Iterable[str]) -> Iterator[str]:
    """The parts of "Cleveland, OH" and "Manukau/Howick" that are names."""
    for entry in raw:
        for part in _PART.split(entry):
            if len(part) > 2 and not part.isupper():
                yield part.casefold().replace("’", "'")
