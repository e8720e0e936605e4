"""Prefetching: a second thread makes what the first one uses, so that pictures are decoded while a face is measured."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")

DEPTH = 4
"""How many items are made before they are needed, at most."""


class _End:
    """The end of the items, and the error that caused it, if any."""

    def __init__(self, fault: BaseException | None) -> None:
        self.fault = fault


def prefetched(items: Iterator[T], depth: int = DEPTH) -> Generator[T]:
    """The same items in the same order, made in a second thread, at most ``depth`` of them before they are needed.

    An error of the second thread is raised here. Where the generator is closed, the thread ends.

    Example:
        >>> list(prefetched(iter(range(5))))
        [0, 1, 2, 3, 4]
    """
    made: queue.Queue[T | _End] = queue.Queue(depth)
    closed = threading.Event()

    def put(item: T | _End) -> bool:
        while not closed.is_set():
            try:
                made.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def make() -> None:
        fault: BaseException | None = None
        try:
            for item in items:
                if not put(item):
                    break
        except BaseException as raised:  # raised again in the first thread
            fault = raised
        finally:
            if close := getattr(items, "close", None):
                close()
        put(_End(fault))

    maker = threading.Thread(target=make, name="prefetch", daemon=True)
    maker.start()
    try:
        while not isinstance(item := made.get(), _End):
            yield item
        if item.fault is not None:
            raise item.fault
    finally:
        closed.set()
        maker.join()
