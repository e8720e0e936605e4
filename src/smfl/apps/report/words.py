"""Numbers and times as the pages write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any


def figure_number(value: float | None, digits: int = 2) -> str:
    """A number for reading; a dash where there is none.

    Example:
        >>> figure_number(0.8149), figure_number(-0.3), figure_number(float("nan")), figure_number(-0.001)
        ('0.81', '−0.30', '–', '0.00')
    """
    if value is None or not isfinite(value):
        return "–"
    text = f"{abs(value):.{digits}f}"
    return f"−{text}" if value < 0 and float(text) else text


def signed(value: float | None) -> str:
    """A number with its sign; a rounded zero has none.

    Example:
        >>> signed(0.214), signed(-0.5), signed(0.001)
        ('+0.21', '−0.50', '0.00')
    """
    text = figure_number(value)
    return f"+{text}" if value is not None and value > 0 and float(text) else text


def count(value: float) -> str:
    """A count, or a mean of counts.

    Example:
        >>> count(12.0), count(12.333), count(1234567)
        ('12', '12.3', '1 234 567')
    """
    return f"{value:,.0f}".replace(",", " ") if float(value).is_integer() else f"{value:.1f}"


def clock(seconds: float | None) -> str:
    """A time in a recording.

    Example:
        >>> clock(63.4), clock(3723), clock(None)
        ('1:03', '1:02:03', '–')
    """
    if seconds is None:
        return "–"
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a list in a sentence.

    Example:
        >>> listed(["face", "voice", "words"])
        'face, voice and words'
    """
    found = list(words)
    return f" {last} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def plural(n: float, one: str, many: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> plural(1, "fold"), plural(5, "fold"), plural(2, "person", "people")
        ('1 fold', '5 folds', '2 people')
    """
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's mean, spread and interval, as `results.json` gives them.

    Args:
        mean: over folds and seeds; nan where it isn't defined.
        sd: standard deviation over folds and seeds.
        low: lower end of the 95 % interval over participants.
        high: upper end.
        pooled: the score of all held-out predictions together, of which the interval is.
    """

    mean: float
    sd: float | None
    low: float | None
    high: float | None
    pooled: float | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any] | float | None) -> Score:
        """From a record with ``mean``, ``sd``, ``low`` and ``high``, or from a bare number.

        Example:
            >>> Score.of({"mean": 0.8, "sd": 0.04, "low": 0.7, "high": 0.9}).interval_text
            '[0.70–0.90]'
            >>> Score.of(None).mean_text
            '–'
        """
        if isinstance(value, Mapping):
            mean, *rest = (_finite(value.get(key)) for key in ("mean", "sd", "low", "high", "pooled"))
            return cls(nan if mean is None else mean, *rest)
        mean = _finite(value)
        return cls(nan if mean is None else mean, None, None, None)

    @property
    def centre(self) -> float:
        """What the interval is of: the pooled score where there is one, else the mean."""
        return self.mean if self.pooled is None else self.pooled

    @property
    def apart(self) -> bool:
        """Whether the mean over folds lies outside the interval of the pooled score, in the digits that are shown."""
        if self.low is None or self.high is None or not isfinite(self.mean):
            return False
        return not round(self.low, 2) <= round(self.mean, 2) <= round(self.high, 2)

    @property
    def mean_text(self) -> str:
        """The mean for reading."""
        return figure_number(self.mean)

    @property
    def spread_text(self) -> str:
        """± sd, where there is one."""
        return "" if self.sd is None else f"± {figure_number(self.sd)}"

    @property
    def interval_text(self) -> str:
        """The interval in brackets, where there is one."""
        if self.low is None or self.high is None:
            return ""
        dash = "–" if self.low >= 0 else " to "
        return f"[{figure_number(self.low)}{dash}{figure_number(self.high)}]"


def _finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def clock_date(text: str) -> str:
    """An ISO date and time, to the minute; anything else as it is.

    Example:
        >>> clock_date("2026-11-22T17:20:31+00:00"), clock_date("spring")
        ('2026-11-22 17:20 UTC', 'spring')
    """
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= len("2026-11-22"):
        return text
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment.tzinfo else f"{moment:%Y-%m-%d %H:%M}"
