"""What is set in the instance: events, filters, clock; as files to write, and as shell commands.

The events are those that :mod:`mtrrviz.importers.traces.trace_lines` understands
(arch/x86/kvm/trace.h,
arch/x86/kvm/mmu/mmutrace.h). The filters leave out what it does not use: a VM accesses its TSC
deadline timer and exits far more often than all of this together
(Documentation/trace/events.rst, "Event filtering").
"""

from __future__ import annotations

import shlex

from mtrrviz.core.record import Record

TRACING = "/sys/kernel/tracing"
CLOCK = "mono"
"""One clock for all CPUs, printed in seconds (Documentation/trace/ftrace.rst, trace_clock)."""
BUFFER_KIB = 8192
"""Buffer of each CPU: what comes while nobody reads."""


class TraceEvent(Record):
    """An event to record: its directory below ``events``, the filter and what it tells."""

    name: str
    tells: str
    filter: str = ""


NEEDED = TraceEvent(
    "kvm/kvm_msr", "register writes", "ecx == 0xfe || (ecx >= 0x200 && ecx <= 0x2ff)"
)
EVENTS = (
    NEEDED,
    TraceEvent("kvm/kvm_cr", "CR0 writes", "rw == 1 && cr == 0"),
    TraceEvent("kvm/kvm_page_fault", "page touches"),
    # EPT violations of VMX, nested page faults of SVM: enough to know each thread's vCPU.
    TraceEvent(
        "kvm/kvm_exit",
        "the vCPU of each thread",
        "(isa == 1 && exit_reason == 48) || (isa == 2 && exit_reason == 0x400)",
    ),
    TraceEvent("kvmmmu/kvm_tdp_mmu_spte_changed", "EPT entries"),
    TraceEvent("kvmmmu/kvm_mmu_set_spte", "EPT entries that faults set"),
)


def by_hand(seconds: float, output: str) -> tuple[str, ...]:
    """Return the shell commands that record the same: with mtrrviz as root, or without it."""
    place, output = f"{TRACING}/instances/mtrrviz", shlex.quote(output)
    return (
        f"sudo mtrrviz record --for {seconds:g} -o {output}",
        "# or without mtrrviz on that host:",
        f"sudo mountpoint -q {TRACING} || sudo mount -t tracefs nodev {TRACING}",
        f"sudo mkdir {place}",
        f"echo {CLOCK} | sudo tee {place}/trace_clock",
        f"echo {BUFFER_KIB} | sudo tee {place}/buffer_size_kb",
        *(
            f"echo '{event.filter}' | sudo tee {place}/events/{event.name}/filter"
            for event in EVENTS
            if event.filter
        ),
        *(f"echo 1 | sudo tee {place}/events/{event.name}/enable" for event in EVENTS),
        f"sudo timeout {seconds:g} cat {place}/trace_pipe > trace.txt",
        f"sudo rmdir {place}",
        f"mtrrviz import trace.txt -o {output}",
    )
