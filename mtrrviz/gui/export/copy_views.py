"""What the views of the window copy that are no tables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDockWidget

from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.gui.common.tables.copying import Copied, Copying, cover_tables
from mtrrviz.gui.map.map_canvas import MapCanvas

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMainWindow, QWidget

    from mtrrviz.gui.map.legend import MapLegend
    from mtrrviz.gui.map.map_view import MapView
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.views import Views
    from mtrrviz.session.document import Document


def add_copying(window: QMainWindow, bridge: Bridge, views: Views) -> None:
    """Let every view of a window copy what it shows."""
    document, tell = bridge.document, bridge.message.emit
    view, tables = views.map.map, views.map.tables
    hooks: tuple[tuple[QWidget, Callable[[], Copied | None]], ...] = (
        (views.registers, lambda: _registers(document)),
        (views.results, lambda: _results(document)),
        (views.timeline, lambda: _stretch(document)),
        (view.legend, lambda: _legend(view.legend)),
        (view, lambda: _page(document, _canvas_in_hand(view))),
        (tables, lambda: Copied("\n".join(tables.lines), "the entries of this page table")),
    )
    for widget, make in hooks:
        Copying(widget, make).done.connect(tell)
    cover_tables(window, tell)
    for dock in window.findChildren(QDockWidget):
        # Some panels make their tables when they are first seen.
        dock.visibilityChanged.connect(partial(_cover, dock, tell))


def _cover(dock: QDockWidget, tell: Callable[[str], None], _visible: bool) -> None:
    cover_tables(dock, tell)


def _registers(document: Document) -> Copied | None:
    from mtrrviz.session.exchange.view_texts import registers_text  # noqa: PLC0415 - when asked for

    if document.state is None:
        return None
    text = registers_text(document.state.machine, document.vcpu)
    return Copied(text, f"the registers of vCPU {document.vcpu}")


def _results(document: Document) -> Copied | None:
    from mtrrviz.session.exchange.view_texts import results_text  # noqa: PLC0415 - when asked for

    run = document.run
    if run is None:
        return None
    return Copied(results_text(run, document.compared_run, document.playhead_ns), "the figures")


def _stretch(document: Document) -> Copied | None:
    from mtrrviz.session.exchange.view_texts import stretch_text  # noqa: PLC0415 - when asked for

    text = stretch_text(document)
    has_both = document.marker("A") is not None and document.marker("B") is not None
    what = "the figures between the markers" if has_both else "the figures up to the playhead"
    return None if text is None else Copied(text, what)


def _legend(legend: MapLegend) -> Copied:
    return Copied("\n".join(legend.words), "the legend with its counts")


def _canvas_in_hand(view: MapView) -> MapCanvas:
    """Return the map that is shown: the one, the left one of two, or that of the differences."""
    shown = view.focusProxy()
    return shown if isinstance(shown, MapCanvas) else view.canvas


def _page(document: Document, canvas: MapCanvas) -> Copied | None:
    from mtrrviz.session.exchange.view_texts import page_text  # noqa: PLC0415 - when asked for

    gfn = document.gfn
    dot = None if gfn is None else canvas.layout_shown.dot_of(gfn)
    text = page_text(document, () if dot is None else canvas.words_for(dot))
    if gfn is None or text is None:
        return None
    return Copied(text, f"what is known of page {format_gpa(gfn << PAGE_SHIFT)}")
