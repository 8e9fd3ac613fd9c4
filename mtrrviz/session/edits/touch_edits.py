"""Edits of the touches that a scenario's author wrote; recorded ones stay as they were recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size
from mtrrviz.core.wording.words import plural
from mtrrviz.scenario.files.claims import how_to_take_more, most_pages
from mtrrviz.session.edits.edit import Edit, time_words

if TYPE_CHECKING:
    from collections.abc import Collection

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.touches import Sweep


def add_touch(scenario: Scenario, sweep: Sweep) -> Edit:
    """Let a vCPU touch pages; the time shown goes to when it has touched them all."""
    sweeps = (*scenario.sweeps, sweep)
    _check(scenario, sweep, sweeps)
    label = f"Touch {touch_words(sweep)} as vCPU {sweep.vcpu}"
    end_ns = sweep.time_ns + sweep.lasts_ns
    return Edit(label, scenario.with_sweeps(sweeps), sweep.time_ns, end_ns, acts=True)


def change_touch(scenario: Scenario, index: int, sweep: Sweep) -> Edit:
    """Replace the touch at ``index``."""
    old = scenario.sweeps[index]
    sweeps = (*scenario.sweeps[:index], sweep, *scenario.sweeps[index + 1 :])
    _check(scenario, sweep, sweeps)
    label = f"Change the touch of {touch_words(old)} at {time_words(old.time_ns)}"
    if sweep == replace(old, time_ns=sweep.time_ns):
        label = f"Move the touch of {touch_words(old)} to {time_words(sweep.time_ns)}"
    return Edit(label, scenario.with_sweeps(sweeps), min(old.time_ns, sweep.time_ns))


def remove_touches(scenario: Scenario, indices: Collection[int]) -> Edit:
    """Take touches out."""
    if not indices:
        raise MtrrvizError("no touch is chosen")
    gone = [scenario.sweeps[index] for index in sorted(indices)]
    kept = tuple(s for index, s in enumerate(scenario.sweeps) if index not in indices)
    label = f"Remove {plural(len(gone), 'touch range')}"
    if len(gone) == 1:
        label = f"Remove the touch of {touch_words(gone[0])} at {time_words(gone[0].time_ns)}"
    return Edit(label, scenario.with_sweeps(kept), min(sweep.time_ns for sweep in gone))


def touch_words(sweep: Sweep) -> str:
    """Return the addresses of a touch: "0x140_0000" or "0x80_0000 (24 MiB)"."""
    start = format_gpa(sweep.first_gfn * PAGE_SIZE)
    return start if sweep.pages == 1 else f"{start} ({format_size(sweep.pages * PAGE_SIZE)})"


def _check(scenario: Scenario, sweep: Sweep, sweeps: tuple[Sweep, ...]) -> None:
    """Refuse a touch that the machine cannot make, or more of them than a file may have."""
    machine = scenario.machine
    if machine.is_host:
        raise MtrrvizError("a real machine has no EPT: touches make leaves in guests only")
    if sweep.vcpu >= machine.vcpus:
        raise MtrrvizError(f"there is no vCPU {sweep.vcpu}: expected 0 to {machine.vcpus - 1}")
    if (sweep.first_gfn + sweep.pages) * PAGE_SIZE > 1 << machine.maxphyaddr:
        raise MtrrvizError(
            f"{touch_words(sweep)} ends above the guest's {machine.maxphyaddr} address bits"
        )
    if sum(one.pages for one in sweeps) > most_pages():
        more = how_to_take_more()
        raise MtrrvizError(f"all touches together name more than {most_pages():,} pages{more}")
