"""Boots of any size, made up from what recorded ones have in common.

In recorded boots every AP writes the same values in the same order, however many there are and
whatever the memory, so a script of steps gives any boot's register writes exactly. What is made up
here is when: proportions are those of a recording with 8 vCPUs, and more APs share the same time.
Touches of pages are invented, too: only few, so that maps have something to show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.costs.boot_time import BootTime
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.generated import boots_ovmf, boots_seabios
from mtrrviz.scenario.generated.boot_machine import (
    FIRMWARES,
    WINDOW_SIZE,
    address_bits,
    boot_machine,
    check,
    pci_window,
)
from mtrrviz.scenario.generated.boot_script import DEF_TYPE, BootStep, Script, Who
from mtrrviz.scenario.generated.boot_touches import boot_sweeps
from mtrrviz.scenario.model import Phase, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FIRMWARES", "generate_boot", "resized"]

_TITLES = {"ovmf": "OVMF", "seabios": "SeaBIOS"}


def generate_boot(
    firmware: str, vcpus: int, memory_gib: float, *, touches: bool = True
) -> Scenario:
    """Return the boot of a guest; ``touches`` says whether to make up page touches.

    MtrrvizError for an unknown firmware, a number of vCPUs outside 1 to 255, or an impossible size.
    """
    check(firmware, vcpus, memory_gib)
    script = _script(firmware, memory_gib)
    machine = boot_machine(firmware, vcpus, memory_gib)
    duration_ns = round(BootTime().base_boot_s(memory_gib) * 1e9)
    factor = duration_ns / script.length_ns
    title = f"{_TITLES[firmware]} + Linux, {vcpus} vCPUs, {memory_gib:g} GiB, generated"
    return Scenario(
        name=f"{firmware}-{vcpus}vcpu-{memory_gib:g}g-generated",
        title=title,
        machine=machine,
        events=_events(script, vcpus, factor),
        phases=tuple(
            Phase(round(phase.start_ns * factor), phase.name, phase.aps, phase.text)
            for phase in script.phases
        ),
        sweeps=boot_sweeps(machine, script, factor) if touches else (),
        description=(
            "Register writes as in recorded boots, for any number of vCPUs. Times follow the "
            "proportions of a recording with 8 vCPUs; page touches are made up."
        ),
        tags=("generated", "boot", firmware),
        duration_ns=duration_ns,
        duration_is_modelled=True,
    )


def resized(scenario: Scenario, vcpus: int, memory_gib: float | None = None) -> Scenario:
    """Return the boot that ``scenario`` is with other numbers of vCPUs and GiB, generated.

    The settings of its machine stay; a boot of that size already is returned as it is.
    MtrrvizError if it is not a boot of a known firmware, or for an impossible size.
    """
    firmware = next((tag for tag in scenario.tags if tag in FIRMWARES), None)
    if firmware is None or "boot" not in scenario.tags:
        known = ", ".join(FIRMWARES)
        raise MtrrvizError(f"{scenario.name} is not a boot of {known}, so it has one size only")
    old = scenario.machine
    size = old.memory_gib if memory_gib is None else memory_gib
    if (vcpus, size) == (old.vcpus, old.memory_gib):
        return scenario
    boot = generate_boot(firmware, vcpus, size)
    new = boot.machine
    machine = replace(
        old,
        vcpus=vcpus,
        memory_bytes=new.memory_bytes,
        regions=new.regions,
        maxphyaddr=new.maxphyaddr,
    )
    return replace(boot, machine=machine)


def _script(firmware: str, memory_gib: float) -> Script:
    bits = address_bits(memory_gib)
    if firmware == "ovmf":
        return boots_ovmf.script(bits, pci_window(memory_gib), WINDOW_SIZE)
    return boots_seabios.script(bits)


def _events(script: Script, vcpus: int, factor: float) -> tuple[Event, ...]:
    """Return all events by time; at equal times in the order of steps."""
    events = [
        Event(0, EventKind.VMM_WRMSR, vcpu, DEF_TYPE, 0, "vmm")
        for _ in "xx"
        for vcpu in range(vcpus)
    ]
    for step in script.steps:
        events.extend(_step_events(step, vcpus, factor))
    return tuple(sorted(events, key=lambda event: event.time_ns))


def _step_events(step: BootStep, vcpus: int, factor: float) -> Iterator[Event]:
    """Yield the events of one step, vCPU by vCPU."""
    members = _members(step.who, vcpus)
    at_once = step.who is Who.APS_AT_ONCE
    shares = 2 * len(members) if at_once else len(members)
    for rank, vcpu in enumerate(members):
        # Woken together, the last AP begins when half the step is over and has the other half.
        start = step.start_ns + step.lasts_ns * rank // shares
        own_ns = step.lasts_ns // (2 if at_once else shares)
        for number, write in enumerate(step.writes):
            yield Event(
                round((start + own_ns * number // len(step.writes)) * factor),
                write.kind,
                vcpu,
                write.register,
                write.value,
                "apic" if write.kind is EventKind.INIT else step.origin,
            )


def _members(who: Who, vcpus: int) -> tuple[int, ...]:
    if who is Who.BSP:
        return (0,)
    aps = tuple(range(1, vcpus))
    return (*aps, 0) if who is Who.ALL_IN_TURN else aps
