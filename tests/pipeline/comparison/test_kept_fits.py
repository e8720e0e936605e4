"""Which changes of the code leave an earlier fit as it is."""

from __future__ import annotations

import pytest

from smfl.pipeline.comparison.kept_fits import bare

SOURCE = '''"""A module."""

HALF = 0.5
"""Of one."""


class Part:
    """A part."""

    def of(self, x: float) -> float:
        """Half of x."""
        return HALF * x  # [decision]
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A module."""', '"""Another docstring."""'), ('"""Of one."""', ""), ('        """Half of x."""\n', ""),
        ("  # [decision]", ""), ("\n\n\nclass", "\nclass"), ("HALF * x", "(HALF *\n            x)"),
    ],
)  # fmt: skip
def test_words_and_layout_decide_nothing(old: str, new: str) -> None:
    changed = SOURCE.replace(old, new)
    assert changed != SOURCE
    assert bare(changed) == bare(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"), [("0.5", "0.25"), ("HALF * x", "HALF / x"), ("x: float)", "x: float = 1)"), ("HALF *", "'a' *")]
)
def test_what_is_computed_does(old: str, new: str) -> None:
    assert bare(SOURCE.replace(old, new)) != bare(SOURCE)
