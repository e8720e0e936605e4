"""Simulated corpora with planted signs of depression, on disk as the real ones are.

`model` says what is planted and how large, `ideal` how much of it can be found; `agenda`, `words` and `timeline` make
the conversation; `face`, `motion`, `voice`, `descriptors`, `trackers` and `sound` what was seen, heard and measured;
`open_format` and `daic_woz` write a corpus. The same seed plants the same truth in both.
"""

from smfl.simulation.writers.daic_woz import simulate_daic_woz
from smfl.simulation.writers.open_format import simulate_manifest

__all__ = ["simulate_daic_woz", "simulate_manifest"]
