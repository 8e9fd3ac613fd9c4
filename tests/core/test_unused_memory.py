"""What was freed in the middle of the heap goes back to the system."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from mtrrviz.core.unused_memory import give_back_unused_memory


def resident_mib():
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no trim")
def test_holes_in_the_heap_are_given_back():
    blocks = [bytearray(b"x" * 100_000) for _ in range(1000)]  # each below what is mapped alone
    kept = blocks[-1:]
    del blocks
    before = resident_mib()
    give_back_unused_memory()
    assert resident_mib() < before - 50
    assert kept
