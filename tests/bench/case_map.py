"""The EPT map: seeking and painting with a million touches, and the size of the guest."""

from __future__ import annotations

import os
from itertools import cycle
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import MapImager
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.geometry.map.map_viewport import zoom_in
from mtrrviz.gui.map.map_canvas import MapCanvas
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.session.document import Document
from mtrrviz.sim import simulate
from tests.bench.case_sim import DURATION_NS, PAGES_PER_GIB, Load, in_runs, rng, scenario
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.geometry.map.map_viewport import View

WIDTH, HEIGHT = 1426, 860
"""A canvas of 1.2 million pixels."""

REPAINT = "colouring and painting the same map, 1.2 Mpx"


def canvas_of(document: Document) -> MapCanvas:
    """Return a shown canvas that has been painted once."""
    app = QApplication.instance() or QApplication(["bench"])
    canvas = MapCanvas(Bridge(document))
    canvas.resize(WIDTH, HEIGHT)
    canvas.show()
    app.processEvents()
    canvas.repaint()
    if canvas.frame is None:
        message = "the canvas is not painted, so there is nothing to time"
        raise RuntimeError(message)
    return canvas


def paint_again(canvas: MapCanvas) -> None:
    """Paint the map that is there already, from its image of types on."""
    canvas.recolour()
    canvas.repaint()


def seeks(document: Document, canvas: MapCanvas) -> Callable[[], None]:
    """Return a callable that goes to a time anywhere and paints the map there."""
    times = cycle(rng().integers(0, DURATION_NS, 997).tolist())

    def seek() -> None:
        document.set_playhead(next(times))
        canvas.refresh()
        canvas.repaint()

    return seek


@case("seek and paint the map, 1e6 touches, 84 zaps", reference=REPAINT, limit=4.0)
def seek_and_paint() -> Pair:
    load = Load(zaps=84, host_level=1)
    document = Document(scenario(load, in_runs(load)))
    canvas = canvas_of(document)
    return Pair(seeks(document, canvas), lambda: paint_again(canvas))


def images(load: Load) -> Callable[[], None]:
    """Return a callable that makes the map's image of a time anywhere."""
    run = simulate(scenario(load, in_runs(load)), "per-vcpu")
    layout = lay_out(bands_of(run.scenario.machine), None, WIDTH, HEIGHT)
    imager, times = MapImager(), cycle(rng().integers(0, DURATION_NS, 997).tolist())
    return lambda: imager.frame(run.at(next(times)), 0, layout) and None


def zoomed(canvas: MapCanvas, steps: int) -> list[View]:
    """Return the windows from the overview in to the middle of the guest."""
    gfn = PAGES_PER_GIB * 8 + 4321
    found: list[View] = [None]
    for _ in range(steps):
        found.append(zoom_in(found[-1], gfn, canvas.bands))
    return found


@case("map image of a 16 TiB guest", reference="the same at 16 GiB", limit=1.5)
def image_of_a_huge_guest() -> Pair:
    zaps = 84
    huge = images(Load(memory_gib=16 << 10, zaps=zaps, host_level=1))
    return Pair(huge, images(Load(zaps=zaps, host_level=1)))
