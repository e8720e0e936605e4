"""Folders that reports are made of: results that the evaluation room writes, predictions as the contract has them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smfl.evaluation import ModelFacts, Results
from smfl.features import Modality, Schema, SentenceFeatures
from smfl.features.store import finish, write_interview
from smfl.interview import Entry, Label

SKILLS = {
    "smfl": 1.5,
    "mmfl": 1.25,
    "tcn-sentence": 1.1,
    "lstm-sa": 0.9,
    "late-fusion": 1.0,
    "tfidf-linear": 0.8,
    "logistic-regression": 0.7,
    "majority": 0.0,
}
NETWORKS = ("smfl", "mmfl", "tcn-sentence", "lstm-sa")
EVERYTHING = {
    "smfl": 1.5,
    "mmfl": 1.25,
    "mmfl-ca": 1.3,
    "tcn-all": 0.4,
    "tcn-sentence": 1.1,
    "tcn-sentence-lstm": 1.0,
    "lstm-sa": 0.9,
    "lstm-sa-ca": 1.0,
    "tcn-sa": 1.0,
    "tcn-sa-ca": 1.1,
    "tcn-lstm-sa": 1.2,
    "c-cnn": 0.7,
    "zou-2022": 0.9,
    "logistic-regression": 0.7,
    "gradient-boosting": 0.9,
    "tfidf-linear": 0.8,
    "late-fusion": 1.0,
    "tfn": 0.6,
    "lmf": 0.5,
    "mult": 0.8,
    "bigru-attention": 0.7,
    "window": 0.5,
    "smfl@video": 0.4,
    "smfl@audio": 0.6,
    "smfl@text": 0.9,
    "smfl@video+audio": 0.7,
    "smfl@video+text": 1.1,
    "smfl@audio+text": 1.2,
    "majority": 0.0,
}
"""What ``--model all`` asks for, and how good each is made."""
ALL = ("video", "audio", "text")
WORDS = (
    "I don't sleep well lately, I wake up at four and then my thoughts go round",
    "it's fine, work is work, you know",
    "um",
    "my sister came over last weekend and we cooked for the whole family, that was really good",
    "nothing much to look forward to at the moment",
    "I used to run every morning before the sun came up",
    "honestly I feel tired of everything",
    "we laughed a lot",
)


def write_results(
    folder: Path,
    *,
    models: dict[str, float] | None = None,
    participants: int = 60,
    positives: int = 24,
    seeds: int = 2,
    folds: int = 5,
    **facts: Any,
) -> Path:
    """A results folder of made-up scores, written by the evaluation room itself; an ideal observer comes along."""
    random = np.random.default_rng(7)
    label = np.zeros(participants, int)
    label[:positives] = 1
    ids = [f"P{number:03}" for number in range(participants)]
    traits = random.normal(size=participants)
    skills = dict(SKILLS if models is None else models)
    skills["ideal observer"] = 2.6
    rows, history = [], []
    for name, skill in skills.items():
        for seed in range(1 if name == "ideal observer" else seeds):
            fold_of = np.random.default_rng(seed).permutation(np.arange(participants) % folds)
            noise = 0.6 * traits + 0.8 * random.normal(size=participants)
            probability = 1 / (1 + np.exp(-(skill * (2 * label - 1) * 0.4 + (skill > 0) * noise - 0.3)))
            rows += [
                (name, "nested", seed, int(fold_of[i]), ids[i], ids[i], int(label[i]), round(float(probability[i]), 4))
                for i in np.argsort(fold_of, kind="stable")
            ]
            for fold in range(folds if name in NETWORKS else 0):
                stop = int(random.integers(18, 38))
                for epoch in range(1, stop + 1):
                    train = 0.25 + 0.45 * math.exp(-epoch / 9) + 0.012 * random.normal()
                    best = 0.62 - 0.12 * (1 - math.exp(-epoch / 6)) + 0.0025 * max(epoch - 14, 0) + fold * 0.02
                    history.append(
                        (name, seed, fold, epoch, train, best + 0.015 * random.normal(), 1e-3 * 0.5 ** (epoch // 10))
                    )
    known = {
        "corpus": "daic-woz (simulated)",
        "protocol": "nested",
        "protocol_meaning": "participant-grouped, stratified folds; every choice is made inside the training people",
        "folds": folds,
        "seeds": list(range(seeds)),
        "label_rule": "PHQ-8 >= 10",
        "split_hash": "3f9c1b7d20aa94e2",
        "simulated": True,
        "environment": {"python": "3.12.4", "packages": {"numpy": "2.4.0"}, "date": "2026-11-22T17:20:00+00:00"},
        "remarks": [],
    }
    results = Results.of(
        pd.DataFrame(
            rows, columns=["model", "protocol", "seed", "fold", "participant", "interview", "label", "probability"]
        ),
        pd.DataFrame(
            history, columns=["model", "seed", "fold", "epoch", "train_loss", "validation_loss", "learning_rate"]
        ),
        [
            ModelFacts(
                name,
                tuple(name.partition("@")[2].split("+"))
                if "@" in name
                else ("text",)
                if name == "tfidf-linear"
                else ()
                if name in ("majority", "ideal observer")
                else ALL,
                41_207 if name in NETWORKS else None,
                12.5,
                ranked=name != "ideal observer",
            )
            for name in skills
        ],
        known | facts,
    )
    return results.write(folder)


def make_prediction(*, minutes: float = 6.0, seed: int = 3, **changes: Any) -> dict[str, Any]:
    """A prediction as the pipeline writes it: an interview with answers, lost faces and an unvoiced stretch."""
    random = np.random.default_rng(seed)
    sentences: list[dict[str, Any]] = []
    now = 4.0
    while now < minutes * 60 - 12:
        words = WORDS[int(random.integers(len(WORDS)))]
        length = 0.8 + 0.33 * len(words.split()) * random.uniform(0.8, 1.3)
        present = ["text", "audio"] + ([] if 150 < now < 200 else ["video"])
        sentences.append({"start": round(now, 2), "stop": round(now + length, 2), "text": words, "present": present})
        now += length + float(random.choice([0.6, 1.2, 4.5, 8.0], p=[0.4, 0.3, 0.2, 0.1]))
    raw = {name: np.exp(1.1 * random.normal(size=len(sentences))) for name in ("text", "audio", "video")}
    for i, sentence in enumerate(sentences):
        if "video" not in sentence["present"]:
            raw["video"][i] = 0.0
    weights = {name: values / values.sum() for name, values in raw.items()}
    total = 0.5 * weights["text"] + 0.3 * weights["audio"] + 0.2 * weights["video"]
    for i, sentence in enumerate(sentences):
        sentence["index"] = i
        sentence["weight"] = float(total[i])
        sentence["weights"] = {name: float(values[i]) for name, values in weights.items()}
        sentence["contribution"] = float(0.5 * random.normal() * total[i] / total.max())
    times = np.linspace(0, minutes * 60, 600)
    speaking = np.array([any(s["start"] <= t < s["stop"] for s in sentences) for t in times])
    seen = ~((times > 150) & (times < 200))
    wave, noise = np.cumsum(random.normal(size=600)) * 0.1, random.normal(size=600)

    def signal(label: str, unit: str, modality: str, values: Any, there: Any) -> dict[str, Any]:
        kept = [round(float(v), 3) if here else None for v, here in zip(values, there, strict=True)]
        return {"label": label, "unit": unit, "modality": modality, "times": times.round(2).tolist(), "values": kept}

    return {
        "model": {
            "name": "smfl",
            "recipe": "tuned",
            "modalities": list(ALL),
            "trained_on": "daic-woz: 60 interviews of 60 participants, 24 depressed",
            "simulated": True,
        },
        "input": "interview.mp4",
        "interview": "interview",
        "probability": 0.71,
        "interval": [0.52, 0.86],
        "interval_method": "five models of the cross-validation, lowest to highest",
        "abstain": False,
        "abstain_reason": None,
        "decision_threshold": 0.5,
        "warnings": ["the face was lost from 2:30 to 3:20"],
        "modalities": {"video": {"coverage": 0.81}, "audio": {"coverage": 1.0}, "text": {"coverage": 1.0}},
        "sentences": sentences,
        "signals": {
            "F0": signal("Pitch", "Hz", "audio", 118 + 9 * np.sin(times / 11) + 6 * noise, speaking),
            "loudness": signal("Loudness", "sone", "audio", np.abs(0.4 * speaking + 0.1 * noise), times >= 0),
            "smile": signal("Smile proxy", "", "video", 1 / (1 + np.exp(-wave + 2)), seen),
            "gaze_yaw": signal("Gaze, sideways", "°", "video", 6 * np.sin(times / 23) + noise, seen),
            "head_pitch": signal("Head pitch", "°", "video", -4 + 3 * np.sin(times / 40) + 0.4 * noise, seen),
        },
        "simulated": True,
        "environment": {"python": "3.12.4", "smfl": "0.1.0"},
        "quality": {
            "seconds": 214.5,
            "quality_seconds": 372.0,
            "quality_words": 412.0,
            "quality_face_seen": 0.84,
            "quality_voiced": 0.46,
            "quality_speech": 0.71,
            "quality_silent": 0.0,
            "quality_clipped": 0.0031,
            "quality_snr_db": 6.2,
            "quality_level_dbfs": -33.4,
            "quality_coverage_video": 0.81,
        },
    } | changes


def write_prediction(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prediction.json").write_text(json.dumps(make_prediction(**changes)), encoding="utf-8")
    return folder


class Page(HTMLParser):
    """A page, read strictly: every element closed in its order, ids unique, what it loads from elsewhere."""

    VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
    LOADING = frozenset(("src", "href", "srcset", "data", "action", "poster", "xlink:href", "background"))

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.loads: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert len(given) == len(attrs), f"an attribute given twice: <{tag} {attrs}>"
        self.tags.append((tag, given))
        self.ids += [given["id"]] if "id" in given else []
        for name in ("aria-labelledby", "aria-describedby"):
            self.references += given.get(name, "").split()
        self.loads += [given[name] for name in self.LOADING & given.keys() if not given[name].startswith("#")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> while <{self.open[-1]}> is open"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a reader sees, blanks made single."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Attributes of the elements with this tag and these attributes."""
        return [given for name, given in self.tags if name == tag and wanted.items() <= given.items()]

    def headings(self) -> list[int]:
        return [int(tag[1]) for tag, _ in self.tags if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()]


