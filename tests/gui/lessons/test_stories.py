"""The four windows that reviewers worried about: opening one shows it at once."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document
from mtrrviz.session.story import moment_words

pytestmark = pytest.mark.gui

STORIES = ("lagging-ap", "ap-only-change", "wb-under-cd", "range-moved")
MIB = 256
"""Pages of a MiB."""


@pytest.fixture
def opened(qtbot, settings):
    made = []

    def make(name):
        window = MainWindow(settings)
        bench = Workbench(window, Document(open_scenario(name)), Worker(), settings)
        qtbot.addWidget(window)
        window.resize(1280, 800)
        window.show()
        settle()
        made.append(window)
        return bench

    yield make
    for window in made:
        window.close()


def leaves(state, first_mib, end_mib, memory_type):
    """Return the rows of the live leaves of a type that begin in a stretch of MiB."""
    table, rows = state.run.leaves, state.live_rows
    first = table.first_gfn[rows]
    inside = (first >= first_mib * MIB) & (first < end_mib * MIB)
    return rows[inside & (table.memory_type[rows] == memory_type)]


def counted(bench, side):
    """Return what the legend of a side counts, as {"UC": 8, "stale": 8, ...}."""
    words = bench.views.map.map.side_by_side.legends[side].words
    pairs = [text.rpartition(" ") for text in words]
    return {name: int(number.replace(",", "")) for name, _, number in pairs if number.isdigit()}


def stale_here(bench):
    """Return whether the inspector calls the selected page stale."""
    document = bench.document
    explanation = explain(document.state, document.gfn, document.vcpu)
    return explanation.stale


@pytest.mark.parametrize("name", STORIES)
def test_it_opens_as_its_file_says_and_tells_what_goes_on(opened, name):
    bench = opened(name)
    document = bench.document
    assert document.view == document.scenario.view
    assert None not in (document.view.policy, document.view.compared, document.view.gfn)
    assert document.map_mode is MapMode.SIDE_BY_SIDE
    assert bench.views.story.isVisible()
    assert bench.views.story.about.text() == document.scenario.description
    assert moment_words(document.scenario, document.playhead_ns) in bench.views.story.now.toolTip()
    assert bench.views.map.map.side_by_side.isVisible()
    assert len(document.comparison.at(document.playhead_ns).rows)
    assert document.comparison.history.first_ns <= document.playhead_ns


def test_the_lagging_vcpu_has_put_uc_leaves_into_shared_pages(opened):
    bench = opened("lagging-ap")
    ours, theirs = bench.document.state, bench.document.compared_state
    uncached = leaves(ours, 0, 64, MemoryType.UC)
    assert set(ours.run.leaves.vcpu[uncached].tolist()) == {1}
    assert bench.document.gfn in ours.run.leaves.first_gfn[uncached].tolist()
    assert counted(bench, 0)["UC"] == counted(bench, 0)["stale"] == len(uncached) > 0
    assert "UC" not in counted(bench, 1)
    assert stale_here(bench)
    of_vcpu_0 = [sweep for sweep in ours.run.scenario.sweeps if sweep.vcpu == 0]
    used = [s for s in of_vcpu_0 if s.first_gfn <= bench.document.gfn < s.first_gfn + s.pages]
    assert [s.time_ns for s in used if s.time_ns <= bench.document.playhead_ns]
    assert len(leaves(theirs, 0, 64, MemoryType.UC)) == 0


def test_per_vm_does_not_hear_what_an_ap_alone_says(opened):
    bench = opened("ap-only-change")
    ours, theirs = bench.document.state, bench.document.compared_state
    assert bench.document.vcpu == 1
    uncached = leaves(ours, 32, 48, MemoryType.UC)
    assert counted(bench, 0)["UC"] == len(uncached) > 0
    assert len(leaves(theirs, 32, 48, MemoryType.UC)) == 0
    assert len(leaves(theirs, 32, 48, MemoryType.WB)) == len(uncached)
    assert theirs.machine.read_msr(1, 0x201) & 0x800
    late = 600_000_000
    assert np.count_nonzero(ours.run.zaps.time_ns >= late) > 0
    assert np.count_nonzero(theirs.run.zaps.time_ns >= late) == 0


def test_leaves_made_under_cd_outlive_it(opened):
    bench = opened("wb-under-cd")
    ours, theirs = bench.document.state, bench.document.compared_state
    assert not ours.machine.cr0(0) & 1 << 30
    old = leaves(ours, 32, 48, MemoryType.WB)
    table = ours.run.leaves
    assert len(old) > 0
    assert (table.born_ns[old] >= 400_000_000).all()
    assert (table.born_ns[old] < 800_000_000).all()
    assert counted(bench, 0)["stale"] >= len(old)
    assert stale_here(bench)
    mended = leaves(theirs, 32, 48, MemoryType.UC)
    assert counted(bench, 1) == {**counted(bench, 1), "UC": len(mended), "stale": 0}
    assert len(mended) == len(old)


def test_the_old_place_of_a_moved_range_stays_stale(opened):
    bench = opened("range-moved")
    ours = bench.document.state
    old, new = leaves(ours, 16, 24, MemoryType.UC), leaves(ours, 32, 40, MemoryType.UC)
    assert counted(bench, 0)["UC"] == len(old) + len(new)
    assert counted(bench, 0)["stale"] == len(old) > 0
    assert stale_here(bench)
    assert ours.machine.read_msr(0, 0x200) & ~0xFFF == 0x200_0000
    assert "UC" not in counted(bench, 1)


# The strip


def test_the_strip_follows_the_playhead_without_moving_the_window(opened):
    bench = opened("lagging-ap")
    height = bench.views.story.height()
    bench.document.set_playhead(0)
    assert bench.views.story.now.text() == "Now: reset: every vCPU has its MTRRs off"
    assert bench.views.story.height() == height


def test_closing_the_strip_is_remembered_and_a_key_brings_it_back(opened, settings):
    bench = opened("lagging-ap")
    bench.views.story.close_requested.emit()
    assert bench.views.story.isHidden() or not bench.views.story.isVisible()
    assert not settings.tells_story
    bench.document.open(open_scenario("range-moved"), None)
    assert not bench.views.story.isVisible()
    QTest.keyClick(bench.window, Qt.Key.Key_S)
    assert bench.views.story.isVisible()
    assert bench.actions["toggle_story"].isChecked()
    assert settings.tells_story


def test_the_description_of_a_recorded_boot_is_shown_once(opened):
    first = opened("ovmf-8vcpu-2g")
    assert first.views.story.isVisible()
    assert first.views.story.about.text() == first.document.scenario.description
    first.window.close()
    assert not opened("ovmf-8vcpu-2g").views.story.isVisible()  # the room is the map's
    assert opened("seabios-8vcpu-2g").views.story.isVisible()


def test_no_description_is_shown_to_who_closed_them(opened, settings):
    settings.tells_story = False
    assert not opened("ovmf-8vcpu-2g").views.story.isVisible()


@pytest.mark.parametrize("width", [1000, 1280, 1920])
def test_the_whole_description_is_seen(opened, width):
    bench = opened("wb-under-cd")
    bench.window.resize(width, 800)
    settle()
    strip = bench.views.story
    needed = strip.about.fontMetrics().boundingRect(
        strip.about.rect().adjusted(0, 0, 0, 9999), int(Qt.TextFlag.TextWordWrap),
        strip.about.text(),
    )  # fmt: skip
    assert needed.height() <= strip.about.height()
    assert strip.about.geometry().bottom() <= strip.height()


def test_the_map_mode_of_one_scenario_is_not_that_of_the_next(opened):
    bench = opened("lagging-ap")
    assert bench.document.map_mode is MapMode.SIDE_BY_SIDE
    bench.views.map.show_mode(MapMode.DIFFERENCE)
    bench.document.open(open_scenario("small-machine"), None)
    assert bench.document.map_mode is MapMode.ONE


def test_what_is_shown_is_put_into_the_scenario(opened):
    bench = opened("small-machine")
    bench.document.set_playhead(1_000_000_000)
    bench.actions["open_here"].trigger()
    assert bench.document.scenario.view == bench.document.view
    assert bench.document.is_modified
    bench.document.undo()
