"""Defects of single DAIC-WOZ sessions that public documentation and public loaders report, and how each is mended.

Times are seconds on the recording's clock. *Manual* is the corpus's own documentation (AVEC 2017); *process* is the
public preprocessing repository adbailey1/daic_woz_process. Where both give an interval, all of both is masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smfl.interview import Segment

MANUAL = "the corpus's manual"
PROCESS = "adbailey1/daic_woz_process"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one session.

    Args:
        what: the defect, in words.
        source: who reports it.
        shift_s: to be added to all times of the transcript.
        interrupted: a stretch that isn't the interview: its rows are left out, its signals are masked.
        excluded: whether other authors leave the session out.
        untold: whether the session's files show the defect by themselves, so that reading them tells it.
    """

    what: str
    source: str
    shift_s: float = 0.0
    interrupted: Segment | None = None
    excluded: bool = False
    untold: bool = False


def _early(seconds: float) -> Known:
    return Known(f"the transcript's times are {seconds:g} s early", PROCESS, shift_s=seconds, excluded=True)


def _interrupted(start: float, stop: float, source: str) -> Known:
    what = f"the interview was interrupted from {start:g} to {stop:g} s"
    return Known(what, source, interrupted=Segment(start, stop), excluded=True)


_ALONE = Known("the transcript has no row of the interviewer's", "public loaders", excluded=True, untold=True)
_SHORT = "the face's measurements end before the sound"

KNOWN: Mapping[str, Known] = {
    "318": _early(34.319917),
    "321": _early(3.8379167),
    "341": _early(6.1892),
    "362": _early(16.8582),
    "373": _interrupted(352.0, 428.0, f"{MANUAL} (5:52 to 7:00) and {PROCESS} (395 to 428 s)"),
    "444": _interrupted(286.0, 387.0, f"{MANUAL} (4:46 to 6:27) and {PROCESS}"),
    "402": Known(_SHORT, "public loaders", untold=True),
    "420": Known(_SHORT, "one public loader", untold=True),
    "440": Known("the archive was reported to be damaged at its source", "two users' reports"),
    "451": _ALONE,
    "458": _ALONE,
    "480": _ALONE,
}
"""By session. Labels (409, 319) and twin files (487) are mended wherever they occur, by rule."""

EXCLUDED_BY_OTHERS = tuple(identity for identity, known in KNOWN.items() if known.excluded)
"""What some authors leave out, and ``exclude_known_bad`` with them: 318, 321, 341, 362, 373, 444, 451, 458, 480."""
