"""All views, tables, files and commands say the same of a run: counts, types and times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.cli import main
from mtrrviz.core.ept import ept_bits
from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.policies import policy_ids
from mtrrviz.exporters.results import run_result
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.figures import figures, figures_until
from mtrrviz.facts.stale import stale_rows
from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.facts.tables.zap_rows import ZapRows
from mtrrviz.facts.trace.mismatches import mismatches
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.geometry.timeline.history_curves import leaf_history
from mtrrviz.scenario.library import list_builtin, open_scenario
from mtrrviz.sim import Run, State, simulate
from tests.facts.places import (
    csv_rows,
    frame_of,
    leaves_of_root,
    live_types,
    report_rows,
    stale_in_problems,
    types_of_curves,
    types_of_frame,
    types_of_leaves_csv,
    types_of_ranges,
    types_of_ranges_csv,
    zaps_in_csv,
)
from tests.sim.strategies import LAST_NS, gfns, scenarios

if TYPE_CHECKING:
    from mtrrviz.scenario import Scenario
    from tests.facts.places import CsvRows

BUILTIN = [  # a real machine has no leaves and no zaps
    entry.name for entry in list_builtin() if not open_scenario(entry.name).machine.is_host
]
policies = st.sampled_from(policy_ids())


def assert_maps_agree(state: State, vcpu: int) -> None:
    """Compare all that shows the leaves of a moment, and the stale ones of a vCPU."""
    types, stale = live_types(state), len(stale_rows(state, vcpu))
    whole, zoomed = frame_of(state, vcpu), frame_of(state, vcpu, Viewport(0, 512))
    assert types_of_frame(whole) == types_of_frame(zoomed) == types
    assert whole.stale_leaves == zoomed.stale_leaves == stale
    assert bool(whole.is_stale.any()) == bool(stale)
    assert types_of_ranges(state, vcpu) == types_of_ranges_csv(state, vcpu) == (types, stale)
    assert types_of_curves(state.run, state.time_ns) == types
    assert leaves_of_root(state, vcpu) == sum(types.values())
    assert stale_in_problems(state, vcpu) == stale


def assert_figures_agree(state: State, leaves: CsvRows, zaps: CsvRows) -> None:
    """Compare the figures of a time with the tables that list what they count."""
    found, now = figures_until(state.run, state.time_ns), state.time_ns
    assert types_of_leaves_csv(leaves, now) == live_types(state)
    assert zaps_in_csv(zaps, now) == (found.zap_count, found.leaves_dropped)
    born = [row for row in leaves if round(float(row["born_s"]) * 1e9) <= now]
    again = sum(row["refault"] == "true" for row in born)
    assert (len(born), again) == (found.faults, found.refaults)
    assert sum(found.zaps_by_cause.values()) == found.zap_count


def assert_wholes_agree(run: Run, zaps: CsvRows, events: CsvRows) -> None:
    """Compare what is said of a whole run."""
    found, result = figures(run), run_result(run)
    assert found == figures_until(run, run.scenario.duration_ns)
    assert result["zap_count"] == found.zap_count == len(ZapRows(run)) == len(zaps)
    assert result["faults"] == found.faults
    assert result["contended_zaps"] == found.contended_zaps
    assert found.contended_zaps == sum(int(row["rivals"]) > 0 for row in zaps)
    assert len(EventRows(run.scenario, run)) == len(events) == len(run.scenario.events)
    assert sum(int(row["zaps"]) for row in events) == found.zap_count
    history = leaf_history(run)
    assert int(history.zaps[-1]) == figures_until(run, int(history.times_ns[-1])).zap_count


def assert_page_agrees(state: State, vcpu: int, gfn: int) -> None:
    """Compare what the inspector says of a page with the leaf, and what faults get."""
    found, row = explain(state, gfn, vcpu), state.leaf_row(gfn)
    assert (found.leaf is None) == (row is None)
    assert found.stale == (row is not None and row in stale_rows(state, vcpu))
    if found.leaf is not None and row is not None:
        assert found.leaf.bits == int(state.run.leaves.bits[row])
    if found.next_fault is not None:
        bits = ept_bits(found.next_fault.type, found.next_fault.ipat)
        assert expected_at(state, vcpu).at(gfn) == bits


def loadable(scenario: Scenario) -> Scenario:
    """Return the scenario without writes of registers that no file may write."""
    events = (e for e in scenario.events if not e.writes_msr or e.register in REGISTERS)
    return replace(scenario, events=tuple(events))


@settings(max_examples=30, phases=(Phase.explicit, Phase.generate))
@given(scenarios(), policies, st.integers(0, LAST_NS + 10), st.integers(0, 2), gfns)
def test_all_places_agree_on_any_scenario(scenario, policy, time_ns, vcpu, gfn):
    run, vcpu = simulate(loadable(scenario), policy), vcpu % scenario.machine.vcpus
    state = run.at(time_ns)
    leaves, zaps, events = (csv_rows(state, name) for name in ("leaves", "zaps", "events"))
    assert_maps_agree(state, vcpu)
    assert_figures_agree(state, leaves, zaps)
    assert_wholes_agree(run, zaps, events)
    assert_page_agrees(state, vcpu, gfn)


@pytest.fixture(scope="module", params=BUILTIN)
def built_in(request) -> Run:
    return simulate(open_scenario(request.param), "per-vcpu")


def moments(run: Run) -> list[int]:
    """Return times to look at: before a zap, exactly at it, and the end."""
    zaps = run.zaps.time_ns.tolist()
    at = zaps[len(zaps) // 2] if zaps else run.scenario.duration_ns // 2
    return [max(at - 1, 0), at, run.scenario.duration_ns]


def test_all_places_agree_on_built_in_scenarios(built_in: Run) -> None:
    state = built_in.at(built_in.scenario.duration_ns)
    leaves, zaps, events = (csv_rows(state, name) for name in ("leaves", "zaps", "events"))
    assert_wholes_agree(built_in, zaps, events)
    for time_ns in moments(built_in):
        assert_figures_agree(built_in.at(time_ns), leaves, zaps)
        for vcpu in {0, built_in.scenario.machine.vcpus - 1}:
            assert_maps_agree(built_in.at(time_ns), vcpu)


def test_pages_agree_on_built_in_scenarios(built_in: Run) -> None:
    for time_ns in moments(built_in)[1:]:
        state = built_in.at(time_ns)
        rows = state.live_rows
        for row in rows[:: max(1, len(rows) // 5)].tolist():
            first, pages = int(built_in.leaves.first_gfn[row]), int(built_in.leaves.pages[row])
            for gfn in (first, first + pages - 1):
                assert_page_agrees(state, built_in.scenario.machine.vcpus - 1, gfn)


def test_the_report_agrees(built_in: Run) -> None:
    state, vcpu = built_in.at(built_in.scenario.duration_ns), 0
    rows = report_rows(state, vcpu)
    said = {row[0]: row[-1] for row in rows if row}
    found = figures(built_in)
    assert said["zaps"] == f"{found.zap_count:,}"
    assert said["faults that made a leaf"] == f"{found.faults:,}"
    assert said["seconds of boot in all"] == f"{found.boot_s:,.2f}"
    titles = next(row for row in rows if {"Leaves", "Stale"} <= set(row))
    leaves, mark = titles.index("Leaves"), titles.index("Stale")
    mapped = [row for row in rows if len(row) == len(titles) and row[mark] == "stale"]
    stale = sum(int(row[leaves].replace(",", "")) for row in mapped)
    assert stale == len(stale_rows(state, vcpu))


@pytest.mark.parametrize("name", ["small-machine", "lagging-ap"])
def test_the_command_line_agrees(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", name, "--policy", "per-vcpu", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    said = said[0] if isinstance(said, list) else said
    expected = json.loads(json.dumps(run_result(simulate(open_scenario(name), "per-vcpu"))))
    assert {key: said[key] for key in expected} == expected


@pytest.mark.gui
def test_legend_and_result_strip_agree(built_in: Run) -> None:
    from mtrrviz.gui.map.legend import legend_entries  # Qt only where it is asked for
    from mtrrviz.gui.results.results_strip import METRICS

    for time_ns in moments(built_in):
        state = built_in.at(time_ns)
        entries = legend_entries(frame_of(state, 0), 0, len(mismatches(state)))
        words = (entry.words.replace(",", "").rsplit(" ", 1) for entry in entries)
        counts = {word[0]: int(word[1]) for word in words if word[-1].isdigit()}
        types = live_types(state)
        assert {name: count for name, count in counts.items() if name in types} == types
        assert counts["stale"] == len(stale_rows(state, 0))
        found = figures_until(built_in, time_ns)
        strip = {metric.key: metric.read(found) for metric in METRICS}
        assert (strip["zaps"], strip["faults"]) == (found.zap_count, found.faults)
