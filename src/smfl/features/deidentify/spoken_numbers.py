"""How numbers, years and days are said in English: pieces of regular expressions.

Each is a group of its own, without captures, to be put between word boundaries.
"""

from __future__ import annotations


def _any(words: str) -> str:
    return f"(?:{'|'.join(sorted(words.split(), key=len, reverse=True))})"


_SMALL = "one two three four five six seven eight nine"
DIGIT = _any(f"{_SMALL} zero oh")
"""A digit as it is said one by one; ``oh`` for 0."""
UNIT = _any(_SMALL)
TEEN = _any("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
TENS = _any("twenty thirty forty fourty fifty sixty seventy eighty ninety")
BELOW_100 = rf"(?:{TENS}(?:[ -]{UNIT})?|{TEEN}|{UNIT})"
FROM_10 = rf"(?:(?:(?:a |one )hundred(?: and)? {BELOW_100})|{TENS}(?:[ -]{UNIT})?|{TEEN}|1?\d\d)"
"""10 to 199: an age, where it is said to be one."""

NUMBER_WORD = rf"(?:{DIGIT}|{TEEN}|{TENS}|hundred|thousand|double|triple)"

_UNIT_TH = _any("first second third fourth fifth sixth seventh eighth ninth")
_TEEN_TH = _any(
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
    "twentieth thirtieth"
)
ORDINAL = rf"(?:(?:twenty|thirty)[ -]{_UNIT_TH}|{_TEEN_TH}|{_UNIT_TH}|[0-3]?\d(?:st|nd|rd|th))"
DAY = rf"(?:{ORDINAL}|(?:twenty[ -]{UNIT}|thirty[ -]one|{TEEN}|twenty|thirty|{UNIT}|[0-3]?\d)(?!\d))"

YEAR = (
    rf"(?:(?:nineteen|eighteen) (?:{TENS}(?:[ -]{UNIT})?|{TEEN}|oh[ -]{UNIT}|hundred)"
    rf"|twenty[ -](?:{TEEN}|twenty(?:[ -]{UNIT})?|oh[ -]{UNIT})"
    rf"|two thousand(?: and)?(?: (?:{TEEN}|{TENS}(?:[ -]{UNIT})?|{UNIT}))?"
    r"|(?:19|20)\d\d)"
)
"""1800 to 2099, as years are said and written."""

SHORT_YEAR = rf"(?:(?:oh|aught)[ -]{UNIT}|{TENS}[ -]{UNIT}|['’]\d\d)"
"""The last two digits: after "in", "since" and the like."""

COUNTED = (
    r"(?! ?(?:%|percent|minutes?|mins|hours?|days?|nights?|weeks?|months?|years?|times?|people|persons?|kids|children|"
    r"dollars?|bucks|cents|pounds?|kilos?|miles?|feet|foot|inches|blocks|degrees|milligrams?|mgs?|calories|pages|"
    r"cigarettes|drinks|beers|pills|sessions|meetings|classes|credits|units|of|hundred|thousand|million|out)\b)"
)
"""Not followed by what is counted: such a number says how much, not who."""
