"""What is left of a log never makes a script that caches a device, whatever was lost of it.

The script is judged on the machine that printed the log, whose registers it may not know.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.solve.solve_judge import Values, made_write_back
from tests.analysis.solve.solve_script import script, writes
from tests.analysis.solve.true_machines import TrueMachine, true_machines

HEADS = (
    "", "[    0.000000] ", "<6>[    0.000000] ", "Nov  3 10:11:12 box kernel: [    0.000000] ",
    "Nov 03 10:11:12 box kernel: ", "> ",
)  # fmt: skip


def after(machine: TrueMachine, printed: str) -> Values:
    """Return the registers of a machine on which a script has run."""
    known = machine.registers
    return known | {msr: value for msr, value in writes(printed).items() if msr in known}


def cached(machine: TrueMachine, text: str) -> list[str]:
    """Return what is no RAM and becomes write-back where one runs the script that a log gives."""
    before = machine.registers
    made = made_write_back(machine.spec, machine.ram, before, after(machine, script(text)))
    return [hex(at) for at in made]


@st.composite
def texts(draw: st.DrawFn, machine: TrueMachine) -> list[str]:
    """Draw what a machine prints: its kernel's log, or /proc/mtrr beside the log's memory map."""
    e820 = list(machine.e820_lines())
    head = draw(st.sampled_from(HEADS))
    ends = [end for _, end in machine.ram]
    log = [
        "Linux version 5.15.0 (builder@host) #1 SMP",
        *e820,
        f"e820: last_pfn = {ends[-1] >> 12:#x} max_arch_pfn = 0x400000000",
        *machine.mtrr_lines(),
        f"e820: last_pfn = {ends[1] >> 12:#x} max_arch_pfn = 0x400000000",
        "Booting paravirtualized kernel on bare hardware",
    ]
    kind = draw(st.sampled_from(("log", "log", "without a map", "proc beside a map")))
    if kind == "without a map":
        log = [line for line in log if line not in e820]
    elif kind == "proc beside a map":
        return [*(head + line for line in e820), *machine.proc_lines()]
    return [head + line for line in log]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[TrueMachine, str]:
    """Draw a machine and its text, of which some lines are lost and some are cut."""
    machine = draw(true_machines())
    lines = draw(texts(machine))
    for index in draw(st.sets(st.integers(0, len(lines) - 1), max_size=4)):
        cut = draw(st.integers(0, len(lines[index])))
        lines[index] = "" if draw(st.booleans()) else lines[index][:cut]
    kept = [line for line in lines if line]
    return machine, "".join(line + "\n" for line in kept)


@settings(max_examples=80)
@given(damaged())
def test_no_device_is_cached_by_what_is_left_of_a_log(drawn: tuple[TrueMachine, str]) -> None:
    machine, text = drawn
    assert not cached(machine, text), text
