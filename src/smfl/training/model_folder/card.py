"""The model card: what a model is, whom it was trained on, what it must not be used for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smfl.features import Schema

_SIMULATED = """> **Trained on made-up people.** This model shows that the software runs. Its numbers mean
> nothing for any real person, and it must not be used on one.

"""


def model_card(config: Mapping[str, Any], schema: Schema) -> str:
    """The card as Markdown, with the metadata block that the Hugging Face hub reads.

    Args:
        config: of the model folder; ``facts`` are of the corpus.
        schema: the features that it reads.
    """
    facts = config["facts"]
    rows = "\n".join(
        f"| {name} | {m.extractor} | {m.level} | {f'{m.rate_hz:g} Hz' if m.rate_hz else '–'} | {len(m.columns)} |"
        for name, m in schema.modalities.items()
    )
    known = "\n".join(f"- {key.replace('_', ' ')}: {value}" for key, value in facts.items() if value not in (None, ""))
    return f"""---
library_name: smfl
tags: [depression, interview, multi-modal]
---
# {config["network"] or config["model"]}: depression from an interview's sentences

{_SIMULATED if facts.get("simulated") else ""}A screening estimate for research, from the face, voice and words of the
participant's sentences (Zhang et al. 2025, doi 10.3389/fpsyt.2025.1439577). It is no diagnosis and no medical device.

## Trained on
{known or "- not known"}

## Reads
| modality | measured by | level | rate | columns |
| --- | --- | --- | --- | --- |
{rows}

## Made of
- recipe `{config["recipe"]["name"]}`, {config["members"]} member(s) of {config["n_parameters"]:,} parameters each,
  seed {config["seed"]}
- learned: {", ".join(config["tasks"])}
- at most {config["max_sentences"]} sentences of an interview, those with the most speech
{_chosen(config["choices"])}
## Use
```
smfl predict THIS-FOLDER recording.mp4 --out prediction
```

## Limits
People of another language, another setting or another kind of interview than those it was trained on may get any
probability. Look at the sentence-by-sentence evidence, and never at the number alone.
"""


def _chosen(choices: Mapping[str, Any]) -> str:
    """What was chosen in fitting, each on a line of its own."""
    lines = []
    if "strong" in choices:
        alone = ", ".join(f"{name} {score:.2f}" for name, score in choices.get("unimodal_scores", {}).items())
        how = f": found on the training people (AUROC of each alone: {alone})" if alone else ""
        lines.append(f"- {choices['strong']} lifts {' and '.join(choices['weak'])}{how}")
    if tuning := choices.get("tuning"):
        settings = ", ".join(f"{name} {value:g}" for name, value in tuning["settings"].items())
        whose = "other settings than the recipe's own" if tuning["chosen"] else "the recipe's own settings"
        lines.append(f"- {tuning['trials']} trials on the training people chose {whose}: {settings}")
    return "".join(f"{line}\n" for line in lines)
