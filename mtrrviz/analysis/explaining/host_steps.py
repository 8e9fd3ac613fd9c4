"""The part of an explanation in which a processor's own MTRRs decide, by the SDM and without KVM.

Of a real machine that is all there is; of a guest it is what its MTRRs say of addresses where KVM
makes no leaf.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from mtrrviz.analysis.explaining.explanation import Step, StepKind
from mtrrviz.core.msr.describe import describe
from mtrrviz.core.msr.registers import DEFTYPE, REGISTERS, fixed_subranges
from mtrrviz.core.sdm.hardware import HostType, hardware_type
from mtrrviz.core.sdm.hardware_rules import HostRule, host_rules
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.core.wording.words import number_runs
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import Region

_WHAT = {
    RegionKind.RAM: "RAM",
    RegionKind.ROM: "ROM or flash",
    RegionKind.DEVICE_RAM: "memory of a device",
    RegionKind.MMIO: "a device",
    RegionKind.PASSTHROUGH: "a device",
    RegionKind.RESERVED: "reserved by the firmware, which does not say what for",
    RegionKind.UNKNOWN: "nothing is known about this address",
}
_KINDS: dict[str, StepKind] = {
    "enable": "enable",
    "fixed": "fixed",
    "variable": "variable",
    "tom2": "tom2",
    "default": "default",
}


def host_region_step(region: Region | None) -> Step:
    """Say what is at an address of a real machine."""
    if region is None:
        return Step("region", "no map and no line names this address")
    span = f"{format_gpa(region.start)} to {format_gpa(region.end - 1)}"
    text = f"{region.name}, {span}: {_WHAT[region.kind]}"
    return Step("region", text, gfns=(region.first_gfn, region.end_gfn))


def register_steps(machine: Machine, gfn: int, vcpu: int) -> list[Step]:
    """Return the rules that apply by one CPU's registers, and the type that follows."""
    rules = host_rules(machine, vcpu, gfn)
    found = hardware_type(machine, vcpu, gfn)
    enable = [] if rules[0].kind == "enable" else [_enable_step(machine, vcpu)]
    steps = [*enable, *(_rule_step(machine, rule, vcpu) for rule in rules)]
    text = f"the MTRRs give {found.label}: {found.meaning}"
    if found is HostType.UNKNOWN:
        text += f"; {what_would_tell(rules)}"
    return [*steps, Step("hardware", text)]


_BARE_PAIR = re.compile(r"variable range (\d+)")


def what_would_tell(rules: list[HostRule]) -> str:
    """Say where to get the values of the unknown registers."""
    msrs = [msr for rule in rules if rule.decides for msr in rule.msrs]
    return f"rdmsr of {_msr_runs(msrs)} would show it, or a boot of Linux with mtrr=debug" + (
        " or /proc/mtrr" if any(rule.kind == "variable" for rule in rules) else ""
    )


def _msr_runs(msrs: list[int]) -> str:
    """Return numbers of registers with runs joined: "0x200 to 0x213, 0x2ff"."""
    ascending = sorted(set(msrs))
    breaks = [0, *(i for i in range(1, len(ascending)) if ascending[i] > ascending[i - 1] + 1)]
    runs = [ascending[a:b] for a, b in pairwise([*breaks, len(ascending)])]
    return ", ".join(f"{a[0]:#x} to {a[-1]:#x}" if len(a) > 1 else f"{a[0]:#x}" for a in runs)


def _enable_step(machine: Machine, vcpu: int) -> Step:
    state = machine.mtrr(vcpu)
    value = state.read(DEFTYPE)
    text = f"{_value(machine, vcpu, DEFTYPE)}: {describe(DEFTYPE, value, state.maxphyaddr)}"
    return Step("enable", text, msr=DEFTYPE, vcpu=vcpu, field="E")


def _rule_step(machine: Machine, rule: HostRule, vcpu: int) -> Step:
    msr = rule.msrs[0] if rule.msrs else None
    name = rule.name
    if msr is not None and rule.kind in ("enable", "fixed"):
        name = REGISTERS[msr].name if rule.type is None else _value(machine, vcpu, msr)
    if rule.kind == "variable":
        name = name.replace("pair", "variable range", 1)
    text, kind = f"{name}: {rule.note}", _KINDS[rule.kind]
    owner = None if msr is None else vcpu
    return Step(kind, text, rule.decides, msr, owner, _field(rule), _gfns(machine, rule, vcpu))


def _value(machine: Machine, vcpu: int, msr: int) -> str:
    return f"{REGISTERS[msr].name} = {format_gpa(machine.read_msr(vcpu, msr))}"


def _field(rule: HostRule) -> str:
    """Return the name of the field that a rule speaks of."""
    if rule.kind == "fixed" and rule.index is not None:
        return REGISTERS[rule.msrs[0]].fields[rule.index].name
    if rule.kind == "enable":
        return "E"
    return "Type" if rule.msrs and rule.type is not None else ""


def _gfns(machine: Machine, rule: HostRule, vcpu: int) -> tuple[int, int] | None:
    """Return the range that a rule speaks of, where it is one."""
    if rule.index is None or (rule.type is None and rule.kind == "variable"):
        return None
    if rule.kind == "fixed":
        start, size = fixed_subranges(rule.msrs[0])[rule.index]
        return start >> PAGE_SHIFT, (start + size) >> PAGE_SHIFT
    span = machine.mtrr(vcpu).variable_ranges()[rule.index]
    if not span.is_contiguous_mask or not span.size_bytes:
        return None
    return span.start_gfn & -(span.end_gfn - span.start_gfn), span.end_gfn


def decider_words(steps: Iterable[Step]) -> str:
    """Return the names of the registers or rules that decide: "variable ranges 0, 3-7".

    Pairs whose values nobody told have a number only, and are named together.
    """
    names = [step.text.partition(": ")[0] for step in steps if step.decides]
    numbered = [match for name in names if (match := _BARE_PAIR.fullmatch(name))]
    if len(numbered) > 1:
        runs = number_runs(sorted(int(match[1]) for match in numbered))
        first = names.index(numbered[0][0])
        others = [name for name in names if not _BARE_PAIR.fullmatch(name)]
        names = [*others[:first], f"variable ranges {runs}", *others[first:]]
    return " and ".join(names)
