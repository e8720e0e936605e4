"""The page about recordings: what a model says about each, how sure it is, and by which sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from smfl.apps.report.figures.timeline import (
    MODALITY_NAMES,
    Axis,
    Lane,
    axis_of,
    measured,
    percent,
    sentence_lanes,
    signal_lane,
)
from smfl.apps.report.pages.comparison import environment_rows
from smfl.apps.report.pages.quality import judged
from smfl.apps.report.words import clock, figure_number, listed, plural, signed
from smfl.evaluation.ranking import ranks

ORDER = ("text", "audio", "video")
FAITHFUL = 0.95
"""Attention is called faithful where it moves the answer further than so many random draws."""


def recordings_context(predictions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the template of recordings needs.

    Args:
        predictions: one a recording, as `prediction.json` has them.
    """
    recordings = [_recording(index, one) for index, one in enumerate(predictions)]
    first = recordings[0]
    alone = len(recordings) == 1
    return {
        "title": f"{first['name']}: the model’s prediction" if alone else f"{len(recordings)} recordings",
        "alone": alone,
        "recordings": recordings,
        "simulated": any(one["simulated"] for one in recordings),
    }


def _recording(index: int, one: Mapping[str, Any]) -> dict[str, Any]:
    model, sentences = one.get("model") or {}, list(one.get("sentences") or ())
    signals = one.get("signals") or {}
    axis = axis_of(sentences, signals)
    modalities = sorted(one.get("modalities") or {}, key=_place)
    heard = modalities or sorted({name for s in sentences for name in s.get("weights") or {}}, key=_place)
    lanes = sentence_lanes(sentences, axis, heard)
    drawn = [signal_lane(key, signal, axis) for key, signal in signals.items()] if axis.timed else []
    lines = [lane for lane in drawn if lane is not None]
    name = str(one.get("interview") or PurePath(str(one.get("input") or "recording")).stem)
    rows = _sentences(sentences, signals, axis, lanes)
    return {
        "id": f"r{index + 1}",
        "name": name,
        "simulated": bool(one.get("simulated") or model.get("simulated")),
        **_verdict(one),
        "facts": _facts(one, model, sentences, axis),
        "warnings": [str(warning) for warning in one.get("warnings") or ()],
        "coverage": [_coverage(key, one["modalities"][key], sentences) for key in modalities],
        "faithful": _faithful(one.get("occlusion")),
        "judged": judged(one.get("quality") or {}),
        "axis": axis,
        "sentence_lanes": lanes,
        "signal_lanes": lines,
        "sentences": rows,
        "leading": max(range(len(rows)), key=lambda i: rows[i]["weight_value"]) if rows else 0,
        "environment": environment_rows(one.get("environment")),
    }


def _faithful(found: Mapping[str, float] | None) -> str:
    """Whether the answer rests where the attention is, as sentences; empty where it wasn't asked."""
    if not found:
        return ""
    count = int(found["left_out"])
    many, other = (plural(count, "sentence"), "as many") if count > 1 else ("sentence", "one")
    said = (
        f"Without the {many} of most attention the log-odds move by {figure_number(found['top'])}; without {other} at "
        f"random by {figure_number(found['low'])} to {figure_number(found['high'])}."
    )
    if found["beyond"] >= FAITHFUL:
        return f"{said} So the answer does rest there more than elsewhere."
    if found["beyond"] <= 1 - FAITHFUL:
        return f"{said} So the answer rests there less than elsewhere: read the contributions instead."
    return f"{said} So attention is no better a guide here than chance: read the contributions instead."


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _verdict(one: Mapping[str, Any]) -> dict[str, Any]:
    """The probability, its interval, and what they mean in plain words."""
    p: float | None = one.get("probability")
    threshold = float(one.get("decision_threshold") or 0.5)
    ends = [float(end) for end in one.get("interval") or () if end is not None]
    interval = (ends[0], ends[1]) if len(ends) == 2 else None
    between = f"{figure_number(interval[0])} to {figure_number(interval[1])}" if interval else ""
    return {
        "probability": figure_number(p),
        "place": "" if p is None else _place_of(p),
        "low": _place_of(interval[0]) if interval else "",
        "width": _place_of(interval[1] - interval[0]) if interval else "",
        "between": between,
        "threshold": figure_number(threshold),
        "threshold_place": _place_of(threshold),
        "abstains": bool(one.get("abstain")) or p is None,
        "result": _result(one, p, threshold, interval),
        "method": str(one.get("interval_method") or ""),
    }


