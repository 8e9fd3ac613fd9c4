"""The panel of lessons: with keys alone, what it tells, where it points, what it keeps."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMenu,
    QMessageBox,
    QTabBar,
    QToolTip,
    QWidget,
)

from mtrrviz.gui.common.plain_text import menu_text
from mtrrviz.gui.lessons import lesson_desk, lesson_panel, worksheets
from mtrrviz.gui.lessons.course_page import CoursePage
from mtrrviz.gui.lessons.step_page import prose
from mtrrviz.gui.lessons.worksheets import write_page
from mtrrviz.gui.shell.start.startup import lesson_among
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.handbook.handbook import the_handbook
from mtrrviz.lessons.grading import grade
from mtrrviz.lessons.judging import right_answer
from mtrrviz.lessons.lesson import ChooseTask
from mtrrviz.lessons.lesson_library import lesson_paths, shipped_lessons
from mtrrviz.lessons.progress import read_progress
from mtrrviz.lessons.reading.read_lesson import read_lesson
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.edits import add_event
from tests.narrow import there

pytestmark = pytest.mark.gui

_KEY = Qt.Key
_FIRST = "memory-types"


@pytest.fixture
def bench(class_bench):
    class_bench.document.open(open_scenario("small-machine"), None)
    yield class_bench
    class_bench.lessons.leave()


@pytest.fixture
def said(monkeypatch):
    """What screen readers were told."""
    words = []
    monkeypatch.setattr(lesson_panel, "announce", lambda _widget, text: words.append(text))
    return words


def key(code, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(there(QApplication.focusWidget()), code, modifiers)


def name_of(widget):
    """Return what a screen reader calls a widget."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def tab_to(wanted):
    """Press Tab until the keyboard is at a widget."""
    QApplication.processEvents()  # until a new field has its place
    for _ in range(150):
        if wanted(QApplication.focusWidget()):
            return
        key(_KEY.Key_Tab)
    pytest.fail("Tab does not get there")


def is_part(panel, widget):
    return panel.isAncestorOf(widget)


