"""Forms that identify in spoken English: dates, ages, runs of digits, addresses, e-mail.

What is replaced and what is kept:

- **Dates** are replaced where they are of the calendar: days, months and years. What is relative or recurs is kept:
  "yesterday", "two years ago", "on tuesday", "at christmas".
- **Numbers** are replaced where they belong to a person: ages, house numbers, and three digits or more said one by one
  or written without a unit. How much and how often is kept ("four hours", "two or three times", "three hundred
  dollars"): interviews about sleep and mood consist of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from smfl.features.deidentify.common_words import is_common, word_set
from smfl.features.deidentify.spans import DATE, EMAIL, NUMBER, PHONE, PLACE, Span
from smfl.features.deidentify.spoken_numbers import (
    BELOW_100,
    COUNTED,
    DAY,
    FROM_10,
    NUMBER_WORD,
    ORDINAL,
    SHORT_YEAR,
    YEAR,
)

LAYER = "pattern"
MIN_DIGITS = 3
"""In a row, said one by one: "two three" is a guess, "two three nine" is part of a number."""
PHONE_DIGITS = (7, 10, 11, 12)

Finder = Callable[[str], Iterable[Span]]

_MONTH = "(?:january|february|april|june|july|august|september|october|november|december)"
_MAY = "(?:may|march)"
_OF_YEAR = rf"(?:,? (?:of |in )?{YEAR}{COUNTED})"
_CUE_MAY = "|".join(
    rf"(?<=\b{word} )" for word in ("in", "since", "last", "this", "next", "until", "by", "of", "early", "late")
)
_HOLIDAY = r"(?:christmas(?: eve| day)?|thanksgiving|halloween|easter|valentine['’]?s day|new year['’]?s(?: eve| day)?)"
DATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?:the )?{ORDINAL} (?:day )?(?:of )?(?:{_MONTH}|{_MAY})\b{_OF_YEAR}?",
        rf"\b(?:(?:early|late|mid|mid-) ?)?{_MONTH}(?:,? (?:the )?{DAY}\b{COUNTED})?{_OF_YEAR}?(?!\w)",
        rf"\b{_MAY},? (?:the )?{ORDINAL}\b{_OF_YEAR}?",
        rf"\b{_MAY}(?:,? {DAY}\b)?{_OF_YEAR}",
        rf"(?:{_CUE_MAY})(?:{_MAY})\b(?! (?:be|have|not)\b)",
        rf"\b(?:{_HOLIDAY}(?: (?:of|in))? )?\b{YEAR}\b{COUNTED}",
        rf"(?:(?<=\bin )|(?<=\bsince )|(?<=\bback in )|(?<=\bof )(?<!\bage of )|(?<=\baround )){SHORT_YEAR}\b{COUNTED}",
        r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)\b",
        r"\b\d{4}-\d\d?-\d\d?\b",
    )
)

_BE = r"(?:i['’]?m|i am|he['’]?s|he is|she['’]?s|she is|they['’]re)"
AGES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?P<it>{FROM_10}|{BELOW_100})(?= ?-?years?[ -]olds?\b)",
        rf"\b(?:{_BE}|aged?|age of|turned|turning|i just turned) (?:now |only |just |about |almost )?"
        rf"(?P<it>{FROM_10})\b{COUNTED}(?! (?:{NUMBER_WORD}|or|to)\b)(?![ -]?\d)",
    )
)

_STREET = r"(?:street|avenue|boulevard|lane|road|drive|parkway|highway|terrace|court|circle)"
_SURE_STREET = r"(?:street|avenue|boulevard)"
_HOUSE = rf"(?:{NUMBER_WORD}(?:[ -]{NUMBER_WORD}){{0,4}}|\d{{1,5}}[a-z]?)"
ADDRESS = re.compile(rf"\b(?P<house>{_HOUSE}) (?P<street>(?:[a-z'’]+ ){{1,2}}?{_STREET})\b", re.IGNORECASE)
STREET = re.compile(rf"\b(?P<street>(?:(?:[a-z'’]+|{ORDINAL}) ){_STREET})\b", re.IGNORECASE)
_NO_STREET = word_set(
    "the a an this that my your his her our their its whole same wrong right back next other every each across "
    "down up one main busy quiet dark empty long hard rough rocky bumpy tennis basketball supreme federal "
    "district of on and social friends bus memory fast open cross two dirt high side"
)

_TOP = (
    "(?:com|org|net|edu|gov|mil|info|co|ac|uk|us|ca|au|nz|ie|in|za|ng|ke|de|at|ch|fr|es|pt|it|nl|be|se|no|dk|fi|pl|mx"
    "|br|cn|jp|kr|ru|io|me)"
)
EMAILS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(
        rf"\b(?:[\w'-]+ ){{1,12}}at (?P<domain>(?:[a-z0-9-]+ ){{1,3}}(?:dot|point) {_TOP}(?: dot [a-z]{{2}})?)\b",
        re.IGNORECASE,
    ),
)
_BEFORE_EMAIL = word_set("is it's its it’s at to me on my email e-mail mail address account us them him her was with")

_SPACED = re.compile(r"\S+")

_DIGITS = re.compile(rf"\b{NUMBER_WORD}(?:[ -]{NUMBER_WORD})+\b", re.IGNORECASE)
_ONE_BY_ONE = re.compile(r"\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b", re.IGNORECASE)
_WRITTEN = re.compile(rf"(?<![\w.,])\+?\(?\d[\d ()./-]{{2,}}\d\b{COUNTED}")
_LETTER = r"(?:[a-z]|ay|bee|cee|dee|ee|ef|gee|aitch|jay|kay|el|em|en|pee|cue|ar|ess|tee|you|vee|ex|why|zee|zed)"
_CUED = re.compile(
    r"\b(?:number|badge|zip(?: code)?|postcode|code|account|room|apartment|suite|plate|policy|case|ticket|pin|passport|"
    r"last four|social)(?: number)?(?: (?:is|was|are|ends in|ending in|of))? "
    rf"(?P<it>(?:{NUMBER_WORD}|\d+)"
    rf"(?:[ -](?:{NUMBER_WORD}|\d+|{_LETTER}(?= (?:{NUMBER_WORD}|{_LETTER}|\d)\b)))+|\d\d+)\b",
    re.IGNORECASE,
)
_PHONE_CUE = re.compile(r"\b(?:call|phone|telephone|cell|mobile|text|dial|reach|fax|ring|extension)\b", re.IGNORECASE)
_OTHER_CUE = re.compile(
    r"\b(?:account|social|insurance|patient|case|member|id|badge|zip|postcode|ticket|policy|plate|room|license|passport)\b",
    re.IGNORECASE,
)


def patterns(text: str) -> Iterable[Span]:
    """The layer: everything that the forms of this file find.

    Example:
        >>> text = "i'm forty two, i sleep four hours, call me on five five five two three four nine"
        >>> [(text[span.start : span.stop], span.kind) for span in patterns(text)]
        [('forty two', 'NUMBER'), ('five five five two three four nine', 'PHONE')]
    """
    emails = list(_emails(text))
    yield from emails
    for finder in (_dates, _ages, _addresses, _digits):
        yield from (span for span in finder(text) if not any(_overlap(span, email) for email in emails))


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.stop and b.start < a.stop


def _dates(text: str) -> Iterable[Span]:
    return (Span(*match.span(), DATE, LAYER) for form in DATES for match in form.finditer(text))


def _ages(text: str) -> Iterable[Span]:
    return (Span(*match.span("it"), NUMBER, LAYER) for form in AGES for match in form.finditer(text))


def _addresses(text: str) -> Iterable[Span]:
    for match in ADDRESS.finditer(text):
        if not set(match["street"].casefold().split()[:-1]) & _NO_STREET:
            yield Span(*match.span("house"), NUMBER, LAYER)
            yield Span(*match.span("street"), PLACE, LAYER)
    for match in STREET.finditer(text):
        first, kind = match["street"].casefold().rsplit(" ", 1)
        sure = re.fullmatch(_SURE_STREET, kind) or not is_common(first)
        if sure and first not in _NO_STREET:
            yield Span(*match.span("street"), PLACE, LAYER)


def _emails(text: str) -> Iterable[Span]:
    written, spoken = EMAILS
    yield from (Span(*match.span(), EMAIL, LAYER) for match in written.finditer(text))
    for match in spoken.finditer(text):
        before_domain = text.rindex(" at ", match.start(), match.start("domain") + 1)
        start = match.start()
        for word in _SPACED.finditer(text, start, before_domain):
            if word[0].casefold() in _BEFORE_EMAIL:
                start = word.end() + 1
        if start < before_domain:
            yield Span(start, match.end(), EMAIL, LAYER)


def _digits(text: str) -> Iterable[Span]:
    for match in _CUED.finditer(text):
        yield Span(*match.span("it"), _kind_of_digits(text, match.start("it"), match["it"]), LAYER)
    for match in _DIGITS.finditer(text):
        said = _ONE_BY_ONE.findall(match[0])
        if len(said) >= MIN_DIGITS and {word.casefold() for word in said} != {"oh"}:
            yield Span(*match.span(), _kind_of_digits(text, match.start(), match[0]), LAYER)
    for match in _WRITTEN.finditer(text):
        if sum(c.isdigit() for c in match[0]) >= MIN_DIGITS + 1:
            yield Span(*match.span(), _kind_of_digits(text, match.start(), match[0]), LAYER)


def _kind_of_digits(text: str, start: int, said: str) -> str:
    """Whether a run of digits is a telephone's: by the words before it, else by how many digits there are."""
    before = text[:start]
    if _OTHER_CUE.search(before):
        return NUMBER
    count = len(_ONE_BY_ONE.findall(said)) or sum(c.isdigit() for c in said)
    return PHONE if count in PHONE_DIGITS or (count >= PHONE_DIGITS[0] and _PHONE_CUE.search(before)) else NUMBER
