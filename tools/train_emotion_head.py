"""Fit the emotion head of the built-in sentence encoder to GoEmotions, score it on the test split, write both down.

    python tools/train_emotion_head.py FOLDER [--seed 0] [--vectors CACHE]

FOLDER holds ``goemotions_train.tsv`` and ``goemotions_test.tsv`` (text, numbers of the emotions, id; no header) and
``goemotions_labels.txt``, which names the numbers: the 27 emotions taken together as Ekman's six, and neutral. Written
are weights and card in ``src/smfl/features/data/``, and ``docs/emotion-head.md``.

A row with k emotions is a target shared among them, 1/k each. How strong the penalty is and how much rare emotions
count is chosen on a tenth of the training rows; then the head is fitted to all of them, and the test rows are scored
once.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.features.text import emotion
from smfl.features.text import encoders as text

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "emotion-head.md"

THRESHOLD = 0.3
"""An emotion is said to be there above this probability, as in the evaluation by the data's authors."""
PUBLISHED = 0.64
"""Macro-F1 of a fine-tuned BERT on these rows and classes (Demszky et al. 2020)."""
VALIDATION = 0.1
PENALTIES = (1.0, 5.0, 25.0)
"""C, the inverse strength of the L2 penalty."""
RARITIES = (0.0, 0.5, 1.0)
"""An emotion's rows count in proportion to its frequency to the power of minus this: 0 as they are, 1 all alike."""
DRAWS = 1000

Vectors = npt.NDArray[np.float32]
Truth = npt.NDArray[np.bool_]


def read(path: Path, labels: Sequence[str]) -> tuple[list[str], Truth]:
    """The texts of a split, and which emotions each has: [N, 7], columns as in `emotion.EMOTIONS`."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").removesuffix("\n").split("\n")]
    truth = np.zeros((len(rows), len(emotion.EMOTIONS)), dtype=bool)
    for i, (_, numbers, _) in enumerate(rows):
        truth[i, [emotion.EMOTIONS.index(labels[int(number)]) for number in numbers.split(",")]] = True
    return [said for said, _, _ in rows], truth


def encoded(split: str, texts: Sequence[str], cache: Path | None) -> Vectors:
    """The sentence vectors of a split; those in ``cache``, where they are there, and else kept there."""
    kept = None if cache is None else cache / f"{split}.npy"
    if kept is not None and kept.is_file():
        return np.asarray(np.load(kept), np.float32)
    print(f"{split}: encoding {len(texts)} sentences")
    vectors = text.SentenceEncoder(text.describe("minilm")).vectors(texts)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, vectors)
    return vectors


def fit(vectors: Vectors, truth: Truth, penalty: float, rarity: float) -> emotion.EmotionHead:
    """Multinomial logistic regression with shared targets: a row with k emotions stands there k times, at 1/k."""
    from sklearn.linear_model import LogisticRegression

    row, label = np.nonzero(truth)
    weight = 1.0 / truth.sum(axis=1)[row]
    frequency = np.bincount(label, weights=weight) / len(truth)
    weight *= frequency[label] ** -rarity
    weight *= len(truth) / weight.sum()
    model = LogisticRegression(C=penalty, max_iter=1000).fit(vectors[row], label, weight)
    return emotion.EmotionHead(model.coef_, model.intercept_)


def scores(probabilities: npt.NDArray[np.floating], truth: Truth) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and number of rows of each emotion at `THRESHOLD`, and their unweighted mean as ``macro``.

    Example:
        >>> truth = np.eye(7, dtype=bool)
        >>> round(scores(truth.astype(float), truth)["macro"]["f1"], 3)
        1.0
        >>> round(scores(np.ones((7, 7)), truth)["joy"]["f1"], 3)  # all said of all: precision 1/7, recall 1
        0.25
    """
    said = probabilities > THRESHOLD
    hits = (said & truth).sum(axis=0)
    precision = hits / np.maximum(said.sum(axis=0), 1)
    recall = hits / np.maximum(truth.sum(axis=0), 1)
    f1 = 2 * hits / np.maximum(said.sum(axis=0) + truth.sum(axis=0), 1)
    table = {
        name: {"precision": float(p), "recall": float(r), "f1": float(f), "rows": int(n)}
        for name, p, r, f, n in zip(emotion.EMOTIONS, precision, recall, f1, truth.sum(axis=0), strict=True)
    }
    table["macro"] = {
        "precision": float(precision.mean()), "recall": float(recall.mean()), "f1": float(f1.mean()), "rows": len(truth)
    }  # fmt: skip
    return table