def type_over(text):
    """Type into the field that has the keyboard, in place of what is there, and press Enter."""
    key(_KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(there(QApplication.focusWidget()), text)
    key(_KEY.Key_Return)


def answer_by_keys(panel, task, answer):
    """Give an answer by keys, in the field that Tab leads to."""
    if isinstance(task, ChooseTask):
        tab_to(lambda widget: is_part(panel.field, widget))
        key(_KEY.Key_Space)
        while name_of(QApplication.focusWidget()) != task.options[int(answer) - 1].text:
            key(_KEY.Key_Down)  # from one radio button to the next
        key(_KEY.Key_Return)
        return
    if isinstance(panel.field.focusProxy(), QLineEdit):
        tab_to(lambda widget: widget is panel.field.focusProxy())
        type_over(answer)
        return
    tab_to(lambda widget: is_part(panel.field, widget) and name_of(widget).startswith(answer))
    key(_KEY.Key_Space)
    key(_KEY.Key_Return)


def test_the_first_lesson_is_done_with_keys_alone(bench, said, qtbot):
    panel = bench.views.lessons
    bench.views.map.map.canvas.setFocus()
    key(_KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    page = bench.window.findChild(CoursePage)
    names = [entry.lesson.name for entry in page.entries]
    page.list.setCurrentRow(names.index(_FIRST))
    QTest.keyClick(page.list, _KEY.Key_Return)
    assert panel.lesson.lesson.name == _FIRST
    bench.window.activateWindow()  # as a window manager does
    qtbot.waitUntil(bench.window.isActiveWindow)
    assert QApplication.focusWidget() is panel.page
    for step in panel.lesson.lesson.steps:
        assert panel.lesson.step is step
        if step.name == "select-a-page":
            key(_KEY.Key_G)
            type_over("16 MiB")
        elif step.name == "make-it-write-back":
            tab_to(lambda widget: name_of(widget) == "IA32_MTRR_PHYSBASE0 in hex")
            type_over("0x100_0006")
        elif step.task is not None:
            answer_by_keys(panel, step.task, right_answer(step, panel.lesson.situation))
        assert panel.lesson.is_done, step.name
        assert "Done." in said
        assert "Done." in panel.page.toPlainText()
        said.clear()
        if not panel.lesson.is_last:
            key(_KEY.Key_Right, Qt.KeyboardModifier.AltModifier)
            assert f"{panel.lesson.place_words}: {panel.lesson.step.title}" in said


def test_every_part_of_the_panel_has_a_name(bench):
    panel = bench.views.lessons
    bench.lessons.open_named(_FIRST)
    while True:
        stops = [widget for widget in bench.tab_order.stops() if is_part(panel, widget)]
        assert {panel.page, panel.next} <= set(stops)
        assert all(name_of(widget) for widget in stops)
        if panel.lesson.is_last:
            return
        panel.go_on()


def test_steps_go_forth_and_back_and_hints_are_told(bench, said):
    panel = bench.views.lessons
    bench.lessons.open_named("variable-ranges")
    assert panel.next.text() == "Skip"
    bench.actions["next_step"].trigger()
    assert panel.lesson.index == 1
    bench.actions["previous_step"].trigger()
    assert panel.lesson.index == 0
    panel.hint.click()
    panel.hint.click()
    first, second = panel.lesson.step.hints
    assert said[-2:] == [first, second]
    assert "Hint 2" in panel.page.toPlainText()
    assert not panel.hint.isEnabled()


def test_what_is_done_is_kept_and_one_comes_back_to_it(bench):
    panel = bench.views.lessons
    bench.lessons.open_named("variable-ranges")
    bench.lessons.restart()
    panel.field.line.setText("0xFF_C000_0800")
    panel.check.click()
    panel.go_on()
    bench.lessons.leave()
    assert panel.lesson is None
    bench.actions["continue_course"].trigger()
    opened = there(panel.lesson)
    assert opened.lesson.name == "variable-ranges"
    assert (opened.index, opened.done_count) == (1, 1)


def test_damaged_progress_is_told_once_and_the_lesson_begins_anew(bench, monkeypatch):
    told = []
    monkeypatch.setattr(lesson_desk, "warn", lambda _parent, text, *_more: told.append(text))
    lesson = read_lesson(lesson_paths()["variable-ranges"])
    path = bench.lessons.store.path_of(lesson)
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"lesson": 3}')
    bench.lessons.open_named("variable-ranges")
    assert len(told) == 1
    assert path.name in told[0]
    assert bench.views.lessons.lesson.index == 0


def test_a_file_that_is_no_lesson_is_told_and_changes_nothing(bench, monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(lesson_desk, "warn", lambda _parent, text, *_more: told.append(text))
    path = tmp_path / "mine.md"
    path.write_text("# Nothing\n")
    bench.lessons.open(path)
    assert "mine.md" in told[0]
    assert bench.views.lessons.lesson is None
    assert bench.document.scenario.name == "small-machine"


def test_unsaved_changes_are_asked_about_before_a_lesson_opens(bench, monkeypatch):
    bench.actions["toggle_dma"].trigger()
    assert bench.document.is_modified
    scenario = bench.document.scenario
    asked = []
    monkeypatch.setattr(
        type(bench.files), "may_discard", lambda _files: asked.append(True) or False
    )
    bench.lessons.follow_window(
        bench.lessons.front, bench.lessons.run, bench.files.may_discard, bench.bring_up
    )
    bench.lessons.open_named("variable-ranges")
    assert asked
    assert bench.document.scenario is scenario
    assert bench.views.lessons.lesson is None


def asked_about(bench, monkeypatch):
    """What is asked about unsaved changes, which are always kept."""
    asked = []
    monkeypatch.setattr(
        type(bench.files), "may_discard", lambda _files: asked.append(True) or False
    )
    bench.lessons.follow_window(
        bench.lessons.front, bench.lessons.run, bench.files.may_discard, bench.bring_up
    )
    return asked


def do_the_last_step_of_lesson_1(bench):
    bench.lessons.open_named(_FIRST)
    bench.lessons.restart()
    panel = bench.views.lessons
    while not panel.lesson.is_last:
        panel.go_on()
    write = Event(1_000_000_000, EventKind.WRMSR, 0, 0x200, 0x100_0006)
    assert bench.bridge.edit(lambda: add_event(bench.document.scenario, write))
    assert panel.lesson.is_done


def test_what_a_lesson_has_kept_is_not_asked_about_as_the_next_one_opens(bench, monkeypatch):
    asked = asked_about(bench, monkeypatch)
    do_the_last_step_of_lesson_1(bench)
    assert bench.document.is_modified
    bench.lessons.leave()
    bench.lessons.open_named("variable-ranges")
    assert not asked
    assert bench.views.lessons.lesson.lesson.name == "variable-ranges"


def test_what_was_done_beyond_a_lesson_is_asked_about(bench, monkeypatch):
    asked = asked_about(bench, monkeypatch)
    do_the_last_step_of_lesson_1(bench)
    bench.actions["toggle_dma"].trigger()
    bench.lessons.open_named("variable-ranges")
    bench.lessons.leave()
    bench.lessons.open_named("variable-ranges")
    assert len(asked) == 2


def test_a_finished_lesson_with_tasks_left_gives_way_to_the_next_one(bench):
    bench.lessons.open_named("quiz-ovmf-no-boot")
    panel = bench.views.lessons
    while panel.lesson is not None:
        panel.go_on()
    page = bench.window.findChild(CoursePage)
    assert page.entries[page.list.currentRow()].lesson.name == "quiz-slow-frames"
    page.reject()
    bench.lessons.open_named("quiz-ovmf-no-boot")
    reopened = bench.lessons.lesson
    assert reopened is not None
    assert reopened.index == 0


def test_a_step_that_was_changed_can_be_had_as_it_was(bench):
    bench.lessons.open_named("non-coherent-dma")
    panel = bench.views.lessons
    panel.go_on()
    assert panel.again.isHidden()
    bench.actions["toggle_dma"].trigger()
    settle()
    assert not panel.again.isHidden()
    panel.again.click()
    settle()
    assert panel.again.isHidden()
    assert there(bench.document.state).machine.noncoherent_dma == 1


def test_a_page_has_one_type_to_choose_and_the_other_one_goes(bench):
    bench.lessons.open_named("overlaps")
    boxes = bench.views.lessons.field.boxes
    boxes["WB"].click()
    boxes["UC"].click()
    assert bench.views.lessons.field.answer == "UC"


def test_a_right_choice_is_not_told_by_a_number_that_is_nowhere(bench):
    bench.lessons.open_named("fixed-ranges")
    bench.lessons.restart()
    panel = bench.views.lessons
    while panel.lesson.step.name != "which-wins":
        panel.go_on()
    panel.field.buttons[1].click()
    panel.check_answer()
    assert panel.lesson.is_done
    assert "The answer is" not in panel.page.toPlainText()


def test_a_word_of_the_step_is_explained_where_the_pointer_rests(bench):
    bench.lessons.open_named(_FIRST)
    page = bench.views.lessons.page
    cursor = page.document().find("KVM")
    cursor.setPosition(cursor.position() - 1)
    place = page.cursorRect(cursor).center()
    assert page.term_at(place) == "glossary/kvm"
    tip = QHelpEvent(QEvent.Type.ToolTip, place, page.viewport().mapToGlobal(place))
    QApplication.sendEvent(page.viewport(), tip)
    sentence = the_handbook().page("glossary/kvm").sentence
    assert " ".join(QToolTip.text().split()) == sentence
    QToolTip.hideText()
    assert bench.desk.page_of(page.viewport(), place) == "glossary/kvm"


def test_a_host_and_a_guest_again_leave_the_panels_their_places(bench):
    bench.lessons.open_named("overlaps")
    beside = places(bench)
    bench.lessons.open_named("lost-gigabyte")
    bench.lessons.open_named("overlaps")
    assert places(bench) == beside
    assert bench.docks["policy"] in bench.window.tabifiedDockWidgets(bench.docks["inspector"])


def test_what_a_panel_has_scrolled_away_is_scrolled_to_again(bench, qtbot):
    bench.lessons.open_named("variable-ranges")
    registers, outline = bench.views.registers, bench.lessons.outline
    bar = registers.scroller.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert outline.target.visibleRegion().isEmpty()
    qtbot.waitUntil(lambda: outline.isVisible() and not outline.target.visibleRegion().isEmpty())


def test_the_menu_lists_the_lessons_and_opens_one(bench):
    listed = bench.window.findChild(QMenu, "lesson_menu")
    listed.aboutToShow.emit()
    titles = [action.text().partition(". ")[2] for action in listed.actions()]
    assert titles == [menu_text(lesson.title) for lesson in shipped_lessons()]
    listed.actions()[0].trigger()
    assert bench.views.lessons.lesson.lesson.name == shipped_lessons()[0].name


def test_a_result_is_saved_for_a_teacher_and_can_be_graded(bench, monkeypatch, tmp_path):
    file = tmp_path / "ann.json"
    monkeypatch.setattr(lesson_desk.QInputDialog, "getText", lambda *_a, **_k: ("Ann", True))
    monkeypatch.setattr(
        lesson_desk.QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(file), "")
    )
    bench.lessons.open_named("variable-ranges")
    bench.lessons.restart()
    panel = bench.views.lessons
    panel.field.line.setText("0xFF_C000_0800")
    panel.check_answer()
    bench.actions["save_result"].trigger()
    graded = grade(read_progress(file), panel.lesson.lesson)
    assert (graded.learner, graded.done) == ("Ann", 1)


@pytest.mark.parametrize("answers", [False, True])
def test_a_worksheet_of_the_open_lesson_is_saved(bench, monkeypatch, tmp_path, answers):
    file = tmp_path / "sheet"
    monkeypatch.setattr(
        worksheets.QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(file), "HTML (*.html)")
    )
    bench.lessons.open_named("variable-ranges")
    sheets = bench.window.findChild(QMenu, "worksheet_menu")
    sheets.actions()[int(answers)].trigger()
    text = file.with_name("sheet.html").read_text()
    assert ("0xff_c000_0800" in text.lower()) is answers


