"""Answers about pages: their types and leaves."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.analysis.explaining.explain import mapped_leaf, next_fault_leaf
from mtrrviz.core.ept import type_code
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType, PatType, effective_type
from mtrrviz.core.msr.registers import PAT
from mtrrviz.core.sdm.hardware import HostType, hardware_borders, hardware_type
from mtrrviz.core.units import LEVEL_PAGES, PAGE_SHIFT, PAGE_SIZE
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.stale import stale_rows
from mtrrviz.lessons.answers import questions as asked
from mtrrviz.lessons.answers.answer_kind import AnswerKind, AnswerValues, one
from mtrrviz.lessons.answers.asked_about import gfns_of, names_pages, state_of, vcpus_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mtrrviz.analysis.explaining.explanation import FaultLeaf, MappedLeaf
    from mtrrviz.lessons.situation import Situation
    from mtrrviz.sim.run import State

_Span = tuple[int, str]
"""First gfn of pages of one type, and the type's name; "none" where there is no leaf."""
NO_TYPE = "none"


def _types(question: asked.TypeQuestion, situation: Situation) -> AnswerValues:
    state, gfns = state_of(question, situation), gfns_of(question, situation)
    vcpus = vcpus_of(question.vcpu, situation)
    spans_of = _SOURCES[question.source]
    found = {name for vcpu in vcpus for _, name in spans_of(state, gfns, vcpu)}
    return AnswerValues(AnswerKind.TYPE, frozenset(found))


def _first_page(question: asked.FirstPageQuestion, situation: Situation) -> AnswerValues:
    state, gfns = state_of(question, situation), gfns_of(question, situation)
    firsts: set[int] = set()
    for vcpu in vcpus_of(question.vcpu, situation):
        spans = _SOURCES[question.source](state, gfns, vcpu)
        firsts.update(itertools.islice((gfn for gfn, name in spans if name == question.type), 1))
    return AnswerValues(AnswerKind.ADDRESS, frozenset(gfn << PAGE_SHIFT for gfn in firsts))


def _fault_spans(state: State, gfns: tuple[int, int], vcpu: int) -> Iterator[_Span]:
    for first, _end, bits in expected_at(state, vcpu).spans(*gfns):
        yield first, HostType(type_code(bits)).label


def _leaf_spans(state: State, gfns: tuple[int, int], _vcpu: int) -> Iterator[_Span]:
    """Yield the types of the leaves of a range, and where none is mapped."""
    leaves, rows = state.run.leaves, state.live_rows
    firsts = leaves.first_gfn[rows].astype(np.int64)
    ends = firsts + leaves.pages[rows].astype(np.int64)
    at = gfns[0]
    for row in np.argsort(firsts):
        if ends[row] <= at or firsts[row] >= gfns[1]:
            continue
        if firsts[row] > at:
            yield at, NO_TYPE
        yield max(at, int(firsts[row])), MemoryType(int(leaves.memory_type[rows[row]])).name
        at = int(ends[row])
    if at < gfns[1]:
        yield at, NO_TYPE


def _mtrr_spans(state: State, gfns: tuple[int, int], vcpu: int) -> Iterator[_Span]:
    starts, types = state.machine.mtrr(vcpu).intervals()
    ends = np.append(starts[1:], np.uint64(gfns[1]))
    for start, end, code in zip(starts.tolist(), ends.tolist(), types.tolist(), strict=True):
        if start < gfns[1] and end > gfns[0]:
            yield max(start, gfns[0]), MemoryType(code).name


def _sdm_spans(state: State, gfns: tuple[int, int], vcpu: int) -> Iterator[_Span]:
    borders = {gfn for gfn in hardware_borders(state.machine, vcpu) if gfns[0] < gfn < gfns[1]}
    for gfn in sorted({gfns[0], *borders}):
        yield gfn, hardware_type(state.machine, vcpu, gfn).label


