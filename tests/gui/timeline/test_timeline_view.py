"""The timeline by mouse and keys: playhead, zoom, markers, and what it paints."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from mtrrviz.facts.differences import DifferenceKind
from mtrrviz.geometry.timeline.timeline_layout import Compared
from mtrrviz.gui.common.looks.theme import DARK, LIGHT
from mtrrviz.gui.compare.difference_palette import kind_colour
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.timeline import TimelineView
from mtrrviz.gui.timeline.hover import zap_words
from mtrrviz.gui.timeline.painting import TimelinePainter
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document
from tests.gui.timeline.timeline_hands import LEFT, PLAIN, move, shown_timeline, wheel
from tests.narrow import there
from tests.session.booting import MS, SECOND, boot
from tests.session.slow_executor import SlowExecutor

pytestmark = pytest.mark.gui


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture
def view(qtbot, document) -> TimelineView:
    return shown_timeline(qtbot, document, height_px=280)


def lane_y(view, lane):
    rows = view.canvas.layout_rows
    return rows.lanes_top + lane * rows.lane_px + rows.lane_px // 2


def at(view, time_ms, y=None):
    """The canvas position of a time, by default on the empty ground above the stems."""
    rows = view.canvas.layout_rows
    return QPoint(round(view.canvas.axis.x(time_ms * MS)), y or rows.phases_bottom + 3)


def drag(qtbot, view, start, end, button=LEFT, modifier=PLAIN):
    """Drag with a button; the modifier is pressed from the beginning."""
    qtbot.mousePress(view.canvas, button, modifier, start)
    move(view, (start + end) / 2, modifier, button)
    move(view, end, modifier, button)
    qtbot.mouseRelease(view.canvas, button, modifier, end)


def test_a_click_sets_the_playhead(qtbot, view, document):
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at(view, 800))
    assert document.playhead_ns == pytest.approx(800 * MS, abs=3 * MS)


def test_a_click_close_to_an_event_snaps_to_it(qtbot, view, document):
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at(view, 300) + QPoint(3, 0))
    assert document.playhead_ns == 300 * MS


def test_alt_does_not_snap(qtbot, view, document):
    place = at(view, 300) + QPoint(3, 0)
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, alt, place)
    assert document.playhead_ns == view.canvas.axis.time_ns(place.x()) != 300 * MS


def test_the_ruler_and_the_line_drag_the_playhead(qtbot, view, document):
    drag(qtbot, view, at(view, 800, 8), at(view, 1300, 8))
    assert document.playhead_ns == pytest.approx(1300 * MS, abs=3 * MS)
    drag(qtbot, view, at(view, 1300), at(view, 700))
    assert document.playhead_ns == pytest.approx(700 * MS, abs=3 * MS)


def test_the_wheel_zooms_at_the_pointer(view):
    before = view.canvas.axis
    place = at(view, 600)
    wheel(view, place, 120)
    assert view.canvas.axis.span_ns < before.span_ns
    assert view.canvas.axis.x(600 * MS) == pytest.approx(place.x(), abs=1)


def test_shift_and_wheel_pans(view):
    view.canvas.set_axis(view.canvas.axis.zoomed(400, 4))
    before = view.canvas.axis
    wheel(view, at(view, 600), -120, Qt.KeyboardModifier.ShiftModifier)
    assert view.canvas.axis.start_ns > before.start_ns
    assert view.canvas.axis.span_ns == pytest.approx(before.span_ns)


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
def test_dragging_empty_ground_pans_and_leaves_the_playhead(qtbot, view, document, button):
    view.canvas.set_axis(view.canvas.axis.spanning(1000 * MS, 1400 * MS))
    place = at(view, 1150)
    drag(qtbot, view, place, place + QPoint(80, 0), button)
    assert view.canvas.axis.x(1150 * MS) == pytest.approx(place.x() + 80, abs=1)
    assert document.playhead_ns == 0


def test_shift_and_drag_sets_both_markers(qtbot, view, document):
    shift = Qt.KeyboardModifier.ShiftModifier
    drag(qtbot, view, at(view, 700), at(view, 850), modifier=shift)
    assert document.marker("A") == pytest.approx(700 * MS, abs=3 * MS)
    assert document.marker("B") == pytest.approx(850 * MS, abs=3 * MS)


def test_a_marker_is_dragged_by_its_line(qtbot, view, document):
    document.set_marker("B", 800 * MS)
    drag(qtbot, view, at(view, 800), at(view, 1400))
    assert document.marker("B") == pytest.approx(1400 * MS, abs=3 * MS)
    assert document.playhead_ns == 0


def test_a_double_click_leaves_the_time(qtbot, view, document):
    document.set_playhead(300 * MS)
    place = at(view, 900)
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert document.playhead_ns != 300 * MS
    qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert document.playhead_ns == 300 * MS


@pytest.mark.parametrize("way", ["double click", Qt.Key.Key_Home, Qt.Key.Key_F])
def test_the_whole_scenario_comes_back(qtbot, view, way):
    view.zoom_in()
    assert view.canvas.axis != view.canvas.axis.fit()
    if way == "double click":
        qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=at(view, 900))
    else:
        qtbot.keyClick(view.canvas, way)
    assert view.canvas.axis == view.canvas.axis.fit()


def test_keys_zoom_and_pan(qtbot, view):
    qtbot.keyClick(view.canvas, Qt.Key.Key_Plus)
    zoomed = view.canvas.axis
    assert zoomed.span_ns < 2 * SECOND
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert view.canvas.axis.start_ns > zoomed.start_ns
    qtbot.keyClick(view.canvas, Qt.Key.Key_Left)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Minus)
    assert view.canvas.axis == view.canvas.axis.fit()


def test_the_axis_goes_with_the_playhead_but_not_after_the_user_looked_away(view, document):
    view.canvas.set_axis(view.canvas.axis.spanning(0, 400 * MS))
    document.set_playhead(1500 * MS)
    axis = view.canvas.axis
    assert axis.start_ns < 1500 * MS < axis.end_ns
    view.canvas.set_axis(axis.spanning(0, 100 * MS))
    looked = view.canvas.axis
    document.set_playhead(1600 * MS)
    assert view.canvas.axis == looked


def test_the_stretch_between_the_markers_is_measured(view, document):
    document.set_marker("A", 100 * MS)
    document.set_marker("B", 300 * MS)
    QApplication.processEvents()
    text = view._measured.text()
    assert text == view._measured.accessibleName()  # whole: the key makes room for it
    assert view._key.isHidden()
    assert "200.000 ms" in text
    assert "3 zaps" in text
    assert "(modelled)" in text
    view.zoom_to_markers()
    assert view.canvas.axis.start_ns == pytest.approx(90 * MS)
    view.clear_markers()
    assert view._measured.text() == ""
    assert view._key.isVisible()


def words_are_whole(view):
    """Whether no word above the timeline is cut or elided."""
    key, measured = view._key, view._measured
    is_cut = key.isVisible() and key.width() < key.sizeHint().width()
    return not is_cut and measured.text() == measured.accessibleName()


@pytest.mark.parametrize("markers", ["", "A"])
def test_what_the_marks_mean_is_said_where_it_is_not_cut(view, document, markers):
    for name in markers:
        document.set_marker(name, 100 * MS)
    shown = set()
    for width in range(600, 1100):
        view.resize(width, view.height())
        QApplication.processEvents()
        assert words_are_whole(view), width
        shown.add(view._key.isVisible())
    assert shown == {True, False}


def test_a_marker_is_set_at_the_playhead_jumped_to_and_taken_away(view, document):
    document.set_playhead(700 * MS)
    view.set_marker("A")
    document.set_playhead(0)
    view.jump_to_marker("A")
    assert document.playhead_ns == 700 * MS
    view.set_marker("A")
    assert document.marker("A") is None


def test_tooltips_name_what_is_under_the_pointer(view):
    canvas, rows = view.canvas, view.canvas.layout_rows
    zap = canvas.tooltip_at(QPointF(at(view, 300, rows.tracks[0].baseline - 5)))
    assert zap.splitlines()[0] == "per-vcpu"
    assert "fixed MTRR, 512 KiB at 0x0" in zap
    assert "M cycles (modelled)" in zap
    event = canvas.tooltip_at(QPointF(at(view, 500, lane_y(view, 1))))
    assert event.endswith("IA32_MTRR_DEF_TYPE = 0xff00 (firmware) - refused with #GP")
    phase = canvas.tooltip_at(QPointF(at(view, 500, rows.phases_top + 3)))
    assert phase.startswith("firmware\n150.000 ms to 900.000 ms")
    assert "contend" in phase
    dma = canvas.tooltip_at(QPointF(at(view, 1800, rows.dma_top + 3)))
    assert dma.startswith("No device")
    assert canvas.tooltip_at(QPointF(at(view, 0, 8))) == "Playhead: 0 ns"


def test_a_zap_of_the_other_policy_is_named_below_the_baseline(view):
    rows = view.canvas.layout_rows
    words = view.canvas.tooltip_at(QPointF(at(view, 1000, rows.tracks[0].baseline + 8)))
    assert words.startswith("per-vm\n1.000 s, VM, non-coherent DMA")


def test_zaps_and_phases_show_in_the_picture(view, document):
    document.set_playhead(1900 * MS)
    image = view.canvas.grab().toImage()
    rows = view.canvas.layout_rows
    stem = at(view, 200, rows.tracks[0].baseline - 4)
    around = {image.pixelColor(stem + QPoint(dx, 0)).name() for dx in range(-3, 4)}
    assert len(around) > 1
    empty = image.pixelColor(at(view, 800, rows.tracks[0].baseline - 4))
    assert empty == QColor(DARK.panel)
    assert image.pixelColor(at(view, 500, rows.phases_bottom - 1)) != empty


def test_other_colours_redraw_it(view):
    before = view.canvas.grab().toImage()
    view.bridge.set_theme(LIGHT)
    after = view.canvas.grab().toImage()
    assert before.pixelColor(5, 100) == QColor(DARK.panel)
    assert after.pixelColor(5, 100) == QColor(LIGHT.panel)


def test_moving_the_playhead_keeps_the_picture(view, document):
    view.canvas.grab()
    picture = view.canvas._picture
    document.set_playhead(500 * MS)
    view.canvas.grab()
    assert view.canvas._picture is picture


def test_an_edit_makes_a_new_picture_and_new_words(view, document):
    from mtrrviz.session.edits import remove_events

    assert "5 zaps under per-vcpu, 2 of them contended" in view.canvas.accessibleDescription()
    document.apply(remove_events(document.scenario, [8]))
    assert "4 zaps under per-vcpu, 0 of them" in view.canvas.accessibleDescription()


def choose(view, shows):
    view.compared.setCurrentIndex(view.compared.findData(shows))
    view.compared.activated.emit(view.compared.currentIndex())


def test_hiding_the_compared_policy_gives_its_room_to_the_stems(view):
    with_it = view.canvas.layout_rows.tracks[0]
    choose(view, Compared.OFF)
    without = view.canvas.layout_rows.tracks[0]
    assert without.baseline == without.bottom > with_it.baseline
    assert "per-vm" not in view.canvas.accessibleDescription()


@pytest.fixture
def stacked(view, document):
    document.set_map_mode(MapMode.SIDE_BY_SIDE)
    return view


def test_two_maps_stack_the_tracks_and_one_map_does_not(stacked, document):
    canvas = stacked.canvas
    assert len(canvas.layout_rows.tracks) == 2
    assert stacked.compared.currentData() == Compared.STACKED
    document.set_map_mode(MapMode.DIFFERENCE)
    assert len(canvas.layout_rows.tracks) == 2
    document.set_map_mode(MapMode.ONE)
    assert stacked.compared.currentData() == Compared.BELOW
    assert len(canvas.layout_rows.tracks) == 1


def test_what_the_user_chooses_is_kept_for_one_map_and_for_two(stacked, document):
    choose(stacked, Compared.OFF)
    document.set_map_mode(MapMode.ONE)
    choose(stacked, Compared.STACKED)
    document.set_map_mode(MapMode.SIDE_BY_SIDE)
    assert stacked.compared.currentData() == Compared.OFF
    document.set_map_mode(MapMode.ONE)
    assert len(stacked.canvas.layout_rows.tracks) == 2


def track_point(view, number, time_ms, above=5):
    return at(view, time_ms, view.canvas.layout_rows.tracks[number].baseline - above)


def test_each_track_tells_its_own_zaps(stacked):
    canvas = stacked.canvas
    for number, policy in ((0, "per-vcpu"), (1, "per-vm")):
        words = canvas.tooltip_at(QPointF(track_point(stacked, number, 300)))
        assert words.splitlines()[0] == policy
        assert "fixed MTRR" in words
    assert "2 of them contended; 4 zaps under per-vm" in canvas.accessibleDescription()


def test_only_the_track_with_a_zap_has_one_to_tell(stacked):
    first, second = (QPointF(track_point(stacked, number, 1000)) for number in (0, 1))
    assert stacked.canvas.tooltip_at(first) == ""
    assert stacked.canvas.tooltip_at(second).startswith("per-vm\n1.000 s, VM")


@pytest.mark.parametrize(("number", "time_ms"), [(0, 200), (0, 600), (1, 1000)])
def test_a_click_on_a_stem_goes_to_its_zap_and_tells_it(qtbot, stacked, document, number, time_ms):
    told = []
    stacked.bridge.message.connect(told.append)
    place = track_point(stacked, number, time_ms) - QPoint(4, 0)
    qtbot.mouseClick(stacked.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert document.playhead_ns == time_ms * MS
    run = (document.run, document.compared_run)[number]
    row = run.zaps.time_ns.tolist().index(time_ms * MS)
    assert told == [f"{run.policy.id}: {zap_words(run, row)}"]


def test_the_zap_at_the_playhead_is_framed_in_its_track(stacked, document):
    def framed(time_ns):
        document.set_playhead(time_ns)
        image, colour = stacked.canvas.grab().toImage(), QColor(DARK.accent)
        x = round(stacked.canvas.axis.x(time_ns)) - 4
        tracks = stacked.canvas.layout_rows.tracks
        return [image.pixelColor(x, track.baseline - 3) == colour for track in tracks]

    assert framed(200 * MS) == [True, True]
    assert framed(1000 * MS) == [False, True]
    assert framed(800 * MS) == [False, False]


def test_the_lane_between_tells_when_the_epts_differ(qtbot, document):
    document = Document(open_scenario("lagging-ap"))
    bridge = Bridge(document)
    view = TimelineView(bridge)
    qtbot.addWidget(view)
    bridge.setParent(view)
    view.resize(1000, 280)
    view.show()
    history = there(there(document.comparison).history)
    top, bottom = there(view.canvas.layout_rows.differences)
    y = (top + bottom) // 2
    first_ns = there(history.first_ns)
    before, after = first_ns - 20 * MS, first_ns + 20 * MS
    words = [view.canvas.tooltip_at(QPointF(at(view, t / MS, y))) for t in (before, after)]
    assert words[0].endswith("the EPTs are alike")
    assert "type differs" in words[1]
    image = view.canvas.grab().toImage()
    left, right = (image.pixelColor(at(view, t / MS, y)) for t in (before, after))
    assert left != right == kind_colour(DARK, DifferenceKind.TYPE)


def test_many_leaves_are_compared_in_the_background(qtbot, monkeypatch):
    monkeypatch.setattr("mtrrviz.session.known_differences._AT_ONCE", 0)
    executor = SlowExecutor()
    document = Document(open_scenario("lagging-ap"), executor=executor)
    executor.finish_all()
    bridge = Bridge(document)
    view = TimelineView(bridge)
    qtbot.addWidget(view)
    bridge.setParent(view)
    view.show()
    assert view.canvas._scene.differences is None
    top, _ = there(view.canvas.layout_rows.differences)
    assert "still being worked out" in view.canvas.tooltip_at(QPointF(at(view, 500, top + 1)))
    executor.finish_all()
    assert view.canvas._scene.differences is there(document.comparison).history


def test_stacked_tracks_fit_the_smallest_canvas(stacked):
    stacked.canvas.resize(stacked.canvas.minimumSize())
    rows = stacked.canvas.layout_rows
    assert rows.dma_bottom <= stacked.canvas.height()
    assert all(track.stems_px >= 8 for track in rows.tracks)
    assert rows.tracks[1].bottom <= rows.lanes_top


def test_another_scenario_is_shown_whole(view, document):
    view.zoom_in()
    document.open(boot(()), None)
    assert view.canvas.axis == view.canvas.axis.fit()


def test_a_hidden_timeline_catches_up_when_shown(view, document):
    view.hide()
    document.open(boot(()), None)
    view.show()
    assert view.canvas.accessibleDescription().startswith("0 events")


def test_counts_and_names_lie_clear_of_the_scales(qtbot, monkeypatch):
    said = {}
    write = TimelinePainter._text

    def note(painter, rect, align, text, colour="dim"):
        said.setdefault(text, rect)
        write(painter, rect, align, text, colour)

    monkeypatch.setattr(TimelinePainter, "_text", note)
    view = shown_timeline(qtbot, Document(open_scenario("ovmf-8vcpu-2g")), height_px=140)
    font = view.canvas.font()
    font.setPointSizeF(1.5 * font.pointSizeF())
    view.canvas.setFont(font)
    said.clear()
    view.canvas.grab()
    assert said["16"].left() >= view.canvas.axis.left - 4  # the zaps at 0 s
    lowest = max((rect for text, rect in said.items() if text[-2:] in {" k", " M"}), key=QRect.top)
    assert said["faults"].center().y() - lowest.center().y() >= 10
