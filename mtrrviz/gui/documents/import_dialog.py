"""What an import did, beside the window: formats, assumptions, unknown lines, and another try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.units import PAGE_SIZE, parse_size, size_reading
from mtrrviz.gui.common.plain_text import window_title
from mtrrviz.gui.common.read_as import ReadAs
from mtrrviz.gui.common.widgets import Dim, Heading, mono_font
from mtrrviz.importers.import_report import import_text
from mtrrviz.importers.registry import FORMATS
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.session.exchange.following import trace_in

if TYPE_CHECKING:
    from mtrrviz.importers import ImportOptions
    from mtrrviz.importers.opening import Opened, OpenRequest

_AS_FOUND = "as found"
_MAX_VCPUS, _MAX_DEVICES = 255, 255
_SIZE = QSize(720, 620)
_FRAME = QSize(16, 48)
"""What a window manager puts around a dialog."""
_LEAST_BITS, _MOST_BITS = 32, 52


class ImportDialog(QDialog):
    """The report of an import; does not block the window.

    ``again`` carries a new request, ``follow`` the path of the trace that shall be followed.
    """

    again = Signal(object)
    follow = Signal(object)

    def __init__(self, opened: Opened, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if opened.imported is None or opened.request is None:
            raise ValueError("this was not imported")
        self._request = opened.request
        self._trace = trace_in(opened.request, opened.imported)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("import_report")
        self.setWindowTitle(window_title(opened.scenario.title))
        self.report = self._report_box(import_text(opened.imported))
        is_host = opened.scenario.machine.is_host
        self.options = ImportOptionsForm(opened.request, is_host=is_host, parent=self)
        column = QVBoxLayout(self)
        column.addWidget(Heading("What was read, assumed and not understood", self))
        column.addWidget(self.report, 1)
        column.addWidget(Heading("Import again with other answers", self))
        column.addWidget(self._scrolled(self.options))
        column.addWidget(self._buttons())
        # With large text a screen may have less room, and the buttons shall be on it.
        self.resize(_SIZE.boundedTo(self.screen().availableSize() - _FRAME))

    def _scrolled(self, form: QWidget) -> QScrollArea:
        """Return a form that scrolls where it has less room than it needs."""
        area = QScrollArea(self)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(form)
        area.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return area

    def _report_box(self, text: str) -> QPlainTextEdit:
        box = QPlainTextEdit(text, self)
        box.setReadOnly(True)
        box.setTabChangesFocus(True)
        box.setFont(mono_font(box))
        box.setMinimumHeight(60)
        box.setAccessibleName("Report of the import")
        return box

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.copy_button = buttons.addButton("&Copy the report", role)
        self.copy_button.clicked.connect(self.copy)
        self.again_button = buttons.addButton("&Import again", role)
        self.again_button.clicked.connect(self._try_again)
        self.follow_button = buttons.addButton("&Follow the trace", role)
        self.follow_button.setToolTip("Go on with what is appended to the trace from now on")
        self.follow_button.setEnabled(self._trace is not None)
        self.follow_button.setVisible(self._trace is not None)
        self.follow_button.clicked.connect(lambda: self.follow.emit(self._trace))
        for button in (self.copy_button, self.again_button, self.follow_button):
            button.setAutoDefault(False)  # Return in a field shall not press them
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        buttons.rejected.connect(self.close)
        return buttons

    def copy(self) -> None:
        """Put the whole report on the clipboard."""
        QGuiApplication.clipboard().setText(self.report.toPlainText())

    def _try_again(self) -> None:
        request = self.options.request(self._request)
        if request is not None:
            self.again.emit(request)


_MACHINES = ("KVM guest", "real machine")
"""Names of the kinds of machine, in their order."""


class ImportOptionsForm(QWidget):
    """The answers to what files do not say; each starts as it was asked for.

    ``is_host``: what was found is a real machine, which has CPUs and no non-coherent DMA.
    """

    def __init__(
        self, request: OpenRequest, *, is_host: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._is_host = is_host
        options = request.options
        self.format = self._choices("Format", ["by content", *(one.id for one in FORMATS)])
        for index, one in enumerate(FORMATS, 1):
            self.format.setItemText(index, one.title)
            self.format.setItemData(index, one.id)
        self.format.setCurrentIndex(max(0, self.format.findData(request.override)))
        self.machine = self._choices("Machine", [_AS_FOUND, *_MACHINES])
        chosen = options.machine
        self.machine.setCurrentIndex(0 if chosen is None else 1 + list(MachineKind).index(chosen))
        self.vcpus = self._number("Number of CPUs", 0, _MAX_VCPUS, options.vcpus)
        self.memory = self._memory(options)
        ReadAs(self.memory, size_reading)
        least = _LEAST_BITS - 1
        self.maxphyaddr = self._number("MAXPHYADDR", least, _MOST_BITS, options.maxphyaddr)
        self.default_type = self._default_type(options)
        self.devices = self._number(
            "Devices with non-coherent DMA", -1, _MAX_DEVICES, options.noncoherent_dma
        )
        self._lay_out()

    def _lay_out(self) -> None:
        """Put the fields below one another, with what is wrong below them."""
        self.problem = Dim("", self)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        fields = (
            self.format, self.machine, self.vcpus, self.memory, self.maxphyaddr,
            self.default_type, self.devices,
        )  # fmt: skip
        for field in fields:
            form.addRow(field.accessibleName(), field)
        form.addRow(self.problem)
        self._form = form
        self.machine.currentIndexChanged.connect(self._show_fields)
        self._show_fields()

    def _show_fields(self) -> None:
        """Ask for devices only where a guest is what will come out."""
        kind = [None, *MachineKind][self.machine.currentIndex()]
        is_host = self._is_host if kind is None else kind is MachineKind.HOST
        self._form.setRowVisible(self.devices, not is_host)

    def _choices(self, name: str, words: list[str]) -> QComboBox:
        box = QComboBox(self)
        box.addItems(words)
        box.setAccessibleName(name)
        return box

    def _number(self, name: str, nothing: int, most: int, value: int | None) -> QSpinBox:
        """Return a field whose lowest number, ``nothing``, stands for no answer."""
        box = QSpinBox(self)
        box.setRange(nothing, most)
        box.setSpecialValueText(_AS_FOUND)
        box.setValue(nothing if value is None else value)
        box.setAccessibleName(name)
        return box

    def _memory(self, options: ImportOptions) -> QLineEdit:
        known = options.memory_bytes
        field = QLineEdit("" if known is None else f"{known >> 10} KiB", self)
        field.setPlaceholderText(f"{_AS_FOUND}, or e.g. 2 GiB")
        field.setAccessibleName("Memory of the machine")
        return field

    def _default_type(self, options: ImportOptions) -> QComboBox:
        box = self._choices("Default type", [_AS_FOUND, *(kind.name for kind in MEMORY_TYPES)])
        kind = options.default_type
        box.setCurrentText(_AS_FOUND if kind is None else kind.name)
        return box

    def request(self, before: OpenRequest) -> OpenRequest | None:
        """Return the request with these answers; None, with words, if one is impossible."""
        try:
            memory = self._memory_bytes()
        except ValueError as error:
            self.problem.setText(str(error))
            self.memory.setFocus()
            return None
        self.problem.clear()
        kind = self.default_type.currentText()
        options = replace(
            before.options,
            vcpus=_answer(self.vcpus),
            memory_bytes=memory,
            maxphyaddr=_answer(self.maxphyaddr),
            default_type=None if kind == _AS_FOUND else MemoryType[kind],
            noncoherent_dma=_answer(self.devices),
            machine=[None, *MachineKind][self.machine.currentIndex()],
        )
        return replace(before, override=self.format.currentData(), options=options)

    def _memory_bytes(self) -> int | None:
        """Return the typed size; ValueError if it is none that a guest can have."""
        text = self.memory.text().strip()
        if not text:
            return None
        size = parse_size(text)
        if not 0 < size < 1 << _MOST_BITS or size % PAGE_SIZE:
            raise ValueError(f"{text!r} is not a size of memory (e.g. 2 GiB)")
        return size


def _answer(box: QSpinBox) -> int | None:
    """Return the number in a field, None for its lowest."""
    return None if box.value() == box.minimum() else box.value()
