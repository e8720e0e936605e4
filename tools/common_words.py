"""Count which English words are written small in running text: what the truecaser of de-identification leaves small.

    python tools/common_words.py FOLDER

FOLDER holds ``goemotions_train.tsv`` (text, numbers of the emotions, id; no header): Reddit comments whose writers
mostly keep to capitals, and in which the data's authors put ``[NAME]`` for names of people. A word is common where it
stands small inside a sentence at least `LEAST` times, and more often small than with a capital; once is enough for one
that ends as English words do and never has a capital. Written is ``src/smfl/features/data/common_words.txt``, a word a
line. No label is looked at, nor the test split.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "src" / "smfl" / "features" / "data" / "common_words.txt"
LEAST = 2
HEADER = (
    "# Words that are written small in running English; made by tools/common_words.py of the training comments of",
    "# GoEmotions (Demszky et al. 2020, Apache-2.0).",
)
_ENGLISH = re.compile(
    r"\w{3,}(?:ing|ed|ly|tion|tions|ness|ment|ments|able|ible|ity|ous|ive|ized?|ists?|isms?|ful|less|ies)"
)
_BOUNDARY = re.compile(r"[.!?:;*\"()]+|\[[A-Z]+\]")
_WORD = re.compile(r"[A-Za-z][A-Za-z']*")


def common(texts: Iterable[str], least: int = LEAST) -> list[str]:
    """The common words of texts, in the alphabet's order.

    The first word of a sentence says nothing, nor does a sentence that shouts.

    Example:
        >>> common(["We saw the dog, Fido. The dog ran", "GO HOME DOG", "the dog of Mary, the cat of Mary"])
        ['dog', 'of', 'the']
    """
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for text in texts:
        for sentence in _BOUNDARY.split(text.replace("’", "'")):
            words = [word.strip("'") for word in _WORD.findall(sentence)]
            if sum(word.isupper() and len(word) > 1 for word in words) >= max(2, len(words) / 3):
                continue
            for word in filter(None, words[1:]):
                (small if word[0].islower() else capital)[word.lower()] += 1
    often = {word for word, n in small.items() if n >= least and n > capital[word]}
    formed = {word for word in small if not capital[word] and _ENGLISH.fullmatch(word)}
    return sorted(often | formed)


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="of goemotions_train.tsv")
    lines = (parser.parse_args().folder / "goemotions_train.tsv").read_text(encoding="utf-8").splitlines()
    words = common(line.split("\t")[0] for line in lines)
    OUT.write_text("\n".join([*HEADER, *words]) + "\n", encoding="utf-8")
    print(f"{OUT}: {len(words)} words")


if __name__ == "__main__":
    main()
