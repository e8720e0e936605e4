"""Simulated corpora with planted signs of depression, on disk as the real ones are.

`model` says what is planted and how large, `ideal` how much of it can be found, `study` holds the settings;
`conversation` makes what is said and when, `signals` what is seen, heard and measured, `session` both for one
participant; `writers` has a simulator for each corpus. The same seed plants the same truth in every format.
"""

from smfl.simulation.registry import SIMULATORS, Simulator, simulate

__all__ = ["SIMULATORS", "Simulator", "simulate"]
