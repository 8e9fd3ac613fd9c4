"""Lines of a trace that are taken apart at once say what they say one by one."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.importers.facts import Facts
from mtrrviz.importers.formats import Context
from mtrrviz.importers.traces.trace_columns import Trace
from mtrrviz.importers.traces.trace_lines import TraceParser
from mtrrviz.scenario.scenario_error import ScenarioError

TASKS = st.sampled_from(
    [" CPU 0/KVM-5740    [000", " CPU 1/KVM-5741    [001", "   qemu-77    [010"]
)
FLAGS = st.sampled_from(["] .....  ", "] ....  ", "] .....   ", "] .....\t ", "] "])
TIMES = st.one_of(
    st.integers(2_309_000_000, 2_309_000_900).map(lambda us: f"{us / 1e6:.6f}"),
    st.integers(0, 1 << 62).map(lambda us: f"{us // 10**6}.{us % 10**6:06}"),
    st.sampled_from([
        "  23.000001", "9999.999999", "10000.000000", "12.123e+5", "1_0.000001", "-1.000001", "nan",
        "2309.00001", "2309.000000001", "inf", "2309000001", "2309.00000_", "2147483648.000000",
        "\u0663.000001", "2309.00000\u0663",
    ]),
)  # fmt: skip
PAYLOADS = st.sampled_from([
    "msr_write 2ff = 0xc06", "msr_write 200 = 0x0", "msr_read 2ff = 0xc06",
    "msr_write c0000080 = 0x1", "msr_write 2ff = 0xc06 (#GP)",
    "msr_write 201 = 0x1ffffffffffffffff", "msr_write 2ff =", "none",
])  # fmt: skip
EVENTS = st.one_of(
    *[PAYLOADS.map(lambda words: f": kvm_msr: {words}")] * 4,
    st.sampled_from([
        ": kvm_cr: cr_write 0 = 0x80000011", ": kvm_entry: vcpu 0, rip 0x1", ": sched_switch: a: b",
        ":  kvm_msr: msr_write 2ff = 0x0", ": kvm:kvm_msr: msr_write 2ff = 0xc06", "",
    ]),
)  # fmt: skip
USUAL = st.tuples(
    st.sampled_from([" CPU 0/KVM-5740    [000", " CPU 1/KVM-5741    [001"]),
    st.just("] .....  "),
    st.integers(2_309_000_000, 2_309_000_900).map(lambda us: f"{us / 1e6:.6f}"),
    PAYLOADS.filter(lambda words: "0x" in words and "1f" not in words).map(": kvm_msr: {}".format),
).map("".join)
ODD = st.tuples(TASKS, FLAGS, TIMES, EVENTS).map("".join)
TEXTS = st.lists(
    st.one_of(st.lists(USUAL, min_size=16, max_size=24), st.lists(ODD, max_size=3)), max_size=5
).map(lambda parts: [line for part in parts for line in part])


def told(batches):
    """Return all that a parser makes of batches of lines, or how it refuses them."""
    facts, trace = Facts(), Trace("x")
    parser, number, foreign = TraceParser(facts, Context("x"), trace), 1, []
    try:
        for lines in batches:
            numbers = range(number, number + len(lines))
            foreign += [numbers[index] for index in parser.feed(lines, numbers)]
            number += len(lines)
    except ScenarioError as error:
        return str(error)
    parser.finish()
    names = [(*table.signed, *table.unsigned) for table in trace.tables()]
    return (
        foreign,
        [[table._columns[name].tolist() for name in own]
         for table, own in zip(trace.tables(), names, strict=True)],
        trace.threads, trace.told_vcpu, dict(facts.unused),
    )  # fmt: skip


@settings(max_examples=40)
@given(st.lists(TEXTS, max_size=4))
def test_lines_taken_at_once_say_what_they_say_one_by_one(batches):
    with patch.object(TraceParser, "_known_accesses", return_value=([], ())):
        expected = told(batches)
    assert told(batches) == expected


def test_lines_alike_are_taken_at_once():
    head = " CPU 0/KVM-5740    [000] .....  2309.00000"
    lines = [f"{head}{n}: kvm_msr: msr_write 2ff = 0xc06" for n in range(10)] * 4
    with patch.object(
        TraceParser, "_stamp", autospec=True, side_effect=TraceParser._stamp
    ) as stamp:
        told([lines, lines])
    assert stamp.call_count == len(lines)


@pytest.mark.parametrize(
    "stamps",
    [
        ["    9.000001", "   10.000001"],  # the other has digits where the first begins
        ["  : 9.00000\t", "  : 9.00000\t"],  # no digit before the event, and a colon before that
        ["2147483647.999999", "2147483648.000000"],
    ],
)
def test_times_written_otherwise_are_read_one_by_one(stamps):
    lines = [
        f" CPU 0/KVM-5740    [000] ..... {stamp:>18}: kvm_msr: msr_write 2ff = 0xc06"
        for stamp in stamps
    ] * 10
    first = [" CPU 0/KVM-5740    [000] .....           1.000001: kvm_msr: msr_write 2ff = 0xc06"]
    with patch.object(TraceParser, "_known_accesses", return_value=([], ())):
        expected = told([first, lines])
    assert told([first, lines]) == expected
