"""The README's "What to do first", step by step, in a fresh setting, with real mouse and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.driver import Program, Screen, tools_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

ZAPS = "results.cells.zaps.value"
LOW_RAM_GFN = 0x10_0000 >> 12


@pytest.fixture
def program(tmp_path) -> Iterator[Program]:
    """The window as it comes up the first time."""
    assert not tools_missing(), f"missing: {tools_missing()}; run ./dev test"
    screen = Screen()
    program = Program(screen, "ovmf-8vcpu-16g", tmp_path)
    yield program
    program.close()
    screen.close()


def playhead(program: Program) -> int:
    return int(program.ask("facts")["playhead_ns"])


def facts(program: Program, name: str) -> object:
    return program.ask("facts")[name]


def test_the_steps_work_one_after_the_other(program: Program) -> None:
    play(program)
    switch_the_policy(program)
    edit_a_register(program)
    switch_dma(program)
    click_a_page(program)
    look_types_up_by_the_sdm(program)


def play(program: Program) -> None:
    program.key("space")
    program.wait_until(lambda: playhead(program) > 300_000_000, "the playhead to move")
    program.key("space")


def switch_the_policy(program: Program) -> None:
    program.key("F6")
    program.wait_until(lambda: program.text(ZAPS) == "84", "84 zaps at the end")
    program.click("settings_bar.policy")
    program.key("Down", "Return")
    program.wait_until(lambda: program.text(ZAPS) == "14", "14 zaps under the patch")


def edit_a_register(program: Program) -> None:
    """Pick another vCPU, open a register of it, write it, take that back."""
    program.click("map.map.canvas", 0.99, 0.99)
    program.key("v")
    if not program.ask("visible", "registers.detail.hex"):
        program.click("registers.deftype", 0.3, 0.2)
        program.wait_until(lambda: program.ask("visible", "registers.detail.hex"), "the editor")
    program.click("registers.detail.hex")
    program.key("ctrl+a")
    program.enter("0x800")
    program.wait_until(lambda: facts(program, "modified"), "the write")
    program.settled()
    program.click("map.map.canvas", 0.99, 0.99)
    program.key("ctrl+z")
    program.wait_until(lambda: not facts(program, "modified"), "undo")
    program.settled()


def switch_dma(program: Program) -> None:
    program.key("n")
    program.wait_until(lambda: not program.ask("checked", "settings_bar.dma"), "DMA to go off")
    program.key("ctrl+z")
    program.wait_until(lambda: program.ask("checked", "settings_bar.dma"), "undo")
    program.settled()


def click_a_page(program: Program) -> None:
    """A click on the map brings the inspector up, whatever was in front of it."""
    x, y = program.ask("page", LOW_RAM_GFN)
    program.click_at(x, y)
    program.wait_until(lambda: program.ask("visible", "inspector"), "the inspector")
    assert facts(program, "gfn") is not None


def look_types_up_by_the_sdm(program: Program) -> None:
    program.click("map.map.canvas", 0.99, 0.99)
    program.key("k")
    program.wait_until(lambda: "sdm" in str(facts(program, "policy")).lower(), "the SDM's lookup")
