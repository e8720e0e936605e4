"""E-DAIC: the extended DAIC, 275 interviews in English by an animated interviewer (AVEC 2019)."""

from smfl.corpora.edaic.corpus import CORPUS

__all__ = ["CORPUS"]
