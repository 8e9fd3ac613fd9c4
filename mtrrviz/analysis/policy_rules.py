"""What a policy does in every case, found by asking it: the rules behind its story.

No policy is known here. Leaves come from the answers to each kind of fault, zaps from a small
machine on which each kind of event happens once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.kvm_rules.vm_view import FaultCase, zaps_all
from mtrrviz.core.machine import Machine
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0
from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import leaf_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.core.kvm_rules.vm_view import GfnRange

_CD_SET, _CD_CLEAR = 0x4000_0011, 0x11
_UC_MASK = 0xFF_8000_0800
# A WB default and UC from 2 to 4 GiB: what a CD edge drops when it drops only what is not WB.
_NOT_WB = (0x8_0000, 0x10_0000)
_ON_WB = 0x806


class PolicySettings(Record):
    """The host and the VMM as far as a policy may ask about them."""

    self_snoop: bool = True
    ignore_guest_pat: bool = True


_USUAL = PolicySettings()
#: Other settings, with the words for them.
_OTHERS = (
    (PolicySettings(self_snoop=False), "without self-snoop"),
    (PolicySettings(ignore_guest_pat=False), "IGNORE_GUEST_PAT off"),
)


class PolicyRule(Record):
    """One case and what the policy does in it; ``kind`` is "leaf", "zap" or "cost"."""

    kind: str
    case: str
    answer: str


def policy_rules(policy: Policy) -> tuple[PolicyRule, ...]:
    """Return all rules of a policy, in the same order and number for every policy."""
    leaves = [PolicyRule("leaf", case, _asked(policy, ask)) for case, ask in _LEAVES]
    zaps = [PolicyRule("zap", case, _asked(policy, ask)) for case, ask in _ZAPS]
    return (*leaves, *zaps, *_costs(policy))


def _asked(policy: Policy, ask: Callable[[Policy, PolicySettings], str]) -> str:
    """Return the usual answer, and those under other settings that are not the same."""
    usual = ask(policy, _USUAL)
    others = ((ask(policy, settings), words) for settings, words in _OTHERS)
    return "; ".join(
        [usual, *(f"{words}: {answer}" for answer, words in others if answer != usual)]
    )


def _leaf(*, cd: bool, quirk: bool, dma: bool) -> Callable[[Policy, PolicySettings], str]:
    """Return a question for a fault on RAM by vCPU 1."""

    def ask(policy: Policy, settings: PolicySettings) -> str:
        case = FaultCase(cd, quirk, dma, settings.self_snoop, settings.ignore_guest_pat)
        leaf = policy.leaf_override(case)
        if leaf is not None:
            return leaf_words(*leaf)
        whose = (
            "the faulting vCPU's" if policy.mtrr_owner(1) == 1 else f"vCPU {policy.mtrr_owner(1)}'s"
        )
        how = ", by the SDM" if policy.follows_sdm else ""
        return f"{whose} MTRR type{how}, IPAT 0"

    return ask


def _mmio_leaf(policy: Policy, settings: PolicySettings) -> str:
    del settings
    return leaf_words(*policy.mmio_leaf())


def _huge_leaves(policy: Policy, settings: PolicySettings) -> str:
    del settings
    return "only where types do not mix" if policy.mtrr_limits_level(True) else "anywhere"


_LEAVES: tuple[tuple[str, Callable[[Policy, PolicySettings], str]], ...] = (
    ("host MMIO", _mmio_leaf),
    ("no non-coherent DMA", _leaf(cd=False, quirk=True, dma=False)),
    ("CR0.CD = 1, quirk on", _leaf(cd=True, quirk=True, dma=True)),
    ("CR0.CD = 1, quirk off", _leaf(cd=True, quirk=False, dma=True)),
    ("CR0.CD = 0", _leaf(cd=False, quirk=True, dma=True)),
    ("huge leaves", _huge_leaves),
)


def _machine(
    policy: Policy, settings: PolicySettings, *, quirk: bool = True, dma: bool = True
) -> Machine:
    """Return two vCPUs with caches on, a WB default and a UC range, with a device or without."""
    machine = Machine(
        2,
        policy,
        maxphyaddr=40,
        cd_nw_quirk=quirk,
        self_snoop=settings.self_snoop,
        ignore_guest_pat=settings.ignore_guest_pat or not settings.self_snoop,
    )
    for vcpu in range(2):
        machine.write_cr0(vcpu, _CD_CLEAR)
        for msr in (0x250, 0x258, 0x259, *range(0x268, 0x270)):
            machine.write_msr(vcpu, msr, 0x0606_0606_0606_0606)
        machine.write_msr(vcpu, PHYSBASE0, _NOT_WB[0] << 12)
        machine.write_msr(vcpu, PHYSBASE0 + 1, _UC_MASK)
        machine.write_msr(vcpu, DEFTYPE, _ON_WB)
    if dma:
        machine.attach_noncoherent_dma()
    return machine


def _write(vcpu: int, *, cd: bool) -> Callable[[Policy, PolicySettings], str]:
    """Return a question for a write of a variable range."""

    def ask(policy: Policy, settings: PolicySettings) -> str:
        machine = _machine(policy, settings)
        machine.write_cr0(vcpu, _CD_SET if cd else _CD_CLEAR)
        return _words(machine.write_msr(vcpu, PHYSBASE0, _NOT_WB[0] << 12), "the range written")

    return ask


def _edges(*, quirk: bool) -> Callable[[Policy, PolicySettings], str]:
    """Return a question for both edges of CR0.CD."""

    def ask(policy: Policy, settings: PolicySettings) -> str:
        machine = _machine(policy, settings, quirk=quirk)
        edges = [machine.write_cr0(1, value) for value in (_CD_SET, _CD_CLEAR)]
        return _both(edges, "0 to 1", "1 to 0")

    return ask


def _devices(policy: Policy, settings: PolicySettings) -> str:
    """Answer what the first device's arrival and the last one's departure zap."""
    machine = _machine(policy, settings, dma=False)
    changes = [machine.attach_noncoherent_dma(), machine.detach_noncoherent_dma()]
    return _both(changes, "attach", "detach")


def _both(ranges: Sequence[list[GfnRange]], first: str, second: str) -> str:
    one, other = (_words(each, "what is not WB") for each in ranges)
    return one if one == other else f"{first}: {one}, {second}: {other}"


def _words(ranges: list[GfnRange], part: str) -> str:
    """Return ranges in words; on this machine only one range is not all memory."""
    if not ranges:
        return "nothing"
    if zaps_all(ranges):
        return "all memory"
    return part if ranges == [_NOT_WB] else f"{len(ranges)} ranges"


_ZAPS: tuple[tuple[str, Callable[[Policy, PolicySettings], str]], ...] = (
    ("MTRR write by vCPU 0", _write(0, cd=False)),
    ("MTRR write by another vCPU", _write(1, cd=False)),
    ("MTRR write under CR0.CD = 1", _write(0, cd=True)),
    ("CR0.CD edge, quirk on", _edges(quirk=True)),
    ("CR0.CD edge, quirk off", _edges(quirk=False)),
    ("non-coherent DMA attach, detach", _devices),
)


def _costs(policy: Policy) -> list[PolicyRule]:
    """Return what the cost of zaps depends on: the lock, the list, the cut by slots."""
    lock = {"exclusive": "for write", "shared": "for read"}[policy.zap_lock]
    return [
        PolicyRule("cost", "mmu_lock held while zapping", lock),
        PolicyRule("cost", "one vCPU zaps for all", "yes" if policy.serialises else "no"),
        PolicyRule(
            "cost", "ranges cut by memory slots", "yes" if policy.cuts_by_memslots else "no"
        ),
    ]


STORY = (
    ("What it does", "summary"),
    ("What it changed", "changed"),
    ("Why it came", "why"),
    ("What became of it", "fate"),
    ("Source", "source"),
)
"""The parts of a policy's story, with the attribute that holds each."""


def story(policy: Policy) -> list[tuple[str, str]]:
    """Return the parts of a policy's story with their titles."""
    return [(title, getattr(policy, name)) for title, name in STORY]
