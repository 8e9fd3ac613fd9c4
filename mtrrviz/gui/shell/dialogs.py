"""Small dialogs: the shortcut sheet, policies, the model's constants, about, refusals."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QMessageBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from mtrrviz import __version__
from mtrrviz.core.costs.lock_model import LIMITS
from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.common.plain_text import warn
from mtrrviz.gui.shell.commands.actions import ACTIONS, key_words, plain_text
from mtrrviz.gui.shell.commands.panel_actions import panel_rows

if TYPE_CHECKING:
    from mtrrviz.facts.terms import Terms
    from mtrrviz.session.document import Document
    from mtrrviz.sim.cost_model import CostModel


def refused(parent: QWidget, text: str) -> None:
    """Say why something could not be done; nothing has changed."""
    warn(parent, text)


def _page(parent: QWidget, title: str, html: str, size: tuple[int, int]) -> None:
    """Show a page of text until it is closed; ``size`` in characters and lines."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    browser = QTextBrowser(dialog)
    browser.setAccessibleName(title)
    browser.setHtml(html)
    browser.setOpenExternalLinks(True)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.addWidget(browser)
    column.addWidget(buttons)
    open_as_large_as(dialog, *size)
    dialog.open()


def shortcut_sheet(parent: QWidget, terms: Terms) -> None:
    """Show the shortcuts of all actions that the window has now, by menu."""
    rows: list[str] = []
    menu = ""
    for spec in ACTIONS:
        action = parent.findChild(QAction, spec.id)
        if not isinstance(action, QAction) or not action.isVisible():
            continue
        if spec.menu != menu:
            menu = spec.menu
            rows.append(f"<tr><td colspan=2><h4>{escape(menu.replace('&', ''))}</h4></td></tr>")
        words = (
            f"{escape(plain_text(spec, terms))}<br><small>{escape(terms.fill(spec.tip))}</small>"
        )
        rows.append(f"{_key_cell(key_words(spec))}<td>{words}</td></tr>")
    rows.append("<tr><td colspan=2><h4>Panels</h4></td></tr>")
    for title, keys in panel_rows(parent).items():
        rows.append(f"{_key_cell(keys)}<td>{escape(title)}</td></tr>")
    rows.append(f"<tr><td colspan=2><h4>With the mouse</h4>{escape(_MOUSE)}</td></tr>")
    table = f"<table cellspacing=4>{''.join(rows)}</table>"
    _page(parent, "Keyboard shortcuts", table, (84, 40))


def _key_cell(keys: str) -> str:
    """Return the first cell of a row, as wide as the longest keys."""
    return f"<tr><td style='white-space: nowrap'><b>{escape(keys)}</b></td>"


_MOUSE = (
    "Map and timeline: the wheel zooms at the pointer, dragging pans, a double click shows "
    "everything. Click a page to inspect it, click the timeline to go there. On the timeline drag "
    "an event, a flag or the start of a phase to move it (Alt: to any time, Escape: not at all); "
    "the right button, or the menu key at the playhead, offers more; Ctrl and the wheel, or Up and "
    "Down, change the height of the lanes."
)


def about_model(parent: QWidget, document: Document) -> None:
    """Show every constant behind modelled figures, with source and what it was fitted to."""
    run = document.run
    if run is None:
        return
    rows = "".join(
        f"<tr><td align=right><b>{constant.value:,.7g}</b></td><td>{escape(constant.unit)}</td>"
        f"<td>{escape(constant.meaning)}<br><small>{escape(constant.source)}; "
        f"{escape(_fit_words(constant.fitted_to))}</small></td></tr>"
        for constant in run.costs.constants()
    )
    html = (
        "<p>Zap counts, faults and leaves come out of replaying the events. Cycles and boot times "
        "are <b>modelled</b>: a zap walks the EPT's entries under mmu_lock and lets those that "
        "wait have a turn after each, so it takes longer the more vCPUs zap or fault meanwhile, "
        "and ever longer the longer it lasts. "
        "A boot takes its time without zaps, what zaps keep it waiting, repeated faults, accesses "
        f"to slow memory types (measured on {escape(run.costs.platform)}), and an aftermath of "
        "each zap. The Model panel lets you change the constants.</p>"
        f"{_changed_html(run.costs)}"
        f"<p>{escape(LIMITS)}</p>"
        f"<table cellspacing=6>{rows}</table>"
    )
    _page(parent, "The model", html, (96, 34))


def _changed_html(costs: CostModel) -> str:
    """Say which constants are not the model's own."""
    if costs.is_default:
        return ""
    return f"<p><b>Constants changed by hand: {escape(costs.changes_text)}.</b></p>"


def _fit_words(fitted_to: str) -> str:
    """Say what a constant was fitted to, if it was fitted at all."""
    return fitted_to if "not fitted" in fitted_to else f"fitted to: {fitted_to}"


def about(parent: QWidget) -> None:
    """Show version and parts."""
    QMessageBox.about(
        parent,
        "About mtrrviz",
        f"<h3>mtrrviz {__version__}</h3><p>Shows how KVM turns guest MTRRs into EPT memory types, "
        f"and what the zaps cost.</p><p>With Qt {qVersion()} (PySide6), pyqtgraph, numpy "
        "and msgspec. MIT licence.</p>",
    )
