"""A file that isn't on disk by itself."""

from __future__ import annotations

from typing import BinaryIO, Protocol


class Packed(Protocol):
    """A file inside an archive, read without unpacking the archive.

    ``str()`` of it is its archive's path and its own within.
    """

    @property
    def name(self) -> str:
        """The file's own name."""

    @property
    def suffix(self) -> str:
        """The name's ending."""

    def open(self) -> BinaryIO:
        """A stream of the content; whoever opens it closes it."""

    def digest(self) -> str:
        """Tells this content from any other, without reading it all."""
