"""One interview without what identifies: its sentences, the sound to silence, and lines for the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smfl.features.deidentify.deidentifier import Deidentifier, marked_by_corpus
from smfl.features.deidentify.review import REJECTED, Row, apply_decisions, rows_of
from smfl.features.deidentify.sound import MARGIN_S, MARGIN_SHARE, span_times, word_positions
from smfl.features.deidentify.spans import REMOVED, Span, replaced
from smfl.features.segments import union
from smfl.interview import CallError, Entry, Interview, Segment, Sentence, Word


@dataclass(frozen=True, eq=False)
class Deidentified:
    """What `deidentify_sentences` made.

    Args:
        sentences: as many as before, with placeholders.
        silence: when the replaced words were said, s.
        replaced: rows for the review, with the words as they were.
        ledger: how many of which kind, without the words.
    """

    sentences: tuple[Sentence, ...]
    silence: tuple[Segment, ...]
    replaced: tuple[Row, ...]
    ledger: tuple[Entry, ...]


def deidentify_sentences(
    interview: Interview, sentences: Sequence[Sentence], find: Deidentifier, rows: Sequence[Row] = ()
) -> Deidentified:
    """Replace in each sentence what identifies.

    Args:
        interview: whose sentences they are; its turns show what the corpus has removed.
        sentences: the participant's.
        find: the layers.
        rows: of an earlier review of this interview; decisions win.

    Raises:
        CallError: where a decision doesn't fit the sentence that it is about.
    """
    lost = [row for row in rows if row.decision and not 0 <= row.sentence < len(sentences)]
    if lost:
        raise CallError(
            f"review, interview {interview.id}: there is no sentence {lost[0].sentence}; it has {len(sentences)}, "
            "counted from 0"
        )
    made: list[Sentence] = []
    silence: list[Segment] = []
    shown: list[Row] = []
    kinds: Counter[str] = Counter()
    guessed = 0
    for number, sentence in enumerate(sentences):
        earlier = [row for row in rows if row.sentence == number]
        spans = apply_decisions(sentence.text, find(sentence.text), earlier)
        shown += rows_of(interview.id, number, sentence.text, spans, earlier)
        if not spans:
            made.append(sentence)
            continue
        kinds.update(span.kind for span in spans)
        when, by_words = span_times(sentence, spans)
        silence += when
        guessed += bool(when) and not by_words
        made.append(without(sentence, spans))
    changed = sum(a is not b for a, b in zip(made, sentences, strict=True))
    quiet = union(silence)
    ledger = _ledger(interview, kinds, changed, len(sentences), quiet, guessed)
    rejected = sum(row.decision == REJECTED for row in shown)
    if rejected:
        ledger.append(Entry(interview.id, "noted", f"{rejected} replacements rejected by a person", why="the review"))
    return Deidentified(tuple(made), quiet, tuple(shown), tuple(ledger))


def without(sentence: Sentence, spans: Sequence[Span]) -> Sentence:
    """The sentence with placeholders, in its words too.

    Example:
        >>> said = Sentence(Segment(0, 1), "ask ana", (Word(Segment(0, 0.5), "ask"), Word(Segment(0.5, 1), "ana")))
        >>> replacement = without(said, [Span(4, 7, "NAME", "list")])
        >>> replacement.text, [word.text for word in replacement.words]
        ('ask [NAME]', ['ask', '[NAME]'])
    """
    words: list[Word] = []
    for start, stop, word in word_positions(sentence):
        kind = next((span.kind for span in spans if start < span.stop and span.start < stop), None)
        words.append(word if kind is None else replace(word, text=f"[{kind}]"))
    return replace(sentence, text=replaced(sentence.text, spans), words=tuple(words))


def _ledger(
    interview: Interview, kinds: Counter[str], changed: int, sentences: int, silence: tuple[Segment, ...], guessed: int
) -> list[Entry]:
    counts = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())) or "nothing"
    why = "de-identified by rules and a statistical model, which miss some"
    ledger = [Entry(interview.id, "noted", f"replaced: {counts}; in {changed} of {sentences} sentences", why=why)]
    if silence:
        seconds = sum(segment.duration for segment in silence)
        how = "by the times of words"
        if guessed:
            how = (
                f"in {guessed} sentences by the share of the characters, {MARGIN_S:g} s and {MARGIN_SHARE:.0%} of the "
                "sentence wider on both sides, as their words have no times: a part may still be heard"
            )
        ledger.append(Entry(interview.id, "noted", f"silenced: {seconds:.1f} s of the voice", why=how))
    elif kinds:
        ledger.append(Entry(interview.id, "noted", "silenced: nothing, as sentences have no times"))
    by_corpus = sum(len(list(marked_by_corpus(turn.text))) for turn in interview.turns if turn.by_participant)
    if by_corpus > kinds[REMOVED]:
        what = f"{by_corpus} places marked as removed by the corpus"
        ledger.append(Entry(interview.id, "noted", what, why="its own de-identification; they are in no sentence"))
    if "text" in interview.signals:
        what = "the text features are the corpus's, made of the words as they were"
        ledger.append(Entry(interview.id, "noted", what, why="only the words themselves can be de-identified here"))
    return ledger
