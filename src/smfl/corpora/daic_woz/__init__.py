"""DAIC-WOZ: 189 interviews in English by an animated interviewer whom people controlled (AVEC 2016 and 2017)."""

from smfl.corpora.daic_woz.corpus import CORPUS

__all__ = ["CORPUS"]
