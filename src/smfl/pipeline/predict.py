"""`smfl.predict`: recordings or prepared interviews to probabilities, each with its evidence, or an abstention."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smfl.features import Prepared, SentenceFeatures
from smfl.features.extraction.quality import facts_in
from smfl.features.extraction.settings_of_model import settings_of_model
from smfl.features.fit_columns import check_fit, fitted_to
from smfl.features.speech.participant_sentences import PARTICIPANT_LINE, RECOGNISED_LINE
from smfl.features.store import INDEX
from smfl.interview import BANDS, CallError, Entry, FeatureError, choice
from smfl.interview.atomic import seal, write_text
from smfl.pipeline.comparison.overlap import check_unmet, trained_on
from smfl.pipeline.load import load
from smfl.pipeline.prepare import Progress, prepare
from smfl.pipeline.train import TRAINING, digest_of, people_of
from smfl.training.evidence import faithfulness, modality_rows, sentence_rows, signals_of
from smfl.training.out_of_distribution import (
    columns_out_of_distribution,
    reason_out_of_distribution,
    warnings_of_columns,
)
from smfl.training.uncertainty import interval, reason_to_abstain, warnings_of

if TYPE_CHECKING:
    from smfl.training import SMFLClassifier

PREDICTION = "prediction.json"
FORMAT = 1
"""Of a folder of predictions, as its ``files.json`` says."""
PREPARED = "prepared"
"""Where the features of recordings are kept under the output folder: predicting again goes on from them."""

THRESHOLD = 0.5
NORMAL = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True)
class Prediction:
    """What a model says of one interview; `to_dict` is what ``prediction.json`` holds.

    Args:
        model: name, recipe, modalities, trained_on, simulated.
        input: the recording or prepared folder.
        interview: its key.
        participant: who.
        probability: of depression, the members' mean; to be disregarded where `abstain`.
        interval: lowest and highest; None where there is nothing to make one of.
        interval_method: how it was made.
        abstain: whether this interview shouldn't be judged.
        abstain_reason: why.
        decision_threshold: at which `probability` counts as a positive screen.
        warnings: what to know before the number.
        modalities: by name, ``coverage``: the share of sentences that have it.
        sentences: ``index, start, stop, text, weight, weights, present, contribution`` of each.
        signals: by column, ``label, unit, modality, times, values``.
        occlusion: whether the attention is faithful: ``left_out`` sentences of most attention move the log-odds by
            ``top``, as many at random by ``low`` to ``high`` (95 %), less in the share ``beyond``; None for few
            sentences.
        simulated: whether the input is made up.
        environment: versions, processor, date.
        quality: how good the recording is, by column of the index; see `smfl.features.extraction.quality`.
        graded: by task that the model has beside ``binary``: of ``score`` the estimate in points, ``low`` and ``high``
            (95 % of people like the training people are within), and the scale; of ``severity`` the band 0 to 4, its
            name, and the probability of each.
    """

    model: Mapping[str, Any]
    input: str
    interview: str
    participant: str
    probability: float
    interval: tuple[float, float] | None
    interval_method: str
    abstain: bool
    abstain_reason: str | None
    decision_threshold: float
    warnings: tuple[str, ...]
    modalities: Mapping[str, Mapping[str, float]]
    sentences: Sequence[Mapping[str, Any]]
    signals: Mapping[str, Mapping[str, Any]]
    occlusion: Mapping[str, float] | None
    simulated: bool
    environment: Mapping[str, Any]
    quality: Mapping[str, float | None] = field(default_factory=dict)
    graded: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As ``prediction.json`` has it."""
        return asdict(self)


