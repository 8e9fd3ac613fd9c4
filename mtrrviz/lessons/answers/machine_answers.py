"""Answers about registers, devices and what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.checks import check, is_bad
from mtrrviz.analysis.checks.rule_registry import RULES
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType, PatType
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS, Field
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.core.variable_ranges import VariableRange, range_to_pair
from mtrrviz.lessons.answers import questions as asked
from mtrrviz.lessons.answers.answer_kind import UC_MINUS, AnswerKind, AnswerValues, Value, one
from mtrrviz.lessons.answers.asked_about import state_of, vcpus_of
from mtrrviz.lessons.names_of_scenario import number_of, register_of
from mtrrviz.sim.memtype_speed import DEFAULT_PLATFORM, write_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.analysis.checks.problem import Problem
    from mtrrviz.core.machine import Machine
    from mtrrviz.lessons.situation import Situation


_TYPE_NAMES = {int(each): each.name for each in MemoryType} | {int(PatType.UC_MINUS): UC_MINUS}
"""Names of types by their number in a register; the PAT has one more than MTRRs."""


def _register(question: asked.RegisterQuestion, situation: Situation) -> AnswerValues:
    machine, msr = state_of(question, situation).machine, register_of(question.register)
    values = [_read(machine, vcpu, msr) for vcpu in vcpus_of(question.vcpu, situation)]
    if question.field is None:
        return AnswerValues(AnswerKind.ADDRESS, frozenset(values))
    field = _field(msr, question.field)
    parts = [field.extract(value) for value in values]
    if field.kind == "type":
        names = (_TYPE_NAMES[part] for part in parts if part in _TYPE_NAMES)
        return AnswerValues(AnswerKind.TYPE, frozenset(names))
    kind = AnswerKind.NUMBER if field.kind in ("flag", "count") else AnswerKind.ADDRESS
    return AnswerValues(kind, frozenset(parts))


def _read(machine: Machine, vcpu: int, msr: int) -> int:
    return machine.cr0(vcpu) if msr == CR0_ID else machine.read_msr(vcpu, msr)


def _field(msr: int, name: str) -> Field:
    fields = {field.name: field for field in REGISTERS[msr].fields if field.kind != "reserved"}
    if name not in fields:
        problem = f"{REGISTERS[msr].name} has no field {name!r}"
        raise MtrrvizError(f"{problem} (expected {', '.join(fields)})")
    return fields[name]


_PARTS: dict[str, tuple[AnswerKind, Callable[[VariableRange], Value]]] = {
    "first": (AnswerKind.ADDRESS, lambda found: found.start),
    "last": (AnswerKind.ADDRESS, lambda found: found.end - 1),
    "size": (AnswerKind.SIZE, lambda found: found.size_bytes),
    "type": (AnswerKind.TYPE, lambda found: found.type.name),
    "valid": (AnswerKind.YES_NO, lambda found: "yes" if found.valid else "no"),
}


def _range(question: asked.RangeQuestion, situation: Situation) -> AnswerValues:
    machine = state_of(question, situation).machine
    kind, part = _PARTS[question.part]
    pairs = situation.scenario.machine.variable_pairs
    if question.pair >= pairs:
        raise MtrrvizError(f"there is no pair {question.pair} (expected one below {pairs})")
    vcpus = vcpus_of(question.vcpu, situation)
    ranges = (machine.mtrr(vcpu).variable_ranges()[question.pair] for vcpu in vcpus)
    return AnswerValues(kind, frozenset(part(found) for found in ranges))


def _pair(question: asked.PairQuestion, situation: Situation) -> AnswerValues:
    start, size = number_of(question.start), number_of(question.size)
    maxphyaddr = situation.scenario.machine.maxphyaddr
    try:
        base, mask = range_to_pair(start, size, MemoryType[question.type], maxphyaddr)
    except ValueError as error:
        raise MtrrvizError(f"{error} (expected a range of one pair)") from error
    return one(AnswerKind.ADDRESS, base if question.part == "base" else mask)


def _dma(question: asked.DmaQuestion, situation: Situation) -> AnswerValues:
    return one(AnswerKind.NUMBER, state_of(question, situation).machine.noncoherent_dma)


def _cd(question: asked.CacheDisableQuestion, situation: Situation) -> AnswerValues:
    machine = state_of(question, situation).machine
    bits = (int(machine.cd(vcpu)) for vcpu in vcpus_of(question.vcpu, situation))
    return AnswerValues(AnswerKind.NUMBER, frozenset(bits))


def _alike(question: asked.AlikeQuestion, situation: Situation) -> AnswerValues:
    machine = state_of(question, situation).machine
    mtrrs = {_without_pat(machine, vcpu) for vcpu in range(machine.vcpus)}
    return one(AnswerKind.YES_NO, "yes" if len(mtrrs) == 1 else "no")


def _without_pat(machine: Machine, vcpu: int) -> tuple[object, ...]:
    def_type, _pat, *others = machine.mtrr(vcpu).contents()
    return def_type, *others


def _problems(question: asked.ProblemsQuestion, situation: Situation) -> AnswerValues:
    state, vcpus = state_of(question, situation), vcpus_of(question.vcpu, situation)
    if question.rule is not None and question.rule not in RULES:
        problem = f"there is no rule {question.rule!r}"
        raise MtrrvizError(f"{problem} (expected {', '.join(RULES)})")
    found = [
        problem
        for problem in check(state, None if question.vcpu == "every" else vcpus[0])
        if question.rule in (None, problem.rule) and _is_asked_for(problem, question)
    ]
    return one(AnswerKind.NUMBER, len(found))


def _is_asked_for(problem: Problem, question: asked.ProblemsQuestion) -> bool:
    if question.severity is None:
        return question.rule is not None or is_bad(problem)
    return problem.severity == question.severity


def _speed(question: asked.SpeedQuestion, _situation: Situation) -> AnswerValues:
    speeds = write_seconds(question.cpu or DEFAULT_PLATFORM)
    seconds = speeds[MemoryType[question.type]]
    if question.than is None:
        return one(AnswerKind.NUMBER, round(seconds * 1e9, 2))
    return one(AnswerKind.NUMBER, round(seconds / speeds[MemoryType[question.than]], 1))


def _selection(question: asked.SelectionQuestion, situation: Situation) -> AnswerValues:
    found = _SELECTED[question.part](situation)
    kind = {"page": AnswerKind.ADDRESS, "vcpu": AnswerKind.VCPU}.get(question.part, AnswerKind.WORD)
    return AnswerValues(kind, frozenset() if found is None else frozenset({found}))


_SELECTED: dict[str, Callable[[Situation], Value | None]] = {
    "policy": lambda now: now.policy_id,
    "compare": lambda now: now.compared_id,
    "panel": lambda now: now.panel or None,
    "page": lambda now: now.gfns and now.gfns[0] << PAGE_SHIFT,
    "vcpu": lambda now: now.vcpu,
    "register": lambda now: None if now.register is None else REGISTERS[now.register].name,
    "scenario": lambda now: now.scenario.name,
    "map": lambda now: now.map_mode,
}

ANSWERS: dict[type[asked.ModelQuestion], Callable[[Any, Situation], AnswerValues]] = {
    asked.RegisterQuestion: _register,
    asked.RangeQuestion: _range,
    asked.PairQuestion: _pair,
    asked.DmaQuestion: _dma,
    asked.CacheDisableQuestion: _cd,
    asked.AlikeQuestion: _alike,
    asked.ProblemsQuestion: _problems,
    asked.SpeedQuestion: _speed,
    asked.SelectionQuestion: _selection,
}
