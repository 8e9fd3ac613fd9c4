"""A range to be touched: by which vCPU, how, when, at once or over a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size, size_reading
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.time_text import exact_text, parse_time_ns
from mtrrviz.gui.common.editing.item_dialog import ItemDialog, ItemEdits
from mtrrviz.gui.common.read_as import ReadAs
from mtrrviz.gui.common.widgets import HexEdit
from mtrrviz.scenario.touches import Access, Sweep
from mtrrviz.session import edits
from mtrrviz.session.edits.typed_touch import parse_page, parse_pages

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge


_EDITS = ItemEdits[Sweep]("touch", "Touch a range", edits.add_touch, edits.change_touch)


class TouchDialog(ItemDialog[Sweep]):
    """Says at once how many pages are touched, and how many of them can never have a leaf."""

    def __init__(
        self, bridge: Bridge, sweep: Sweep, index: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(bridge, _EDITS, sweep, index, parent)
        self._make_fields()
        self._lay_out()
        self._show(sweep)
        self.begin(self.sweep_typed, self._meaning_of, lines=3)

    def _make_fields(self) -> None:
        self.start = HexEdit("Start", self)
        self.start.setObjectName("start")
        self.start.setToolTip("Address of the first page: 0x140_0000 or 20 MiB")
        self.size_edit = self.line(
            "size", tip="How much is touched, in pages of 4 KiB: 2 MiB, 64 KiB"
        )
        ReadAs(self.size_edit, size_reading)
        self.vcpu = self.vcpu_field()
        self.access = QComboBox(self)
        self.access.setObjectName("access")
        for access in Access:
            self.access.addItem(access.name.lower(), access)
        self.time = self.line(
            "time",
            tip="When the first page is touched: 0.14 s, 850 ms, or +10 us from what was shown",
        )
        self.lasts = self.line(
            "lasts", tip="0 s: all pages at once. Else they are touched evenly over this time"
        )

    def _lay_out(self) -> None:
        self.form.addRow("&Start", self.start)
        self.form.addRow("Si&ze", self.size_edit)
        self.form.addRow("&Access", self.access)
        self.form.addRow("v&CPU", self.vcpu)
        self.form.addRow("&Time", self.time)
        self.form.addRow("&Lasts", self.lasts)

    def _show(self, sweep: Sweep) -> None:
        self.start.setText(format_gpa(sweep.first_gfn * PAGE_SIZE))
        self.size_edit.setText(format_size(sweep.pages * PAGE_SIZE, exact=True))
        self.vcpu.setValue(sweep.vcpu)
        self.access.setCurrentIndex(self.access.findData(sweep.access))
        self.time.setText(exact_text(sweep.time_ns))
        self.lasts.setText(exact_text(sweep.lasts_ns))
        self.start.selectAll()

    def sweep_typed(self) -> Sweep:
        """Return the touch as typed; ValueError or MtrrvizError says what is wrong with it."""
        return Sweep(
            parse_time_ns(self.time.text(), self.item.time_ns),
            self.vcpu.value(),
            parse_page(self.start.text()),
            parse_pages(self.size_edit.text()),
            Access(self.access.currentData()),
            parse_time_ns(self.lasts.text(), takes_distance=False),
        )

    def _meaning_of(self, sweep: Sweep) -> str:
        """Return how many pages are touched, and how many of them can never have a leaf."""
        self.edit(sweep)  # which refuses what the scenario cannot have
        machine, end = self.scenario.machine, sweep.first_gfn + sweep.pages
        backed = sum(
            min(region.end_gfn, end) - max(region.first_gfn, sweep.first_gfn)
            for region in machine.slots
            if region.first_gfn < end and region.end_gfn > sweep.first_gfn
        )
        words = f"{plural(sweep.pages, 'page')} of 4 KiB."
        bare = sweep.pages - backed
        if bare:
            words += f" {bare:,} without a memory slot: they are emulated and get no leaf."
        return words


def new_touch(bridge: Bridge, gfns: tuple[int, int] | None, parent: QWidget | None) -> TouchDialog:
    """Return a dialog that touches [first, end) as the selected vCPU at the playhead.

    Without a range it begins with the selected page, or the first one with a memory slot.
    """
    document = bridge.document
    if gfns is None:
        first_slot = next(iter(document.scenario.machine.slots), None)
        first = 0 if first_slot is None else first_slot.first_gfn
        first = first if document.gfn is None else document.gfn
        gfns = first, first + 1
    sweep = Sweep(document.playhead_ns, document.vcpu, gfns[0], gfns[1] - gfns[0])
    return TouchDialog(bridge, sweep, None, parent)
