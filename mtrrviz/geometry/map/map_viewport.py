"""What part of the address space the map shows: all of it as bands, or a window of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.geometry.map.map_bands import Band


class Viewport(Record):
    """The window [first_gfn, first_gfn + pages), ``pages`` a power of two."""

    first_gfn: int
    pages: int

    @property
    def end_gfn(self) -> int:
        """The gfn after the last one shown."""
        return self.first_gfn + self.pages


#: What a view shows: a window, or None for the overview of all bands.
View = Viewport | None


def power_above(number: int) -> int:
    """Return the smallest power of two that is at least ``number``."""
    return 1 << max(0, number - 1).bit_length()


def zoom_in(view: View, gfn: int, bands: Sequence[Band]) -> View:
    """Return the view of half the width that keeps ``gfn`` where it is, relatively."""
    if view is None:
        band = band_of(bands, gfn)
        view = Viewport(band.first_gfn, power_above(band.pages))
    if view.pages == 1:
        return view
    pages = view.pages // 2
    return _placed(gfn - (gfn - view.first_gfn) // 2, pages, gfn, bands)


def zoom_out(view: View, gfn: int, bands: Sequence[Band]) -> View:
    """Return the view of twice the width; the overview once a whole band would fit."""
    if view is None:
        return None
    pages = view.pages * 2
    if pages >= power_above(band_of(bands, gfn).pages):
        return None
    return _placed(gfn - (gfn - view.first_gfn) * 2, pages, gfn, bands)


def pan(view: View, pages: int, bands: Sequence[Band]) -> View:
    """Return the window moved by ``pages`` (negative: to lower addresses); the overview stays."""
    if view is None:
        return None
    return _clamped(view.first_gfn + pages, view.pages, bands)


def showing(view: View, gfn: int, bands: Sequence[Band]) -> View:
    """Return the view, moved by whole windows if it does not show ``gfn``."""
    if view is None or view.first_gfn <= gfn < view.end_gfn:
        return view
    return _clamped(gfn // view.pages * view.pages, view.pages, bands)


def centred(view: View, gfn: int, bands: Sequence[Band]) -> View:
    """Return the window moved so that ``gfn`` is in its middle; the overview stays."""
    if view is None:
        return None
    step = max(1, view.pages // 16)
    return _clamped((gfn - view.pages // 2) // step * step, view.pages, bands)


def band_of(bands: Sequence[Band], gfn: int) -> Band:
    """Return the band that holds ``gfn``; the last one for what lies beyond."""
    return next((band for band in bands if gfn < band.end_gfn), bands[-1])


def _placed(first_gfn: int, pages: int, gfn: int, bands: Sequence[Band]) -> Viewport:
    """Align a window so that its blocks begin at round addresses and it still shows ``gfn``."""
    step = max(1, pages // 16)
    first = first_gfn // step * step
    first = min(max(first, gfn // step * step - pages + step), gfn // step * step)
    return _clamped(first, pages, bands)


def _clamped(first_gfn: int, pages: int, bands: Sequence[Band]) -> Viewport:
    """Keep a window within the space."""
    step = max(1, pages // 16)
    highest = -(-bands[-1].end_gfn // step) * step - pages
    return Viewport(max(0, min(first_gfn, highest)), pages)
