"""What the status bar says is said to screen readers too."""

from __future__ import annotations

import pytest

from mtrrviz.gui.common import announcing

pytestmark = pytest.mark.gui


def test_a_step_is_announced_to_screen_readers(bench, monkeypatch):
    announced: list[str] = []

    class Listening:
        @staticmethod
        def updateAccessibility(event):  # Qt's name
            announced.append(event.message())

    monkeypatch.setattr(announcing, "QAccessible", Listening)
    bench.document.set_playhead(0)
    bench.actions["step_forward"].trigger()
    assert announced == [bench.window.statusBar().currentMessage()]
    assert announced[0].startswith("0.")


def test_actions_show_loop_and_pace(bench):
    bench.actions["toggle_pace"].trigger()
    bench.document.playback.set_looping(True)
    assert bench.actions["toggle_pace"].isChecked()
    assert bench.actions["toggle_loop"].isChecked()
    bench.document.playback.set_pace(None)
    assert not bench.actions["toggle_pace"].isChecked()
