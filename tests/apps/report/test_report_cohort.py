"""The page about who is in a prepared corpus: what it says, and that it fits a phone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from smfl.apps.report.pages.cohort import write_cohort
from smfl.interview import FeatureError
from smfl.pipeline.describe import describe
from smfl.pipeline.prepare import prepare
from smfl.simulation import simulate

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    simulate("manifest", folder / "corpus", participants=12, minutes=2, positives=0.5, modalities=["audio"])
    prepare(folder / "corpus", folder / "prepared", modalities=("audio",))
    return folder / "prepared"


def test_the_page_says_what_the_description_says(prepared: Path, tmp_path: Path) -> None:
    page = write_cohort(prepared, tmp_path).read_text(encoding="utf-8")
    told = describe(prepared)
    assert "<strong>Simulated.</strong>" in page
    assert f"12 interviews of 12 participants: {told.labels['depressed']} depressed" in page
    for label, weight in told.class_weights.items():
        assert f"{label} <b>{weight:.2f}</b>" in page
    rows = re.findall(r"<tr><th scope=\"row\">(not depressed|depressed)</th>.*?mean\">(\d+)</td>", page)
    assert sum(int(n) for _, n in rows) == 12
    assert 0 < told.sentence_coverage["audio"] <= 1
    assert f'<td class="number">{told.sentence_coverage["audio"]:.0%}</td></tr>' in page
    assert f"{told.thresholds[0].second_share * 100:.1f} %" in page
    assert page.count('<svg class="figure"') == 4
    assert "12 of 12 have" not in page
    assert "6 of 6 have PHQ-8 &gt;= 9" in page
    assert re.findall(r"https?://(?!www.w3.org/2000/svg)", page) == [], "nothing is loaded from anywhere"


def test_the_command_writes_the_page_beside_its_tables(prepared: Path, tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("smfl"), "describe", prepared, "--out", tmp_path / "who.html"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "the paper's criterion" in done.stdout
    assert "threshold M" in done.stdout
    assert (tmp_path / "who.html").is_file()
    assert done.stdout.rstrip().endswith("who.html")


def test_a_folder_that_is_not_prepared_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"is .* a folder that `smfl prepare`"):
        write_cohort(tmp_path, tmp_path / "x.html")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_the_page_fits_a_phone(prepared: Path, tmp_path: Path) -> None:
    page = write_cohort(prepared, tmp_path / "cohort.html")
    text = page.read_text(encoding="utf-8")
    body = "const r = document.documentElement; document.title = 'overflow ' + (r.scrollWidth - r.clientWidth);"
    page.write_text(text.replace("</body>", f"<script>addEventListener('load', () => {{ {body} }})</script></body>"))
    done = subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=500,900",
            "--dump-dom",
            "--disable-background-networking",
            "--enable-logging=stderr",
            "--virtual-time-budget=2000",
            f"--user-data-dir={tmp_path / 'profile'}",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert "<title>overflow 0</title>" in done.stdout
