"""A trace says the same however its lines are cut into batches, and with heads of any width."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.importers.facts import Facts
from mtrrviz.importers.formats import Context
from mtrrviz.importers.traces.trace_lines import TraceParser

TASKS = ("a-10", "b-11", "a longer name-123456", "vcpu 0/KVM-7")
PAYLOADS = (
    "kvm_exit: vcpu {v} reason MSR_WRITE rip 0x1 info1 0x0",
    "kvm_entry: vcpu {v}, rip 0x1",
    "kvm_msr: msr_write 2ff = {n:#x}",
    "kvm_msr: msr_read 2ff = {n:#x}",
    "kvm_msr: msr_write 200 = {n:#x} (#GP)",
    "kvm_msr: msr_write c0000080 = {n:#x}",
    "kvm_msr: msr_read 200 = {n:#x} (#GP)",
    "kvm_cr: cr_write 0 = {n:#x}",
    "kvm_cr: cr_write 4 = {n:#x}",
    "kvm_page_fault: vcpu {v} rip 0x1 address 0x{n:x} error_code 0x181",
    "kvm_page_fault: address {n:x} error_code 14",
    "sched_switch: prev_comm=a ==> next_comm=b",
    "kvm_tdp_mmu_spte_changed: as id 0 gfn 100 level 1 old_spte 0 new_spte {n:x}",
)
DAMAGED = ("kvm_msr: msr_write", "kvm_msr: nonsense 2ff = 0x6", "kvm_page_fault: adress 5 error 6")
FOREIGN = ("", "no trace at all", "kvm_msr: msr_write 2ff = 0x6", "# tracer: nop")


def text_of(number: int, task: str, width: int, payload: str, vcpu: int) -> str:
    head = f"{task:>{width}} [000] .....  100.{number:06}: "
    return head + payload.format(v=vcpu, n=number)


lines = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(TASKS), st.sampled_from([16, 24]),
            st.sampled_from(PAYLOADS + DAMAGED),
        ),
        st.sampled_from(FOREIGN),
    ),
    min_size=1,
    max_size=24,
)  # fmt: skip


def told(texts: list[str], cuts: list[int], looked_at: int = 1000) -> tuple[Any, ...]:
    """Return all that a trace tells, its lines fed in pieces.

    Exits are looked at closely until ``looked_at`` of them came; then only those of new threads.
    """
    with patch("mtrrviz.importers.traces.trace_lines._EXITS_LOOKED_AT", looked_at):
        return told_in_pieces(texts, cuts)


def told_in_pieces(texts: list[str], cuts: list[int]) -> tuple[Any, ...]:
    facts = Facts()
    parser = TraceParser(facts, Context("t", is_primary=True))
    edges = sorted({0, len(texts), *(cut for cut in cuts if cut < len(texts))})
    foreign = list[int]()
    for start, end in pairwise(edges):
        found = parser.feed(texts[start:end], range(start + 1, end + 1))
        foreign += [start + index for index in found]
    parser.finish()
    rows = [
        [table.signed_column(name).tolist() for name in table.signed]
        + [table.unsigned_column(name).tolist() for name in table.unsigned]
        for trace in facts.traces
        for table in trace.tables()
    ]
    threads = [(trace.threads, trace.told_vcpu) for trace in facts.traces]
    return foreign, rows, threads, dict(facts.unused)


@settings(max_examples=60)
@given(lines, st.lists(st.integers(1, 23), max_size=5))
def test_batches_make_no_difference(
    made: list[tuple[str, int, str] | str], cuts: list[int]
) -> None:
    texts = [
        one if isinstance(one, str) else text_of(at, *one, vcpu=TASKS.index(one[0]))
        for at, one in enumerate(made)
    ]
    found = told(texts, [])
    for looked_at in (-1, 1000):
        assert found == told(texts, cuts, looked_at)
        assert found == told(texts, list(range(len(texts))), looked_at)
    bad = {*FOREIGN[:3], *DAMAGED}
    assert found[0] == [
        at for at, one in enumerate(made) if (one if isinstance(one, str) else one[2]) in bad
    ]


@pytest.mark.parametrize("event", ["kvm_msr: msr_write 2ff = 0x6", "kvm_cr: cr_write 0 = 0x11"])
@pytest.mark.parametrize("shift", range(-12, 13))
def test_no_write_is_lost_where_heads_have_other_widths(event: str, shift: int) -> None:
    first = text_of(1, "a-10", 24, event, 0)
    second = text_of(2, "b-11", 24 + shift, event, 0)
    foreign, rows, _, unused = told([first, second], [1])
    assert (foreign, unused) == ([], {})
    assert rows[0][1] == [0, 1], "the threads of both"


@pytest.mark.parametrize("task", TASKS)
def test_each_event_of_use_is_a_row_with_its_line_time_and_thread(task: str) -> None:
    texts = [text_of(at, task, 24, payload, 2) for at, payload in enumerate(PAYLOADS)]
    foreign, rows, threads, unused = told(texts, [])
    at = 100_000_000_000
    assert foreign == []
    assert threads == [([task], {0: 2})]
    assert rows == [
        [
            [at + n * 1000 for n in (2, 3, 4, 7)], [0] * 4, [0x2FF, 0x2FF, 0x200, -1],
            [0, 2, 1, 0], [3, 4, 5, 8], [2, 3, 4, 7],
        ],
        [[at + 12_000], [0], [1], [13], [0x100], [0], [12]],
        [[], [], [], [], [], [], []],
        [[at + 9000, at + 10_000], [0, 0], [10, 11], [9, 10], [0x181, 0x14]],
    ]  # fmt: skip
    assert unused == {
        "trace event kvm_exit or kvm_entry (used for vCPU numbers)": 2,
        "accesses of other MSRs": 2,
        "trace event kvm_cr": 1,
        "trace event sched_switch": 1,
    }
