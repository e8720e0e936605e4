"""Comparators without a network: averages, words or prevalence alone."""
