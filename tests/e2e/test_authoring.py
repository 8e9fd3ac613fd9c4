"""A teacher makes ``lagging-ap`` from nothing, with mouse and keys, and saves it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.library import builtin_paths, open_scenario
from mtrrviz.sim import simulate
from tests.e2e.driver import Program, Screen, tools_missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Sweep
    from mtrrviz.scenario.view import View

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
    program.key("ctrl+a", "BackSpace")
    program.write(text)
    program.wait_until(lambda: program.text(name) == text, f"{text!r} in {name}")


def choose(program: Program, name: str, words: str) -> None:
    """Choose an entry of a list by typing its first letters, with the list open."""
    program.click(name, 0.3)
    program.write(words)
    program.key("Return")
    program.wait_until(lambda: program.text(name).startswith(words), f"{words!r} in {name}")


def make_the_machine(program: Program, scenario: Scenario) -> None:
    program.key("ctrl+n")
    dialog(program, "New scenario")
    type_into(program, "#title", scenario.title)
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
    type_into(program, "#origin", event.origin)
    program.key("Return")
    no_dialog(program)
    program.wait_until(lambda: program.ask("facts")["events"] == before + 1, "the event")
    program.settled()


def register_name(event: Event) -> str:
    from mtrrviz.core.msr.registers import register

    return register(event.register).name


def add_touch(program: Program, sweep: Sweep) -> None:
    before = program.ask("facts")["touches"]
    program.key("shift+x")
    dialog(program, "Touch a range")
    type_into(program, "#start", hex(sweep.first_gfn << 12))
    type_into(program, "#size", f"{sweep.pages * 4} KiB")
    choose(program, "#access", sweep.access.name.lower())
    type_into(program, "#vcpu", str(sweep.vcpu))
    type_into(program, "#time", f"{sweep.time_ns / 1e9:g} s")
    type_into(program, "#lasts", f"{sweep.lasts_ns / 1e9:g} s")
    program.key("Return")
    no_dialog(program)
    program.wait_until(lambda: program.ask("facts")["touches"] == before + 1, "the touch")
    program.settled()


def show_as(program: Program, view: View) -> None:
    """Let the window show what the scenario is to open with."""
    assert view.time_ns is not None
    assert view.gfn is not None
    program.key("t")
    program.enter(seconds(view.time_ns))
    program.key("g")
    program.enter(hex(view.gfn << 12))
    while program.ask("facts")["map_mode"] != view.map_mode:
        before = program.ask("facts")["map_mode"]
        program.key("m")
        program.wait_until(lambda: program.ask("facts")["map_mode"] != before, "another map")  # noqa: B023
    facts = program.ask("facts")
    assert (facts["policy"], facts["playhead_ns"], facts["gfn"]) == (
        view.policy,
        view.time_ns,
        view.gfn,
    )


def seconds(time_ns: int) -> str:
    return f"{time_ns / 1e9:g} s"


def tell(program: Program, scenario: Scenario) -> None:
    """Describe the scenario and its phases in the one dialog that is there for that."""
    program.key("ctrl+i")
    dialog(program, "Scenario")
    program.click("#description")
    program.write(scenario.description)
    type_into(program, "#tags", ", ".join(scenario.tags))
    type_into(program, "#length", seconds(scenario.duration_ns))
    choose(program, "#opening_view", "Save the view")
    program.key("alt+p")
    for phase in scenario.phases:
        program.click("#add_phase")
        program.enter(phase.name)
        program.key("Home")
        program.enter(seconds(phase.start_ns))
        program.key("End")
        program.enter(phase.text)
    program.click("#title")
    program.key("Return")
    no_dialog(program)
    program.settled()
    assert program.ask("facts")["phases"] == len(scenario.phases)


def save(program: Program, path: Path) -> None:
    program.key("ctrl+s")
    dialog(program, "Save the scenario")
    program.key("ctrl+a")
    program.enter(str(path))
    no_dialog(program)
    program.wait_until(lambda: not program.ask("facts")["modified"], "the file")


def test_lagging_ap_from_nothing(program: Program, tmp_path) -> None:
    wanted = open_scenario("lagging-ap")
    make_the_machine(program, wanted)
    for event in wanted.events:
        add_event(program, event)
    for sweep in wanted.sweeps:
        add_touch(program, sweep)
    show_as(program, wanted.view)
    tell(program, wanted)
    path = tmp_path / "mine.mtrrviz.toml"
    save(program, path)

    made = load_scenario(path)
    if keep := os.environ.get("MTRRVIZ_KEEP_MADE"):
        shutil.copyfile(path, keep)
    for policy in ("per-vcpu", "per-vm"):
        ours, theirs = simulate(made, policy), simulate(wanted, policy)
        assert ours.zaps.time_ns.tolist() == theirs.zaps.time_ns.tolist()
        assert ours.leaves.first_gfn.tolist() == theirs.leaves.first_gfn.tolist()
        assert ours.leaves.bits.tolist() == theirs.leaves.bits.tolist()
        assert ours.leaves.died_ns.tolist() == theirs.leaves.died_ns.tolist()
    assert path.read_text() == without_comments(builtin_paths()["lagging-ap"].read_text())


def without_comments(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
