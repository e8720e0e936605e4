"""Speech: who spoke when, and what."""
