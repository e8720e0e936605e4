"""The open format: whatever is written comes back, and whatever is damaged gives a message."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smfl.corpora import open_corpus
from smfl.interview import Label, SmflError

KEYS = st.text("abcXYZ019._-", min_size=1, max_size=8).filter(
    lambda key: key not in (".", "..") and not key.startswith(".")
)
WORDS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)
TIMES = st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)).map(lambda t: (t[0] / 1000, (t[0] + t[1]) / 1000))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        KEYS,
        st.tuples(st.none() | st.integers(0, 24), st.lists(st.tuples(TIMES, WORDS), min_size=1, max_size=4)),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    people: dict[str, tuple[int | None, list[tuple[tuple[float, float], str]]]],
) -> None:
    root = tmp_path_factory.mktemp("round-trip")
    (root / "corpus.toml").write_text(
        'format = 1\nname = "n"\n[label]\nscale = "PHQ-8"\ncutoff = 10\n', encoding="utf-8"
    )
    scores = pd.DataFrame([(key, score) for key, (score, _) in people.items()], columns=["interview", "score"])
    scores.astype({"score": "Float64"}).to_csv(root / "interviews.csv", index=False)
    rows = [(key, *times, "participant", text) for key, (_, said) in people.items() for times, text in said]
    columns = ["interview", "start", "stop", "speaker", "text"]
    pd.DataFrame(rows, columns=columns).to_csv(root / "sentences.csv", index=False)
    cohort = open_corpus(root)
    assert cohort.keys == tuple(people)
    for key, (score, said) in people.items():
        interview = cohort.read(key)
        assert interview.label == (None if score is None else Label(int(score >= 10), score, "PHQ-8"))
        written = sorted(said, key=lambda item: item[0])
        assert [(s.segment.start, s.segment.stop) for s in interview.sentences if s.segment] == [t for t, _ in written]
        assert [s.text for s in interview.sentences] == [text for _, text in written]


DAMAGED = ("interviews.csv", "sentences.csv", "corpus.toml", "features/audio/p01.npy", "features/text/p01.csv")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(DAMAGED), st.data())
def test_damaged_files_give_messages_never_tracebacks(manifest: Path, file: str, data: st.DataObject) -> None:
    path = manifest / file
    whole = path.read_bytes()
    damaged = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        path.write_bytes(bytes(damaged[: data.draw(st.integers(0, len(whole)))]))
        try:
            cohort = open_corpus(manifest)
        except SmflError:
            return
        for key in cohort.keys:
            try:
                for read in cohort.read(key).signals.values():
                    read()
            except SmflError:
                continue
    finally:
        path.write_bytes(whole)