def test_a_worksheet_replaces_no_file_that_was_not_asked_about(bench, monkeypatch, tmp_path):
    chosen, there_already = tmp_path / "sheet", tmp_path / "sheet.html"
    there_already.write_text("mine")
    monkeypatch.setattr(
        worksheets.QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(chosen), "HTML (*.html)")
    )
    said = []
    monkeypatch.setattr(worksheets, "warn", lambda _window, *words: said.append(words))
    bench.lessons.open_named("variable-ranges")
    bench.window.findChild(QMenu, "worksheet_menu").actions()[0].trigger()
    assert "exists already" in said[0][0]
    assert there_already.read_text() == "mine"


@pytest.mark.parametrize(("reply", "kept"), [("Cancel", 1), ("Yes", 0)])
def test_a_restart_is_asked_about(bench, monkeypatch, reply, kept):
    bench.lessons.open_named("variable-ranges")
    bench.lessons.restart()
    panel = bench.views.lessons
    panel.field.line.setText("0xFF_C000_0800")
    panel.check_answer()
    button = QMessageBox.StandardButton[reply]
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: button)
    bench.actions["restart_lesson"].trigger()
    assert panel.lesson.done_count == kept


def test_actions_of_a_lesson_need_one(bench):
    names = ("next_step", "give_hint", "save_result", "leave_lesson")
    assert not any(bench.actions[name].isEnabled() for name in names)
    bench.lessons.open_named("variable-ranges")
    assert all(bench.actions[name].isEnabled() for name in names)
    bench.actions["leave_lesson"].trigger()
    assert not any(bench.actions[name].isEnabled() for name in names)


