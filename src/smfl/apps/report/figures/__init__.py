"""Figures of a report, drawn as SVG from numbers that are computed elsewhere."""
