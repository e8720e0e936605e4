"""MMD2023: the SMFL paper's own corpus, 100 people who talk with a doctor in Chinese."""

from smfl.corpora.mmd2023.corpus import CORPUS

__all__ = ["CORPUS"]