_SOURCES: dict[str, Callable[[State, tuple[int, int], int], Iterator[_Span]]] = {
    "fault": _fault_spans,
    "leaf": _leaf_spans,
    "mtrr": _mtrr_spans,
    "sdm": _sdm_spans,
}


def _leaves_of_page(
    question: asked.EffectiveQuestion | asked.IpatQuestion | asked.LeafSizeQuestion,
    situation: Situation,
) -> Iterator[tuple[int, FaultLeaf | MappedLeaf | None]]:
    """Yield each vCPU that is asked about with the leaf of the page, mapped or of a fault."""
    state, gfn = state_of(question, situation), gfns_of(question, situation)[0]
    for vcpu in vcpus_of(question.vcpu, situation):
        is_mapped = question.source == "leaf"
        yield vcpu, mapped_leaf(state, gfn) if is_mapped else next_fault_leaf(state, gfn, vcpu)


def _effective(question: asked.EffectiveQuestion, situation: Situation) -> AnswerValues:
    machine = state_of(question, situation).machine
    found = {
        effective_type(leaf.type, leaf.ipat, pat_entry(machine.read_msr(vcpu, PAT), question.pat))
        for vcpu, leaf in _leaves_of_page(question, situation)
        if leaf is not None
    }
    return AnswerValues(AnswerKind.TYPE, frozenset(kind.name for kind in found))


def pat_entry(value: int, index: int) -> PatType:
    """Return the type of entry ``index`` (0 to 7) of IA32_PAT when it holds ``value``."""
    return PatType(value >> (8 * index) & 7)


def _ipat(question: asked.IpatQuestion, situation: Situation) -> AnswerValues:
    leaves = (leaf for _, leaf in _leaves_of_page(question, situation))
    return AnswerValues(
        AnswerKind.NUMBER, frozenset(leaf.ipat for leaf in leaves if leaf is not None)
    )


def _leaf_size(question: asked.LeafSizeQuestion, situation: Situation) -> AnswerValues:
    leaves = (leaf for _, leaf in _leaves_of_page(question, situation))
    sizes = (0 if leaf is None else LEVEL_PAGES[leaf.level] * PAGE_SIZE for leaf in leaves)
    return AnswerValues(AnswerKind.SIZE, frozenset(sizes))


def _leaf_vcpu(question: asked.LeafVcpuQuestion, situation: Situation) -> AnswerValues:
    leaf = mapped_leaf(state_of(question, situation), gfns_of(question, situation)[0])
    return AnswerValues(AnswerKind.VCPU, frozenset() if leaf is None else frozenset({leaf.vcpu}))


def _leaves(question: asked.LeavesQuestion, situation: Situation) -> AnswerValues:
    state = state_of(question, situation)
    leaves, rows = state.run.leaves, state.live_rows
    if question.stale:
        (vcpu, *others) = vcpus_of(question.vcpu, situation)
        if others:
            raise MtrrvizError("a leaf is stale for one vCPU (expected vcpu = a number)")
        rows = stale_rows(state, vcpu)
    if question.type is not None:
        rows = rows[leaves.memory_type[rows] == MemoryType[question.type]]
    if names_pages(question):
        first, end = (np.uint64(gfn) for gfn in gfns_of(question, situation))
        firsts = leaves.first_gfn[rows]
        rows = rows[(firsts < end) & (firsts + leaves.pages[rows] > first)]
    return one(AnswerKind.NUMBER, len(rows))


ANSWERS: dict[type[asked.ModelQuestion], Callable[[Any, Situation], AnswerValues]] = {
    asked.TypeQuestion: _types,
    asked.FirstPageQuestion: _first_page,
    asked.EffectiveQuestion: _effective,
    asked.IpatQuestion: _ipat,
    asked.LeafSizeQuestion: _leaf_size,
    asked.LeafVcpuQuestion: _leaf_vcpu,
    asked.LeavesQuestion: _leaves,
}
