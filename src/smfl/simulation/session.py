"""One simulated interview: the participant, what is planted, the words, and when they fall; writers render the rest."""

from __future__ import annotations

from dataclasses import dataclass

from smfl.simulation.confounds import FEMALE_SHARE
from smfl.simulation.conversation.person import Person, draw_person
from smfl.simulation.conversation.prompts import prompted
from smfl.simulation.conversation.timeline import Timeline, lay_out
from smfl.simulation.conversation.words import sentences
from smfl.simulation.model import Latent
from smfl.simulation.signals.descriptors import describe
from smfl.simulation.signals.face import FloatArray
from smfl.simulation.signals.motion import FaceMotion, move
from smfl.simulation.signals.voice import VoiceTracks, speak
from smfl.simulation.study import Study


@dataclass(frozen=True, eq=False, slots=True)
class Session:
    """Participant ``number`` of a study.

    Args:
        study: settings.
        number: which participant, from 0.
        person: gender, age, voice.
        latent: score, label, markers.
        timeline: words in time.
    """

    study: Study
    number: int
    person: Person
    latent: Latent
    timeline: Timeline

    def face(self, rate: float) -> FaceMotion:
        """The face at ``rate`` frames a second."""
        return move(self.study.generator(self.number, "face"), self.latent, self.timeline, rate=rate)

    def voice(self, rate: float) -> VoiceTracks:
        """The voice at ``rate`` instants a second."""
        generator = self.study.generator(self.number, "voice")
        return speak(generator, self.latent, self.person, self.timeline, rate=rate)

    def descriptors(self, rate: float) -> FloatArray:
        """The voice's 25 low-level descriptors at ``rate`` rows a second, [n, 25]."""
        return describe(self.study.generator(self.number, "noise"), self.voice(rate))


def draw_session(study: Study, number: int) -> Session:
    """Draw the interview with participant ``number``.

    Example:
        >>> session = draw_session(Study(participants=4, minutes=1.0), 0)
        >>> len(session.timeline.sentences) == len(session.latent)
        True
    """
    latent = study.latent(number)
    share = FEMALE_SHARE[latent.label] if "gender" in study.confounds else 0.5
    person = draw_person(study.generator(number, "person"), share)
    spoken = sentences(study.generator(number, "words"), latent)
    timeline = lay_out(study.generator(number, "timing"), latent, person, spoken)
    if "prompts" in study.confounds:
        timeline = prompted(study.generator(number, "confound"), timeline, latent.label)
    return Session(study, number, person, latent, timeline)
