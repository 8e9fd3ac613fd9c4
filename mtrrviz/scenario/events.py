"""Events: everything that a guest or its VMM does that KVM may answer with a zap."""

from __future__ import annotations

from enum import StrEnum

from msgspec.structs import force_setattr

from mtrrviz.core.msr.registers import CR0_ID, REGISTERS
from mtrrviz.core.record import Record
from mtrrviz.scenario.value_check import (
    A_VCPU,
    LAST_NS,
    U64_MAX,
    choice,
    refused,
    text,
    time_ns,
    whole,
)


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
    DISABLE_CD_NW_QUIRK = "disable-cd-nw-quirk"
    """The VMM disables KVM_X86_QUIRK_CD_NW_CLEARED (KVM_CAP_DISABLE_QUIRKS2)."""
    DISABLE_IGNORE_GUEST_PAT = "disable-ignore-guest-pat"
    """The VMM disables KVM_X86_QUIRK_IGNORE_GUEST_PAT, which a host without self-snoop refuses."""
    NOTE = "note"
    """Words for the reader; nothing happens."""


#: The last number that a vCPU may have; a machine has fewer, but says so itself.
LAST_VCPU = (1 << 15) - 1
#: Kinds that write an MSR, by the guest or by the VMM.
MSR_KINDS = frozenset({EventKind.WRMSR, EventKind.VMM_WRMSR})
#: Kinds that write a register of one vCPU.
REGISTER_KINDS = MSR_KINDS | {EventKind.MOV_CR0}
#: Kinds by which devices with non-coherent DMA come and go.
DMA_KINDS = frozenset({EventKind.DMA_ATTACH, EventKind.DMA_DETACH})
#: Kinds by which the VMM disables a quirk of KVM. A quirk stays disabled: there are none for back.
QUIRK_KINDS = frozenset({EventKind.DISABLE_CD_NW_QUIRK, EventKind.DISABLE_IGNORE_GUEST_PAT})
#: Kinds that concern the VM, not a vCPU.
VM_KINDS = DMA_KINDS | QUIRK_KINDS | {EventKind.NOTE}
#: What the files of a scenario may name as the register of an MSR write: the MTRRs and the PAT.
#: No view could say anything of another one. A CPU may have fewer: then the write is refused.
KNOWN_MSRS = tuple(msr for msr in REGISTERS if msr != CR0_ID)
_MSRS = frozenset(KNOWN_MSRS)
KNOWN_MSRS_TEXT = (
    "an MTRR or PAT register, by its MSR number or name: 0xfe, 0x200 to 0x23f, 0x250, 0x258, "
    "0x259, 0x268 to 0x26f, 0x277, 0x2ff; IA32_MTRR_DEF_TYPE, IA32_MTRR_PHYSBASE0, ..."
)


class Event(Record):
    """One thing that happens at ``time_ns`` (nanoseconds of scenario time).

    ``register`` is an MSR number for MSR writes and 0 otherwise; ``value`` is the 64-bit value
    written (CR0 for ``mov-cr0``). ``origin`` says who did it (vmm, firmware, kernel, user, ...).
    ScenarioError for a value that no event can have.
    """

    time_ns: int
    kind: EventKind
    vcpu: int = 0
    register: int = 0
    value: int = 0
    origin: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        # All events of a file pass here: those that are as they should be at the cost of one look.
        if not (
            type(self.time_ns) is type(self.vcpu) is type(self.value) is int
            and type(self.kind) is EventKind
            and 0 <= self.time_ns <= LAST_NS
            and 0 <= self.value <= U64_MAX
            and 0 <= self.vcpu <= LAST_VCPU
            and (self.register in _MSRS if self.kind in MSR_KINDS else self.register == 0)
            and type(self.origin) is type(self.text) is str
        ):
            for name, value in self._checked().items():
                force_setattr(self, name, value)

    def _checked(self) -> dict[str, object]:
        """Refuse what is wrong, and return numbers and words of other types as what they mean."""
        kind = choice(self.kind, EventKind, "event.kind")
        return {
            "time_ns": time_ns(self.time_ns, "event.time_ns"),
            "kind": kind,
            "vcpu": whole(self.vcpu, "event.vcpu", LAST_VCPU, A_VCPU),
            "register": self._checked_register(kind),
            "value": whole(self.value, "event.value", U64_MAX, "a 64-bit integer, 0 or more"),
            "origin": text(self.origin, "event.origin"),
            "text": text(self.text, "event.text"),
        }

    def _checked_register(self, kind: EventKind) -> int:
        """Return the MSR of a write, 0 for another kind."""
        if kind not in MSR_KINDS:
            return whole(self.register, "event.register", 0, f"0, as {kind} writes no MSR")
        register = whole(self.register, "event.register", U64_MAX, KNOWN_MSRS_TEXT)
        if register not in _MSRS:
            raise refused("event.register", hex(register), KNOWN_MSRS_TEXT)
        return register

    @property
    def writes_msr(self) -> bool:
        """Whether the event writes an MSR, by the guest or by the VMM."""
        return self.kind in MSR_KINDS

    def same_target(self, other: Event) -> bool:
        """Whether both set the same thing, so that at one time only the later one counts."""
        if self.kind in VM_KINDS or other.kind in VM_KINDS:
            return False
        return (self.kind, self.vcpu, self.register) == (other.kind, other.vcpu, other.register)
