"""Every table says of a run what the run says, in words, in values, in files and in filters."""

from __future__ import annotations

import csv
import gc
import io
import json
import re
from copy import copy
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.analysis.explaining.page_facts import past_leaves
from mtrrviz.analysis.explaining.past_leaf_rows import PastLeafRows
from mtrrviz.analysis.explaining.pat_rows import PatRows
from mtrrviz.analysis.explaining.pat_table import PatTable
from mtrrviz.analysis.solve import WantedRange
from mtrrviz.analysis.solve.wanted_rows import WantedRows
from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.describe import describe
from mtrrviz.core.units import format_gpa
from mtrrviz.exporters.table_files import csv_parts, json_parts
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.facts.tables.column import Unit, cell_text
from mtrrviz.facts.tables.constant_rows import ConstantRows
from mtrrviz.facts.tables.mismatch_rows import MismatchRows
from mtrrviz.facts.tables.range_rows import RangeRows
from mtrrviz.session.exchange.exporting import TABLES, table_of
from mtrrviz.sim import simulate
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from mtrrviz.sim.tables import ALIVE, ZapCause
from tests.exporters.runs import rows_of, run_of
from tests.facts.tables.test_mismatch_rows import TRACE
from tests.importers.helpers import imported

SCENARIOS = ("small-machine", "lagging-ap", "range-moved", "wb-under-cd", "kvm-and-manual")
AT_NS = 1_100_000_000


def states_of(scenario, name, at_ns=AT_NS):
    policies = ("per-vcpu", "per-vm") if name == "differences" else ("per-vcpu",)
    return [run_of(scenario, policy).at(at_ns) for policy in policies]


def exported(scenario, name, at_ns=AT_NS):
    return table_of(name, states_of(scenario, name, at_ns))


def small_tables():
    """Return the tables that no file has, and the ranges as the window has them."""
    run = run_of("small-machine")
    leaf = (MemoryType.WB, 0)
    state = run.at(AT_NS)
    return [
        RangeRows(state, 0, tuple(ranges_at(state, 0))),
        ConstantRows(DEFAULT_COSTS),
        MismatchRows(simulate(imported(TRACE).scenario, "per-vcpu")),
        PastLeafRows(past_leaves(run, 0x2100), AT_NS),
        PatRows(PatTable(0, 0x0007_0406_0007_0406, leaf, leaf)),
        PatRows(PatTable(0, 0x0007_0406_0007_0406, leaf, (MemoryType.UC, 1))),
        WantedRows(
            (WantedRange(0, 1 << 31, MemoryType.WB), WantedRange(1 << 31, 1 << 32, MemoryType.UC))
        ),
    ]


EVERY = [
    *(exported("small-machine", name) for name in TABLES if name != "ranges"),
    *small_tables(),
]


def name_of(rows):
    return rows.name


@pytest.mark.parametrize("rows", EVERY, ids=name_of)
def test_every_column_has_a_key_of_its_own_a_title_and_a_meaning(rows):
    keys = [column.key for column in rows.columns]
    assert len(set(keys)) == len(keys)
    assert set(rows.shown) <= set(keys)
    for column in rows.columns:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", column.key)
        assert column.meaning.strip()
        assert rows.title(column.key).strip()
        assert "{" not in rows.title(column.key)


