"""Which words are common ones in English: alone, such a word is nobody's name."""

from __future__ import annotations

import functools
from pathlib import Path


@functools.cache
def common_words() -> frozenset[str]:
    """Words that English usually writes in small letters, from ``tools/common_words.py``, and others that are kept."""
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
