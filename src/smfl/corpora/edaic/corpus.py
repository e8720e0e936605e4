"""E-DAIC: the extended DAIC, 275 interviews in English by an animated interviewer (AVEC 2019).

**Citation.** DeVault et al. (2014), *SimSensei Kiosk*, AAMAS, 1061-1068; Ringeval et al. (2019), *AVEC 2019 workshop
and challenge*, 3-12.

**Access and licence.** As DAIC-WOZ: from USC's Institute for Creative Technologies, for academic research, after an
agreement is signed. Nothing of it is in this package.

**On disk.** A ``{id}_P.tar.gz`` a session, read as it was downloaded or unpacked (`edaic_files`); ``labels/``.

**Overlap.** All 189 people of DAIC-WOZ are in it, under the same numbers (300 to 492), and 86 more (600 to 718) whose
interviewer was a machine; DAIC-WOZ's *test* people are in its training and development parts. Both corpora say that
their participants are `PEOPLE`'s, so that a model of one isn't tested on the other.

**Both voices** are in the transcripts, and nothing tells them apart (`edaic_tables`): every interview says so.

**Label rule.** ``PHQ_Binary`` is 0 in 20 sessions whose score is 10 or more. Published figures use either: the rule has
to be chosen, ``phq>=10`` or ``as_distributed``, and is named wherever labels are.

**Known defects**: a folder within a folder of its name; rows without words, or out of time order; failed frames; two
separators of the bags of words; one session (657) without its VGG matrix; two empty PTSD severities; frames that don't
come at 30 a second (309 to 320, 402, 601 to 603, 609): they are timed by their stamps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from smfl.corpora.daic_woz.files import walk
from smfl.corpora.daic_woz.signals import sound_seconds
from smfl.corpora.edaic.files import NOT_READ, Session, is_session, survey
from smfl.corpora.edaic.tables import CUTOFF, LABEL_RULES, MIXED, SCALE, Labelled, read_labels, read_transcript, readers
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, pool
from smfl.formats.archives import File, Member
from smfl.interview import CallError, Cohort, Entry, Interview, Problems, Source

NAME, PEOPLE = "edaic", "daic"
CITATION = "Ringeval et al. (2019). AVEC 2019 workshop and challenge. AVEC, 3-12."
LICENCE = "academic research only, under a signed agreement with USC ICT"
IN_WORDS = {
    LABEL_RULES[0]: f"{SCALE} score >= {CUTOFF} is depressed (phq>=10)",
    LABEL_RULES[1]: "PHQ_Binary as distributed (as_distributed); it contradicts the score in 20 sessions",
}
READ_WITH_OWN = ("egemaps", "mfcc", "boaw_egemaps", "boaw_mfcc", "bovw_openface")
_SHOWN = 10


def detect(root: Path) -> bool:
    """Whether some file below the folder is named as only E-DAIC's are."""
    return any(is_session(path.name) for path in walk(root))


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open sessions, unpacked or in their archives.

    Raises:
        CallError: where no label rule was chosen.
        Problems: where no session is there, or a label file can't be read.
    """
    if options.label_rule is None:
        raise CallError(
            "E-DAIC is distributed with a binary label that contradicts the PHQ-8 score in 20 sessions, and published "
            f"figures use either: choose the label rule, {' or '.join(map(repr, LABEL_RULES))} (--label-rule RULE)"
        )
    found = survey(root)
    if not found.sessions:
        raise Problems(str(root), [f"no session is here; expected {CORPUS.looks_for}"])
    labels = read_labels(found.labels)
    keys = sorted(found.sessions)
    ledger = [Entry("", "noted", MIXED, "{id}_Transcript.csv", "as E-DAIC is distributed")]
    absent = sorted(set(labels) - set(keys))
    if not labels:
        ledger.append(Entry("", "missing", "no label file: interviews have neither label nor split", "labels/"))
    elif absent:
        shown = ", ".join(absent[:_SHOWN]) + (", …" if len(absent) > _SHOWN else "")
        ledger.append(Entry("", "missing", f"{len(absent)} of {len(labels)} labelled sessions aren't here: {shown}"))
    rule = IN_WORDS[options.label_rule]
    source = Source(NAME, CITATION, LICENCE, "en", rule, is_simulated(root), pool(root, PEOPLE))
    return Cohort(source, keys, _Reader(found.sessions, labels, options.label_rule).read, ledger)


@dataclass(frozen=True)
class _Reader:
    """Makes interviews of sessions' files."""

    sessions: Mapping[str, Session]
    labels: Mapping[str, Labelled]
    rule: str

    def read(self, key: str) -> Interview:
        """One session; its measurements only when they are asked for.

        Raises:
            Problems: all that makes it unusable.
        """
        try:
            files, ledger = self.sessions[key].all_files(key)
        except Problems as fault:
            raise Problems(f"interview {key}", fault.problems) from None
        if "transcript" not in files:
            raise Problems(f"interview {key}", [f"{key}_Transcript.csv: not there; unpack the session again"])
        try:
            transcript = read_transcript(files["transcript"], key)
        except Problems as fault:
            raise Problems(f"interview {key}", fault.problems) from None
        labelled = self.labels.get(key)
        if labelled and labelled.faults:
            raise Problems(f"interview {key}", labelled.faults)
        if labelled is None and self.labels:
            ledger.append(Entry(key, "missing", "no label, as no label file lists it"))
        label, repairs = labelled.label(key, self.rule) if labelled else (None, [])
        ledger += [*transcript.ledger, *_absent(key, files), *repairs, *(labelled.ledger if labelled else ())]
        recording = files.get("audio")
        return Interview(
            id=key,
            participant=key,
            sentences=transcript.sentences,
            recording=recording if isinstance(recording, Path) else None,
            packed=recording if isinstance(recording, Member) else None,
            signals=readers(files, key, sound_seconds(recording) if recording else None),
            own=tuple(name for name in READ_WITH_OWN if name in files),
            label=label,
            split=labelled.split if labelled else None,
            gender=labelled.gender if labelled else None,
            metadata={"speakers": "mixed"} | dict(labelled.metadata if labelled else {}),
            ledger=tuple(ledger),
        )


def _absent(key: str, files: Mapping[str, File]) -> list[Entry]:
    wanted = {"audio": "no recording", "openface": "no measurements of the face"}
    lines = [Entry(key, "missing", what, f"{key}_P") for kind, what in wanted.items() if kind not in files]
    matrices = [kind for kind in NOT_READ if kind in files]
    if len(matrices) == 1:
        lacking = next(kind for kind in NOT_READ if kind not in files)
        lines.append(Entry(key, "missing", f"no {lacking} matrix", f"{key}_P", "nothing here reads either"))
    return lines


CORPUS = Corpus(
    name=NAME,
    title="275 English interviews, DAIC-WOZ's among them; AVEC 2019",
    citation=CITATION,
    access="https://dcapswoz.ict.usc.edu, after an agreement is signed",
    licence=LICENCE,
    language="en",
    label_rule="to be chosen: phq>=10 or as_distributed",
    looks_for="archives 300_P.tar.gz, or 300_P/300_Transcript.csv, 300_P/features/300_OpenFace2.1.0_….csv, …",
    detect=detect,
    load=load,
    label_rules=LABEL_RULES,
)
