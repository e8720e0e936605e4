"""Sentence-level multi-modal depression recognition from interviews."""
