"""One interview, from its recording or its corpus, to its features by sentence."""