def chosen(vectors: Vectors, truth: Truth, seed: int) -> dict[str, float]:
    """The penalty and rarity with the best macro-F1 on a tenth of the training rows."""
    order = np.random.default_rng(seed).permutation(len(truth))
    held, rest = np.split(order, [round(VALIDATION * len(truth))])
    best = {"penalty": 0.0, "rarity": 0.0, "validation_macro_f1": -1.0}
    for penalty, rarity in itertools.product(PENALTIES, RARITIES):
        fitted = fit(vectors[rest], truth[rest], penalty, rarity)
        f1 = scores(fitted.probabilities(vectors[held]), truth[held])["macro"]["f1"]
        print(f"C {penalty:g}, rarity {rarity:g}: macro-F1 {f1:.3f} on {len(held)} rows of the training split")
        if f1 > best["validation_macro_f1"]:
            best = {"penalty": penalty, "rarity": rarity, "validation_macro_f1": f1}
    return best


def interval(probabilities: npt.NDArray[np.floating], truth: Truth, seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of macro-F1 over the rows."""
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(len(truth), size=len(truth)) for _ in range(DRAWS))
    low, high = np.quantile([scores(probabilities[i], truth[i])["macro"]["f1"] for i in drawn], [0.025, 0.975])
    return float(low), float(high)


def measured(head: emotion.EmotionHead, vectors: Vectors, truth: Truth, seed: int) -> dict[str, Any]:
    """What the card says of the test split."""
    probabilities = head.probabilities(vectors)
    always = np.tile(truth.sum(axis=0) == truth.sum(axis=0).max(), (len(truth), 1)).astype(float)
    return {
        "threshold": THRESHOLD,
        "by_emotion": scores(probabilities, truth),
        "macro_f1_interval": interval(probabilities, truth, seed),
        "most_probable_is_right": float(truth[np.arange(len(truth)), probabilities.argmax(axis=1)].mean()),
        "most_frequent_is_right": float(truth.mean(axis=0).max()),
        "most_frequent_macro_f1": scores(always, truth)["macro"]["f1"],
        "published_bert_macro_f1": PUBLISHED,
    }


def page(card: dict[str, Any]) -> str:
    """`docs/emotion-head.md`."""
    test, setting, data = card["test"], card["fitted"], card["data"]
    rows = [
        f"| {name} | {s['precision']:.2f} | {s['recall']:.2f} | {s['f1']:.2f} | {s['rows']} |"
        for name, s in test["by_emotion"].items()
    ]
    low, high = test["macro_f1_interval"]
    macro = test["by_emotion"]["macro"]["f1"]
    return (ROOT / "tools" / "emotion_head.md.in").read_text(encoding="utf-8").format(
        rows="\n".join(rows), macro=macro, low=low, high=high, gap=PUBLISHED - macro, **test, **setting, **data,
        parameters=card["parameters"], date=card["date"],
    )  # fmt: skip


def main() -> None:
    """Fit, score, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="of goemotions_train.tsv, goemotions_test.tsv, goemotions_labels.txt")
    parser.add_argument("--seed", type=int, default=0, help="of the validation rows and the bootstrap")
    parser.add_argument("--vectors", type=Path, help="where to keep the encoded sentences, which take minutes")
    given = parser.parse_args()
    labels = (given.folder / "goemotions_labels.txt").read_text(encoding="utf-8").split()
    splits = {split: read(given.folder / f"goemotions_{split}.tsv", labels) for split in ("train", "test")}
    vectors = {split: encoded(split, texts, given.vectors) for split, (texts, _) in splits.items()}
    truth = {split: emotions for split, (_, emotions) in splits.items()}

    setting = chosen(vectors["train"], truth["train"], given.seed)
    keep(fit(vectors["train"], truth["train"], setting["penalty"], setting["rarity"]))
    head = emotion.head()  # as everyone else will load it
    describe({
        "encoder": "minilm",
        "emotions": list(emotion.EMOTIONS),
        "parameters": head.weight.size + head.bias.size,
        "data": {
            "name": "GoEmotions, Ekman level",
            "reference": "Demszky, D., et al. (2020). GoEmotions: a dataset of fine-grained emotions. ACL",
            "licence": "Apache-2.0",
            "language": "en",
            "training_rows": len(truth["train"]),
            "test_rows": len(truth["test"]),
            "several_emotions": int((truth["train"].sum(axis=1) > 1).sum()),
        },
        "fitted": {**setting, "seed": given.seed},
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "test": measured(head, vectors["test"], truth["test"], given.seed),
    })  # fmt: skip


def keep(head: emotion.EmotionHead) -> None:
    """Write the weights, in single precision."""
    from safetensors.numpy import save

    emotion.WEIGHTS.parent.mkdir(exist_ok=True)
    rows_first = {"weight": np.ascontiguousarray(head.weight, np.float32), "bias": head.bias.astype(np.float32)}
    emotion.WEIGHTS.write_bytes(save(rows_first))
    emotion.head.cache_clear()


def describe(card: dict[str, Any]) -> None:
    """Write the card and the page."""
    emotion.CARD.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(card), encoding="utf-8")
    print(f"macro-F1 {card['test']['by_emotion']['macro']['f1']:.3f} on {card['data']['test_rows']} test rows")


if __name__ == "__main__":
    main()
