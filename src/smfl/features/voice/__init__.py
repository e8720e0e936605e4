"""The voice: low-level descriptors and the quality of the sound."""
