"""Preparing a corpus: resume, the same bytes from any number of workers, and nothing dropped silently."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smfl.features import Prepared
from smfl.interview import CallError, Cohort, CorpusError, FeatureError, Interview, Segment, Sentence, Signal, Source
from smfl.pipeline.prepare import BATCHES, prepare

SENTENCES = tuple(Sentence(Segment(i, i + 0.8), f"sentence {i}") for i in range(4))


def audio(columns: int = 2, rate: float = 10.0) -> Signal:
    times = np.arange(0, 5, 1 / rate)
    values = np.tile(np.arange(columns, dtype="f4"), (len(times), 1))
    return Signal("audio", tuple(f"c{i}" for i in range(columns)), values, times, rate)


def cohort(**interviews: Any) -> Cohort:
    """Interviews by key: a signal, a whole interview, or an error that reading raises."""

    def read(key: str) -> Interview:
        given = interviews[key]
        if isinstance(given, Exception):
            raise given
        if isinstance(given, Interview):
            return given
        return Interview(key, key, SENTENCES, signals={"audio": lambda: given})

    return Cohort(Source("toy"), list(interviews), read)


def run(source: Cohort | Path, out: Path, **options: Any) -> Prepared:
    return prepare(source, out, modalities=("video", "audio"), **options)


def contents(folder: Path) -> Mapping[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def ledger(prepared: Prepared, action: str) -> list[tuple[str, str]]:
    return [(entry.interview, entry.what) for entry in prepared.ledger() if entry.action == action]


def test_any_number_of_workers_writes_the_same_bytes(corpus: Path, made: Prepared, tmp_path: Path) -> None:
    two = run(corpus, tmp_path / "two", workers=2)
    assert contents(two.folder) == contents(made.folder)
    assert "truth.csv" in contents(made.folder)


def test_a_large_corpus_is_not_sent_along_with_each_interview(tmp_path: Path) -> None:
    """Its tables grow with it: sent along each time, they cost a corpus of thousands more than the measuring."""
    sent, signal = [], audio()

    class Tables:
        def __getstate__(self) -> dict[str, Any]:
            sent.append("the tables")
            return {"corpus": "tables"}

        def read(self, key: str) -> Interview:
            return Interview(key, key, SENTENCES, signals={"audio": lambda: signal})

    keys = [f"i{i}" for i in range(2 * BATCHES)]
    prepared = run(Cohort(Source("toy"), keys, Tables().read), tmp_path / "out", workers=2)
    assert prepared.table["interview"].tolist() == keys
    assert len(sent) <= BATCHES + 1


def test_a_stopped_run_goes_on_where_it_was(corpus: Path, made: Prepared, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop_after_three(done: int, total: int, last: str) -> None:
        if done == 3:
            raise Stop

    with pytest.raises(Stop):
        run(corpus, tmp_path, progress=stop_after_three)
    written = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "interviews").iterdir()}
    assert len(written) == 3
    run(corpus, tmp_path)
    assert contents(tmp_path) == contents(made.folder)
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "interviews").iterdir()}
    assert {name: after[name] for name in written} == written


def test_a_changed_input_or_setting_is_prepared_anew_and_a_copied_one_is_not(corpus: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(corpus, tmp_path / "moved")
    run(corpus, tmp_path / "out")
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out" / "interviews").iterdir()}

    def redone(**options: Any) -> set[str]:
        run(moved, tmp_path / "out", **options)
        now = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out" / "interviews").iterdir()}
        changed = {name for name in now if now[name] != before[name]}
        before.update(now)
        return changed

    assert redone() == set()
    table = moved / "features" / "audio" / "sim-0002.npy"
    values = np.load(table, allow_pickle=False)
    np.save(table, values + 1, allow_pickle=False)
    assert redone() == {"sim-0002.safetensors"}
    assert len(redone(max_sentences=3)) == 12


def test_until_all_is_done_the_folder_is_no_finished_one(tmp_path: Path) -> None:
    run(cohort(a=audio()), tmp_path)

    def stop(done: int, total: int, last: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(cohort(a=audio(), b=audio()), tmp_path, progress=stop)
    with pytest.raises(FeatureError, match="it goes on where it was"):
        Prepared(tmp_path)


def test_what_cannot_be_used_is_skipped_with_its_reason_and_the_others_go_on(tmp_path: Path) -> None:
    silent = Interview("d", "d", SENTENCES)
    prepared = run(cohort(a=CorpusError("440_P.zip is damaged"), b=audio(), c=Interview("c", "c"), d=silent), tmp_path)
    assert prepared.table["interview"].tolist() == ["b"]
    skipped = dict(ledger(prepared, "skipped"))
    assert skipped["a"] == "440_P.zip is damaged"
    assert "no sentences of the participant" in skipped["c"]
    assert "no modality could be had" in skipped["d"]
    assert "neither a recording nor features of the voice" in skipped["d"]


def test_where_nothing_can_be_used_the_first_reasons_are_shown(tmp_path: Path) -> None:
    damaged = {key: CorpusError(f"{key}.zip is damaged") for key in "abcde"}
    with pytest.raises(FeatureError) as fault:
        run(cohort(**damaged), tmp_path)
    message = "toy: none of 5 interviews could be prepared:\n  a: a.zip is damaged\n  b: b.zip is damaged\n  c: c.zip"
    assert str(fault.value).startswith(message)
    assert "d.zip" not in str(fault.value)
    lines = (tmp_path / "ledger.jsonl").read_text().splitlines()
    assert [json.loads(line)["interview"] for line in lines] == list("abcde")


def test_the_first_interview_decides_the_columns(tmp_path: Path) -> None:
    other = replace(audio(), columns=("c0", "other"))
    prepared = run(cohort(a=audio(), b=audio(3), c=other, d=audio()), tmp_path)
    assert prepared.table["interview"].tolist() == ["a", "d"]
    assert dict(ledger(prepared, "skipped")) == {
        "b": "audio: 3 columns, but 2 in interview a, the first that has audio",
        "c": "audio: column 'other' stands where 'c1' is in interview a, the first that has audio",
    }


def test_rates_that_are_near_are_noted_and_others_refused(tmp_path: Path) -> None:
    prepared = run(cohort(a=audio(rate=10.0), b=audio(rate=12.0), c=audio(rate=20.0)), tmp_path)
    assert ledger(prepared, "noted") == [("b", "audio: 12 frames a second; 10 in a")]
    assert [key for key, _ in ledger(prepared, "skipped")] == ["c"]
    assert prepared.schema.modalities["audio"].rate_hz == 10.0


def test_the_threshold_is_reported(tmp_path: Path) -> None:
    prepared = run(cohort(a=audio()), tmp_path, max_sentences=3)
    assert len(prepared[0]) == 3
    assert ledger(prepared, "cut") == [("a", "1 of 4 sentences")]
    assert prepared.schema.settings.max_sentences == 3


def test_the_settings_tell_what_the_corpus_is(made: Prepared) -> None:
    settings = made.schema.source
    assert settings["simulated"] is True
    assert settings["scale"] == "PHQ-8"
    assert settings["corpus"].startswith("simulated")
    assert settings["label_rule"] == "PHQ-8 score >= 10 is depressed"
    assert settings["versions"]["smfl"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": "commn"}, "unknown features 'commn'; did you mean 'common'"),
        ({"max_sentences": 0}, "the threshold M is at least 1 sentence; got 0"),
        ({"face_rate": 0.0}, "above 0; got 0"),
        ({"workers": 0}, "workers is at least 1; got 0"),
        ({"text_encoder": "minlm"}, "unknown text encoder 'minlm'; did you mean 'minilm'"),
    ],
)
def test_a_wrong_call_is_told_before_any_work(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CallError, match=message):
        run(cohort(a=audio()), tmp_path, **options)


def test_an_empty_corpus_is_told(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="there are no interviews in it"):
        run(cohort(), tmp_path)
