"""What views that are no tables say when they are copied: rows of words under names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.core.msr.describe import describe
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size, format_time_ns
from mtrrviz.facts.figures import figures, figures_until
from mtrrviz.facts.stretch import measure
from mtrrviz.facts.table_text import tab_separated
from mtrrviz.session.registers.register_view import read_all

if TYPE_CHECKING:
    from mtrrviz.analysis.explaining.explanation import Explanation
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.session.document import Document
    from mtrrviz.sim.run import Run

_YES_NO = {True: "yes", False: "no"}


def registers_text(machine: Machine, vcpu: int) -> str:
    """Return every register of a vCPU: name, number, value and meaning."""
    bits = machine.mtrr(vcpu).maxphyaddr
    rows = (
        (
            REGISTERS[msr].name,
            "" if msr == CR0_ID else f"{msr:#x}",
            format_gpa(value),
            describe(msr, value, bits),
        )
        for msr, value in read_all(machine, vcpu).items()
    )
    return tab_separated((f"register of vCPU {vcpu}", "msr", "value", "meaning"), rows)


def results_text(run: Run, other: Run | None, time_ns: int) -> str:
    """Return the figures of a run up to a time and in all, and those of the compared one in all."""
    runs = [(f"{run.policy.id} until {format_time_ns(time_ns)}", figures_until(run, time_ns))]
    runs.append((f"{run.policy.id} in all", figures(run)))
    if other is not None:
        runs.append((f"{other.policy.id} in all", figures(other)))
    label = run.costs.label
    rows = (
        ("zaps", *(f"{one.zap_count}" for _, one in runs)),
        (f"zap Mcycles ({label})", *(f"{one.zap_mcycles:.3f}" for _, one in runs)),
        (f"boot s ({label})", *(f"{one.boot_s:.3f}" for _, one in runs)),
        ("leaves dropped", *(f"{one.leaves_dropped}" for _, one in runs)),
        ("faults", *(f"{one.faults}" for _, one in runs)),
        ("refaults", *(f"{one.refaults}" for _, one in runs)),
    )
    return tab_separated(("figure", *(name for name, _ in runs)), rows)


def machine_text(spec: MachineSpec) -> str:
    """Return the settings of a machine, then its regions."""
    settings = (
        ("vCPUs", str(spec.vcpus)),
        ("memory", format_size(spec.memory_bytes)),
        ("MAXPHYADDR", f"{spec.maxphyaddr} bits"),
        ("CPUID has MTRRs", _YES_NO[spec.has_mtrr]),
        ("quirk CD_NW_CLEARED at the start", _YES_NO[spec.cd_nw_quirk]),
        ("quirk IGNORE_GUEST_PAT at the start", _YES_NO[spec.ignore_guest_pat]),
        ("host has self-snoop", _YES_NO[spec.self_snoop]),
        ("largest host page", format_size(4096 << 9 * (spec.host_level - 1))),
        ("devices with non-coherent DMA at the start", str(spec.noncoherent_dma)),
        ("CPU clock", f"{spec.cpu_mhz} MHz"),
    )
    regions = (
        (
            f"region {region.name}",
            f"{format_gpa(region.start)} to {format_gpa(region.end - 1)}, {region.kind}",
        )
        for region in spec.regions
    )
    return tab_separated(("setting", "value"), (*settings, *regions))


def stretch_text(document: Document) -> str | None:
    """Return the figures between the markers, without them from the start to the playhead.

    None before the first run.
    """
    run = document.run
    if run is None:
        return None
    a_ns, b_ns = document.marker("A"), document.marker("B")
    if a_ns is None or b_ns is None:
        a_ns, b_ns = 0, document.playhead_ns
    found = measure(run, a_ns, b_ns)
    rows = (
        ("policy", run.policy.id),
        ("from", format_time_ns(found.start_ns)),
        ("to", format_time_ns(found.end_ns)),
        ("zaps", str(found.zap_count)),
        (f"zap Mcycles ({run.costs.label})", f"{found.zap_mcycles:.3f}"),
        ("leaves dropped", str(found.leaves_dropped)),
        ("faults", str(found.faults)),
        ("refaults", str(found.refaults)),
    )
    return tab_separated(("figure", "value"), rows)


def page_text(document: Document, lines: tuple[str, ...]) -> str | None:
    """Return the words on the selected page, after ``lines`` on the map's dot that holds it.

    None if no page is selected or before the first run.
    """
    gfn, state = document.gfn, document.state
    if gfn is None or state is None:
        return None
    found = explain(state, gfn, document.vcpu)
    rows = [
        ("page", format_gpa(gfn << PAGE_SHIFT)),
        ("time", format_time_ns(state.time_ns)),
        *_type_rows(found),
        ("because", found.deciding.text),
        *(("map", line) for line in lines),
    ]  # fmt: skip
    selection = document.selection
    if selection is not None and selection.words:
        rows.append(("marked", selection.words))
    return tab_separated(("what", "value"), rows)


def _type_rows(found: Explanation) -> list[tuple[str, str]]:
    """Return the type of a real machine's page, or what KVM makes of a guest's."""
    if found.is_host:
        return [(f"MTRR type on CPU {found.vcpu}", found.mtrr.label)]
    fault = found.next_fault
    return [
        ("policy", found.policy_id),
        ("leaf", f"{found.leaf.type.name}, IPAT {found.leaf.ipat}" if found.leaf else "none"),
        (f"next fault of vCPU {found.vcpu}", f"{fault.type.name}, IPAT {fault.ipat}"
         if fault else "none: no memory slot"),
        *([("stale", _YES_NO[found.stale])] if found.leaf else []),
    ]  # fmt: skip
