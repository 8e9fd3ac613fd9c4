"""Why the model's answer is right, in the program's own reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.explaining.explain import explain, mapped_leaf, next_fault_leaf
from mtrrviz.analysis.explaining.host_steps import register_steps
from mtrrviz.analysis.explaining.mtrr_steps import mtrr_steps
from mtrrviz.core.memtype import MemoryType, effective_type
from mtrrviz.core.msr.describe import describe, describe_pair
from mtrrviz.core.msr.registers import CR0_ID, PAT, PHYSBASE0, REGISTERS, VALID_BIT
from mtrrviz.core.units import format_gpa
from mtrrviz.core.variable_ranges import range_to_pair
from mtrrviz.facts.figures import figures_until
from mtrrviz.facts.time_text import short_clock_text
from mtrrviz.lessons.answers import questions as asked
from mtrrviz.lessons.answers.asked_about import gfns_of, state_of, time_of, vcpus_of
from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.answers.page_answers import pat_entry
from mtrrviz.lessons.answers.question_words import question_words
from mtrrviz.lessons.names_of_scenario import number_of, register_of
from mtrrviz.sim.memtype_speed import DEFAULT_PLATFORM, write_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mtrrviz.analysis.explaining.explanation import Step
    from mtrrviz.lessons.situation import Situation


def reasons(question: asked.ModelQuestion, situation: Situation) -> tuple[str, ...]:
    """Return the answer and the chain of reasons for it, a line each.

    Of several vCPUs or pages the reasons of the first are told.
    """
    answer = answer_of(question, situation)
    first = f"{question_words(question, situation)}: {answer.words}"
    explainer = _EXPLAINERS.get(type(question))
    more = explainer(question, situation) if explainer else ()
    return (f"{first[0].upper()}{first[1:]}", *more)


def _page(question: Any, situation: Situation) -> tuple[str, ...]:
    """Return why a page has its type and its leaf its size.

    Of a leaf that is mapped these are the reasons at the fault that made it.
    """
    state, gfn = state_of(question, situation), gfns_of(question, situation)[0]
    vcpu = vcpus_of(getattr(question, "vcpu", "shown"), situation)[0]
    source = getattr(question, "source", "leaf")
    if source == "mtrr":
        return _steps(mtrr_steps(state.machine, gfn, vcpu))
    if source == "sdm":
        return _steps(register_steps(state.machine, gfn, vcpu))
    leaf = mapped_leaf(state, gfn) if source == "leaf" else None
    if leaf is not None:
        when = short_clock_text(leaf.born_ns)
        chain = _steps(explain(state.run.at(leaf.born_ns), gfn, leaf.vcpu).steps)
        return (f"A fault of vCPU {leaf.vcpu} made the leaf at {when}:", *chain)
    return _steps(explain(state, gfn, vcpu).steps)


def _effective(question: asked.EffectiveQuestion, situation: Situation) -> tuple[str, ...]:
    """Return what the leaf and the guest's PAT come to, and why the leaf is such."""
    state, gfn = state_of(question, situation), gfns_of(question, situation)[0]
    vcpu = vcpus_of(question.vcpu, situation)[0]
    is_mapped = question.source == "leaf"
    leaf = mapped_leaf(state, gfn) if is_mapped else next_fault_leaf(state, gfn, vcpu)
    if leaf is None:
        return _page(question, situation)
    entry = pat_entry(state.machine.read_msr(vcpu, PAT), question.pat)
    found = effective_type(leaf.type, leaf.ipat, entry)
    asked_for = f"PA{question.pat} of vCPU {vcpu} is {entry.label}"
    both = f"with a leaf of {leaf.type.name} and IPAT {leaf.ipat} the access is {found.name}"
    return (f"{asked_for}: {both}", *_page(question, situation))


