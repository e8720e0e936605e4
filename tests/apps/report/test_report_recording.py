"""The page about a recording: the model’s prediction, how sure it is, and every sentence of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from smfl.apps.report import write_report
from smfl.apps.report.figures.timeline import Axis, axis_of, signal_lane
from smfl.interview import SmflError

Make = Callable[..., Path]
EVIL = "<script>alert('1')</script> \"quoted\" & <img src=x onerror=alert(2)>"


@pytest.fixture
def report(make_prediction_folder: Make, read_page: Any, tmp_path: Path) -> Callable[..., Any]:
    """The page about a prediction with these changes."""
    return lambda **changes: read_page(write_report(make_prediction_folder(**changes), tmp_path / "report.html"))


def test_the_page_is_whole_and_loads_nothing(report: Callable[..., Any]) -> None:
    page = report()
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) <= set(page.ids)
    assert page.loads == []
    assert not re.search(r"https?://", page.html)
    levels = page.headings()
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_it_says_what_it_is_and_what_it_is_not(report: Callable[..., Any]) -> None:
    text = report().text
    assert "a probability of 0.71, above its threshold of 0.50. The interval goes from 0.52 to 0.86." in text
    assert "A research estimate, not a diagnosis." in text
    assert "Simulated." in text
    assert "the face was lost from 2:30 to 3:20" in text
    assert "five models of the cross-validation" in text


def test_an_interval_across_the_threshold_is_said(report: Callable[..., Any]) -> None:
    assert "0.40 to 0.86, on both sides of the threshold" in report(interval=[0.4, 0.86]).text


def test_an_abstention_gives_no_answer(report: Callable[..., Any]) -> None:
    page = report(abstain=True, abstain_reason="the face was seen in 12 % of the sentences")
    assert "gives no answer about this interview: the face was seen in 12 % of the sentences." in page.text
    assert "gives the label" not in page.text
    assert page.all("div", **{"class": "card result abstains"})
    assert "–" in report(abstain=True, probability=None, interval=None).text


def test_every_sentence_is_there_with_weight_and_contribution(
    report: Callable[..., Any], prediction: Callable[..., Any]
) -> None:
    page, sentences = report(), prediction()["sentences"]
    rows = page.all("tr")
    assert [given["data-index"] for given in rows if "data-index" in given] == [str(s["index"]) for s in sentences]
    weights = [given["data-value"] for given in page.all("td", **{"class": "weight"})]
    assert [float(weight) for weight in weights] == [s["weight"] for s in sentences]
    pushes = [float(given["data-value"]) for given in page.all("td", **{"class": "push"})]
    assert pushes == pytest.approx([s["contribution"] for s in sentences], abs=1e-4)
    assert all(s["text"] in page.text for s in sentences)


def test_lanes_have_one_block_a_sentence_on_one_axis(
    report: Callable[..., Any], prediction: Callable[..., Any]
) -> None:
    page, sentences = report(), prediction()["sentences"]
    blocks = page.all("rect", **{"class": "attention"})
    assert len(blocks) == len(sentences)
    scale = 1000 / 360
    assert float(blocks[0]["x"]) == pytest.approx(sentences[0]["start"] * scale, abs=0.01)
    lost = [s for s in sentences if "video" not in s["present"]]
    assert len(page.all("rect", **{"class": "absent"})) == len(lost) > 0
    assert {len(page.all("path", **{"class": "line"}))} == {5}
    towards, against = (page.all("rect", **{"class": kind}) for kind in ("towards", "against"))
    assert len(towards) == sum(s["contribution"] > 0 for s in sentences)
    assert all(float(b["y"]) <= 50 for b in towards)
    assert all(float(b["y"]) == 50 for b in against)


def test_what_was_not_measured_is_a_gap() -> None:
    axis = Axis(0, 10, timed=True)
    lane = signal_lane("F0", {"times": [0, 1, 2, 3, 9], "values": [1, None, 2, 3, 4]}, axis)
    assert lane is not None
    assert lane.line.count("M") == 3, "after the null, and after the pause from 3 to 9 s"
    assert signal_lane("F0", {"times": [0, 1], "values": [None, None]}, axis) is None


def test_words_cannot_break_out(report: Callable[..., Any], prediction: Callable[..., Any]) -> None:
    sentences = prediction()["sentences"][:3]
    sentences[1]["text"] = EVIL
    page = report(sentences=sentences, interview=EVIL, warnings=[EVIL], input=f"/tmp/{EVIL}.wav")
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert page.text.count("<script>alert('1')</script> \"quoted\" & <img src=x onerror=alert(2)>") >= 3


def test_only_a_probability_is_needed(make_prediction_folder: Make, read_page: Any, tmp_path: Path) -> None:
    folder = make_prediction_folder()
    (folder / "prediction.json").write_text('{"probability": 0.3}')
    page = read_page(write_report(folder, tmp_path / "least.html"))
    assert "a probability of 0.30, below its threshold of 0.50." in page.text
    assert "holds no sentences" in page.text


def test_sentences_without_times_are_counted_instead(
    report: Callable[..., Any], prediction: Callable[..., Any]
) -> None:
    sentences = prediction()["sentences"][:5]
    for sentence in sentences:
        sentence["start"] = sentence["stop"] = None
        sentence["text"] = ""
    page = report(sentences=sentences)
    assert not axis_of(sentences, {}).timed
    assert "sentence number" in page.text
    assert "no words transcribed" in page.text
    assert page.all("path", **{"class": "line"}) == []


def test_the_place_of_the_recording_on_disk_is_not_told(report: Callable[..., Any]) -> None:
    page = report(input="/home/someone/private/interview-12.mp4")
    assert "interview-12.mp4" in page.text
    assert "someone" not in page.html


@pytest.mark.parametrize("together", [True, False], ids=["one list", "a folder each"])
def test_several_interviews_share_a_page_with_an_index(
    make_prediction_folder: Make, prediction: Callable[..., Any], read_page: Any, tmp_path: Path, together: bool
) -> None:
    found = [prediction(seed=seed, interview=f"interview-{seed}", probability=0.1 * seed) for seed in (1, 2, 3)]
    folder = make_prediction_folder("all/first")
    if together:
        (folder / "prediction.json").write_text(json.dumps(found))
    else:
        (folder / "prediction.json").write_text(json.dumps(found[0]))
        for one in found[1:]:
            make_prediction_folder(f"all/{one['interview']}", **one)
    page = read_page(write_report(folder if together else folder.parent, tmp_path / "several.html"))
    assert "3 recordings" in page.text
    assert len(page.all("article")) == 3
    targets = [given["href"] for given in page.all("a") if given["href"].startswith("#r")]
    assert targets == ["#r1", "#r2", "#r3"]
    assert len(page.ids) == len(set(page.ids))


def test_the_same_prediction_gives_the_same_page(make_prediction_folder: Make, tmp_path: Path) -> None:
    folder = make_prediction_folder()
    assert (
        write_report(folder, tmp_path / "a.html").read_bytes() == write_report(folder, tmp_path / "b.html").read_bytes()
    )


def test_a_folder_as_target_gets_report_html(make_prediction_folder: Make, tmp_path: Path) -> None:
    folder = make_prediction_folder()
    assert write_report(folder, folder) == folder / "report.html"
    assert write_report(folder / "prediction.json", tmp_path / "deep" / "er.html") == tmp_path / "deep" / "er.html"
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"probability": 1.2}', r"a probability is 0 to 1; got 1\.2"),
        ('{"interview": "a"}', "a prediction is a JSON object with a 'probability'"),
        ("[]", "the list of predictions is empty"),
        ('{"probability": 0.5, "sentences": ["a"]}', "each of the 'sentences' is an object"),
        ("nonsense", "isn't readable JSON"),
    ],
)
def test_a_broken_prediction_is_said_in_plain_words(
    make_prediction_folder: Make, tmp_path: Path, content: str, words: str
) -> None:
    folder = make_prediction_folder()
    (folder / "prediction.json").write_text(content)
    with pytest.raises(SmflError, match=words):
        write_report(folder, tmp_path / "x.html")
