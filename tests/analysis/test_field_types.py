"""Samples of real machines: all that gives types agrees with a slow lookup at every border."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.core.sdm.hardware import hardware_types
from mtrrviz.facts.hosts.hardware_types import typed_spans
from mtrrviz.importers import import_texts
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.sim import simulate
from tests.analysis.solve.solve_judge import Values, all_registers, borders, type_at
from tests.importers.helpers import SAMPLES

PATHS = sorted((SAMPLES / "field").glob("k*.txt"))
GUESTS = ("k04-disabled-by-bios", "k04-disabled-old-words", "k07-quoted-printable")
HOSTS = [path for path in PATHS if path.stem not in GUESTS]


def state_of(path):
    scenario = import_texts([(path.name, path)]).scenario
    assert scenario.machine.is_host
    return simulate(scenario, "per-vcpu").at(scenario.duration_ns)


def registers_of(state) -> Values:
    mtrr = state.machine.mtrr(0)
    return {
        msr: None if msr in mtrr.unknown else mtrr.read(msr)
        for msr in all_registers(state.run.scenario.machine.pairs)
    }


@pytest.mark.parametrize("path", HOSTS, ids=lambda path: path.stem)
def test_explain_and_spans_give_what_the_slow_lookup_gives(path):
    state = state_of(path)
    spec, values = state.run.scenario.machine, registers_of(state)
    spans = typed_spans(hardware_types(state.machine, 0), 0, 1 << spec.maxphyaddr - 12)
    for at in borders(spec, values):
        wanted = type_at(spec, values, at)
        assert (hex(at), explain(state, at >> 12, 0).mtrr.label) == (hex(at), wanted)
        (span,) = [one for one in spans if one.first_gfn <= at >> 12 < one.end_gfn]
        assert (hex(at), span.words) == (hex(at), wanted)


@pytest.mark.parametrize("path", HOSTS, ids=lambda path: path.stem)
def test_check_names_all_ram_that_is_not_write_back_and_no_other_memory(path):
    state = state_of(path)
    spec, values = state.run.scenario.machine, registers_of(state)
    problems = check(state)
    if any(problem.rule == "host-mtrrs-off" for problem in problems):
        return
    found = [p.where.gfns for p in problems if p.rule == "host-ram-not-wb"]
    ram = [region for region in spec.regions if region.kind is RegionKind.RAM]
    for at in borders(spec, values):
        gfn = at >> 12
        is_ram = any(region.first_gfn <= gfn < region.end_gfn for region in ram)
        is_slow = is_ram and type_at(spec, values, at) not in ("WB", "unknown", "undefined")
        is_named = any(span is not None and span[0] <= gfn < span[1] for span in found)
        assert (hex(at), is_named) == (hex(at), is_slow)
