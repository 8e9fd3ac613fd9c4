"""What is typed into a cell of a touch changes that touch alone, and that of it alone."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Scenario
from mtrrviz.scenario.touches import Access, Sweep
from mtrrviz.session.edits.typed_touch import TYPED_TOUCH_KEYS, type_into_touch

SPEC = MachineSpec(2, 1 << 30, (Region("RAM", RegionKind.RAM, 0, 1 << 30),), 40)
SWEEPS = (
    Sweep(1_000_000, 0, 0x10, 4, Access.READ, 2_000_000),
    Sweep(2_000_000, 1, 0x20, 8, Access.WRITE, 3_000_000),
)
SCENARIO = Scenario("t", "T", SPEC, sweeps=SWEEPS, duration_ns=10**9)


def row(sweep: Sweep) -> tuple[object, ...]:
    return (
        sweep.time_ns, sweep.vcpu, sweep.access, sweep.first_gfn, sweep.pages, sweep.lasts_ns
    )  # fmt: skip


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("time_s", "0.003", 3_000_000), ("vcpu", " 1 ", 1), ("vcpu", "0", 0),
        ("access", " Execute ", Access.EXECUTE), ("access", "write", Access.WRITE),
        ("start", "0x5000", 5), ("start", "0", 0), ("size_bytes", "12 KiB", 3),
        ("size_bytes", "0x1000", 1), ("lasts_s", "0.004", 4_000_000),
    ],
)  # fmt: skip
def test_a_cell_changes_one_value_of_one_touch(index, key, text, value) -> None:
    found = type_into_touch(SCENARIO, index, key, text).scenario.sweeps
    expected = list(row(SWEEPS[index]))
    expected[TYPED_TOUCH_KEYS.index(key)] = value
    assert sorted(map(str, map(row, found))) == sorted(
        [str(tuple(expected)), str(row(SWEEPS[1 - index]))]
    )


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("vcpu", "2", "no vCPU 2"), ("vcpu", "-1", "not a number"), ("vcpu", "", "not a number"),
        ("access", "jump", "expected .*read"), ("start", "0x1001", "not a multiple"),
        ("start", "x", "x"), ("size_bytes", "4097", "whole number"), ("size_bytes", "0", "page"),
        ("time_s", "x", "x"), ("lasts_s", "-1", "not possible"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_was_expected(key, text, words) -> None:
    with pytest.raises((MtrrvizError, ValueError), match=words):
        type_into_touch(SCENARIO, 0, key, text)
