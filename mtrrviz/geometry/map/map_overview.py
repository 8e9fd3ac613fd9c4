"""The whole address space on one line: where each band lies on it, and each page."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.geometry.map.map_bands import Band

#: Exponent of a band's size in its share of the line: small, so that low memory can be hit.
_SHARE_POWER = 0.25


class Overview(Record):
    """Bands in address order and the pixels at which they begin; one more is where the last ends.

    Within a band pages are spread evenly; between bands the scale changes.
    """

    bands: tuple[Band, ...]
    edges: tuple[float, ...]

    @classmethod
    def of(cls, bands: Sequence[Band], width: int) -> Overview:
        """Return the line of bands, ``width`` pixels long."""
        shares = [float(band.pages) ** _SHARE_POWER for band in bands]
        scale = max(1, width) / sum(shares)
        edges = [0.0]
        for share in shares:
            edges.append(edges[-1] + share * scale)
        return cls(tuple(bands), tuple(edges))

    def x_of(self, gfn: int) -> float:
        """Return the pixel at which a page begins; pages beyond the ends lie on the ends."""
        gfn = min(max(gfn, self.bands[0].first_gfn), self.bands[-1].end_gfn)
        at = self._band_of(gfn)
        band, low, high = self.bands[at], self.edges[at], self.edges[at + 1]
        return low + (high - low) * (gfn - band.first_gfn) / band.pages

    def gfn_at(self, x: float) -> int:
        """Return the page at a pixel, the first or last one beyond the ends."""
        x = min(max(x, 0.0), self.edges[-1])
        at = min(bisect_right(self.edges, x) - 1, len(self.bands) - 1)
        band, low, high = self.bands[at], self.edges[at], self.edges[at + 1]
        gfn = band.first_gfn + int((x - low) / (high - low) * band.pages)
        return min(gfn, band.end_gfn - 1)

    def _band_of(self, gfn: int) -> int:
        starts = [band.first_gfn for band in self.bands]
        return max(0, bisect_right(starts, gfn) - 1)
