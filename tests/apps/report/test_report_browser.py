"""The pages in a real browser: no errors, no sideways scrolling on a phone, and what moves does move."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from smfl.apps.report import write_report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE = 390
"""Width of a common phone, CSS pixels."""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")

SETTINGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--virtual-time-budget=4000",
    "--enable-logging=stderr",
    "--dump-dom",
)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[Path, str], Any]:
    """Opens a page in a frame as wide as a phone's screen, runs a script's body in it and returns its result."""

    def opened(page: Path, script: str) -> Any:
        inside = escape(page.read_text(encoding="utf-8"))
        frame = f"""<iframe id=f style="width:{PHONE}px;height:900px" srcdoc="{inside}"></iframe>
<pre id=answer></pre><script>f.onload = () => {{
  const page = f.contentDocument, view = f.contentWindow;
  answer.textContent = JSON.stringify((() => {{ {script} }})());
}};</script>"""
        outer = tmp_path / "frame.html"
        outer.write_text(f"<!doctype html><meta charset=utf-8>{frame}", encoding="utf-8")
        command = [str(BROWSER), *SETTINGS, f"--user-data-dir={tmp_path / 'profile'}", outer.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        told = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert told == [], "the console stays silent"
        found = re.search(r"<pre id=\"answer\">(.+?)</pre>", done.stdout, re.DOTALL)
        assert found, "the page didn't finish loading"
        return json.loads(unescape(found.group(1)))

    return opened


OVERFLOW = """
const scrolling = ".scroll, .window, .unseen, .skip, .detail, svg";
const wide = [...page.querySelectorAll("body *")].filter((e) =>
  e.getBoundingClientRect().right > view.innerWidth + 1 && !e.closest(scrolling));
const root = page.documentElement;
const result = {overflow: root.scrollWidth - view.innerWidth, wide: wide.map((e) => e.tagName + "." + e.className)};
"""


def test_the_comparison_fits_a_phone_sorts_and_highlights(
    results: Path, tmp_path: Path, ask: Callable[[Path, str], Any]
) -> None:
    page = write_report(results, tmp_path / "report.html")
    script = f"""{OVERFLOW}
    const order = () => [...page.querySelectorAll("table[data-sortable] tbody th")].map((th) => th.dataset.value);
    result.before = order();
    const heads = [...page.querySelectorAll("table[data-sortable] thead button")];
    const brier = heads.find((head) => head.textContent.startsWith("Brier"));
    brier.click();
    result.sorted = brier.parentElement.getAttribute("aria-sort");
    const place = brier.parentElement.cellIndex;
    const rows = [...page.querySelectorAll("table[data-sortable] tbody tr:not(.ideal)")];
    const scores = rows.map((row) => +row.cells[place].dataset.value);
    result.ascending = scores.every((score, i) => i === 0 || scores[i - 1] <= score);
    result.last = order().at(-1);
    page.querySelector(".chip[data-model='2']").click();
    result.on = [...page.querySelectorAll("svg .model.on")].map((mark) => mark.dataset.model);
    return result;"""
    found = ask(page, script)
    assert found["overflow"] <= 0
    assert found["wide"] == []
    assert found["before"][0] == "smfl"
    assert found["sorted"] == "ascending"
    assert found["ascending"]
    assert found["last"] == "ideal observer", "it stays below whatever is sorted"
    assert found["on"] == ["2", "2", "2"], "in all three figures"


def test_the_quality_page_fits_a_phone_and_sorts(
    prepared: Path, tmp_path: Path, ask: Callable[[Path, str], Any]
) -> None:
    page = write_report(prepared, tmp_path / "quality.html")
    script = f"""{OVERFLOW}
    const names = () => [...page.querySelectorAll("table.interviews tbody th")].map((th) => th.dataset.value);
    result.worst = names()[0];
    const heads = [...page.querySelectorAll("table.interviews thead button")];
    const seen = heads.find((head) => head.textContent === "Face seen");
    seen.click();
    const place = seen.parentElement.cellIndex;
    const shares = [...page.querySelectorAll("table.interviews tbody tr")].map((row) => row.cells[place].dataset.value);
    result.unknown = shares.slice(-4);
    const known = shares.slice(0, -4).map(Number);
    result.ascending = known.every((share, i) => i === 0 || known[i - 1] <= share);
    page.querySelectorAll(".ledger summary")[3].click();
    result.open = page.querySelectorAll(".ledger details")[3].open;
    result.after = page.documentElement.scrollWidth - view.innerWidth;
    return result;"""
    found = ask(page, script)
    assert found["overflow"] <= 0
    assert found["wide"] == []
    assert found["worst"] == "P000"
    assert found["ascending"]
    assert found["unknown"] == [""] * 4, "what isn't known stays last"
    assert found["open"]
    assert found["after"] <= 0


def test_the_recording_fits_a_phone_and_its_sentences_answer(
    make_prediction_folder: Callable[..., Path], tmp_path: Path, ask: Callable[[Path, str], Any]
) -> None:
    page = write_report(make_prediction_folder(), tmp_path / "report.html")
    script = f"""{OVERFLOW}
    const press = (key) => page.querySelector("[role=slider]").dispatchEvent(new KeyboardEvent("keydown", {{key}}));
    const words = () => page.querySelector(".detail blockquote").textContent;
    const row = (i) => page.querySelector(`tr[data-index='${{i}}'] .words`).firstChild.data;
    press("Home");
    result.first = words() === row(0);
    press("ArrowRight");
    result.second = words() === row(1);
    result.value = page.querySelector("[role=slider]").getAttribute("aria-valuenow");
    result.marked = [...page.querySelectorAll("rect.cursor")].every(
      (mark) => mark.getAttribute("x") === page.querySelector("tr[data-index='1']").dataset.x);
    page.querySelector("tr[data-index='4'] .when button").click();
    result.chosen = page.querySelector("tr.chosen").dataset.index;
    page.querySelector("[data-zoom='4']").click();
    result.zoom = page.querySelector(".lanes").clientWidth / page.querySelector(".window").clientWidth;
    result.after = page.documentElement.scrollWidth - view.innerWidth;
    return result;"""
    found = ask(page, script)
    assert found["overflow"] <= 0
    assert found["wide"] == []
    assert found["first"]
    assert found["second"]
    assert found["value"] == "2"
    assert found["marked"]
    assert found["chosen"] == "4"
    assert found["zoom"] == pytest.approx(4, abs=0.05)
    assert found["after"] <= 0
