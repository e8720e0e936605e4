"""The studies, one a file: each answers one question and writes one page of docs/benchmarks/."""
