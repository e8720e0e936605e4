"""Where in a text something identifies someone, of which kind it is, and who found it; and the text without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

NAME, PLACE, DATE, NUMBER, EMAIL, PHONE, REMOVED = "NAME", "PLACE", "DATE", "NUMBER", "EMAIL", "PHONE", "REMOVED"
KINDS = (NAME, PLACE, DATE, NUMBER, EMAIL, PHONE, REMOVED)
"""``NAME`` of a person, pet or organisation; ``REMOVED``: removed by the corpus, which doesn't say what it was."""

LAYERS = ("review", "list", "corpus", "pattern", "cue", "gazetteer", "recogniser", "rare")
"""By rank: where two spans overlap, the kind is that of the earlier layer, and the characters of both are replaced."""


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
