"""Starting the window: check the parts, paint the frame at once, fill it when all is loaded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import PySide6

from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: PySide6 from this version on loses references to None under Python before 3.12 and aborts.
_BAD_FROM = (6, 12)
_SAFE_PYTHON = (3, 12)


def check_parts(pyside: str | None = None, python: tuple[int, int] | None = None) -> None:
    """Refuse the pair of PySide6 and Python that is known to abort; raises MtrrvizError."""
    found = pyside or PySide6.__version__
    python = python or sys.version_info[:2]
    if tuple(int(part) for part in found.split(".")[:2]) >= _BAD_FROM and python < _SAFE_PYTHON:
        running = ".".join(map(str, python))
        raise MtrrvizError(
            f"PySide6-Essentials {found} aborts under Python {running}: install "
            "'PySide6-Essentials<6.12', or use Python 3.12 or newer"
        )


def run_window(names: Sequence[str], *, follow: bool = False, stdin: Path | None = None) -> int:
    """Open the window on a scenario or the dumps of one machine and return the exit code.

    With ``follow`` the one name is that of a trace which is being written. ``stdin`` is a file with
    standard input, if "-" is among the names.
    """
    check_parts()
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - Qt only once the parts are good

    from mtrrviz.gui.shell.start.source_reading import spare_reading_sources  # noqa: PLC0415

    spare_reading_sources()  # before more is imported
    from mtrrviz.gui.shell.start.interrupt import Interrupt  # noqa: PLC0415
    from mtrrviz.gui.shell.start.startup import Startup  # noqa: PLC0415

    app = QApplication.instance() or QApplication(sys.argv[:1])
    startup = Startup(names, follow=follow, stdin=stdin)
    interrupt = Interrupt()
    interrupt.came.connect(startup.interrupt)
    startup.begin()
    code = app.exec()
    interrupt.stop()
    startup.end()
    return startup.exit_code or code
