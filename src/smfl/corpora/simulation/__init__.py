"""Simulated corpora with planted signs of depression, on disk as the real ones are."""
