"""The program as a user meets it: a window on a screen, a mouse and a keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.theme import DARK
from tests.e2e.driver import Program, Screen, tools_missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

ZAPS = "results.cells.zaps.value"
OTHER_ZAPS = "results.cells.zaps.other"
MIB_42_GFN = 0x2A0_0000 >> 12


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    """A virtual screen; ./dev test installs what it needs."""
    assert not tools_missing(), f"missing: {tools_missing()}; run ./dev test"
    screen = Screen()
    yield screen
    screen.close()


@pytest.fixture
def boot(screen: Screen, settings_dir: Path) -> Iterator[Program]:
    """The window on the recorded OVMF boot."""
    program = Program(screen, "ovmf-8vcpu-2g", settings_dir)
    yield program
    program.close()


@pytest.fixture
def small(screen: Screen, settings_dir: Path) -> Iterator[Program]:
    """The window on the small made-up machine."""
    program = Program(screen, "small-machine", settings_dir)
    yield program
    program.close()


def playhead(program: Program) -> int:
    return int(program.ask("facts")["playhead_ns"])


def to_end(program: Program) -> None:
    program.key("ctrl+End")
    program.wait_until(lambda: "/" not in program.text(ZAPS), "the end of the scenario")


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
    assert playhead(boot) < 18_000_000_000
    boot.key("period")
    boot.wait_until(lambda: playhead(boot) > stopped, "a step to the next event")


def test_switching_dma_off_is_an_event_that_undo_takes_out(boot: Program) -> None:
    before = boot.ask("facts")["events"]
    boot.key("ctrl+End")

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
    small.click("registers.deftype", 0.3, 0.2)
    small.click("registers.detail.hex")
    small.key("ctrl+a")
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


def test_a_refused_value_is_refused_in_place(small: Program) -> None:
    small.click("registers.deftype", 0.3, 0.2)
    small.click("registers.detail.hex")
    small.key("ctrl+a")
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
    small.wait_until(lambda: "Keyboard shortcuts" in small.ask("dialogs"), "the shortcut sheet")
    small.key("Escape")
    small.wait_until(lambda: not small.ask("dialogs"), "the sheet to go")


def test_dragging_the_timeline_pans_and_a_click_sets_the_playhead(boot: Program) -> None:
    boot.click("timeline.canvas", 0.5, 0.6)
    at_middle = boot.wait_until(lambda: playhead(boot), "the playhead to follow the click")
    boot.click("timeline.canvas", 0.7, 0.6)
    boot.wait_until(lambda: playhead(boot) > at_middle, "the playhead to follow the second click")
