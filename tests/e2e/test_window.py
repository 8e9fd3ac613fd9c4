"""The program as a user meets it: a window on a screen, a mouse and a keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.common.looks.theme import DARK
from tests.e2e.driver import Program, Screen, tools_missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

ZAPS = "results.cells.zaps.value"
OTHER_ZAPS = "results.cells.zaps.other"
MIB_42_GFN = 0x2A0_0000 >> 12


def shown(scenario: str, settings_dir: Path) -> Iterator[Program]:
    """The program on a scenario, on a screen of its own; ./dev test installs what that needs."""
    assert not tools_missing(), f"missing: {tools_missing()}; run ./dev test"
    screen = Screen()
    program = Program(screen, scenario, settings_dir)
    yield program
    program.close()
    screen.close()


@pytest.fixture(scope="module")
def boot_window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The window on the recorded OVMF boot."""
    yield from shown("ovmf-8vcpu-2g", tmp_path_factory.mktemp("boot"))


@pytest.fixture(scope="module")
def small_window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The window on the small made-up machine."""
    yield from shown("small-machine", tmp_path_factory.mktemp("small"))


@pytest.fixture
def boot(boot_window: Program) -> Program:
    """The recorded boot as it was opened: at the start, nothing edited."""
    return as_opened(boot_window)


@pytest.fixture
def small(small_window: Program) -> Program:
    """The small machine as it was opened: at the start, nothing edited."""
    return as_opened(small_window)


def as_opened(program: Program) -> Program:
    """Bring a window back to the start with the keyboard, as a user would."""
    program.key("Escape")
    program.click("map.map.canvas", 0.99, 0.99)
    while program.ask("facts")["modified"]:
        program.key("ctrl+z")
        program.settled()
    if program.ask("facts")["policy"] != "per-vcpu":
        program.key("p")
    program.key("F3")
    program.wait_until(lambda: playhead(program) == 0, "the start")
    return program


def playhead(program: Program) -> int:
    return int(program.ask("facts")["playhead_ns"])


def to_end(program: Program) -> None:
    program.key("F6")
    program.wait_until(lambda: "/" not in program.text(ZAPS), "the end of the scenario")


def edit_default_type(program: Program) -> None:
    """Open the default type's editor and select its value."""
    if not program.ask("visible", "registers.detail.hex"):
        program.click("registers.deftype", 0.3, 0.2)
        program.wait_until(lambda: program.ask("visible", "registers.detail.hex"), "the editor")
    program.click("registers.detail.hex")
    program.key("ctrl+a")


def test_a_recorded_boot_zaps_84_times_and_14_times_with_the_patch(boot: Program) -> None:
    to_end(boot)
    assert boot.text(ZAPS) == "84"
    assert boot.text(OTHER_ZAPS).startswith("14")

    boot.click("settings_bar.policy")
    boot.key("Down", "Return")

    boot.wait_until(lambda: boot.text(ZAPS) == "14", "the patched policy's count")
    assert boot.ask("facts")["policy"] == "per-vm"
    assert boot.text(OTHER_ZAPS).startswith("84")


def test_playing_moves_the_playhead_and_space_stops_it(boot: Program) -> None:
    boot.key("space")
    boot.wait_until(lambda: playhead(boot) > 200_000_000, "the playhead to move")
    boot.key("space")
    stopped = boot.wait_until(lambda: playhead(boot), "the playhead")
    boot.wait_until(lambda: playhead(boot) == playhead(boot), "playing to stop")
    boot.key("period")
    boot.wait_until(lambda: playhead(boot) > stopped, "a step to the next event")


def test_switching_dma_off_is_an_event_that_undo_takes_out(boot: Program) -> None:
    before = boot.ask("facts")["events"]
    boot.key("F6")

    boot.click("settings_bar.dma", 0.1)
    boot.wait_until(lambda: not boot.ask("checked", "settings_bar.dma"), "the switch to go off")
    assert boot.ask("facts")["events"] == before + 1
    assert boot.ask("facts")["modified"]

    boot.key("ctrl+z")
    boot.wait_until(lambda: boot.ask("checked", "settings_bar.dma"), "undo")
    assert boot.ask("facts")["events"] == before
    assert not boot.ask("facts")["modified"]


