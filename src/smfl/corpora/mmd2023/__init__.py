"""MMD2023: the SMFL paper's own corpus, 100 participants who talk with a doctor in Chinese, in the layout of its code."""

from smfl.corpora.mmd2023.corpus import CORPUS

__all__ = ["CORPUS"]
