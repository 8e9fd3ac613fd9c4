"""Registers that nobody told the value of: only those that the machine has, until written."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.core.msr.registers import mtrr_msrs
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.sim.replay import machine_at, new_machine
from tests.sim.made import DEFTYPE, ON_WB, machine, scenario, wrmsr

EVERYTHING = (*mtrr_msrs(16), 0xC001_0010, 0x1234)


@pytest.mark.parametrize("pairs", [0, 1, 4, 8, 10])
@pytest.mark.parametrize("vcpu", [0, 1])
def test_a_machine_has_no_others(pairs, vcpu):
    unknown = frozenset((vcpu, msr) for msr in EVERYTHING)
    host = replace(machine(dma=0), kind=MachineKind.HOST)
    spec = replace(host, pairs=pairs, unknown_registers=unknown)
    made = new_machine(spec, "hardware")
    assert made.mtrr(vcpu).unknown == frozenset(mtrr_msrs(pairs))
    assert made.mtrr(1 - vcpu).unknown == frozenset()


def test_a_write_makes_a_register_known_from_its_time_on():
    unknown = frozenset({(0, DEFTYPE), (1, DEFTYPE)})
    spec = replace(machine(dma=0), kind=MachineKind.HOST, unknown_registers=unknown)
    told = scenario(spec, (wrmsr(5, DEFTYPE, ON_WB),))
    for time_ns, is_unknown in ((0, True), (4, True), (5, False), (6, False), (1000, False)):
        made = machine_at(told, "hardware", time_ns)
        assert (DEFTYPE in made.mtrr(0).unknown) == is_unknown
        assert DEFTYPE in made.mtrr(1).unknown
