"""What one input may cost: processor time and memory by its size, and no more."""

from __future__ import annotations

import contextlib
import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

MOST_S, MOST_S_PER_BYTE = 1.5, 10e-6
MOST_BYTES, MOST_BYTES_PER_BYTE = 100 << 20, 200
"""A refusal may take a second and 100 MiB; what is taken costs by its length."""

MOST_SLACK_BYTES = 16 << 20
"""An earlier peak may stand out so far: to forget it costs more than many an input."""

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = os.open("/proc/self/statm", os.O_RDONLY)
_PAGE_BYTES = resource.getpagesize()


class Watch:
    """Measures what inputs cost; ``slowness`` is for a process that is slowed by its tools."""

    def __init__(self, slowness: float = 1.0) -> None:
        self._slowness = slowness

    @contextlib.contextmanager
    def over(self, size_bytes: int) -> Generator[None]:
        """Raise AssertionError if what is done with so many bytes takes too much."""
        before_bytes = resident_bytes()
        if peak_bytes() - before_bytes > MOST_SLACK_BYTES:
            forget_peak()
        start_s = time.process_time()
        yield
        took_s = time.process_time() - start_s
        most_s = self._slowness * (MOST_S + MOST_S_PER_BYTE * size_bytes)
        assert took_s < most_s, f"{size_bytes} bytes took {took_s:.1f} s"
        grew_bytes = peak_bytes() - before_bytes
        most_bytes = MOST_BYTES + MOST_BYTES_PER_BYTE * size_bytes
        assert grew_bytes < most_bytes, f"{size_bytes} bytes took {grew_bytes >> 20} MiB"


def resident_bytes() -> int:
    """Return how much memory this process has."""
    return int(os.pread(_STATUS, 200, 0).split()[1]) * _PAGE_BYTES


def peak_bytes() -> int:
    """Return how much it had at most, since that was forgotten."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def forget_peak() -> None:
    """Let the highest point be what there is now, where the system can."""
    with contextlib.suppress(OSError):
        _CLEAR.write_text("5")
