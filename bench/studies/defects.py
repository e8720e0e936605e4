"""Every known defect of DAIC-WOZ and E-DAIC: planted, detected, repaired."""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import habits
from bench.page import table, write
from smfl.corpora import CORPORA, Options, open_corpus
from smfl.interview import Cohort, Interview, Problems
from smfl.simulation import simulate
from smfl.simulation.defects import daic_woz as woz
from smfl.simulation.defects import edaic as extended
from smfl.simulation.defects.catalogue import Defect, concerns
from smfl.simulation.study import Study
from smfl.simulation.survival import ledger_lines, survival

MINUTES, SEED, POSITIVES = 0.25, 3, 0.5
MOST = 4
"""Sessions at most in which a defect that every session can have is planted."""
UNREADABLE = "damaged-archive"
ONLY_WORDS = "no-interviewer"
UNREPAIRABLE = "no-speakers"
BLANK = "blank-label-lines"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one defect: sessions that have it, that tell it, that are as without it but for what is lost."""

    corpus: str
    defect: Defect
    planted: int
    detected: int
    repaired: int
    kept: float

    def cells(self) -> list[str]:
        """As the table has it."""
        told_of = "the format allows both" if not self.defect.message else f"{self.detected}"
        mended = "can't be" if self.defect.name == UNREPAIRABLE else f"{self.repaired}"
        kept = "" if math.isnan(self.kept) else f"{self.kept:.1%}"
        return [f"`{self.defect.name}`", self.defect.what, f"{self.planted}", told_of, mended, kept, self.defect.lost]


def run(options: argparse.Namespace, pages: Path) -> None:
    """Plant each defect by itself, read, compare with the same people without it, write the page."""
    people = 10 if options.quick else 30
    shutil.rmtree(options.work / "habits", ignore_errors=True)
    rows = {name: measure(name, options.work / "defects" / name, people) for name in ("daic-woz", "edaic")}
    parts = [
        "Each defect that is known of a corpus is planted by itself in made-up sessions of the corpus's own format, "
        "and the corpus is read as ever. *Detected*: a line of the ledger, or the message that refuses the session, "
        "tells it. *Repaired*: sentences, label, items and every measurement that is there are those of the same "
        "session without the defect. *Kept*: the share of the measurements inside sentences that is there afterwards.",
    ]
    for name, found in rows.items():
        head = ["defect", "what is wrong", "planted", "detected", "repaired", "kept", "what no repair brings back"]
        parts += [f"## {CORPORA[name].name}", table(head, [row.cells() for row in found]), summary(found)]
    parts += [
        "## daic-woz, by habit",
        "What the format's files have anyway, in every session or in many. *There*: sessions (or files) that have it, "
        "as the files themselves show.",
        table(["habit", "what it is", "there", "detected", "out of the way"], habits.rows(options.work / "habits")),
        "Again: `python -m bench defects`.",
    ]
    if options.quick:
        print("\n\n".join(parts))
    else:
        print(write(pages, "defects", "Known defects: planted, detected, repaired", parts))


def summary(rows: Sequence[Row]) -> str:
    """One sentence on the whole table."""
    telling = [row for row in rows if row.defect.message]
    mendable = [row for row in rows if row.defect.name != UNREPAIRABLE]
    planted, seen = sum(row.planted for row in telling), sum(row.detected for row in telling)
    had, mended = sum(row.planted for row in mendable), sum(row.repaired for row in mendable)
    return (
        f"{len(rows)} defects. Detected: {seen} of {planted} ({seen / planted:.0%}). "
        f"Repaired: {mended} of {had} ({mended / had:.0%})."
    )


def measure(corpus: str, work: Path, people: int) -> list[Row]:
    """All defects of one corpus."""
    shutil.rmtree(work, ignore_errors=True)
    settings: dict[str, Any] = {"participants": people, "minutes": MINUTES, "seed": SEED, "positives": POSITIVES}
    twin = simulate(corpus, work / "twin", **settings, defects=())
    catalogue, by_table = (
        (woz.SESSION_DEFECTS, (*woz.LABEL_DEFECTS, *woz.ARCHIVE_DEFECTS))
        if corpus == "daic-woz"
        else (extended.SESSION_DEFECTS, extended.TABLE_DEFECTS)
    )
    rows = []
    for defect in catalogue:
        print(f"{corpus}: {defect.name}", file=sys.stderr, flush=True)
        folder, keys = _planted(corpus, twin, work / defect.name, defect)
        rows.append(_row(corpus, defect, _opened(folder), _opened(twin), keys))
        shutil.rmtree(folder)
    words = settings | {"modalities": ("text",)}
    plain = simulate(corpus, work / "words", **words, defects=(), archives=True)
    for defect in by_table:
        print(f"{corpus}: {defect.name}", file=sys.stderr, flush=True)
        folder = simulate(corpus, work / defect.name, **words, defects=[defect.name], archives=True)
        rows.append(_row(corpus, defect, _opened(folder), _opened(plain), _changed(plain, folder, defect)))
        if defect.name == BLANK:
            rows[-1] = _of_files(corpus, defect, plain, folder)
    return [row for row in rows if row.planted]


def _changed(plain: Path, folder: Path, defect: Defect) -> list[str]:
    """Who has a defect of labels or of archives: their rows, or their archives, aren't the same."""
    if defect in woz.ARCHIVE_DEFECTS:
        return [key for path in folder.glob("*.zip") if (key := path.name[:3]) not in woz.SPECIAL]
    changed: set[str] = set()
    for path in folder.rglob("*split*.csv"):
        rows = set((plain / path.relative_to(folder)).read_text(encoding="utf-8").splitlines())
        changed.update(line.split(",")[0] for line in path.read_text(encoding="utf-8").splitlines() if line not in rows)
    return sorted(changed - {""})


