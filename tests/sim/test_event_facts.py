"""Whether writes are refused, of many at once against one by one."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.core.msr.registers import CR0_CD, CR0_NW, CR0_PE, CR0_PG
from mtrrviz.scenario.event_columns import EventColumns
from mtrrviz.scenario.events import KNOWN_MSRS, MSR_KINDS, Event, EventKind
from mtrrviz.scenario.machine_spec import MachineKind, Maker
from mtrrviz.sim.event_facts import is_refused, refused_rows
from tests.sim.made import machine

_BITS = st.lists(st.sampled_from([CR0_CD, CR0_NW, CR0_PG, CR0_PE, 1 << 32, 6, 0x800])).map(sum)
VALUES = st.sampled_from([0, 6, 0xC06, 0x0007040600070406, 0x0606060606060606, 2, 1 << 45, 1 << 63])


def possible(time_ns, kind, vcpu, register, value):
    """Return an event that writes what its kind can write."""
    return Event(time_ns, kind, vcpu, register if kind in MSR_KINDS else 0, value)


WRITES = st.builds(
    possible,
    st.just(0),
    st.sampled_from(EventKind),
    st.integers(0, 2),
    st.sampled_from(KNOWN_MSRS),
    VALUES | _BITS | st.integers(0, (1 << 64) - 1),
)


@example([Event(0, EventKind.MOV_CR0, value=CR0_NW | CR0_CD), Event(0, EventKind.NOTE)])
@given(st.lists(WRITES, max_size=20))
def test_many_are_judged_as_one_is(events):
    host = replace(machine(), kind=MachineKind.HOST, maker=Maker.AMD, pairs=10, maxphyaddr=46)
    for spec in (machine(), host):
        found = refused_rows(spec, EventColumns.of(events), slice(0, None))
        assert found.tolist() == [is_refused(spec, event) for event in events]
