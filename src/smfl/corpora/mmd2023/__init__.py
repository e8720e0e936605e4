"""MMD2023: the SMFL paper's own corpus, 100 people talking with a doctor in Chinese, as the authors' code lays it out."""

from smfl.corpora.mmd2023.corpus import CORPUS

__all__ = ["CORPUS"]
