"""Every field that takes an address or a size says how it reads digits alone."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit

from mtrrviz.core.units import address_reading, parse_address, parse_size, size_reading
from mtrrviz.gui.common.widgets import HexEdit
from mtrrviz.gui.machine.machine_dialog import MachineDialog
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.gui.stops.stop_dialog import StopDialog
from mtrrviz.gui.tables.event_dialog import new_event
from mtrrviz.gui.touches.touch_dialog import new_touch
from mtrrviz.scenario.stop_condition import StopCondition, StopKind

pytestmark = pytest.mark.gui

DIGITS = "3078"


def said(field: QLineEdit) -> str:
    label = field.findChild(QLabel, "read_as")
    return label.text() if isinstance(label, QLabel) and not label.isHidden() else ""


def fields_in(widget) -> list[QLineEdit]:
    """Return the fields in hex writing, and those of sizes by their names."""
    return [
        field
        for field in widget.findChildren(QLineEdit)
        if not field.isReadOnly()
        and (isinstance(field, HexEdit) or field.objectName() in {"size", "memory"})
    ]


def assert_all_say(widget, least: int) -> None:
    fields = fields_in(widget)
    assert len(fields) >= least
    for field in fields:
        field.setText(DIGITS)
        assert "0xc06" in said(field) or "3078 B" in said(field), field.accessibleName()
        assert "Read as" in field.accessibleDescription()
        for plain in ("0x3078", "2 GiB", "7", "", "what"):
            field.setText(plain)
            assert not said(field)


@pytest.mark.parametrize(
    ("make", "least"),
    [
        (new_event, 1),
        (lambda bridge: new_touch(bridge, None, None), 2),
        (lambda bridge: StopDialog(bridge, StopCondition(StopKind.ZAP)), 2),
        (MachineDialog, 1),
    ],
)
def test_dialogs_say_how_they_read_digits(bench, qtbot, make, least):
    dialog = make(bench.bridge)
    qtbot.addWidget(dialog)
    dialog.show()
    assert_all_say(dialog, least)


def test_panels_say_how_they_read_digits(bench):
    bench.bring_up("solve")
    settle()
    for name, least in (("inspector", 1), ("solve", 2)):
        panel = next(one for one in bench.views.panels if one.name == name)
        assert_all_say(panel.view, least)
    registers = bench.views.registers
    registers.open_register(0x200)
    settle()
    assert_all_say(registers.detail.range_form, 2)


def test_a_narrow_field_says_the_number_alone(qtbot):
    field = HexEdit("Address")
    qtbot.addWidget(field)
    field.show()
    field.resize(400, 24)
    field.setText(DIGITS)
    assert said(field) == "decimal: 0xc06"
    field.resize(110, 24)
    assert said(field) == "= 0xc06"


def test_what_is_said_is_what_is_read():
    for digits in ("10", "3078", "4_096", str((1 << 64) - 1)):
        assert address_reading(digits) == f"decimal: {parse_address(digits):#_x}"
        assert parse_size(size_reading(digits).partition(": ")[2]) == parse_size(digits)
    for other in ("0x10", "9", "2 GiB", "", "ff", str(1 << 64)):
        assert not address_reading(other)
        assert not size_reading(other)
