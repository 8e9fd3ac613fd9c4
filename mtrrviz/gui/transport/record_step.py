"""Asking how far apart recorded events are while time stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import format_time_ns
from mtrrviz.facts.time_text import parse_time_ns

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge


def ask_record_step(bridge: Bridge, parent: QWidget) -> None:
    """Let the user type the step of the recording; what is no time is refused."""
    tape = bridge.document.tape
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Step of the recording")
    dialog.setLabelText("While paused, recorded events are this far apart, e.g. 1 ms or 10 us:")
    dialog.setTextValue(format_time_ns(tape.step_ns))

    def take(text: str) -> None:
        try:
            tape.set_step(parse_time_ns(text, takes_distance=False))
        except MtrrvizError as error:
            bridge.refused.emit(str(error))
        else:
            bridge.message.emit(f"Step of the recording: {format_time_ns(tape.step_ns)}")

    dialog.textValueSelected.connect(take)
    dialog.open()