def _result(one: Mapping[str, Any], p: float | None, threshold: float, interval: tuple[float, float] | None) -> str:
    """The result as sentences."""
    if p is None or one.get("abstain"):
        reason = str(one.get("abstain_reason") or "").rstrip(".")
        none = f"The model gives no answer about this interview{': ' + reason if reason else ''}."
        return none if p is None else f"{none} Its probability of {figure_number(p)} is not one; don’t use it as such."
    side = "above" if p > threshold else "at" if p == threshold else "below"
    said = (
        f"The model gives the label ‘depressed’ a probability of {figure_number(p)}, {side} "
        f"its threshold of {figure_number(threshold)}."
    )
    if interval is None:
        return said
    both = ", on both sides of the threshold" if interval[0] < threshold < interval[1] else ""
    return f"{said} The interval goes from {figure_number(interval[0])} to {figure_number(interval[1])}{both}."


def _place_of(value: float) -> str:
    """A place on the scale from 0 to 1, in percent."""
    return f"{value * 100:.2f}"


def _facts(
    one: Mapping[str, Any], model: Mapping[str, Any], sentences: Sequence[Mapping[str, Any]], axis: Axis
) -> list[tuple[str, str]]:
    name = str(model.get("name") or "")
    recipe = f", {model['recipe']} recipe" if model.get("recipe") else ""
    made_up = " (made-up people)" if model.get("simulated") and "simulated" not in str(model.get("trained_on")) else ""
    reads = [MODALITY_NAMES.get(key, key).lower() for key in sorted(model.get("modalities") or (), key=_place)]
    length = f", {clock(axis.stop)} long" if axis.timed else ""
    pairs = [
        *_graded({} if one.get("abstain") else one.get("graded") or {}),
        ("Input", PurePath(str(one.get("input") or "")).name),
        ("Heard", f"{plural(len(sentences), 'sentence')} of the participant{length}" if sentences else ""),
        ("Model", f"{name}{recipe}" if name else ""),
        ("Trained on", f"{model['trained_on']}{made_up}" if model.get("trained_on") else ""),
        ("Reads", listed(reads)),
    ]
    return [(term, words) for term, words in pairs if words]


def _graded(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Score and band, where the model tells them."""
    found = []
    if score := told.get("score"):
        scale = f"{score['scale']} score" if score.get("scale") else "Score"
        ends = f"{score['low']:.0f} to {score['high']:.0f}"
        found.append((scale, f"about {score['value']:.0f}; 95 % of people like those it was trained on: {ends}"))
    if severity := told.get("severity"):
        share = severity["probabilities"][severity["band"]]
        found.append(("Band", f"{severity['name']}, with a probability of {figure_number(share)}"))
    return found


def _coverage(name: str, found: Any, sentences: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    share = found.get("coverage") if isinstance(found, Mapping) else found
    percents = None if share is None else 100 * float(share)
    without = sum(1 for s in sentences if s.get("present") is not None and name not in s["present"])
    return {
        "modality": name,
        "name": MODALITY_NAMES.get(name, name),
        "share": "0" if percents is None else f"{percents:.1f}",
        "words": "unknown" if percents is None else f"{percents:.0f} %",
        "without": f"missing in {plural(without, 'sentence')}" if without else "",
    }


def _sentences(
    sentences: Sequence[Mapping[str, Any]],
    signals: Mapping[str, Mapping[str, Any]],
    axis: Axis,
    lanes: Sequence[Lane],
) -> list[dict[str, Any]]:
    """The transcript's rows, in time order."""
    top = max((float(one.get("weight") or 0) for one in sentences), default=0.0)
    most = max((abs(float(one.get("contribution") or 0)) for one in sentences), default=0.0)
    rank_of = ranks([float(one.get("weight") or 0) for one in sentences])
    blocks = lanes[0].blocks if lanes else ()
    rows = []
    for i, one in enumerate(sentences):
        weight, push = one.get("weight"), one.get("contribution")
        shares = one.get("weights") or {}
        present = one.get("present")
        rows.append(
            {
                "index": i,
                "number": i + 1,
                "from": clock(one.get("start")) if axis.timed else str(i + 1),
                "to": clock(one.get("stop")) if axis.timed else "",
                "seconds": f"{one['start']:.2f}" if axis.timed else str(i),
                "x": blocks[i].x if blocks else "0",
                "width": blocks[i].width if blocks else "0",
                "text": str(one.get("text") or "").strip(),
                "weight_value": float(weight or 0),
                "weight": percent(float(weight)) if weight is not None else "–",
                "weight_bar": f"{100 * float(weight or 0) / top:.1f}" if top else "0",
                "rank": rank_of[i],
                "push_value": "" if push is None else f"{float(push):.4f}",
                "push": signed(None if push is None else float(push)),
                "push_bar": f"{50 * abs(float(push or 0)) / most:.1f}" if most else "0",
                "towards": float(push or 0) > 0,
                "shares": [
                    {
                        "modality": key,
                        "name": MODALITY_NAMES.get(key, key),
                        "words": "missing"
                        if present is not None and key not in present
                        else percent(float(shares[key] or 0)),
                    }
                    for key in sorted(shares, key=_place)
                ],
                "measured": measured(one, signals),
            }
        )
    return rows
