"""The page about a prepared folder: worst first, what to do, every figure and the ledger by kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from smfl.apps.report import write_report
from smfl.apps.report.figures.quality import coverage_lanes, spread
from smfl.apps.report.pages.quality import quality_context
from smfl.features.store import seal_tables
from smfl.interview import FeatureError, SmflError

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def page(prepared: Path, read_page: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_page(write_report(prepared, tmp_path_factory.mktemp("page") / "quality.html"))


def test_the_page_is_whole_and_loads_nothing(page: Any) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) <= set(page.ids)
    assert page.loads == []
    assert not re.search(r"(?<!xmlns=\")https?://(?!www.w3.org/2000/svg)", page.html)
    levels = page.headings()
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "Simulated." in page.text


def test_the_worst_come_first_with_what_to_do(prepared: Path, page: Any) -> None:
    context = quality_context(prepared)
    first = context["first"]
    assert first[0]["name"] == "P000", "five things are amiss with it"
    poor = [sum(remark["grade"] == "poor" for remark in one["remarks"]) for one in first]
    assert poor == sorted(poor, reverse=True)
    assert "signal to noise 6 dB listen: a fan, traffic, or a microphone far away?" in page.text
    assert "digital silence 30 %" in page.text
    names = [cell["data-value"] for cell in page.all("th", scope="row") if "data-value" in cell]
    assert sorted(names) == [f"P{i:03}" for i in range(48)]
    assert names == [one["name"] for one in context["interviews"]]
    assert sum(n for _, _, n in context["balance"]) == 48


def test_what_is_missing_is_no_fault_and_no_zero(prepared: Path) -> None:
    context = quality_context(prepared)
    without = next(one for one in context["interviews"] if one["name"] == "P005")
    assert without["facts"]["quality_face_seen"] is None
    assert context["quality_text"]("quality_face_seen", None) == "–"
    assert not any("face" in remark["name"] for remark in without["remarks"])
    [face] = [figure for figure in context["figures"] if figure.title == "Face seen"]
    assert face.words.endswith("unknown in 4.")
    assert face.panel.svg().count("<title>P") == 44


def test_a_figure_has_every_interview_and_where_a_look_is_worth_it() -> None:
    found = [{"name": f"<{i}>", "facts": {"quality_snr_db": float(i)}} for i in range(30)]
    drawn = spread("quality_snr_db", "Signal to noise", found)
    assert drawn is not None
    assert drawn.words == "Median 15 dB; below 15 dB: 15."
    assert drawn.panel.svg().count('class="one poor"') == 8
    assert drawn.panel.svg().count('class="one fair"') == 7
    assert drawn.panel.svg().count('class="zone') == 2
    assert "&lt;3&gt;: 3" in drawn.panel.svg()
    assert spread("quality_snr_db", "Signal to noise", [{"name": "a", "facts": {}}]) is None
    constant = spread("quality_clipped", "Clipped", [{"name": "a", "facts": {"quality_clipped": 0.0}}] * 200)
    assert constant is not None
    assert "nan" not in constant.panel.svg()
    heights = [float(y) for y in re.findall(r'cy="([-\d.]+)"', constant.panel.svg())]
    assert min(heights) > 0, "the highest stack stays inside"


def test_lanes_tell_who_has_which_modality(prepared: Path) -> None:
    face, voice, _ = coverage_lanes(quality_context(prepared)["interviews"])
    assert face.scale.endswith("; 4 without")
    assert [block.kind for block in face.blocks].count("absent") == 4
    assert voice.scale == "100 % of sentences"


def test_the_ledger_is_by_kind(prepared: Path, page: Any) -> None:
    ledger = {one["action"]: one for one in quality_context(prepared)["ledger"]}
    assert list(ledger) == ["skipped", "missing", "repaired", "noted"]
    assert [kind["n"] for kind in ledger["repaired"]["kinds"]] == [12], "lines that differ in numbers are one kind"
    assert ledger["noted"]["kinds"][0]["who"] == "P000, P001, P002, P003, P004, P005 and 42 more"
    assert "P900.mp4: cut off while it was copied" in page.text


def test_words_of_others_are_escaped(make_prepared: Make, read_page: Any, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    page = read_page(write_report(make_prepared(interviews=3, corpus=evil), tmp_path / "q.html"))
    assert evil in page.text
    assert evil not in page.html


def test_a_folder_without_quality_facts_says_so(made_without: Path, read_page: Any, tmp_path: Path) -> None:
    page = read_page(write_report(made_without, tmp_path / "q.html"))
    assert "This folder holds no quality facts; prepare it again to have them measured." in page.text
    assert "How it is spread" in page.text, "how long people speak is known all the same"


@pytest.fixture
def made_without(make_prepared: Make) -> Path:
    """As an earlier version wrote it."""
    import pandas as pd

    folder = make_prepared(interviews=4)
    table = pd.read_parquet(folder / "index.parquet")
    table[[name for name in table if not name.startswith("quality_")]].to_parquet(folder / "index.parquet")
    seal_tables(folder)
    return folder


def test_an_unfinished_folder_says_what_to_do(make_prepared: Make, tmp_path: Path) -> None:
    folder = make_prepared(interviews=2)
    (folder / "index.parquet").unlink()
    with pytest.raises(FeatureError, match="run `smfl prepare` again, it goes on where it was"):
        write_report(folder, tmp_path / "q.html")
    with pytest.raises(SmflError, match=r"nor index\.parquet \(written by smfl prepare\) is in this folder"):
        write_report(tmp_path, tmp_path / "q.html")


def test_the_report_of_a_recording_has_the_same_block(
    make_prediction_folder: Make, read_page: Any, tmp_path: Path
) -> None:
    text = read_page(write_report(make_prediction_folder(), tmp_path / "r.html")).text
    assert "How good the recording is" in text
    assert "Signal to noise 6 dB poor Listen: a fan, traffic, or a microphone far away?" in text
    assert "Clipped samples 0.3 % worth a look" in text
    assert "Face seen 84 % Voiced" in text, "nothing to remark"
    assert "How good" not in read_page(write_report(make_prediction_folder(quality={}), tmp_path / "r.html")).text
