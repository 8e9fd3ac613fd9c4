"""The part of an explanation in which MTRRs decide: owner, enable bits, then the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.analysis.explaining.explanation import Step
from mtrrviz.analysis.explaining.sdm_steps import beside_kvm, pair_words, sdm_steps
from mtrrviz.core.msr.describe import describe
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0, REGISTERS, fixed_subranges
from mtrrviz.core.units import PAGE_SHIFT, format_gpa

if TYPE_CHECKING:
    from mtrrviz.core.decide import MtrrRule
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.mtrr import MtrrState


def mtrr_steps(machine: Machine, gfn: int, vcpu: int) -> list[Step]:
    """Return the steps from whose MTRRs count to the rule that gives the page's type."""
    owner = machine.policy.mtrr_owner(vcpu)
    state = machine.deciding_mtrr(vcpu)
    rules = state.deciding(gfn)
    chain = [_owner_step(machine.policy.id, owner, vcpu), *_enable_steps(state)]
    if machine.policy.follows_sdm and rules[0].kind in ("variable", "default"):
        chain += sdm_steps(state, gfn, rules[-1].result)
    else:
        chain += [*_kvm_steps(state, rules), *beside_kvm(state, gfn, rules)]
    return [step if step.msr is None else replace(step, vcpu=owner) for step in chain]


def _kvm_steps(state: MtrrState, rules: list[MtrrRule]) -> list[Step]:
    """Return the rules as KVM met them, valid pairs that it skipped included."""
    if rules[0].kind == "variable":
        return _walk_steps(state, rules, _decisive(rules))
    skipped = _walk_steps(state, [], None) if rules[0].kind == "default" else []
    return [*skipped, _rule_step(state, rules[0])]


def _owner_step(policy_id: str, owner: int, vcpu: int) -> Step:
    if owner == vcpu:
        return Step("owner", f"under {policy_id} the MTRRs of the faulting vCPU {vcpu} count")
    words = f"under {policy_id} the MTRRs of vCPU {owner} count, though vCPU {vcpu} faults"
    return Step("owner", words, vcpu=owner)


def _enable_steps(state: MtrrState) -> list[Step]:
    """Return the default type register in words; while E is clear, what CPUID says instead."""
    if not state.enabled:
        offers = "offers MTRRs" if state.has_mtrr else "offers no MTRRs"
        return [Step("cpuid", f"the guest's CPUID {offers}, which counts while E is clear")]
    value = state.read(DEFTYPE)
    text = f"{_value(state, DEFTYPE)}: {describe(DEFTYPE, value, state.maxphyaddr)}"
    return [Step("enable", text, msr=DEFTYPE, field="E")]


def _decisive(rules: list[MtrrRule]) -> MtrrRule:
    """Return the rule the result comes from: the last one that changed it."""
    chosen = rules[0]
    for rule in rules[1:]:
        if rule.result != chosen.result:
            chosen = rule
    return chosen


def _rule_step(state: MtrrState, rule: MtrrRule) -> Step:
    """Return the step of a rule that decides alone: E clear, a fixed range, the default type."""
    msr = rule.msrs[0]
    if rule.kind == "disabled":
        text = f"{_value(state, msr)}: {rule.note}"
        return Step("enable", text, decides=True, msr=msr, field="E")
    if rule.kind == "default":
        text = f"{rule.note} {rule.type.name}"
        return Step("default", text, decides=True, msr=msr, field="Type")
    text = f"{_value(state, msr)}: {rule.note}: {rule.type.name}"
    byte = rule.index or 0
    start, size = fixed_subranges(msr)[byte]
    gfns = (start >> PAGE_SHIFT, (start + size) >> PAGE_SHIFT)
    name = REGISTERS[msr].fields[byte].name
    return Step("fixed", text, decides=True, msr=msr, field=name, gfns=gfns)


def _value(state: MtrrState, msr: int) -> str:
    return f"{REGISTERS[msr].name} = {format_gpa(state.read(msr))}"


def _walk_steps(state: MtrrState, rules: list[MtrrRule], decisive: MtrrRule | None) -> list[Step]:
    """Return a step for every valid pair in the order KVM walks them, those it skips included."""
    matched = {rule.index: rule for rule in rules}
    ended = False
    steps: list[Step] = []
    for index in state.walk_order():
        rule = matched.get(index)
        note = "not looked at any more" if ended else "does not hold this page"
        if rule is not None:
            note, ended = rule.note, rule.ends_walk
        decides = rule is not None and rule is decisive
        text = f"{pair_words(state, index)}: {note}"
        span = state.variable_ranges()[index]
        gfns = (span.start_gfn, span.end_gfn) if span.size_bytes else None
        field = "" if rule is None else "Type"
        steps.append(Step("variable", text, decides, PHYSBASE0 + 2 * index, field=field, gfns=gfns))
    return steps
