"""Every lesson that comes with the program is played to its end through the window.

Each wrong turn is taken first. One window serves them all.
"""

from __future__ import annotations

import hashlib
from functools import partial

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mtrrviz.gui.lessons.answer_field import ChoiceField, LineField, TypeField
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.lessons.grading import grade
from mtrrviz.lessons.lesson import DoTask
from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.playing import gone_wrong, solved
from mtrrviz.lessons.situation import SimulatedRuns
from mtrrviz.paths import resources_dir, scenarios_dir
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.edits import RegisterWrite, add_event
from mtrrviz.session.lessons.document_situation import show_situation, situation_in
from mtrrviz.session.registers.register_writes import WritePlan, plan_edit

pytestmark = pytest.mark.gui


def files_of_scenarios():
    """Return what every file holds that a lesson may open."""
    folders = (scenarios_dir(), resources_dir() / "lessons")
    return {
        path: hashlib.sha256(path.read_bytes()).digest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def press(widget, key):
    """Press a key in a widget that has the keyboard."""
    widget.setFocus()
    QTest.keyClick(widget, key)


class Player:
    """A learner at the window."""

    def __init__(self, bench, name):
        self.bench = bench
        self.panel = bench.views.lessons
        bench.document.open(open_scenario("sandbox"), None)  # nothing unsaved to ask about
        bench.lessons.open_named(name)
        self.open = self.panel.lesson
        self.lesson = self.open.lesson

    def do(self, events):
        """Make an author's events by edits; what comes of them is judged after the last."""
        bridge, document = self.bench.bridge, self.bench.document
        now_ns = document.playhead_ns
        with document.batch():
            for event in events:
                assert bridge.edit(partial(add_event, document.scenario, event))
            document.set_playhead(now_ns)

    def show(self, situation):
        """Turn to what an author turns to, in the scenario that is open."""
        desk, document = self.bench.lessons, self.bench.document
        situation = replace(situation, scenario=document.scenario)
        show_situation(document, situation, desk.look())
        desk.show_panel(situation.panel)

    def take_back(self, edits):
        with self.bench.document.batch():
            for _ in range(edits):
                self.bench.document.undo()

    def answer(self, text):
        """Give an answer by keys and clicks, and check it."""
        match self.panel.field:
            case LineField() as field:
                field.line.setFocus()
                field.line.selectAll()
                QTest.keyClicks(field.line, text)
                QTest.keyClick(field.line, Qt.Key.Key_Return)
            case TypeField() as field:
                wanted = {part.strip() for part in text.split(",")}
                assert wanted <= set(field.boxes), text
                for name, box in field.boxes.items():
                    if box.isChecked() != (name in wanted):
                        press(box, Qt.Key.Key_Space)
                press(field.boxes["UC"], Qt.Key.Key_Return)
            case ChoiceField() as field:
                wanted = {int(part) for part in text.split(",")}
                for number, button in enumerate(field.buttons, 1):
                    if button.isChecked() != (number in wanted) and (
                        field.is_several or number in wanted
                    ):
                        press(button, Qt.Key.Key_Space)
                press(field.buttons[0], Qt.Key.Key_Return)
            case _:
                pytest.fail("there is nothing to answer with")

    def take_wrong_turn(self, turn):
        """Take a wrong turn, see that it is told as itself, and come back."""
        step = self.open.step
        before = situation_in(self.bench.document, self.bench.lessons.look(), SimulatedRuns())
        there, answer = gone_wrong(step, turn, self.open.situation)
        self.do(turn.play)
        self.show(there)
        if isinstance(step.task, DoTask):
            self.panel.check_answer()
        else:
            assert answer is not None
            self.answer(answer)
        assert not self.open.is_done, turn.name
        assert self.open.verdict.wrong == turn.name
        page = self.panel.page.toPlainText()
        assert " ".join(turn.say.split())[:40] in " ".join(page.split())
        self.take_back(len(turn.play))
        self.show(before)

    def solve(self):
        """Do the step as its author does, or give the model's answer."""
        step = self.open.step
        after, answer = solved(step, self.open.situation, self.lesson.file)
        if answer is not None:
            self.answer(answer)
            return
        self.do(step.solution.events)
        if step.solution.show is not None:
            self.show(after)
        self.panel.check_answer()


@pytest.mark.parametrize("name", lesson_paths())
def test_a_lesson_is_played_to_its_end_in_the_window(class_bench, name):
    bench = class_bench
    files = files_of_scenarios()
    player = Player(bench, name)
    for step in player.lesson.steps:
        assert player.open.step is step
        assert player.open.verdict is None or not player.open.verdict.wrong
        if step.task is not None:
            player.panel.check_answer()  # nothing was done yet
            assert not player.open.is_done, step.name
        for turn in step.wrong:
            player.take_wrong_turn(turn)
        if step.task is not None:
            player.solve()
        assert player.open.is_done, (step.name, player.open.verdict)
        assert player.panel.page.horizontalScrollBar().maximum() == 0, step.name
        assert bench.lessons.outline.target is bench.lessons.pointed_by(step.show)
        if step is not player.lesson.steps[-1]:
            bench.actions["next_step"].trigger()
    assert player.open.done_count == player.lesson.task_count
    progress, problem = bench.lessons.store.load(player.lesson)
    assert not problem
    assert grade(progress, player.lesson).done == player.lesson.task_count
    assert bench.document.path is None
    bench.lessons.leave()
    assert files_of_scenarios() == files


@pytest.mark.parametrize(
    ("name", "elsewhere"),
    [
        ("quiz-host-ram-lost", "UC"),
        ("quiz-host-no-optimum", "any"),
        ("quiz-host-no-free-pair", "UC"),
    ],
)
def test_a_real_machine_is_fixed_by_the_panel_solve(qtbot, class_bench, name, elsewhere):
    player = Player(class_bench, name)
    class_bench.lessons.restart()  # it may have been played before, to its last step
    while not player.open.is_last:
        class_bench.actions["next_step"].trigger()
        settle()  # as the panels of a guest give way to those of a real machine
    qtbot.waitUntil(lambda: class_bench.views.solve.view is not None)  # it is made once it is seen
    solve = class_bench.views.solve.view
    rest = solve.options.rest
    rest.setCurrentIndex(rest.findText(elsewhere))
    rest.activated.emit(rest.currentIndex())
    qtbot.waitUntil(solve.apply_button.isEnabled)
    assert not player.open.is_done
    solve.apply_button.click()
    player.panel.check_answer()
    assert player.open.is_done, player.open.verdict
    class_bench.lessons.leave()


@pytest.mark.parametrize(
    ("name", "fixes"),
    [
        ("quiz-host-resume", {0x268: 0x0505_0505_0505_0505, 0x269: 0x0505_0505_0505_0505}),
        ("quiz-wrong-map", {0x201: 0xF_FFFF_C800, 0x203: 0, 0x202: 0, 0x259: 0}),
    ],
)
def test_writes_as_a_kernel_makes_them_count_as_well(class_bench, name, fixes):
    """They take a while, so that nothing is written yet at the moment that they begin."""
    player = Player(class_bench, name)
    class_bench.lessons.restart()  # it may have been played before, and be done
    while not player.open.is_last:
        class_bench.actions["next_step"].trigger()
    assert not player.open.is_done
    document = class_bench.document
    writes = tuple(RegisterWrite(msr, value) for msr, value in fixes.items())
    for write in writes:
        plan = WritePlan((1,), (write,), as_kernel=True)
        run = document.run
        assert run is not None
        machine = run.at(document.playhead_ns).machine
        edit = plan_edit(document.scenario, document.playhead_ns, machine, plan)
        class_bench.bridge.edit(lambda edit=edit: edit)
    player.panel.check_answer()
    assert player.open.is_done, player.open.verdict
    class_bench.lessons.leave()