def predict(
    model: str | Path,
    inputs: str | Path | Sequence[str | Path] | Prepared,
    out: str | Path,
    *,
    allow_overlap: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
    **options: Any,
) -> list[Prediction]:
    """Judge interviews with a trained model, sentence by sentence.

    Recordings and corpora are prepared with the settings that the model was trained with.

    Args:
        model: a folder that `smfl.train` wrote.
        inputs: recordings, or a corpus's or prepared folder, or prepared interviews.
        out: where ``prediction.json`` is written: an object for one interview, a list of them for several.
        allow_overlap: judge people of another corpus even where the model was trained on them (E-DAIC holds
            DAIC-WOZ's).
        workers: processes that prepare.
        progress: called after each interview.
        options: of `RecordingOptions`, where an input is a recording or a corpus.

    Returns:
        One prediction an interview.

    Raises:
        FeatureError: where features don't fit the model, saying by name what doesn't.
        CallError: where an input isn't there, or holds people of another corpus whom the model was trained on.
    """
    from smfl.evaluation.environment import environment
    from smfl.training import load_model

    estimator = load_model(model)
    folder = Path(out)
    for name in options:
        choice(name, [one.name for one in fields(RecordingOptions)], what="option")
    data, source = _features(estimator, inputs, folder, RecordingOptions(**options), workers, progress)
    check_fit(estimator.schema_, data.schema, where=source)
    training = _training(Path(model))
    corpus = str(estimator.facts_.get("corpus"))
    check_unmet(trained_on(training), corpus, data, allowed=allow_overlap, where=source)
    judge = _Judge(estimator, training, data, source, environment())
    predictions = []
    for i in range(len(data)):
        predictions.append(judge(data[i]))
        if progress:
            progress(i + 1, len(data), predictions[-1].interview)
    documents = [prediction.to_dict() for prediction in predictions]
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(documents[0] if len(documents) == 1 else documents, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(folder / PREDICTION, text + "\n")
    seal(folder, "prediction", FORMAT, [PREDICTION])
    return predictions


@dataclass(frozen=True)
class RecordingOptions:
    """How recordings are read for a model; everything else is as its training interviews were prepared.

    Args:
        transcript: of a single recording; the file beside it with its name where None; where there is none, its words
            are recognised.
        speech_model: that recognises them; the one of the training interviews where None.
        language: BCP 47 tag of what is spoken there; likewise.
        participant: the participant's name in the transcript; without one ``first`` or ``second`` (the voice heard
            first, or the other) or ``all``; found out where None.
        text_encoder: the folder of the text encoder, where the model was trained with one that isn't built in.
        online: whether it may be fetched from the Hugging Face hub.
    """

    transcript: str | Path | None = None
    speech_model: str | None = None
    language: str | None = None
    participant: str | None = None
    text_encoder: str | Path | None = None
    online: bool = False


def _features(
    estimator: SMFLClassifier,
    inputs: str | Path | Sequence[str | Path] | Prepared,
    out: Path,
    options: RecordingOptions,
    workers: int,
    progress: Progress | None,
) -> tuple[Prepared, str]:
    """The interviews' features, and what to call their source."""
    if isinstance(inputs, Prepared):
        return inputs, str(inputs.folder)
    paths = [Path(p) for p in ([inputs] if isinstance(inputs, (str, Path)) else inputs)]
    if len(paths) == 1 and (paths[0] / INDEX).is_file():
        if options.transcript is not None:
            raise CallError(f"{paths[0]} is prepared already: a transcript belongs to a recording")
        if given := [name for name, value in asdict(options).items() if value]:
            raise CallError(f"{paths[0]} is prepared already: {' and '.join(given)} can only be chosen for a recording")
        return Prepared(paths[0]), str(paths[0])
    encoder = None if options.text_encoder is None else str(options.text_encoder)
    settings = settings_of_model(
        estimator.schema_, text_encoder=encoder, speech_model=options.speech_model, online=options.online
    )
    settings = replace(settings, language=options.language or settings.language, participant=options.participant)
    cohort = load(paths, transcript=options.transcript)
    data = prepare(cohort, out / PREPARED, settings=settings, workers=workers, progress=progress)
    return data, ", ".join(str(path) for path in paths)


@dataclass(frozen=True, eq=False)
class _Judge:
    """All that every interview's prediction shares."""

    estimator: SMFLClassifier
    training: Mapping[str, Any]
    data: Prepared
    source: str
    environment: Mapping[str, Any]

    def __call__(self, found: SentenceFeatures) -> Prediction:
        schema, facts = self.estimator.schema_, self.estimator.facts_
        modalities = tuple(schema.modalities)
        one = fitted_to(schema, self.data.schema, found)
        members = self.estimator.predict_members([one])[:, 0]
        bounds, how = interval(float(members.mean()), self.training.get("validation"))
        strange = columns_out_of_distribution(self.estimator, one)
        reason = reason_to_abstain(one, modalities) or reason_out_of_distribution(strange)
        explanation = self.estimator.explain(one)
        warnings = warnings_of(one, modalities, facts, members) + warnings_of_columns(strange) + self._of_this(found)
        return Prediction(
            model=self._card(),
            input=self.source,
            interview=found.interview,
            participant=found.participant,
            probability=float(members.mean()),
            interval=bounds,
            interval_method=how,
            abstain=reason is not None,
            abstain_reason=reason,
            decision_threshold=THRESHOLD,
            warnings=tuple(warnings),
            modalities=modality_rows(one, schema),
            sentences=sentence_rows(one, explanation),
            signals=signals_of(found, self.data.schema),
            occlusion=faithfulness(self.estimator, one, explanation),
            simulated=bool(self.data.schema.source.get("simulated", False)),
            environment=self.environment,
            quality=self._quality(found.interview),
            graded=self._graded(one),
        )

    def _graded(self, one: SentenceFeatures) -> dict[str, Any]:
        """Score and band, where the model was trained for them."""
        estimator, told = self.estimator, {}
        if "score" in estimator.tasks_:
            value, links = float(estimator.predict_scores([one])[0]), estimator.links_
            low, high = (value + sign * NORMAL * links.residual for sign in (-1, 1))
            least, most = links.bounds
            told["score"] = {
                "value": value,
                "low": max(low, least),
                "high": min(high, most),
                "scale": estimator.facts_.get("scale"),
            }
        if "severity" in estimator.tasks_:
            band = int(estimator.predict_severity([one])[0])
            shares = estimator.predict_severity_proba([one])[0]
            told["severity"] = {"band": band, "name": BANDS[band], "probabilities": [float(p) for p in shares]}
        return told

    def _quality(self, interview: str) -> Mapping[str, float | None]:
        table = self.data.table
        return facts_in(table[table["interview"] == interview].iloc[0].to_dict())

    def _card(self) -> dict[str, Any]:
        facts, recipe = self.estimator.facts_, self.estimator.recipe
        people = f"{facts.get('interviews')} interviews of {facts.get('participants')} participants"
        return {
            "name": self.estimator.model,
            "recipe": recipe if isinstance(recipe, str) else recipe.name,
            "modalities": list(self.estimator.schema_.modalities),
            "trained_on": f"{facts.get('corpus')}: {people}, {facts.get('depressed')} depressed",
            "simulated": bool(facts.get("simulated")),
        }

    def _of_this(self, found: SentenceFeatures) -> list[str]:
        """Warnings that only this interview's ledger and the training people tell."""
        people = people_of(self.data.schema.source)
        warnings = []
        if digest_of(people, found.participant) in self.training.get("participants", ()):
            warnings.append("The model was trained on this very participant: the probability is too good to be true.")
        lines: list[Entry] = [e for e in self.data.ledger() if e.interview == found.interview]
        warnings += [f"{e.action}: {e.what}" for e in lines if e.action in ("cut", "repaired")]
        warnings += [
            f"{e.what[0].upper()}{e.what[1:]} ({e.why})."
            for e in lines
            if e.what.startswith((RECOGNISED_LINE, PARTICIPANT_LINE))
        ]
        return warnings


def _training(model: Path) -> Mapping[str, Any]:
    """What `smfl.train` left of the training people; nothing for a model from elsewhere."""
    try:
        document: dict[str, Any] = json.loads((model / TRAINING).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as fault:
        raise FeatureError(f"{model / TRAINING}: not JSON ({fault}); train the model again") from None
    return document
