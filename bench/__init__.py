"""The studies behind the figures in docs/benchmarks: each a command, its page generated, never typed."""
