"""Defects of real corpora, planted in simulated ones on request."""
