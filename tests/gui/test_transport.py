"""Playing, stepping, jumping and typing a time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from mtrrviz.gui.common.theme import DARK, LIGHT
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.transport.transport_bar import Transport
from mtrrviz.gui.transport.transport_icons import transport_icon
from mtrrviz.session.document import Document
from tests.session.booting import MS, SECOND, boot

pytestmark = pytest.mark.gui


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture
def transport(qtbot, document) -> Transport:
    bridge = Bridge(document)
    transport = Transport(bridge)
    bridge.setParent(transport)
    qtbot.addWidget(transport)
    transport.show()
    return transport


def click(qtbot, transport, name):
    qtbot.mouseClick(transport._buttons[name], Qt.MouseButton.LeftButton)


def enter(qtbot, transport, text):
    field = transport.time_field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_play_moves_the_playhead_until_paused(qtbot, transport, document):
    document.playback.set_speed(0.1)  # so that it is far from the end when it is paused
    click(qtbot, transport, "play")
    qtbot.waitUntil(lambda: document.playhead_ns > 20 * MS)
    assert transport._buttons["play"].accessibleName() == "Pause"
    click(qtbot, transport, "play")
    stopped_at = document.playhead_ns
    qtbot.wait(50)
    assert document.playhead_ns == stopped_at
    assert transport._buttons["play"].accessibleName() == "Play"


def test_playing_ends_at_the_end(qtbot, transport, document):
    transport.speed_box.setCurrentIndex(transport.speed_box.count() - 1)
    transport._set_speed(transport.speed_box.currentIndex())
    transport.toggle_play()
    qtbot.waitUntil(lambda: not document.playback.playing)
    assert document.playhead_ns == 2 * SECOND
    assert not transport._timer.isActive()


def test_steps_go_from_event_to_event(qtbot, transport, document):
    for time_ms in (50, 100, 200):
        click(qtbot, transport, "step-forward")
        assert document.playhead_ns == time_ms * MS
    click(qtbot, transport, "step-back")
    assert document.playhead_ns == 100 * MS


def test_a_step_at_the_last_event_stays(transport, document):
    document.set_playhead(1700 * MS)
    transport.step_forward()
    assert document.playhead_ns == 1700 * MS


@pytest.mark.parametrize(
    ("slot", "time_ms"),
    [
        ("next_zap", 610),
        ("previous_zap", 300),
        ("next_phase", 900),
        ("previous_phase", 150),
        ("next_of_vcpu", 600),
        ("previous_of_vcpu", 500),
        ("to_start", 0),
        ("to_end", 2000),
    ],
)
def test_jumps(transport, document, slot, time_ms):
    document.select_vcpu(1)
    document.set_playhead(550 * MS if slot != "next_zap" else 600 * MS)
    getattr(transport, slot)()
    assert document.playhead_ns == time_ms * MS


def test_stepping_pauses(transport, document):
    transport.toggle_play()
    transport.step_forward()
    assert not document.playback.playing


def test_a_time_can_be_typed(qtbot, transport, document):
    enter(qtbot, transport, "850 ms")
    assert document.playhead_ns == 850 * MS
    assert transport.time_field.text() == "0.850000 s"
    enter(qtbot, transport, "+10 ms")
    assert document.playhead_ns == 860 * MS


def test_single_keys_are_no_text_once_a_time_was_entered(qtbot, transport):
    enter(qtbot, transport, "850 ms")
    assert not transport.time_field.hasFocus()


def test_what_is_no_time_is_marked_and_moves_nothing(qtbot, transport, document):
    enter(qtbot, transport, "soon")
    field = transport.time_field
    assert field.property("wrong") is True
    assert "write e.g." in field.toolTip()
    assert document.playhead_ns == 0
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.property("wrong") is False
    assert field.text() == "0.000000 s"


def test_the_readout_follows_the_playhead_but_not_over_typing(qtbot, transport, document):
    document.set_playhead(SECOND)
    assert transport.time_field.text() == "1.000000 s"
    transport.time_field.setFocus()
    transport.time_field.selectAll()
    qtbot.keyClicks(transport.time_field, "1.7")
    document.set_playhead(500 * MS)
    assert transport.time_field.text() == "1.7"


def test_speed_and_loop_show_the_playbacks_own(qtbot, transport, document):
    transport.faster()
    assert transport.speed_box.currentText() == "\N{MULTIPLICATION SIGN}2"
    transport.slower()
    transport.slower()
    assert transport.speed_box.currentText() == "\N{MULTIPLICATION SIGN}0.5"
    click(qtbot, transport, "loop")
    assert document.playback.looping
    assert transport._buttons["loop"].isChecked()
    transport.toggle_loop()
    assert not transport._buttons["loop"].isChecked()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_icons_have_the_themes_colours(qapp, theme):
    for name in ("play", "pause", "loop", "to-start"):
        image = transport_icon(name, theme).pixmap(24, 24).toImage()
        colours = {image.pixelColor(x, y).name().upper() for x in range(24) for y in range(24)}
        assert theme.text in colours