def _of_files(corpus: str, defect: Defect, plain: Path, folder: Path) -> Row:
    """Blank lines belong to no session: label files that have them, that are told, and whether labels are as ever."""
    files = [path for path in folder.glob("*split*.csv") if path.read_bytes() != (plain / path.name).read_bytes()]
    found, twin = _opened(folder), _opened(plain)
    told_of = {entry.where for entry in found.ledger if defect.message in entry.what}
    same = all(found.read(key).label == twin.read(key).label for key in found.keys)
    return Row(corpus, defect, len(files), len(told_of), len(files) if same else 0, math.nan)


def _opened(folder: Path) -> Cohort:
    (rules,) = {corpus.label_rules for corpus in CORPORA.values() if corpus.detect(folder)}
    return open_corpus(folder, options=Options(label_rule=rules[0] if rules else None))


def _planted(corpus: str, twin: Path, out: Path, defect: Defect) -> tuple[Path, list[str]]:
    """A corpus of the sessions that have one defect, and the first that hasn't; and who has it."""
    study = Study(seed=SEED)
    everyone = sorted(path.name.removesuffix("_P") for path in twin.glob("*_P"))
    if corpus == "daic-woz":
        having = [key for key in everyone if concerns(defect, key, woz.SPECIAL, ("video", "audio", "text"))]
    else:
        only = extended.special_sessions(everyone).get(defect.name)
        having = list(only) if only else everyone
    chosen = [key for key in having if key in everyone][: None if defect.sessions else MOST]
    others = [key for key in everyone if key not in having][:1]
    shutil.copytree(twin, out, ignore=lambda _, names: [name for name in names if name.endswith("_P")])
    for key in (*chosen, *others):
        shutil.copytree(twin / f"{key}_P", out / f"{key}_P")
    for key in chosen:
        if defect.plant:
            defect.plant(out / f"{key}_P", key, study.generator(everyone.index(key), "defects"))
    record = out / "simulation.json"
    settings = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps(settings | {"defects": [defect.name]}), encoding="utf-8")
    return out, chosen


def _row(corpus: str, defect: Defect, found: Cohort, twin: Cohort, keys: Sequence[str]) -> Row:
    """Read those who have the defect, and compare."""
    detected = repaired = 0
    shares = []
    for key in keys:
        interview, lines = _read(found, key)
        detected += bool(defect.message) and any(defect.message in line for line in lines)
        if interview is None:
            repaired += defect.name == UNREADABLE and all(
                _read(found, other)[0] for other in found.keys if other != key
            )
            continue
        survived = survival(interview, twin.read(key))
        shares += [] if math.isnan(survived.kept) else [survived.kept]
        repaired += _mended(defect)(survived)
    return Row(corpus, defect, len(keys), detected, repaired, sum(shares) / len(shares) if shares else math.nan)


def _mended(defect: Defect) -> Callable[..., bool]:
    if defect.name == ONLY_WORDS:
        return lambda kept: kept.same_words and kept.same_facts and kept.same_values
    if defect.name in ("unknown-items", "empty-severities"):
        return lambda kept: kept.same_sentences and kept.same_values
    if defect.lost:
        return lambda kept: kept.same_sentences and kept.same_facts and kept.same_values
    return lambda kept: kept.whole


def _read(cohort: Cohort, key: str) -> tuple[Interview | None, list[str]]:
    try:
        interview = cohort.read(key)
    except Problems as fault:
        return None, list(fault.problems)
    return interview, ledger_lines(interview)
