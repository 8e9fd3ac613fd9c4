"""Playing, stepping, jumping and typing a time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from mtrrviz.gui.common.looks.theme import DARK, LIGHT
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.transport.transport_bar import Transport
from mtrrviz.gui.transport.transport_icons import transport_icon
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.session.document import Document
from mtrrviz.session.edits import change_stops
from mtrrviz.session.playing.moment_words import moment_words
from mtrrviz.session.playing.playback import PACES, SPEEDS
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


def choose(transport, speed_and_pace):
    box = transport.speed_box
    index = next(i for i in range(box.count()) if box.itemData(i) == speed_and_pace)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def stop_at(document, *conditions):
    document.apply(change_stops(document.scenario, "Add conditions", conditions))


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
    choose(transport, (SPEEDS[-1], None))
    transport.toggle_play()
    qtbot.waitUntil(lambda: not document.playback.playing)
    assert document.playhead_ns == 2 * SECOND
    assert not transport._timer.isActive()


def said_by(transport) -> list[str]:
    said: list[str] = []
    transport._bridge.message.connect(said.append)
    return said


def test_steps_go_through_events_and_faults_and_say_what_happened(qtbot, transport, document):
    said = said_by(transport)
    for time_ms in (10, 20, 50, 100, 110):
        click(qtbot, transport, "step-forward")
        assert document.playhead_ns == time_ms * MS
        assert said[-1] == moment_words(document.run, time_ms * MS)
    assert said[0].startswith("0.010 s: vCPU 1 read 0x1_1000: fault")
    assert "zap" in said[-2]
    click(qtbot, transport, "step-back")
    assert document.playhead_ns == 100 * MS
    assert said[-1].startswith("0.100 s")


def test_a_step_at_the_last_event_stays_and_says_that_it_is_the_end(transport, document):
    said = said_by(transport)
    document.set_playhead(1700 * MS)
    transport.step_forward()
    assert document.playhead_ns == 1700 * MS
    assert said == ["The end: there is no event or fault after 1.700 s"]


def test_a_step_back_at_the_start_says_that_it_is_the_start(transport, document):
    said = said_by(transport)
    transport.step_back()
    assert document.playhead_ns == 0
    assert said == ["The start: there is no event or fault before 0.000 s"]


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


def test_a_pace_can_be_chosen_and_stepped(transport, document):
    choose(transport, (None, PACES[2]))
    assert document.playback.pace == PACES[2]
    transport.faster()
    assert transport.speed_box.currentData() == (None, PACES[3])
    choose(transport, (2.0, None))
    assert (document.playback.pace, document.playback.speed) == (None, 2.0)
    transport.toggle_pace()
    assert document.playback.pace in PACES
    assert transport.speed_box.currentData() == (None, document.playback.pace)
    transport.toggle_pace()
    assert transport.speed_box.currentData() == (2.0, None)


def test_playing_stops_at_a_condition_and_says_which(qtbot, transport, document):
    stop_at(document, StopCondition(StopKind.WRITE, register=0x2FF, vcpu=2))
    said = said_by(transport)
    choose(transport, (SPEEDS[-1], None))
    transport.toggle_play()
    qtbot.waitUntil(lambda: not document.playback.playing)
    assert document.playhead_ns == 610 * MS
    assert said[-1].startswith("Stopped at 0.610 s: IA32_MTRR_DEF_TYPE is written by vCPU 2")


def test_runs_to_stops_and_back(transport, document):
    stop_at(document, StopCondition(StopKind.WRITE, register=0x2FF, vcpu=1))
    said = said_by(transport)
    transport.run_to_stop()
    assert document.playhead_ns == 500 * MS
    transport.run_to_stop()
    assert document.playhead_ns == 600 * MS
    transport.run_to_stop()
    assert document.playhead_ns == 600 * MS
    assert said[-1] == "No stop after 0.600 s"
    transport.run_back_to_stop()
    assert document.playhead_ns == 500 * MS
    assert said[-1].startswith("Stopped at 0.500 s")


def test_without_a_condition_it_says_how_to_get_one(transport, document):
    said = said_by(transport)
    stop_at(document, StopCondition(StopKind.ZAP, is_on=False))
    transport.run_to_stop()
    assert document.playhead_ns == 0
    assert "Stops panel" in said[-1]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_icons_have_the_themes_colours(qapp, theme):
    for name in ("play", "pause", "loop", "to-start"):
        image = transport_icon(name, theme).pixmap(24, 24).toImage()
        colours = {image.pixelColor(x, y).name().upper() for x in range(24) for y in range(24)}
        assert theme.text in colours
