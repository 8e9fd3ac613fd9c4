"""Ctrl-C in the terminal closes the window at once, whatever it does, and the exit code says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from mtrrviz.gui.shell.start.interrupt import Interrupt, exit_code_of

pytestmark = pytest.mark.gui

_IDLE = """
import os, sys
from PySide6.QtCore import QSettings, QTimer
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
from mtrrviz.gui.shell.start import app, startup

class Told(startup.Startup):
    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.ready.connect(self.tell)

    def tell(self, bench):
        if sys.argv[2] == "changed":  # which would be asked about
            bench.views.settings_bar.toggle_dma()
            assert bench.document.is_modified
        QTimer.singleShot(0, lambda: print("ready", flush=True))

startup.Startup = Told
sys.exit(app.run_window(["small-machine"]))
"""


@pytest.mark.parametrize(
    ("state", "number"), [("idle", signal.SIGINT), ("changed", signal.SIGTERM)]
)
def test_an_idle_window_closes_at_once(tmp_path, state, number):
    program = subprocess.Popen(
        [sys.executable, "-c", _IDLE, str(tmp_path), state],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        program.send_signal(number)
        _, errors = program.communicate(timeout=60)
        assert program.returncode == exit_code_of(number) == 128 + number
        assert "Traceback" not in errors
        assert len(list(tmp_path.glob("mtrrviz/journal/*/edits"))) == (state == "changed")
    finally:
        program.kill()
        program.wait()


def test_what_was_there_before_is_put_back(qapp, qtbot):
    assert qapp is not None
    before = signal.getsignal(signal.SIGINT)
    interrupt = Interrupt()
    with qtbot.waitSignal(interrupt.came):
        os.kill(os.getpid(), signal.SIGINT)
    interrupt.stop()
    assert signal.getsignal(signal.SIGINT) is before
