"""Two EPTs against each other: ranges and history against counting single pages."""

from __future__ import annotations

import csv
import io
import itertools

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.analysis.comparing.compare import compare, same_story
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.exporters.comparison import range_values, ranges_text
from mtrrviz.facts.differences import NO_LEAF, DifferenceKind
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.exchange.exporting import differences_at
from mtrrviz.sim import simulate

SMALL = open_scenario("small-machine")
RUNS = {name: simulate(SMALL, name) for name in ("per-vcpu", "per-vm", "kvm-6.11")}
PAIRS = list(itertools.permutations(RUNS, 2))
TIMES = [0, 105_000_000, 345_000_000, 640_000_000, 900_000_000, 1_100_000_000, 2_000_000_000]


def slow_bits(state):
    """Return the entry bits of every mapped page."""
    leaves, found = state.run.leaves, {}
    for row in state.live_rows.tolist():
        first, pages = int(leaves.first_gfn[row]), int(leaves.pages[row])
        found.update(dict.fromkeys(range(first, first + pages), int(leaves.bits[row])))
    return found


def slow_kind(a, b):
    """Say how two pages' bits differ, None for no leaf."""
    if a == b:
        return DifferenceKind.EQUAL
    if b is None:
        return DifferenceKind.ONLY_A
    if a is None:
        return DifferenceKind.ONLY_B
    return DifferenceKind.TYPE if a >> 3 & 7 != b >> 3 & 7 else DifferenceKind.IPAT


@pytest.mark.parametrize("time_ns", TIMES)
@pytest.mark.parametrize("pair", PAIRS)
def test_ranges_say_of_every_page_how_it_differs(pair, time_ns):
    first, second = (RUNS[name] for name in pair)
    ours = {}
    found = compare(first, second).at(time_ns)
    for start, end, a, b, kind in zip(
        *(c.tolist() for c in (found.starts, found.ends, found.bits_a, found.bits_b, found.kinds)),
        strict=True,
    ):
        ours.update(dict.fromkeys(range(start, end), (a, b, kind)))
    left, right = slow_bits(first.at(time_ns)), slow_bits(second.at(time_ns))
    assert ours == {
        gfn: (
            left.get(gfn, NO_LEAF),
            right.get(gfn, NO_LEAF),
            slow_kind(left.get(gfn), right.get(gfn)),
        )
        for gfn in left.keys() | right.keys()
    }


def test_neighbouring_ranges_of_one_fate_are_one():
    found = compare(RUNS["per-vcpu"], RUNS["per-vm"]).at(1_100_000_000)
    touching = found.starts[1:] == found.ends[:-1]
    same = (found.bits_a[1:] == found.bits_a[:-1]) & (found.bits_b[1:] == found.bits_b[:-1])
    assert not np.any(touching & same)


