"""The family of errors: each one a message in plain words that a user can act on.

A `SmflError` says what is wrong, where, what was expected and what to do; the command line prints it and exits
with 2. Any other exception is a bug, and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence


class SmflError(Exception):
    """Something the user can mend: the input, the call, or the installation."""


class CorpusError(SmflError):
    """A corpus folder, or a table in it, isn't what its format says."""


class RecordingError(SmflError):
    """A recording can't be decoded, or doesn't hold what is asked of it."""


class TranscriptError(SmflError):
    """A transcript can't be read, or doesn't fit its recording."""


class FeatureError(SmflError):
    """Features don't have the columns, width, rate or units that were expected."""


class LabelError(SmflError):
    """A label or score is outside its scale."""


class CallError(SmflError):
    """An argument has a value that nothing here understands."""


class MissingExtraError(SmflError):
    """A library that belongs to an optional extra isn't installed.

    Example:
        >>> print(MissingExtraError("mediapipe", extra="face"))
        the library 'mediapipe' isn't installed; it belongs to the extra 'face': pip install 'smfl[face]'
    """

    def __init__(self, library: str, *, extra: str) -> None:
        super().__init__(
            f"the library {library!r} isn't installed; it belongs to the extra {extra!r}: pip install 'smfl[{extra}]'"
        )


class Problems(CorpusError):
    """All that is wrong with one input, collected and told at once instead of one fault a run.

    Example:
        >>> print(Problems("my-corpus", ["interviews.csv, row 3: label is 2", "corpus.toml: no 'name'"]))
        my-corpus: 2 problems
          interviews.csv, row 3: label is 2
          corpus.toml: no 'name'
    """

    def __init__(self, what: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) != 1 else ''}"
        super().__init__("\n  ".join([f"{what}: {count}", *self.problems]))


def choice(value: str, valid: Sequence[str], *, what: str) -> str:
    """Return ``value`` where it is one of ``valid``, else raise a `CallError` with the likely meaning.

    Example:
        >>> choice("smfl", ["smfl", "mmfl"], what="model")
        'smfl'
        >>> choice("smlf", ["smfl", "tcn-all"], what="model")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown model 'smlf'; did you mean 'smfl'? valid: smfl, tcn-all
    """
    if value in valid:
        return value
    import difflib

    close = difflib.get_close_matches(value, valid, n=1)
    hint = f" did you mean {close[0]!r}?" if close else ""
    raise CallError(f"unknown {what} {value!r};{hint} valid: {', '.join(valid)}")
