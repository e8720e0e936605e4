"""Decimal numbers in tables of text, read at the speed of memory rather than of words."""
