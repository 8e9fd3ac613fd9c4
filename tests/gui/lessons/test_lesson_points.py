"""The controls that shipped lessons point at are in the window."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from mtrrviz.lessons.lesson_library import shipped_lessons
from tests.gui.every_panel import with_every_panel


def test_every_control_that_a_lesson_points_at_is_in_the_window(bench):
    with_every_panel(bench)
    names = {widget.objectName() for widget in bench.window.findChildren(QWidget)}
    names |= set(bench.views.pictured)
    pointed = {step.show.point for lesson in shipped_lessons() for step in lesson.steps}
    assert {"dma_switch", "policy_box"} <= pointed
    assert pointed - {None} <= names
