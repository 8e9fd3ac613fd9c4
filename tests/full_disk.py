"""A stand-in for a full disk: the kernel refuses to let any file grow beyond some bytes."""

from __future__ import annotations

import contextlib
import resource
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextlib.contextmanager
def room_for(size_bytes: int) -> Generator[None]:
    """Let writing beyond so many bytes of a file fail, as halfway through on a full disk.

    What is imported meanwhile is not kept compiled: Python 3.11 would keep the first half of it.
    """
    keeps_nothing, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = keeps_nothing