@pytest.mark.parametrize("rows", EVERY, ids=name_of)
def test_a_column_is_read_alike_by_the_row_by_the_slice_and_as_a_whole(rows):
    for column in rows.columns:
        whole = rows.values(column.key)
        assert len(whole) == len(rows)
        for row in {0, 1, len(rows) // 2, len(rows) - 1}:
            if 0 <= row < len(rows):
                assert rows.value(row, column.key) == whole[row]
                assert type(whole[row]) in (str, int, float, bool, type(None))
                if column.words is None:
                    assert rows.text(row, column.key) == cell_text(whole[row], column.unit)


@pytest.mark.parametrize("rows", EVERY, ids=name_of)
def test_rows_go_with_the_last_who_has_them_whatever_was_asked(rows):
    mine = copy(rows)
    mine.__dict__.pop("_made", None)
    for key in mine.matchers:
        assert len(mine.mask(f"{key}:1" if key else "one")) == len(rows)
    gone = ref(mine)
    gc.disable()
    try:
        del mine
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("rows", EVERY, ids=name_of)
def test_what_the_help_says_of_filters_can_be_asked(rows):
    terms = re.findall(r"-?([a-z_]+):([a-z0-9]+)", rows.help)
    assert terms or not rows.help
    for key, value in terms:
        assert len(rows.mask(f"{key}:{value}")) == len(rows)
    for column in rows.columns:
        assert rows.mask(f"{column.key}:nonesuch").sum() == 0


@pytest.mark.parametrize("rows", EVERY, ids=name_of)
def test_words_are_found_anywhere_in_a_row_as_people_see_it(rows):
    seen = [" ".join(rows.texts(row)).lower() for row in range(len(rows))]
    words = {word for text in seen[:: max(1, len(seen) // 5)] for word in text.split()}
    for word in [*sorted(words), "nonesuch", "0", "wb"]:
        if ":" not in word and "," not in word and not word.startswith("-"):
            assert rows.mask(word).tolist() == [word in text for text in seen]


@pytest.mark.parametrize("rows", EVERY, ids=name_of)
def test_words_are_found_in_the_cells_of_a_column(rows):
    for column in rows.columns:
        if column.unit is Unit.HEX or column.unit in (Unit.NUMBER, Unit.BYTES, Unit.CYCLES):
            continue
        values = rows.values(column.key)
        seen = [f"{value} {rows.text(row, column.key)}".lower() for row, value in enumerate(values)]
        for word in {word for text in seen[:3] for word in re.split(r"[\s:,]+", text)} - {""}:
            found = rows.mask(f"{column.key}:{word}").tolist()
            if column.key != "kind" or word not in ("refused", "zap"):
                assert found == [word in text for text in seen]


@pytest.mark.parametrize("name", ["events", "zaps", "leaves", "faults", "touches"])
def test_a_filter_keeps_the_rows_with_that_value(name):
    rows = exported("small-machine", name)
    for key in rows.shown:
        column, values = rows.column(key), rows.values(key)
        if column.unit is Unit.HEX:
            terms = [f"{key}:{value:x}" if value is not None else "" for value in values[:9]]
        elif column.unit.is_number and column.unit is not Unit.SECONDS:
            terms = [f"{key}:{value}" if value is not None else "" for value in values[:9]]
        else:
            continue
        for term, value in zip(terms, values, strict=False):
            if term:
                assert rows.mask(term).tolist() == [other == value for other in values]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_csv_and_json_give_the_values_back(scenario, name):
    wanted = rows_of(exported(scenario, name))
    columns = {column.key: column for column in TABLES[name].columns}
    text = "".join(csv_parts(exported(scenario, name)))
    assert list(csv.DictReader(io.StringIO(text))) == [
        {key: as_csv(columns[key], value) for key, value in row.items()} for row in wanted
    ]
    read = json.loads("".join(json_parts(exported(scenario, name))))
    assert read["rows"] == [
        {key: as_json(columns[key], value) for key, value in row.items()} for row in wanted
    ]


def as_json(column, value):
    return hex(value) if column.unit is Unit.HEX and value is not None else value


def as_csv(column, value):
    value = as_json(column, value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.9f}" if isinstance(value, float) else str(value)


# Against a slow reading of the run, row by row


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_events_against_the_scenario(scenario):
    run, rows = run_of(scenario), exported(scenario, "events")
    for number, event in enumerate(run.scenario.events):
        assert rows.value(number, "time_s") == event.time_ns / 1e9
        assert rows.value(number, "zaps") == sum(zap == number for zap in run.zaps.event.tolist())
        assert rows.text(number, "origin") == event.origin
        if event.writes_msr:
            maxphyaddr = run.scenario.machine.maxphyaddr
            meaning = describe(event.register, event.value, maxphyaddr)
            assert rows.value(number, "meaning") == meaning
            assert meaning in rows.text(number, "meaning")
            assert rows.text(number, "value") == format_gpa(event.value)
            assert rows.value(number, "msr") == event.register


@pytest.mark.parametrize("policy", ["per-vcpu", "per-vm", "slot-split"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_zaps_against_the_run(scenario, policy):
    run = run_of(scenario, policy)
    rows = table_of("zaps", [run.at(0)])
    for number, ranges in enumerate(run.zaps.ranges):
        assert rows.text(number, "cause") == ZapCause(int(run.zaps.cause[number])).words
        assert rows.value(number, "modelled_cycles") == round(float(run.zaps.cycles[number]))
        assert rows.text(number, "modelled_cycles") == f"{run.zaps.cycles[number]:,.0f}"
        pages = sum(end - start for start, end in ranges)
        assert (rows.value(number, "size_bytes") or 0) == pages << 12
        assert all(f"{start << 12:#x}-" in str(rows.value(number, "ranges")) for start, _ in ranges)
        if not rows.value(number, "all_memory"):
            said = rows.text(number, "ranges")
            assert all(format_gpa((end << 12) - 1) in said for _, end in ranges)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_leaves_and_faults_against_the_run(scenario):
    run = run_of(scenario)
    leaves, faults = exported(scenario, "leaves"), exported(scenario, "faults")
    assert len(leaves) == len(faults) == len(run.leaves)
    for number in range(0, len(leaves), max(1, len(leaves) // 97)):
        kind, ipat = bits_to_leaf(int(run.leaves.bits[number]))
        for rows in (leaves, faults):
            assert (rows.value(number, "type"), rows.value(number, "ipat")) == (kind.name, ipat)
            assert rows.value(number, "refault") is bool(run.leaves.refault[number])
        died_ns = int(run.leaves.died_ns[number])
        died_s = None if died_ns == int(ALIVE) else died_ns / 1e9
        assert leaves.value(number, "died_s") == died_s
        zap = int(run.leaves.zap[number])
        assert leaves.value(number, "zap") == (None if zap < 0 else zap)
        assert leaves.value(number, "start") == int(run.leaves.first_gfn[number]) << 12
        first = int(run.leaves.first_gfn[number])
        gfn = faults.value(number, "gfn")
        assert isinstance(gfn, int)
        assert first <= gfn < first + int(run.leaves.pages[number])


@given(st.sampled_from(SCENARIOS), st.integers(0, 2_000_000_000))
def test_ranges_and_differences_against_the_leaves_at_any_time(scenario, at_ns):
    for row in rows_of(exported(scenario, "ranges", at_ns)):
        state = run_of(scenario).at(at_ns)
        assert leaf_at(state, row["start"] >> 12) == (row["leaf_type"], row["leaf_ipat"])
        assert leaf_at(state, (row["end"] >> 12) - 1) == (row["leaf_type"], row["leaf_ipat"])
    one, other = states_of(scenario, "differences", at_ns)
    for row in rows_of(exported(scenario, "differences", at_ns)):
        assert leaf_at(one, row["start"] >> 12) == (row["type_a"], row["ipat_a"])
        assert leaf_at(other, (row["end"] >> 12) - 1) == (row["type_b"], row["ipat_b"])


def leaf_at(state, gfn):
    row = state.leaf_row(gfn)
    if row is None:
        return None, None
    kind, ipat = bits_to_leaf(int(state.run.leaves.bits[row]))
    return kind.name, ipat


def test_a_mismatch_whose_line_is_unknown_has_none():
    rows = MismatchRows(simulate(imported(TRACE).scenario, "per-vcpu"))
    assert rows.value(1, "line") == 6
    rows.lines = rows.lines * 0
    assert (rows.value(1, "line"), rows.text(1, "line")) == (None, "")


def test_cycles_of_changed_constants_say_so_before_the_columns_that_came_later():
    costs = DEFAULT_COSTS.with_values({"turn": 0})
    run = simulate(run_of("small-machine").scenario, "per-vcpu", costs)
    keys = [column.key for column in table_of("zaps", [run.at(0)]).columns]
    assert keys[-3:] == ["modelled_cycles", "changed_constants", "size_bytes"]
    assert set(table_of("zaps", [run.at(0)]).values("changed_constants")) == {costs.changes_text}
