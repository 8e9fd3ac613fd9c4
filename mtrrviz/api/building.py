"""Machines and scenarios built in code; every wrong value is refused where it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.api.quantities import (
    Address,
    Register,
    Size,
    Time,
    address,
    msr,
    ns,
    size_bytes,
    whole_pages,
)
from mtrrviz.core.units import GIB, LEVEL_NAMES
from mtrrviz.scenario.events import MSR_KINDS, Event, EventKind
from mtrrviz.scenario.generated.boots import generate_boot
from mtrrviz.scenario.generated.new_machines import LAYOUTS
from mtrrviz.scenario.machine_check import machine_problems
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Aps, Phase, Scenario
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.touches import Access, Sweep, Touches, no_touches
from mtrrviz.scenario.value_check import choice, refused, time_ns, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAGE_SIZES = {name: level for level, name in LEVEL_NAMES.items()}


def region(
    name: str,
    kind: RegionKind | str,
    start: Address,
    *,
    size: Size | None = None,
    end: Address | None = None,
) -> Region:
    """Return a range of guest physical memory from ``start``, with a size or an end (exclusive).

    Kinds are "ram", "rom", "device-ram", "mmio", "passthrough", "reserved" and "unknown".
    """
    begin = address(start, "region.start")
    if (size is None) == (end is None):
        raise refused("region", name, "either size or end, not both")
    stop = address(end, "region.end") if end is not None else begin
    stop += size_bytes(size, "region.size") if size is not None else 0
    return Region(name, choice(kind, RegionKind, "region.kind"), begin, stop)


def build_machine(
    vcpus: int | None = None,
    memory: Size | None = None,
    *,
    layout: str = "q35",
    regions: Iterable[Region] | None = None,
    noncoherent_dma: int | None = None,
    host_page: str = "2 MiB",
    **more: object,
) -> MachineSpec:
    """Return a machine: "q35", "i440fx", "teaching" or "host", or one of ``regions`` of your own.

    ``host_page`` is the largest page that backs the guest: "4 KiB", "2 MiB" or "1 GiB".
    ``noncoherent_dma`` is the number of such devices before the first event; a guest's layout has
    one. ``more`` are other fields of MachineSpec, such as ``maxphyaddr`` or ``self_snoop``.
    """
    kinds = {one.id: one for one in LAYOUTS}
    if layout not in kinds:
        raise refused("machine.layout", layout, f"one of {', '.join(kinds)}")
    if host_page not in _PAGE_SIZES:
        raise refused("machine.host_page", host_page, f"one of {', '.join(_PAGE_SIZES)}")
    unknown = sorted(more.keys() - set(MachineSpec.__struct_fields__))
    if unknown:
        known = ", ".join(MachineSpec.__struct_fields__)
        raise refused(f"machine.{unknown[0]}", more[unknown[0]], f"one of the fields {known}")
    usual = kinds[layout]
    memory_bytes = None if memory is None else size_bytes(memory, "machine.memory")
    if memory_bytes is not None and not usual.least_bytes <= memory_bytes <= usual.most_bytes:
        if regions is None:
            raise refused("machine.memory", memory, f"{usual.least_bytes} to {usual.most_bytes}")
        memory_bytes = max(memory_bytes, 0)
    base = usual.machine(None if vcpus is None else whole(vcpus, "machine.vcpus", 255, least=1))
    if memory_bytes is not None and regions is None:
        base = usual.machine(base.vcpus, memory_bytes)
    values: dict[str, object] = {
        name: getattr(base, name) for name in MachineSpec.__struct_fields__
    }
    values["host_level"] = _PAGE_SIZES[host_page]
    if noncoherent_dma is not None:
        values["noncoherent_dma"] = noncoherent_dma
    if regions is not None:
        own = sorted(regions, key=lambda one: one.start)
        ram = sum(one.size_bytes for one in own if one.kind is RegionKind.RAM)
        end = max((one.end for one in own), default=1)
        values["regions"] = tuple(own)
        values["memory_bytes"] = ram if memory_bytes is None else memory_bytes
        values["maxphyaddr"] = max(36, (end - 1).bit_length())
    machine = MachineSpec(**{**values, **more})  # pyright: ignore[reportArgumentType]
    for problem in machine_problems(machine):
        raise ScenarioError("", f"machine.{problem.field}", problem.message)
    return machine


def event(  # noqa: PLR0913 - what an event has
    kind: EventKind | str,
    t: Time | None = None,
    *,
    time_ns: int | None = None,
    vcpu: int = 0,
    register: Register | None = None,
    value: int = 0,
    origin: str = "user",
    text: str = "",
) -> Event:
    """Return an event at ``t`` (seconds, or "850 ms") or at ``time_ns`` nanoseconds.

    Kinds are those of a scenario file, such as "init", "dma-attach" or "note".
    """
    known = choice(kind, EventKind, "event.kind")
    if known in MSR_KINDS and register is None:
        raise refused("event.register", register, f"the register that a {known} writes")
    number = 0 if register is None else msr(register, "event.register")
    return Event(_moment(t, time_ns, "event"), known, vcpu, number, value, origin, text)


def write(
    t: Time | None,
    register: Register,
    value: int,
    *,
    vcpu: int = 0,
    time_ns: int | None = None,
    origin: str = "kernel",
) -> Event:
    """Return a guest's write of an MTRR or the PAT, named by number or name.

    Whether the CPU accepts the value is for the model to say: a write that it refuses is a #GP.
    """
    kind = EventKind.WRMSR
    return event(kind, t, time_ns=time_ns, vcpu=vcpu, register=register, value=value, origin=origin)


def touch(  # noqa: PLR0913 - what a touch has
    t: Time | None,
    start: Address | None = None,
    size: Size = "4 KiB",
    *,
    gfn: int | None = None,
    pages: int | None = None,
    time_ns: int | None = None,
    vcpu: int = 0,
    access: Access | str = "read",
    lasts: Time = 0,
) -> Sweep:
    """Return touches of all pages of a range, from ``t`` on, evenly over ``lasts``.

    The range is given as an address and a size, or as ``gfn`` and ``pages``.
    """
    if (start is None) == (gfn is None):
        raise refused("touch.start", start, "either start (an address) or gfn")
    if gfn is None and start is not None:
        gfn = whole_pages(address(start, "touch.start"), "touch.start")
    count = whole_pages(size, "touch.size") if pages is None else pages
    if isinstance(access, str):
        words = {kind.name.lower(): kind for kind in Access}
        if access not in words:
            raise refused("touch.access", access, f"one of {', '.join(words)}")
        access = words[access]
    lasts_ns = ns(lasts, "touch.lasts")
    return Sweep(_moment(t, time_ns, "touch"), vcpu, gfn or 0, count, access, lasts_ns)


def phase(
    t: Time | None,
    name: str,
    *,
    time_ns: int | None = None,
    aps: Aps | str = "none",
    text: str = "",
) -> Phase:
    """Return a phase that lasts until the next. ``aps``: "none", "concurrent" or "serialised"."""
    return Phase(_moment(t, time_ns, "phase"), name, choice(aps, Aps, "phase.aps"), text)


def build_scenario(  # noqa: PLR0913 - what a scenario has
    machine: MachineSpec,
    events: Iterable[Event] = (),
    touches: Iterable[Sweep] | Touches = (),
    *,
    phases: Iterable[Phase] = (),
    name: str = "made",
    title: str = "",
    duration: Time | None = None,
    duration_ns: int = 0,
) -> Scenario:
    """Return a scenario; it lasts as long as ``duration`` says, or as something happens.

    Touches are those of :func:`touch`, or columns (``Touches``), which take up to millions.
    """
    recorded = touches if isinstance(touches, Touches) else no_touches()
    return Scenario(
        name,
        title or name,
        machine,
        events=tuple(events),
        sweeps=() if isinstance(touches, Touches) else tuple(touches),
        recorded=recorded,
        phases=tuple(phases),
        duration_ns=duration_ns if duration is None else ns(duration, "duration"),
    )


def boot(firmware: str = "ovmf", vcpus: int = 8, memory: Size = "2 GiB") -> Scenario:
    """Return the boot of a guest of any size, generated: "ovmf" or "seabios"."""
    return generate_boot(firmware, vcpus, size_bytes(memory, "memory") / GIB)


def _moment(t: Time | None, given_ns: int | None, what: str) -> int:
    """Return a time that is given in seconds or in nanoseconds, never in both."""
    if (t is None) == (given_ns is None):
        raise refused(f"{what}.t", t, "either t (seconds) or time_ns")
    return ns(t, f"{what}.t") if t is not None else time_ns(given_ns, f"{what}.time_ns")
