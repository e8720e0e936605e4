"""Simulated corpora on disk, one file a corpus: each in the format of the real one."""