def test_the_outline_follows_its_control_and_takes_no_clicks(bench, qtbot):
    bench.lessons.open_named("variable-ranges")
    outline = bench.lessons.outline
    row = bench.views.registers.ranges[0]
    assert outline.target is row
    qtbot.waitUntil(outline.isVisible)
    assert outline.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def is_around():
        corner = row.mapTo(bench.window, row.rect().center())
        return outline.geometry().contains(corner)

    qtbot.waitUntil(is_around)
    bench.docks["registers"].hide()
    qtbot.waitUntil(outline.isHidden)
    bench.docks["registers"].show()
    qtbot.waitUntil(lambda: outline.isVisible() and is_around())
    bench.lessons.leave()
    assert outline.isHidden()


def test_a_hidden_dock_comes_to_the_front_for_what_is_pointed_at(bench, qtbot):
    bench.docks["zaps"].hide()
    view = bench.docks["zaps"].widget()
    bench.lessons.outline.point_at(view)
    qtbot.waitUntil(lambda: not view.visibleRegion().isEmpty())


def test_the_tour_points_at_something_in_each_step(bench):
    bench.actions["show_tour"].trigger()
    panel = bench.views.lessons
    for step in panel.lesson.lesson.steps:
        assert isinstance(bench.lessons.pointed_by(step.show), QWidget), step.name
        assert panel.lesson.is_done
        panel.go_on()
    assert panel.lesson is None  # it is over
    bench.actions["show_tour"].trigger()
    assert there(panel.lesson).index == 0


