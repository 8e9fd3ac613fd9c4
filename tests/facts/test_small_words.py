"""Words and counts of facts, in the singular and the plural, and what tables say of their rows."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.core.sdm.hardware import HostType
from mtrrviz.facts.differences import DifferenceKind, Differences
from mtrrviz.facts.ept_table import entry_index, entry_pages, path_text, table_start, table_title
from mtrrviz.facts.happenings import happening_words
from mtrrviz.facts.hosts.hardware_types import TypedSpan
from mtrrviz.facts.map_words import span_text, type_counts
from mtrrviz.facts.tables.column import Unit, cell_text
from mtrrviz.facts.tables.difference_rows import DifferenceRange, DifferenceRows
from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.facts.tables.item_rows import region_words
from mtrrviz.facts.tables.leaf_rows import LeafRows
from mtrrviz.facts.tables.mismatch_rows import bits_words
from mtrrviz.facts.tables.zap_rows import ZapRows
from mtrrviz.facts.terms import terms_of
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import MachineKind, Region, RegionKind
from mtrrviz.sim import simulate
from tests.session.booting import MS, boot, wrmsr


def test_differing_pages_are_counted_by_kind():
    kinds = np.array([DifferenceKind.TYPE, DifferenceKind.EQUAL, DifferenceKind.TYPE], np.uint8)
    bits = np.zeros(3, np.int16)
    starts, ends = np.array([0, 10, 20], np.uint64), np.array([10, 20, 23], np.uint64)
    found = Differences(starts, ends, bits, bits, kinds)
    counts = found.pages_by_kind()
    assert (counts[DifferenceKind.TYPE], counts[DifferenceKind.EQUAL]) == (13, 10)
    assert set(counts) == set(DifferenceKind)
    cut = found.within(9, 21)
    assert cut.starts.tolist() == [9, 10, 20]
    assert cut.ends.tolist() == [10, 20, 21]


@pytest.mark.parametrize(
    ("level", "pages", "start", "index"),
    [(1, 1, 0x1400, 0x34), (2, 512, 0, 0xA), (3, 1 << 18, 0, 0), (4, 1 << 27, 0, 0)],
)
def test_tables_have_512_entries(level, pages, start, index):
    gfn = 0x1434
    assert entry_pages(level) == pages
    assert table_start(level, gfn) == start
    assert entry_index(level, gfn) == index


def test_titles_of_tables():
    assert table_title(1, 0x200) == "512 entries of 4 KiB from 0x20_0000"
    assert table_title(2, 0) == "512 entries of 2 MiB from 0x0"
    names = ["PML4", "PDPT 0", "PD 0", "PT 10"]
    for level in (1, 2, 3, 4):
        assert [name for _, name in path_text(level, 0x1434)] == names[: 5 - level]


@pytest.mark.parametrize(
    ("first", "end", "text"),
    [(0, 1, "0x0 to 0xfff (4 KiB)"), (0x100, 0x300, "0x10_0000 to 0x2f_ffff (2 MiB)")],
)
def test_spans_name_their_last_byte(first, end, text):
    assert span_text(first, end) == text


def test_leaves_are_counted_by_type_and_size():
    tally = {(1, int(MemoryType.WB)): 3, (2, int(MemoryType.WB)): 5, (1, int(MemoryType.UC)): 7}
    counts = {count.memory_type: count for count in type_counts(tally)}
    assert counts[MemoryType.WB].leaves == 8
    assert counts[MemoryType.UC].leaves == 7
    assert counts[MemoryType.WT].leaves == 0


def test_a_span_of_types_has_a_size_and_words():
    span = TypedSpan(1, 3, (HostType.WB,))
    assert (span.size_bytes, span.words) == (0x2000, "WB")
    assert TypedSpan(1, 3, (HostType.UC, HostType.WB)).words == "UC or WB"


@pytest.mark.parametrize(
    ("bits", "words"), [(0x30, "WB"), (0x70, "WB"), (0x18, "type 3 (reserved)"), (0, "UC")]
)
def test_bits_of_entries_in_words(bits, words):
    assert bits_words(bits).startswith(words)


def test_units_say_how_they_are_aligned_and_set():
    right = {unit for unit in Unit if unit.is_number}
    exact = {unit for unit in Unit if unit.is_exact}
    assert right == {Unit.NUMBER, Unit.SECONDS, Unit.BYTES, Unit.CYCLES}
    assert exact == {Unit.CODE, Unit.SECONDS, Unit.BYTES, Unit.CYCLES, Unit.HEX}
    assert cell_text(None, Unit.NUMBER) == ""


CACHES_ON = tuple(Event(MS, EventKind.MOV_CR0, vcpu, 0, 0x11) for vcpu in range(3))


def said(events, at_ms, policy="per-vcpu"):
    run = simulate(replace(boot(), events=(*CACHES_ON, *events)), policy)
    return happening_words(run, at_ms * MS)


def note(time_ms, text):
    return Event(time_ms * MS, EventKind.NOTE, text=text)


@pytest.mark.parametrize(
    ("events", "at_ms", "parts"),
    [
        ((), 11, []),
        ((Event(50 * MS, EventKind.INIT, 2, origin="apic"),), 50, ["vCPU 2: "]),
        ((note(55, "a note"),), 55, ["a note"]),
        ((wrmsr(15, 0, DEFTYPE, 0xC06),), 15, ["vCPU 0: ", "= 0xc06", "1 zap, 2 leaves dropped"]),
        ((wrmsr(5, 0, DEFTYPE, 0xC06),), 5, ["1 zap, 1 leaf dropped"]),
        ((), 10, ["vCPU 1 read 0x1_1000", "fault", "4 KiB leaf", "UC", "its own MTRRs are off"]),
        ((wrmsr(5, 1, DEFTYPE, 0xC06),), 10, ["vCPU 1 read", "UC"]),
        (tuple(note(55, f"n{n}") for n in range(3)), 55, ["n0. n1. n2"]),
        (tuple(note(55, f"n{n}") for n in range(5)), 55, ["n0. n1. n2. And 2 more"]),
        (
            tuple(note(10, f"n{n}") for n in range(2)),
            10,
            ["n0. n1. vCPU 1 read", "own MTRRs are off"],
        ),
        (tuple(note(10, f"n{n}") for n in range(3)), 10, ["n0. n1. n2. And 1 more"]),
    ],
)
def test_what_happens_says_who_and_how_many(events, at_ms, parts):
    words = said(events, at_ms)
    assert all(part in words for part in parts), words
    assert bool(words) is bool(parts)
    assert ("more" in words) is any("more" in part for part in parts)
    assert ("off" in words) is any("off" in part for part in parts)


def test_whose_registers_are_off_depends_on_the_policy():
    assert "the MTRRs of vCPU 0 are off" in said((), 10, "per-vm")
    run = simulate(replace(boot(), events=()), "per-vcpu")
    assert "its caches are off" in happening_words(run, 10 * MS)


def test_rows_know_their_vcpu_and_time():
    run = simulate(boot(), "per-vcpu")
    leaves, zaps, events = LeafRows(run), ZapRows(run), EventRows(run.scenario, run)
    assert leaves.vcpu(1) == int(run.leaves.vcpu[1])
    assert zaps.vcpu(0) == int(run.zaps.vcpu[0])
    assert events.vcpu(1) == 0
    assert events.vcpu(9) is None
    assert zaps.shows_same(zaps)
    assert not zaps.shows_same(leaves)
    assert zaps.time_ns is not None
    assert zaps.time_ns.tolist() == run.zaps.time_ns.tolist()


def test_differences_say_what_they_are_of_and_are_the_same_at_another_time():
    ram = Region("RAM", RegionKind.RAM, 0, 1 << 20)
    one = DifferenceRange(1, 3, DifferenceKind.TYPE, 0x30, 0, ram)
    rows = DifferenceRows([one], "s", ("p", "q"), 2_500_000_000)
    assert (one.size_bytes, region_words(one)) == (0x2000, "RAM")
    assert region_words(replace(one, region=None)) != "RAM"
    assert rows.about == {"scenario": "s", "policy_a": "p", "policy_b": "q", "time_s": 2.5}
    assert rows.names == {"a": "p", "b": "q"}
    assert rows.shows_same(DifferenceRows([one], "s", ("p", "q"), 7))
    assert not rows.shows_same(DifferenceRows([one], "s", ("p", "x"), 7))
    assert not rows.shows_same(DifferenceRows([], "s", ("p", "q"), 7))
    run = simulate(boot(), "per-vcpu")
    assert not rows.shows_same(LeafRows(run))


def test_terms_begin_sentences_with_one_capital():
    guest = terms_of(boot().machine)
    host = terms_of(replace(boot().machine, kind=MachineKind.HOST))
    assert guest.fill("next {cpu}") == "next vCPU"
    assert guest.title("{cpu} of {source}") == "VCPU of EPT entry"
    assert host.title("{types}") == "Map of memory types"
    assert host.title("") == ""
    assert host.names["cpu"] == host.cpu == "CPU"
