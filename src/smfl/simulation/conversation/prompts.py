"""The confound ``prompts``: back-channels of the interviewer that depend on the label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from smfl.interview import PARTICIPANT
from smfl.simulation.confounds import SORRY, SORRY_SHARE
from smfl.simulation.conversation.phrases import BACKCHANNELS
from smfl.simulation.conversation.timeline import Run, Timeline, Utterance


def prompted(rng: np.random.Generator, timeline: Timeline, label: int) -> Timeline:
    """The interview with some of the interviewer's back-channels put in other words, at the same instants."""

    def said(utterance: Utterance) -> Utterance:
        if utterance.speaker == PARTICIPANT or utterance.text not in BACKCHANNELS or rng.random() >= SORRY_SHARE[label]:
            return utterance
        text = SORRY[int(rng.integers(len(SORRY)))]
        return replace(utterance, runs=(Run(utterance.start, utterance.stop, text),))

    return replace(timeline, utterances=tuple(said(utterance) for utterance in timeline.utterances))
