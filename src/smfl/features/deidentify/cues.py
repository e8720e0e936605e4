"""Names and places, by the words next to them: "my name is …", "my sister …", "… told me", "grew up in …".

After a sure cue ("my name is") whatever comes is a name, but for a few words; after all others, a word that isn't a
common one (`smfl.features.deidentify.common_words.is_common`). A name goes on over the rare words that follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from smfl.features.deidentify.common_words import is_common, word_set
from smfl.features.deidentify.spans import NAME, PLACE, Span

LAYER = "cue"

_IT = r"(?P<it>[^\W\d_][\w'’-]*)"
_KIN = (
    r"(?:(?:step|half[ -]|grand|great[ -])?(?:sister|brother|mother|mom|mum|dad|father|son|daughter|ma|pa|kids?)"
    r"(?:[ -]in[ -]law)?|husband|wife|friends?|buddy|mate|boyfriend|girlfriend|partner|fianc[eé]e?|cousin|nephew|niece|"
    r"uncle|aunt|auntie|twin|baby|kid|kids|sons|daughters|boy|girl|guy|man|woman|lady|dog|cat|"
    r"roommate|neighbou?r|coworker|colleague|boss|supervisor|manager|landlord|coach|sponsor|"
    r"therapist|psychiatrist|counsell?or|caseworker|teacher|pastor|priest|ex(?:[ -](?:wife|husband))?)"
)
_TITLE = (
    r"(?:mister|missus|mr\.?|mrs\.?|ms\.?|miss|doctor|dr\.?|professor|reverend|pastor|father|sister|uncle|aunt|auntie|"
    r"grandma|grandpa|nurse|officer|judge|captain|sergeant|coach|saint|cousin)"
)
_TO_PERSON = (
    r"(?:told|tell|asked|met|married|dated|dating|texted|texting|called|calling|phoned|visited|visiting|hugged|kissed|"
    r"miss|missed|trust|trusted|buried|raised by|talked to|talk to|spoke to|spoken to|argued with|lives? with|"
    r"lived with|stay(?:ed|ing)? with|hang(?:ing)? out with|broke up with|named after|dinner with|lunch with|ran into|"
    r"because of)"
)
_OF_PERSON = (
    r"(?:said|says|told|tells|asked|asks|thinks|thought|came|comes|called|calls|wants|wanted|knows|knew|died|"
    r"passed away|lives|lived|married|drove|drives|helped|helps|moved|left|loves|loved|hates|hit|hurt|yelled|cried|"
    r"laughed|smiled|visits|visited|gave|goes|he|she|and (?:i|me|his|her|my)|is my|was my|is (?:the|a) (?:one|only)|"
    r"who)"
)
_WORKS = r"(?:(?:work|works|worked|working|job|employed|shifts?|drive|drove|deliver) (?:at|for))"
_THERE = (
    r"(?:(?:live[sd]?|living|grew up|raised|born|stay(?:ed|ing)|stationed|deployed|homeless|college|schools?|year|time|"
    r"winters?|house|cabin|place) (?:up |over |back |out )?(?:in|near|to|by)|"
    r"(?:i'm|i am|he's|she's|are|is|was|were|came|come|people|family|originally|back|moved|flew|drove|"
    r"all the way) from|"
    r"(?:moved?|fled|flew|fly|trip|trips|drove|went|been|back|travel(?:l?ed)?|deployed|sent|come) to|visit(?:ed|ing)?)"
)
_PERSONAL = re.compile(
    rf"\b(?:(?:my|his|her|their|the) (?:[\w'’]+ )?name(?: is|['’]s| was)|name is|names are|surname is|"
    rf"go by|goes by|went by|mister|missus|mr\.?|mrs\.?|ms\.?)\s+{_IT}",
    re.IGNORECASE,
)
_BEFORE_NAME = re.compile(
    rf"\b(?=(?:called|named|call me|calls me|i['’]?m|i am|this is|it['’]?s|there's|{_TITLE}|{_WORKS}|{_TO_PERSON}|"
    rf"(?:my|his|her|our|their|a|the|this|best|old) (?:\w+ )?{_KIN}"
    r"(?:['’]s name (?:is|was))?(?: (?:is|are|was|called|named))?)"
    rf"\s+{_IT})",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(rf"\b(?={_IT}\s+(?:{_OF_PERSON})\b)", re.IGNORECASE)
_IS_NAME = re.compile(rf"\b{_IT} is my (?:\w+ )?name\b", re.IGNORECASE)
_BEFORE_PLACE = re.compile(rf"\b(?={_THERE}\s+{_IT})", re.IGNORECASE)
_INSTITUTION = re.compile(
    r"\b(?P<it>(?:[^\W\d_][\w'’-]* ){1,3}?"
    r"(?:high school|middle school|elementary school|elementary|community college|"
    r"college|university|hospital|clinic|medical center|church))\b",
    re.IGNORECASE,
)
_LANDSCAPE = re.compile(
    r"\b(?P<it>(?:camp|san|santa|saint|los|las|el|la|new|north|south|east|west|port) "
    r"[^\W\d_][\w'’-]*|[^\W\d_][\w'’-]* "
    r"(?:beach|lake|river|valley|hills|heights|canyon|creek|falls|island|islands|county|bay|springs|"
    r"national park|park|state))\b",
    re.IGNORECASE,
)
_LAKE = re.compile(r"\b(?:lake|mount|fort|cape)\s+(?P<it>[^\W\d_][\w'’-]*)", re.IGNORECASE)
_NO_NAME = word_set(
    "a an the not on in at of to and or but so that this it what who very really just like still also is was my "
    "up down out has view your his her their our on called spelled kind sort um uh well important hard weird common"
)
_NEXT = re.compile(r"[ -]([^\W\d_][\w'’-]*)")
_AND = re.compile(rf",? and {_IT}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def cues(text: str) -> Iterable[Span]:
    """The layer.

    Example:
        >>> text = "my name is will and xiomara told my cousin ngozi that we grew up in accra"
        >>> [(text[span.start : span.stop], span.kind) for span in cues(text)]
        [('will', 'NAME'), ('xiomara', 'NAME'), ('ngozi', 'NAME'), ('accra', 'PLACE')]
    """
    return sorted({*_people(text), *_institutions(text)})


def _people(text: str) -> Iterable[Span]:
    """Names after sure cues; and names and places after other words, where they are rare words."""
    for match in _PERSONAL.finditer(text):
        if match["it"].casefold() not in _NO_NAME:
            yield Span(match.start("it"), _end(text, match.end("it")), NAME, LAYER)
    for form, kind in ((_BEFORE_NAME, NAME), (_AFTER_NAME, NAME), (_IS_NAME, NAME), (_BEFORE_PLACE, PLACE)):
        for match in form.finditer(text):
            if not is_common(match["it"]):
                yield from _with_others(text, match.start("it"), _end(text, match.end("it")), kind)


def _institutions(text: str) -> Iterable[Span]:
    """Schools, hospitals and what is in an atlas, by the word that says what they are."""
    for match in _LAKE.finditer(text):
        if match["it"].casefold() not in _NO_NAME:
            yield Span(match.start(), _end(text, match.end()), PLACE, LAYER)
    for match in _INSTITUTION.finditer(text):
        words = list(_WORD.finditer(text, *match.span("it")))
        own = words[max((i + 1 for i, word in enumerate(words) if word[0].casefold() in _NO_NAME), default=0) :]
        rare = [word for word in own if not is_common(word[0])]
        if rare:
            yield Span(rare[0].start(), match.end("it"), NAME, LAYER)
    for match in _LANDSCAPE.finditer(text):
        if not all(is_common(word[0]) for word in _WORD.finditer(text, *match.span("it"))):
            yield Span(*match.span("it"), PLACE, LAYER)


def _with_others(text: str, start: int, stop: int, kind: str) -> Iterable[Span]:
    """A name, and the rare word that "and" joins to it."""
    yield Span(start, stop, kind, LAYER)
    following = _AND.match(text, stop)
    if following and not is_common(following["it"]):
        yield Span(following.start("it"), _end(text, following.end("it")), kind, LAYER)


def _end(text: str, stop: int) -> int:
    """Where the name ends that goes on as long as words aren't common ones, without a possessive s."""
    while (following := _NEXT.match(text, stop)) and not is_common(following[1]):
        stop = following.end()
    return stop - 2 if text[:stop].endswith(("'s", "’s")) else stop
