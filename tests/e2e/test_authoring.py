"""A teacher makes ``lagging-ap`` from nothing, with mouse and keys, and saves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from tests.e2e.driver import Program, Screen, tools_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e


@pytest.fixture
def program(tmp_path) -> Iterator[Program]:
    assert not tools_missing(), f"missing: {tools_missing()}; run ./dev test"
    screen = Screen()
    program = Program(screen, "sandbox", tmp_path)
    yield program
    program.close()
    screen.close()


def dialog(program: Program, title: str) -> None:
    program.wait_until(lambda: title in program.ask("active_title"), f"the dialog {title!r}")


def no_dialog(program: Program) -> None:
    program.wait_until(lambda: not program.ask("dialogs"), "the dialog to close")


def type_into(program: Program, name: str, text: str) -> None:
    program.click(name)
    program.key("ctrl+a")
    program.write(text)
    program.wait_until(lambda: program.text(name) == text, f"{text!r} in {name}")


def choose(program: Program, name: str, words: str) -> None:
    """Choose an entry of a list by typing its first letters, with the list open."""
    program.click(name, 0.3)
    program.write(words)
    program.key("Return")
    program.wait_until(lambda: program.text(name).startswith(words), f"{words!r} in {name}")


def make_the_machine(program: Program) -> None:
    program.key("ctrl+n")
    dialog(program, "New scenario")
    type_into(program, "#title", "My lagging AP")
    choose(program, "#layout", "Guest, small")
    program.key("Return")
    no_dialog(program)
    program.settled()
    assert program.ask("facts")["vcpus"] == 2


def add_event(program: Program, event: Event) -> None:
    """Add an event with the dialog that Insert opens in the table of events."""
    before = program.ask("facts")["events"]
    program.key("Insert")
    dialog(program, "Add an event")
    words = {
        EventKind.WRMSR: "WRMSR",
        EventKind.MOV_CR0: "MOV CR0",
        EventKind.INIT: "INIT",
        EventKind.NOTE: "note",
    }
    choose(program, "#kind", words[event.kind])
    type_into(program, "#time", f"{event.time_ns / 1e9:g} s")
    if event.kind is not EventKind.NOTE:
        type_into(program, "#vcpu", str(event.vcpu))
    if event.writes_msr:
        choose(program, "#register", register_name(event))
    if event.kind in {EventKind.WRMSR, EventKind.MOV_CR0}:
        type_into(program, "#value", hex(event.value))
    if event.text:
        type_into(program, "#text", event.text)
    program.key("Return")
    no_dialog(program)
    program.wait_until(lambda: program.ask("facts")["events"] == before + 1, "the event")
    program.settled()


def register_name(event: Event) -> str:
    from mtrrviz.core.msr.registers import register

    return register(event.register).name


def test_lagging_ap_from_nothing(program: Program, tmp_path) -> None:
    wanted = open_scenario("lagging-ap")
    make_the_machine(program)
    for event in wanted.events:
        add_event(program, event)
