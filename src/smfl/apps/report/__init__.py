"""The report: one self-contained page about a comparison of models, or about a recording.

Example:
    >>> from pathlib import Path
    >>> write_report(Path("no-such-folder"), Path("report.html"))
    Traceback (most recent call last):
    ...
    smfl.interview.errors.SmflError: no-such-folder: there is no such folder; a report is made of a results folder ...
"""

from smfl.apps.report.page import write_report

__all__ = ["write_report"]
