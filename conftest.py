"""What holds for every test and every example: the same random numbers, and no network."""

from __future__ import annotations

import random
import socket
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SEED = 20250321
LOCAL = ("127.0.0.1", "::1", "localhost")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--corpus-root``: where a real corpus lies, for `tests/test_real_corpus.py`."""
    parser.addoption("--corpus-root", type=Path, default=None, help="a real corpus, to test with too")


@pytest.fixture(autouse=True)
def _seeds() -> None:
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 (for libraries that still draw from it)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(SEED)


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            raise AssertionError(f"a test opens a connection to {address[0]}: tests run offline")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
