"""What happens at one moment of a run, in words: events and their zaps, faults and leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SIZE, format_gpa
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.event_words import KIND_WORDS, event_words, has_value
from mtrrviz.scenario.events import VM_KINDS, Event
from mtrrviz.scenario.touches import Access
from mtrrviz.sim.pages import page_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.core.machine import Machine
    from mtrrviz.sim.run import Run

#: Most things that are said one by one.
MOST_SAID = 3
_DID = {Access.READ: "read", Access.WRITE: "wrote to", Access.EXECUTE: "ran code at"}


def happening_words(run: Run, time_ns: int) -> str:
    """Return what happens at exactly ``time_ns``: "vCPU 1 read 0x140_0000: fault, ..."; "" if none.

    Of very many things the first few are said, and how many more there are.
    """
    first, end = run.scenario.first_event_at(time_ns), run.scenario.events_until(time_ns)
    born = np.searchsorted(run.leaves.born_ns, np.array([time_ns, time_ns + 1], np.int64))
    faults = range(int(born[0]), int(born[1]))
    said = [_event_words(run, index) for index in range(first, end)[:MOST_SAID]]
    said += _fault_words(run, time_ns, faults[: MOST_SAID - len(said)])
    left = end - first + len(faults) - len(said)
    return ". ".join(said) + (f". And {left:,} more" if left else "")


def _event_words(run: Run, index: int) -> str:
    event = run.scenario.events[index]
    rows = np.flatnonzero(run.zaps.event == index)
    if not len(rows):
        return _who(event)
    dropped = sum(int(run.zaps.leaves_dropped[row]) for row in rows)
    leaves = "1 leaf" if dropped == 1 else f"{dropped:,} leaves"
    return f"{_who(event)}: {plural(len(rows), 'zap')}, {leaves} dropped"


def _who(event: Event) -> str:
    """Say who does what."""
    if event.kind in VM_KINDS:
        return event_words(event)
    if has_value(event):
        return f"vCPU {event.vcpu}: {event_words(event)}"
    return f"vCPU {event.vcpu}: {KIND_WORDS[event.kind]}"


def _fault_words(run: Run, time_ns: int, rows: range) -> Iterator[str]:
    """Say of faults who touched what and which leaf that made."""
    if not rows:
        return
    leaves, pages = run.leaves, page_index(run.scenario.touches, run.scenario.machine)
    machine = run.at(time_ns).machine
    for row in rows:
        vcpu = int(leaves.vcpu[row])
        gpa = int(pages.gfn[pages.page[leaves.touch[row]]]) * PAGE_SIZE
        kind = MemoryType(int(leaves.memory_type[row])).name
        yield (
            f"vCPU {vcpu} {_DID[Access(int(leaves.access[row]))]} {format_gpa(gpa)}: fault, "
            f"{LEVEL_NAMES[int(leaves.level[row])]} leaf, {kind}{_why(machine, vcpu)}"
        )


def _why(machine: Machine, vcpu: int) -> str:
    """Say what decided if it is more than the ranges of the MTRRs."""
    if machine.override(vcpu) is not None:
        return "; its caches are off" if machine.cd(vcpu) else ""
    if machine.deciding_mtrr(vcpu).enabled:
        return ""
    owner = machine.policy.mtrr_owner(vcpu)
    return "; its own MTRRs are off" if owner == vcpu else f"; the MTRRs of vCPU {owner} are off"
