"""The pages worth asking about: each side of every border a register set draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.core.mtrr import MtrrState

TOP_GFN = (1 << 52) - 1
_ALWAYS = (
    0,
    1,
    15,
    16,
    127,
    128,
    159,
    160,
    191,
    192,
    255,
    256,
    511,
    512,
    262143,
    262144,
    TOP_GFN,
    TOP_GFN - 511,
    TOP_GFN - 512,
    TOP_GFN - 262143,
    TOP_GFN - 262144,
)


def probe_gfns(*states: MtrrState) -> list[int]:
    """Return pages at, before and after every range border and the borders of its blocks."""
    found: set[int] = set(_ALWAYS)
    for state in states:
        for span in state.variable_ranges():
            for border in (span.start_gfn, span.end_gfn):
                for pages in (1, 512, 262144):
                    first = border // pages * pages
                    found.update((border, first, first - 1, first + pages, first + pages - 1))
    return sorted(gfn for gfn in found if 0 <= gfn <= TOP_GFN)
