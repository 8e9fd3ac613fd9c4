"""The columns of the tables that are exported, for who writes them and for who reads of them."""

from __future__ import annotations

from mtrrviz.exporters.record import Column

EVENT_COLUMNS = (
    Column("event", "number of the event, from 0"),
    Column("time_s", "scenario time"),
    Column("phase", "phase of the scenario"),
    Column("kind", "wrmsr, vmm-wrmsr, mov-cr0, init, dma-attach, dma-detach, note"),
    Column("vcpu", "vCPU; none for what concerns the VM"),
    Column("msr", "number of the MSR that is written"),
    Column("register", "name of the register that is written"),
    Column("value", "what is written"),
    Column("meaning", "the value in words"),
    Column("refused", "whether KVM refuses the write with #GP"),
    Column("zaps", "zaps that KVM makes for it under the policy"),
    Column("origin", "who did it: vmm, firmware, kernel, user, ..."),
    Column("text", "the scenario's words on it"),
)
ZAP_COLUMNS = (
    Column("zap", "number of the zap, from 0"),
    Column("time_s", "scenario time"),
    Column("phase", "phase of the scenario"),
    Column("vcpu", "vCPU that zapped; none for the VM"),
    Column("cause", "what made KVM zap"),
    Column("event", "number of the event that it answers"),
    Column("start", "lowest address asked for; none where nothing needed a zap"),
    Column("end", "address after the highest"),
    Column("ranges", "every range asked for as start-end, blanks between them"),
    Column("all_memory", "whether the whole address space is zapped"),
    Column("leaves_dropped", "leaves that it dropped"),
    Column("rivals", "other vCPUs that zap in the same burst"),
    Column("modelled_cycles", "cycles it takes, modelled"),
)
#: Comes after the others where the constants of the model are not its own.
CHANGED_COLUMN = Column("changed_constants", "constants that modelled_cycles was made with")
LEAF_COLUMNS = (
    Column("leaf", "number of the leaf, from 0, in order of birth"),
    Column("start", "first address it maps"),
    Column("size_bytes", "what it maps: 4 KiB, 2 MiB or 1 GiB"),
    Column("type", "memory type: UC, WC, WT, WP, WB"),
    Column("ipat", "1 if it ignores the guest's PAT, else 0"),
    Column("vcpu", "vCPU whose fault made it"),
    Column("access", "what faulted: read, write, execute"),
    Column("refault", "whether its page had been mapped before"),
    Column("born_s", "scenario time of the fault"),
    Column("died_s", "when it went; none if it is there at the end"),
    Column("zap", "number of the zap that dropped it; none otherwise"),
)
RANGE_COLUMNS = (
    Column("start", "first address"),
    Column("end", "address after the last"),
    Column("size_bytes", "length"),
    Column("region", "name of the region; none where nothing is"),
    Column("kind", "ram, rom, device-ram, mmio, passthrough; none where nothing is"),
    Column("leaf_type", "memory type of the leaves there; none without leaves"),
    Column("leaf_ipat", "IPAT of the leaves there; none without leaves"),
    Column("leaves", "number of leaves"),
    Column("next_fault_type", "memory type the next fault would get; none without memory slot"),
    Column("next_fault_ipat", "IPAT the next fault would get; none without memory slot"),
    Column("stale", "whether faults on the leaves' pages would now get another type or IPAT"),
)
DIFFERENCE_COLUMNS = (
    Column("start", "first address"),
    Column("end", "address after the last"),
    Column("size_bytes", "length"),
    Column("region", "name of the region; none where nothing is"),
    Column("difference", "only_a, only_b, type, ipat"),
    Column("type_a", "memory type under the first policy; none without a leaf"),
    Column("ipat_a", "IPAT under the first policy; none without a leaf"),
    Column("type_b", "memory type under the second policy; none without a leaf"),
    Column("ipat_b", "IPAT under the second policy; none without a leaf"),
)

COLUMNS = {
    "events": EVENT_COLUMNS,
    "zaps": ZAP_COLUMNS,
    "leaves": LEAF_COLUMNS,
    "ranges": RANGE_COLUMNS,
    "differences": DIFFERENCE_COLUMNS,
}
"""Columns by the name of their table."""