def test_every_control_that_a_lesson_points_at_is_there(bench):
    for path in lesson_paths().values():
        for step in read_lesson(path).steps:
            if step.show.point is not None:
                assert bench.lessons.pointed_by(step.show) is not None, (path, step.name)


def places(bench):
    """Return where the docks are, and which stand behind the inspector."""
    area = bench.window.dockWidgetArea
    tabs = bench.window.tabifiedDockWidgets(bench.docks["inspector"])
    return {name: area(dock) for name, dock in bench.docks.items()}, {
        dock.objectName() for dock in tabs
    }


def test_the_layout_is_as_before_once_a_lesson_is_left(bench):
    before = places(bench)
    bench.lessons.open_named("variable-ranges")
    assert "lessons_dock" not in places(bench)[1]
    bench.lessons.leave()
    assert places(bench) == before


def test_a_lesson_can_be_left_in_a_small_window(bench):
    before = places(bench)
    bench.lessons.open_named("variable-ranges")
    bench.window.resize(700, 500)
    settle()
    assert places(bench) != before  # what stood at the right is tabs at the left
    assert bench.views.lessons.isVisible()
    bench.lessons.leave()
    bench.window.resize(1280, 800)
    settle()
    assert places(bench) == before


def test_a_small_window_shows_the_tab_of_what_a_step_speaks_of_and_keeps_the_lesson(bench, qtbot):
    before = places(bench)
    bench.window.resize(700, 500)
    settle()
    bench.lessons.open_named("variable-ranges")
    panel, outline = bench.views.lessons, bench.lessons.outline
    bench.lessons.show_panel("registers")
    panel.go_on()  # to a step that speaks of a register
    settle()
    assert not panel.page.visibleRegion().isEmpty()
    assert bench.views.registers.visibleRegion().isEmpty()
    assert outline.target is bench.views.registers.ranges[0]

    def is_on_its_tab():
        docks = bench.window.findChildren(QTabBar)
        corner = outline.geometry().center()
        tabs = {bar.tabText(bar.tabAt(bar.mapFrom(bench.window, corner))) for bar in docks}
        return outline.isVisible() and bench.docks["registers"].windowTitle() in tabs

    qtbot.waitUntil(is_on_its_tab)
    bench.lessons.open_named("lost-gigabyte")  # which brings up the problems of a real machine
    qtbot.waitUntil(lambda: not panel.page.visibleRegion().isEmpty())
    bench.lessons.leave()
    bench.window.resize(1280, 800)
    settle()
    assert places(bench) == before


def test_markup_in_a_lesson_is_shown_as_text():
    html = prose('<img src="http://x/y.png"> ![a](b.png) <b>no</b> **yes**')
    assert "<img" not in html
    assert "<b>" not in html
    assert "<strong>yes</strong>" in html


def test_a_worksheet_is_written_as_html_and_as_pdf(qapp, tmp_path):
    del qapp
    page, pdf = tmp_path / "sheet.html", tmp_path / "sheet.pdf"
    write_page("<p>one</p>", page)
    write_page("<p>one</p>", pdf)
    assert page.read_text() == "<p>one</p>"
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_a_lesson_is_known_by_its_file(tmp_path):
    assert lesson_among([str(resources_dir() / "tour.md")]) == resources_dir() / "tour.md"
    assert lesson_among(["small-machine"]) is None
    assert lesson_among([]) is None
    assert lesson_among([str(tmp_path / "no.md")]) is None