@pytest.fixture(scope="session")
def read_page() -> Callable[[Path], Page]:
    """Reads a page, and fails where it isn't well formed."""
    return lambda path: Page(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of eight models and the ideal observer."""
    return write_results(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of all models, SMFL on each choice of modalities among them."""
    return write_results(tmp_path_factory.mktemp("everything"), models=EVERYTHING, seeds=1)


@pytest.fixture
def make_results(tmp_path: Path) -> Callable[..., Path]:
    return lambda **changes: write_results(tmp_path / "results", **changes)


@pytest.fixture
def prediction() -> Callable[..., dict[str, Any]]:
    return make_prediction


@pytest.fixture
def make_prediction_folder(tmp_path: Path) -> Callable[..., Path]:
    return lambda name="prediction", **changes: write_prediction(tmp_path / name, **changes)


def write_prepared(folder: Path, *, interviews: int = 48, seed: int = 5, **settings: Any) -> Path:
    """A prepared folder of made-up quality, written by the store itself: most recordings good, some with a fault."""
    random = np.random.default_rng(seed)
    modalities = {
        "video": Modality(("x",), "frame", 30.0, "face-common"),
        "audio": Modality(("y",), "frame", 100.0, "voice-lld"),
        "text": Modality(("z",), "sentence", None, "text-minilm"),
    }
    for i in range(interviews):
        n = int(random.integers(20, 80))
        lost = random.beta(1, 12) if i % 9 else 0.7
        has = {"video": random.random(n) > lost, "audio": np.ones(n, bool), "text": random.random(n) > 0.02}
        if i % 12 == 5:
            has["video"][:] = False
        starts = np.cumsum(random.uniform(6, 9, n))
        features = SentenceFeatures(
            f"P{i:03}",
            f"P{i:03}",
            {name: np.zeros((int(there.sum()), 1), "f4") for name, there in has.items()},
            {name: np.concatenate([[0], np.cumsum(there)]) for name, there in has.items()},
            np.stack([starts, starts + random.uniform(1, 5, n)], axis=1),
            tuple("so it goes" for _ in range(n)),
        )
        facts = {
            "quality_seconds": float(starts[-1] + 30),
            "quality_words": float(n * random.integers(6, 14)),
            "quality_face_seen": float(has["video"].mean()) if has["video"].any() else None,
            "quality_voiced": float(random.normal(0.45, 0.06)) if i % 17 else 0.05,
            "quality_speech": float(random.normal(0.6, 0.08)),
            "quality_silent": 0.0 if i % 11 else 0.3,
            "quality_clipped": float(random.exponential(2e-4)) if i % 10 else 0.02,
            "quality_snr_db": float(random.normal(27, 5)) if i % 8 else 6.0,
            "quality_level_dbfs": float(random.normal(-28, 6)),
            **{f"quality_coverage_{name}": float(there.mean()) for name, there in has.items()},
        }
        ledger = [Entry(f"P{i:03}", "noted", "the transcript's times overlap in 2 places", why="people interrupt")]
        if not has["video"].any():
            ledger.append(Entry(f"P{i:03}", "missing", "video", why="there is no video in it"))
        if i % 4 == 0:
            ledger.append(Entry(f"P{i:03}", "repaired", f"{i + 1} sentences ran past the end, {600 + i}.2 s"))
        write_interview(
            folder,
            features,
            label=Label(i % 2, 8.0 + 4 * (i % 2), "PHQ-8"),
            facts=facts,
            ledger=ledger,
            fingerprint="x",
            modalities=modalities,
        )
    known = {"corpus": "manifest (simulated)", "simulated": True, "language": "en", "max_sentences": 120}
    skipped = [Entry("P900", "skipped", "P900.mp4: cut off while it was copied; copy it again")]
    keys = [f"P{i:03}" for i in range(interviews)]
    finish(folder, Schema(modalities, known | settings), keys, skipped)
    return folder


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty-eight interviews, some with faults."""
    return write_prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def make_prepared(tmp_path: Path) -> Callable[..., Path]:
    return lambda **changes: write_prepared(tmp_path / "prepared", **changes)
