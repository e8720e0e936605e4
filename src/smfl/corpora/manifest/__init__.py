"""The open format: how anyone brings their own interviews."""

from smfl.corpora.manifest.corpus import CORPUS

__all__ = ["CORPUS"]
