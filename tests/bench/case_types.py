"""Memory types: many pages at once, and the whole space as intervals."""

from __future__ import annotations

import numpy as np

from mtrrviz.core.mtrr import MtrrState
from tests.bench.registry import Pair, case

PAGES = 1_000_000
GIB = 1 << 30


def busy_mtrrs() -> MtrrState:
    """Fixed ranges of every type and eight variable ranges that overlap."""
    state = MtrrState(maxphyaddr=46)
    fixed = (0x250, 0x258, 0x259, *range(0x268, 0x270))
    for number, msr in enumerate(fixed):
        state.write(msr, 0x0605_0401_0006_0504 if number % 2 else 0x0606_0606_0606_0606)
    for pair in range(8):
        state.write(0x200 + 2 * pair, pair * GIB | (6, 0, 4, 1)[pair % 4])
        state.write(0x201 + 2 * pair, ((1 << 46) - 1) & ~(2 * GIB - 1) | 0x800)
    state.write(0x2FF, 0xC06)
    return state


@case("memory_types of 1e6 gfns", reference="np.searchsorted of 1e6 in as long a table", limit=2.0)
def memory_types() -> Pair:
    state = busy_mtrrs()
    starts, _ = state.intervals()
    gfns = np.random.default_rng(3).integers(0, 16 * GIB >> 12, PAGES).astype(np.uint64)
    return Pair(lambda: state.memory_types(gfns), lambda: np.searchsorted(starts, gfns, "right"))


@case("intervals() after a write", reference="filling and drawing an empty map", limit=1.0)
def intervals() -> Pair:
    """Two register sets in turns and more of them than are kept, so that each is worked out."""
    from PySide6.QtGui import QGuiApplication, QImage, QPainter

    application = QGuiApplication.instance() or QGuiApplication(["bench"])
    state = busy_mtrrs()
    target = QImage(1200, 800, QImage.Format.Format_RGB32)
    base = [0]

    def rebuilt() -> None:
        base[0] = (base[0] + 1) % 100_000
        state.write(0x200, base[0] << 12)
        state.intervals()

    def painted() -> None:
        assert application is not None
        image = QImage(1200, 800, QImage.Format.Format_RGB32)
        image.fill(0x202020)
        painter = QPainter(target)
        painter.drawImage(0, 0, image)
        painter.end()

    return Pair(rebuilt, painted)
