"""A little ahead: one thread makes what another one uses, so that pictures are decoded while a face is measured."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")

DEPTH = 4
"""How many things lie ready at most: enough to even out, little memory."""


class _Broken:
    """What went wrong in the thread that makes."""

    def __init__(self, fault: BaseException | None) -> None:
        self.fault = fault


def ahead(things: Iterator[T], depth: int = DEPTH) -> Generator[T]:
    """The same things in the same order, made in a thread of their own, at most ``depth`` of them before their turn.

    What is raised there is raised here. Where nobody wants the rest, the thread ends.

    Example:
        >>> list(ahead(iter(range(5))))
        [0, 1, 2, 3, 4]
    """
    ready: queue.Queue[T | _Broken] = queue.Queue(depth)
    unwanted = threading.Event()

    def put(thing: T | _Broken) -> bool:
        while not unwanted.is_set():
            try:
                ready.put(thing, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def make() -> None:
        fault: BaseException | None = None
        try:
            for thing in things:
                if not put(thing):
                    break
        except BaseException as raised:  # handed on, whatever it is
            fault = raised
        finally:
            if close := getattr(things, "close", None):
                close()
        put(_Broken(fault))

    maker = threading.Thread(target=make, name="ahead", daemon=True)
    maker.start()
    try:
        while not isinstance(thing := ready.get(), _Broken):
            yield thing
        if thing.fault is not None:
            raise thing.fault
    finally:
        unwanted.set()
        maker.join()
