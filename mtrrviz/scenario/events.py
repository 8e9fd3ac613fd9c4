"""Events: everything that a guest or its VMM does that KVM may answer with a zap."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mtrrviz.core.msr.registers import CR0_ID, REGISTERS


class EventKind(StrEnum):
    """What happened. The values are the words used in files."""

    WRMSR = "wrmsr"
    """The guest writes an MTRR or PAT register."""
    VMM_WRMSR = "vmm-wrmsr"
    """The VMM writes the register itself (a state put); KVM takes the same path."""
    MOV_CR0 = "mov-cr0"
    """The guest loads CR0; only CD matters here."""
    INIT = "init"
    """An INIT signal: CR0 becomes 0x10 with CD and NW kept, MTRRs stay."""
    DMA_ATTACH = "dma-attach"
    """A device with non-coherent DMA joins the VM."""
    DMA_DETACH = "dma-detach"
    """A device with non-coherent DMA leaves the VM."""
    NOTE = "note"
    """Words for the reader; nothing happens."""


#: Kinds that write an MSR, by the guest or by the VMM.
MSR_KINDS = frozenset({EventKind.WRMSR, EventKind.VMM_WRMSR})
#: Kinds that write a register of one vCPU.
REGISTER_KINDS = MSR_KINDS | {EventKind.MOV_CR0}
#: Kinds that concern the VM, not a vCPU.
VM_KINDS = frozenset({EventKind.DMA_ATTACH, EventKind.DMA_DETACH, EventKind.NOTE})
#: What the files of a scenario may name as the register of an MSR write: the MTRRs and the PAT.
#: No view could say anything of another one. A CPU may have fewer: then the write is refused.
KNOWN_MSRS = tuple(msr for msr in REGISTERS if msr != CR0_ID)
KNOWN_MSRS_TEXT = (
    "an MTRR or PAT register, by its MSR number or name: 0xfe, 0x200 to 0x23f, 0x250, 0x258, "
    "0x259, 0x268 to 0x26f, 0x277, 0x2ff; IA32_MTRR_DEF_TYPE, IA32_MTRR_PHYSBASE0, ..."
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens at ``time_ns`` (nanoseconds of scenario time).

    ``register`` is an MSR number for MSR writes and 0 otherwise; ``value`` is the 64-bit value
    written (CR0 for ``mov-cr0``). ``origin`` says who did it (vmm, firmware, kernel, user, ...).
    """

    time_ns: int
    kind: EventKind
    vcpu: int = 0
    register: int = 0
    value: int = 0
    origin: str = ""
    text: str = ""

    @property
    def writes_msr(self) -> bool:
        """Whether the event writes an MSR, by the guest or by the VMM."""
        return self.kind in MSR_KINDS

    def same_target(self, other: Event) -> bool:
        """Whether both set the same thing, so that at one time only the later one counts."""
        if self.kind in VM_KINDS or other.kind in VM_KINDS:
            return False
        return (self.kind, self.vcpu, self.register) == (other.kind, other.vcpu, other.register)