def test_a_register_edit_shows_on_the_map_and_is_undone(small: Program) -> None:
    """vCPU 0 faults the page in as WB; with its MTRRs disabled before that, as UC."""
    to_end(small)
    wb = DARK.type_colour(MemoryType.WB).lower()
    uc = DARK.type_colour(MemoryType.UC).lower()
    x, y = small.ask("page", MIB_42_GFN)
    small.wait_until(lambda: small.ask("pixel", x, y) == wb, "a WB leaf at 42 MiB")

    small.key("t")
    small.key("ctrl+a")
    small.enter("0.61 s")
    small.wait_until(lambda: playhead(small) == 610_000_000, "the time typed")
    edit_default_type(small)
    small.enter("0x0")
    small.wait_until(lambda: small.ask("facts")["modified"], "the write")
    small.settled()
    to_end(small)
    small.wait_until(lambda: small.ask("pixel", x, y) == uc, "a UC leaf at 42 MiB")

    small.click("map.map.canvas", 0.98, 0.98)
    small.key("ctrl+z")
    small.wait_until(lambda: not small.ask("facts")["modified"], "undo")
    small.settled()
    small.wait_until(lambda: small.ask("pixel", x, y) == wb, "the WB leaf again")


def test_a_wanted_map_is_painted_and_applied_and_both_are_undone(small: Program) -> None:
    to_end(small)
    before = small.ask("facts")["events"]
    small.key("w")
    small.wait_until(lambda: small.ask("visible", "map.map.paint_bar"), "the types to paint")
    small.key("u")
    small.click_at(*small.ask("page", MIB_42_GFN))
    small.wait_until(lambda: small.ask("facts")["undo"].startswith("Paint UC"), "the stroke")
    assert not small.ask("facts")["modified"]
    small.key("Escape")
    small.wait_until(lambda: not small.ask("visible", "map.map.paint_bar"), "the end of painting")

    small.wait_until(lambda: small.ask("enabled", "solve.view.apply_button"), "the solution")
    small.click("solve.view.apply_button")
    small.wait_until(lambda: small.ask("facts")["events"] > before, "the registers' writes")
    small.settled()
    small.click("map.map.canvas", 0.98, 0.98)
    small.key("ctrl+z", "ctrl+z")
    small.wait_until(lambda: small.ask("facts")["undo"] == "", "undo")
    assert small.ask("facts")["events"] == before


def test_a_refused_value_is_refused_in_place(small: Program) -> None:
    edit_default_type(small)
    small.enter("0x2")
    words = small.wait_until(lambda: small.text("registers.detail.refusal"), "the reason")
    assert "#GP" in words
    assert not small.ask("facts")["modified"]


def test_clicking_the_map_selects_the_page_and_the_inspector_tells_of_it(small: Program) -> None:
    to_end(small)
    x, y = small.ask("page", MIB_42_GFN)
    small.click_at(x, y)
    first = small.wait_until(lambda: small.ask("facts")["gfn"], "a selection")
    assert first <= MIB_42_GFN < first + 512


def test_the_question_mark_shows_the_shortcuts(small: Program) -> None:
    small.key("question")
    small.wait_until(
        lambda: small.ask("active_title") == "Keyboard shortcuts", "the sheet to have the keyboard"
    )
    small.key("Escape")
    small.wait_until(lambda: not small.ask("dialogs"), "the sheet to go")


def test_dragging_the_timeline_pans_and_a_click_sets_the_playhead(boot: Program) -> None:
    boot.click("timeline.canvas", 0.5, 0.6)
    at_middle = boot.wait_until(lambda: playhead(boot), "the playhead to follow the click")
    boot.click("timeline.canvas", 0.7, 0.6)
    boot.wait_until(lambda: playhead(boot) > at_middle, "the playhead to follow the second click")
