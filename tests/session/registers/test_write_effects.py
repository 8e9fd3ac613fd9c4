"""What a write of a real machine's registers changes, counted by a lookup of every page."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.msr.registers import CR0_ID, DEFTYPE, PAT, PHYSMASK0
from mtrrviz.core.sdm.hardware import hardware_types
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.facts.hosts.type_changes import type_changes
from mtrrviz.importers import import_texts
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.session.edits import RegisterWrite
from mtrrviz.session.registers.register_writes import WritePlan, machine_after
from mtrrviz.session.registers.write_effects import effect_of
from mtrrviz.sim.simulate import simulate
from tests.importers.helpers import SAMPLES

ALL_OFF, RESERVED_TYPE = 0, 0xC02


def state_of(name: str):
    path = SAMPLES / "field" / f"{name}.txt"
    scenario = import_texts([(path.name, path)]).scenario
    return simulate(scenario, "hardware").at(scenario.duration_ns)


def plan(msr: int, value: int, *cpus: int, as_kernel: bool = False) -> WritePlan:
    return WritePlan(cpus or (0,), (RegisterWrite(msr, value),), as_kernel)


def said(state, wanted: WritePlan) -> str:
    return effect_of(state.machine, state.run.scenario.machine, wanted).words(state)


def test_changes_are_those_of_every_single_page_of_ram() -> None:
    state = state_of("k01-uc-hole-over-wb")
    spec = state.run.scenario.machine
    after = machine_after(state.machine, spec, plan(PHYSMASK0, 0))
    counted: Counter[tuple[int, int]] = Counter()
    for region in (r for r in spec.regions if r.kind is RegionKind.RAM):
        gfns = np.arange(region.first_gfn, region.end_gfn, dtype=np.uint64)
        was, will = (hardware_types(m, 0).types_at(gfns) for m in (state.machine, after))
        counted.update(pair for pair in zip(was.tolist(), will.tolist(), strict=True)
                       if pair[0] != pair[1])  # fmt: skip
    changes = [c for c in type_changes(state.machine, after, 0, spec) if c.what == "RAM"]
    told = {(c.before[0], c.after[0]): c.size_bytes for c in changes}
    assert counted
    assert told == {pair: pages << PAGE_SHIFT for pair, pages in counted.items()}


def test_ram_comes_first_and_no_zap_is_spoken_of() -> None:
    state = state_of("k01-uc-hole-over-wb")
    words = said(state, plan(PHYSMASK0, 0))
    assert words.startswith("Changes types: ")
    assert " of RAM: WB to UC" in words
    assert "zap" not in words.lower()


def test_a_write_of_the_same_value_changes_nothing() -> None:
    state = state_of("k01-uc-hole-over-wb")
    same = state.machine.mtrr(0).read(DEFTYPE)
    assert said(state, plan(DEFTYPE, same)) == "Changes no memory type."
    assert said(state, plan(DEFTYPE, same, as_kernel=True)) == "Changes no memory type."


@pytest.mark.parametrize(("msr", "value", "name"), [(PAT, 0x6, "PAT"), (CR0_ID, 1 << 30, "CR0.CD")])
def test_what_is_no_mtrr_says_what_it_does_instead(msr: int, value: int, name: str) -> None:
    words = said(state_of("k01-uc-hole-over-wb"), plan(msr, value))
    assert "no type by the MTRRs" in words
    assert name in words


def test_cpus_that_change_otherwise_are_told_apart() -> None:
    state = state_of("k14-register-differs")
    spec = state.run.scenario.machine
    words = said(state, plan(DEFTYPE, ALL_OFF, *range(spec.vcpus)))
    assert words.startswith("Changes types on CPU 0: ")
    assert "; on CPU 1: " in words


def test_a_value_that_is_refused_has_no_effect() -> None:
    state = state_of("k01-uc-hole-over-wb")
    with pytest.raises(GeneralProtectionFault):
        said(state, plan(DEFTYPE, RESERVED_TYPE))
