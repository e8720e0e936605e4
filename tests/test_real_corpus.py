"""A real corpus, where one is at hand: ``pytest tests/test_real_corpus.py --corpus-root /where/it/is``."""

from __future__ import annotations

import numpy as np
import pytest

from smfl.corpora import open_corpus
from smfl.interview import SmflError


def test_every_interview_is_read_or_says_why_not(request: pytest.FixtureRequest) -> None:
    root = request.config.getoption("--corpus-root")
    if root is None:
        pytest.skip("no real corpus: give --corpus-root")
    cohort = open_corpus(root)
    read, faults = 0, dict[str, str]()
    for key in cohort.keys:
        try:
            interview = cohort.read(key)
            signals = [reader() for reader in interview.signals.values()]
        except SmflError as fault:
            faults[key] = str(fault)
            continue
        read += 1
        assert interview.sentences or interview.transcript
        assert all(np.isfinite(signal.values).any() for signal in signals)
    assert [key for key, fault in faults.items() if key not in fault] == [], "the message names the interview"
    assert read > len(cohort) / 2, faults