def _steps(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(f"{'→ ' if step.decides else ''}{' '.join(step.text.split())}" for step in steps)


def _zaps(question: asked.ZapsQuestion, situation: Situation) -> tuple[str, ...]:
    """Return the zaps by cause and by vCPU."""
    run = situation.run(question.policy)
    found = figures_until(run, time_of(question, situation))
    causes = [f"{count:,} by {cause}" for cause, count in found.zaps_by_cause.items() if count]
    vcpus = [f"{count:,} by vCPU {vcpu}" for vcpu, count in enumerate(found.zaps_per_vcpu) if count]
    lines = (causes, vcpus[:_MOST_VCPUS]) if question.vcpu is None else ()
    return tuple(", ".join(line) for line in lines if line)


_MOST_VCPUS = 16


def _register(question: asked.RegisterQuestion, situation: Situation) -> tuple[str, ...]:
    """Return what the register says."""
    machine, msr = state_of(question, situation).machine, register_of(question.register)
    vcpu = vcpus_of(question.vcpu, situation)[0]
    value = machine.cr0(vcpu) if msr == CR0_ID else machine.read_msr(vcpu, msr)
    said = describe(msr, value, situation.scenario.machine.maxphyaddr)
    return (f"{REGISTERS[msr].name} = {format_gpa(value)}: {said}",)


def _range(question: asked.RangeQuestion, situation: Situation) -> tuple[str, ...]:
    """Return both registers of the pair, and what it covers."""
    machine = state_of(question, situation).machine
    vcpu = vcpus_of(question.vcpu, situation)[0]
    number = PHYSBASE0 + 2 * question.pair
    base, mask = machine.read_msr(vcpu, number), machine.read_msr(vcpu, number + 1)
    return (
        f"{REGISTERS[number].name} = {format_gpa(base)}",
        f"{REGISTERS[number + 1].name} = {format_gpa(mask)}",
        describe_pair(base, mask, situation.scenario.machine.maxphyaddr),
    )


def _pair(question: asked.PairQuestion, situation: Situation) -> tuple[str, ...]:
    """Return how the register of a range comes about."""
    size, start = number_of(question.size), number_of(question.start)
    bits = situation.scenario.machine.maxphyaddr
    kind = MemoryType[question.type]
    base, mask = range_to_pair(start, size, kind, bits)
    if question.part == "base":
        return (f"{format_gpa(start)} | {kind.value} ({kind.name}) = {format_gpa(base)}",)
    compared = f"{format_gpa((1 << bits) - 1)} & ~{format_gpa(size - 1)}"
    without_v = format_gpa(mask & ~VALID_BIT)
    return (
        f"The {bits} address bits but those below the size: {compared} = {without_v}",
        f"With V, bit 11: {format_gpa(mask)}",
    )


def _problems(question: asked.ProblemsQuestion, situation: Situation) -> tuple[str, ...]:
    """Return what is wrong, the worst first."""
    found = check(state_of(question, situation))
    wanted = [one for one in found if question.rule in (None, one.rule)]
    return tuple(f"{one.severity}: {one.title}" for one in wanted[:_MOST_PROBLEMS])


_MOST_PROBLEMS = 8


def _speed(question: asked.SpeedQuestion, _situation: Situation) -> tuple[str, ...]:
    """Return the measured times of all types."""
    cpu = question.cpu or DEFAULT_PLATFORM
    times = (f"{kind.name} {seconds * 1e9:.2f} ns" for kind, seconds in write_seconds(cpu).items())
    return (f"One write on {cpu}: {', '.join(times)}",)


def _moment(question: asked.MomentQuestion, situation: Situation) -> tuple[str, ...]:
    """Return the events of the first of the moments."""
    answer = answer_of(question, situation)
    if not answer.values:
        return ()
    first = min(int(value) for value in answer.values)
    scenario = situation.scenario
    events = scenario.events[scenario.first_event_at(first) : scenario.events_until(first)]
    return tuple(
        f"{short_clock_text(first)}: {event.text}" for event in events[:_MOST_EVENTS] if event.text
    )


_MOST_EVENTS = 4

_EXPLAINERS: dict[type[asked.ModelQuestion], Callable[[Any, Situation], tuple[str, ...]]] = {
    asked.TypeQuestion: _page,
    asked.EffectiveQuestion: _effective,
    asked.IpatQuestion: _page,
    asked.LeafSizeQuestion: _page,
    asked.LeafVcpuQuestion: _page,
    asked.ZapsQuestion: _zaps,
    asked.RegisterQuestion: _register,
    asked.RangeQuestion: _range,
    asked.PairQuestion: _pair,
    asked.ProblemsQuestion: _problems,
    asked.SpeedQuestion: _speed,
    asked.MomentQuestion: _moment,
}