@pytest.mark.parametrize(
    ("name", "pair"),
    [*(("small-machine", pair) for pair in PAIRS), ("ovmf-8vcpu-2g", ("per-vcpu", "kvm-6.11"))],
)
def test_history_counts_what_the_ranges_hold(name, pair):
    scenario = open_scenario(name)
    runs = [simulate(scenario, policy) for policy in pair]
    comparison = compare(*runs)
    history = comparison.history
    assert history.times_ns[-1] <= comparison.run_a.scenario.duration_ns
    for index in range(0, len(history.times_ns), max(1, len(history.times_ns) // 80)):
        pages = comparison.at(int(history.times_ns[index])).pages_by_kind()
        assert history.pages[:, index].tolist() == [pages[kind] for kind in DifferenceKind]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_epts_agree_until_the_first_difference(pair):
    comparison = compare(*(RUNS[name] for name in pair))
    first = comparison.history.first_ns
    assert first is not None
    assert len(comparison.at(first).rows)
    assert not len(comparison.at(first - 1).rows)


def test_changes_lead_through_the_kinds_of_difference():
    comparison = compare(RUNS["per-vcpu"], RUNS["per-vm"])
    history = comparison.history
    walked, at = [], -1
    while (at := history.next_change(at)) is not None:
        walked.append(at)
    assert walked == history.changes_ns
    assert walked[0] == history.first_ns
    assert history.previous_change(walked[3]) == walked[2]
    assert history.previous_change(walked[0]) is None

    def kinds(time_ns):
        pages = comparison.at(time_ns).pages_by_kind()
        return {kind for kind in pages if kind and pages[kind]}

    assert all(kinds(time_ns - 1) != kinds(time_ns) for time_ns in walked)


def test_a_run_does_not_differ_from_itself():
    comparison = compare(RUNS["per-vm"], RUNS["per-vm"])
    assert comparison.history.first_ns is None
    assert comparison.history.changes_ns == []
    assert all(figure.difference == 0 for figure in comparison.figures)


def test_runs_without_leaves_compare_as_equal():
    empty = open_scenario("sandbox")
    comparison = compare(simulate(empty, "per-vcpu"), simulate(empty, "per-vm"))
    assert comparison.history.first_ns is None
    assert len(comparison.at(0).starts) == 0


def test_runs_of_different_scenarios_are_refused():
    edited = SMALL.inserting(Event(1, EventKind.NOTE, text="other"))
    assert not same_story(SMALL, edited)
    with pytest.raises(ValueError, match="one and the same scenario"):
        compare(RUNS["per-vcpu"], simulate(edited, "per-vm"))


def test_an_equal_scenario_is_the_same_story():
    assert same_story(SMALL, replace(SMALL, name="saved elsewhere"))


def test_figures_stand_side_by_side_with_the_difference():
    figures = {f.key: f for f in compare(RUNS["per-vcpu"], RUNS["per-vm"]).figures}
    zaps = figures["zap_count"]
    assert (zaps.a, zaps.b) == (len(RUNS["per-vcpu"].zaps), len(RUNS["per-vm"].zaps))
    assert zaps.difference == zaps.b - zaps.a
    assert figures["faults"].cells()[0] == "faults"
    assert figures["faults"].cells()[3].startswith("+")
    assert "modelled" in figures["zap_mcycles"].title
    per_vcpu = [f for key, f in figures.items() if key.startswith("zaps_per_vcpu.")]
    assert sum(f.a for f in per_vcpu) == zaps.a


def test_rows_are_cut_at_regions_and_read_well():
    comparison = compare(RUNS["per-vcpu"], RUNS["kvm-6.11"])
    rows = differences_at(comparison, 50_000_000)
    found = comparison.at(50_000_000)
    total = sum(row.end_gfn - row.first_gfn for row in rows.items)
    assert total == int((found.ends - found.starts)[found.rows].sum())
    for row in rows.items:
        assert SMALL.machine.region_at(row.first_gfn) is row.region
        assert SMALL.machine.region_at(row.end_gfn - 1) is row.region
    flash = rows.values("region").index("flash")
    assert rows.texts(flash) == (
        "0xfffc_0000", "0xffff_3fff", "208 KiB", "IPAT differs", "WB + IPAT", "WB", "flash",
    )  # fmt: skip


def test_rows_are_exported_as_tsv_csv_and_json():
    comparison = compare(RUNS["per-vcpu"], RUNS["per-vm"])
    rows = differences_at(comparison, 1_100_000_000)
    wanted = [list(rows.titles), *(list(rows.texts(row)) for row in range(len(rows)))]
    for suffix, separator in ((".tsv", "\t"), (".csv", ",")):
        text = ranges_text(rows, suffix)
        assert list(csv.reader(io.StringIO(text), delimiter=separator)) == wanted
    values = range_values(rows)
    assert [v["gpa"] for v in values] == [row.first_gfn << PAGE_SHIFT for row in rows.items]
    assert values[0]["a"] == {"type": "UC", "ipat": 0}
    assert values[0]["difference"] == "type"
