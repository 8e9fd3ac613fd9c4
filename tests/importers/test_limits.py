"""What importers take and refuse at the ends: numbers, counts, names, lengths."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from mtrrviz import importers
from mtrrviz.core.msr.registers import CR0_ID
from mtrrviz.importers import ImportOptions, import_texts
from mtrrviz.importers.dumps import dmesg
from mtrrviz.importers.dumps.linux_words import c_number
from mtrrviz.importers.dumps.msr_tools.msr_words import is_relevant, named
from mtrrviz.importers.facts import (
    MAX_FACTS,
    Complaint,
    Facts,
    FixedRange,
    MemoryRange,
    MtrrRange,
    Sign,
    Told,
    short,
)
from mtrrviz.importers.formats import LineParser
from mtrrviz.importers.likeness import KEPT_CHARS, FactCounter
from mtrrviz.importers.machine.address_width import told_width
from mtrrviz.importers.notes import NoteKind, Place
from mtrrviz.importers.text import Source, TextReader
from mtrrviz.importers.this_machine.bounded_files import Tree
from mtrrviz.importers.this_machine.cpu import MAX_VCPUS, read_cpu
from mtrrviz.importers.this_machine.firmware_memmap import MAX_RANGES, read_firmware_memmap
from mtrrviz.importers.this_machine.machine_sources import Sources
from mtrrviz.importers.this_machine.msr_device import read_msrs
from mtrrviz.importers.traces.check_report import check_json, check_text, leaf_words
from mtrrviz.importers.traces.timeline import Judge, is_leaf
from mtrrviz.importers.traces.trace_columns import REFUSED, WRITE, Accesses, EntryChanges
from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.complaints import ComplaintKind
from mtrrviz.scenario.events import EventKind
from mtrrviz.sim import simulate
from tests.importers.helpers import UC, imported
from tests.importers.machine.machine_tree import AMD, MachineTree, intel_host

HERE = Place("log", 3)
LAST = (1 << 64) - 1


def is_taken(act):
    try:
        act()
    except ScenarioError as error:
        return (error.file, error.place) != ("log", "line 3")  # the place must be right
    return True


@pytest.mark.parametrize(("value", "is_good"), [(0, True), (LAST, True), (LAST + 1, False)])
def test_a_register_has_64_bits(value, is_good):
    assert is_taken(lambda: Facts().add_register(0, 0x2FF, value, HERE)) is is_good


@pytest.mark.parametrize(
    ("cpu", "is_good"), [(None, True), (0, True), (254, True), (255, False), (-1, False)]
)
def test_a_register_is_of_one_of_255_cpus_or_of_any(cpu, is_good):
    assert is_taken(lambda: Facts().add_register(cpu, 0x2FF, 6, HERE)) is is_good


@pytest.mark.parametrize(
    ("base", "size", "is_good"),
    [(0, 1 << 64, True), (1, LAST, True), (1, 1 << 64, False), (LAST, 0, True), (LAST, 1, True)],
)
def test_a_variable_range_ends_with_the_address_space(base, size, is_good):
    assert is_taken(lambda: Facts().add_range(MtrrRange(0, base, size, UC, HERE))) is is_good


@pytest.mark.parametrize(
    ("start", "end", "is_good"),
    [(0, 1, True), (1, 1, False), (2, 1, False), (0, 1 << 64, True), (0, (1 << 64) + 1, False)],
)
def test_a_range_of_a_memory_map_ends_after_its_start(start, end, is_good):
    found = MemoryRange(start, end, "x", "e820", 0, HERE)
    assert is_taken(lambda: Facts().add_memory(found)) is is_good


@pytest.mark.parametrize(
    ("name", "add"),
    [
        ("registers", lambda facts: facts.add_register(0, 0x2FF, 6, HERE)),
        ("ranges", lambda facts: facts.add_range(MtrrRange(0, 0, 1, UC, HERE))),
        ("fixed", lambda facts: facts.add_fixed(FixedRange(0, 1, UC, HERE))),
        ("memory", lambda facts: facts.add_memory(MemoryRange(0, 1, "", "", 0, HERE))),
    ],
)
def test_more_facts_than_a_machine_prints_are_refused(name, add):
    facts = Facts()
    getattr(facts, name).extend([None] * (MAX_FACTS - 1))
    assert is_taken(lambda: add(facts))
    assert not is_taken(lambda: add(facts))


@pytest.mark.parametrize(
    ("name", "add"),
    [
        ("signs", lambda facts: facts.add_sign(Sign.AMD, "x", HERE)),
        ("notes", lambda facts: facts.note(NoteKind.INFO, "x")),
        ("complaints",
         lambda facts: facts.add_complaint(Complaint(ComplaintKind.OTHER, "x", HERE))),
    ],
)  # fmt: skip
def test_more_remarks_than_a_machine_makes_are_left_out(name, add):
    facts = Facts()
    getattr(facts, name).extend([None] * (MAX_FACTS - 1))
    for count in (MAX_FACTS, MAX_FACTS):
        add(facts)
        assert len(getattr(facts, name)) == count


@pytest.mark.parametrize(("number", "count"), [(0, 1), (31, 1), (32, 0)])
def test_pairs_that_no_cpu_has_are_no_cut_ones(number, count):
    facts = Facts()
    facts.add_cut_pair(number, HERE)
    facts.add_cut_pair(number, Place("log", 9))
    assert list(facts.cut_pairs.values()) == [HERE] * count


def test_a_later_value_counts_and_an_untold_one_is_none():
    facts = Facts()
    assert facts.is_empty
    facts.tell(Told.VCPUS, 1, HERE)
    facts.tell(Told.VCPUS, 2, HERE)
    assert (facts.value(Told.VCPUS), facts.value(Told.PAIRS)) == (2, None)
    assert not facts.is_empty


@pytest.mark.parametrize(("end", "kept"), [(1 << 52, (1, 1 << 52)), ((1 << 52) + 1, (0, 0))])
def test_a_complaint_about_impossible_addresses_names_none(end, kept):
    found = Complaint(ComplaintKind.OVERLAP, "w" * 500, HERE, 1, end).of_scenario
    assert (found.start, found.end) == kept
    assert len(found.text) == 400


@pytest.mark.parametrize(("length", "shown"), [(80, 80), (81, 80), (500, 80)])
def test_long_texts_are_cut(length, shown):
    assert len(short("x" * length)) == shown
    assert short("x" * length).endswith("...") is (length > 80)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0x1F", 31), ("017", 15), ("17", 17), ("0", 0), ("089", -1), ("x", -1), ("-1", -1),
     ("0b11", 3), ("", -1)],
)  # fmt: skip
def test_numbers_are_read_as_c_reads_them(text, value):
    assert c_number(text) == value


@pytest.mark.parametrize(
    ("msr", "is_known"),
    [(0x1FF, False), (0x200, True), (0x23F, True), (0x240, False), (0x2FF, True), (0x277, True),
     (0xFE, True), (0x250, True), (0x251, False)],
)  # fmt: skip
def test_registers_that_matter(msr, is_known):
    assert is_relevant(msr) is is_known


@pytest.mark.parametrize(
    ("word", "msr"),
    [("mtrrdeftype", 0x2FF), ("IA32_PAT", 0x277), ("PHYSBASE3", 0x206), ("MSR_IA32_CR_PAT", 0x277),
     ("MTRRfix64K_00000", 0x250), ("IA32_MTRR_CAP", 0xFE), ("CR0", None), ("PHYSBASE", None)],
)  # fmt: skip
def test_names_of_registers(word, msr):
    assert named(word) == msr


def test_facts_of_a_line_are_counted_and_kept():
    count = FactCounter()
    assert (count(""), count("   "), count("nothing of the kind")) == (0, 0, 0)
    line = "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back"
    assert count(line) == count(line) == 2
    assert count(line + " " * KEPT_CHARS) == count(line + " " * KEPT_CHARS) == 2
    assert count("[" + "x" * 5000) == 0


@pytest.mark.parametrize("chars", [KEPT_CHARS, KEPT_CHARS + 1])
def test_facts_of_short_lines_are_kept_from_one_text_to_the_next(chars, monkeypatch):
    counted: list[str] = []
    monkeypatch.setattr(dmesg.KernelLogParser, "take", lambda _, line, __: counted.append(line))
    line = "mtrr: kept? ".ljust(chars, ".")
    assert FactCounter()(line) == FactCounter()(line) == 0
    assert counted == [line] * (1 if chars <= KEPT_CHARS else 2)


@pytest.mark.parametrize("first", [(1 << 63) - 1, 1 << 63])
@pytest.mark.parametrize("last", [LAST, LAST + 1])
def test_rows_of_a_trace_hold_64_bits_each(first, last):
    table = Accesses()
    table.add((1, 2, 3, 0, 7, 5))
    table.add((2, 3, 4, 0, 8, last))
    table.add((first, 2, 3, 0, 9, 5))
    if (first, last) == ((1 << 63) - 1, LAST):
        table.flush()
        assert table.unsigned_column("value").tolist() == [5, last, 5]
        return
    with pytest.raises(OverflowError) as caught:
        table.flush()
    assert caught.value.args == (8 if last > LAST else 9,)
    assert len(table) == 0


@pytest.mark.parametrize("column", range(5))
def test_each_column_of_a_trace_is_bounded_below(column):
    row = [1, 2, 3, 0, 7, 5]
    row[column] = -(1 << 63)
    table = Accesses()
    table.add(tuple(row))
    table.flush()
    assert len(table) == 1
    row[column] -= 1
    table.add(tuple(row))
    with pytest.raises(OverflowError):
        table.flush()


def test_rows_beyond_a_limit_are_counted():
    table = EntryChanges(2)
    for number in range(5):
        table.add((number, 0, 1, number, 0, 0, 0))
    table.flush()
    assert (len(table), table.dropped) == (2, 3)
    table.flush()
    assert table.dropped == 3
    assert table.times_from(1).tolist() == [1]
    table.keep(1)
    assert table.signed_column("line").tolist() == [0]
    table.clear()
    assert len(table) == 0


def test_other_entries_than_leaves_have_words():
    assert leaf_words(0x70) == "WB IPAT=1"
    assert leaf_words(0x30) == "WB IPAT=0"
    assert leaf_words(0x18) == "reserved type (0x18)"


def test_a_report_of_a_trace_counts_and_lists_what_differs():
    entry = (
        "  CPU 0/KVM-1 [000] ..... 1.0000{n:02}: kvm_tdp_mmu_spte_changed: as id 0 gfn 1{n:02} "
        "level 1 old_spte 0 new_spte 600000100000007\n"
    )
    write = "  CPU 0/KVM-1 [000] ..... 1.000000: kvm_msr: msr_write 2ff = 0xc06\n"
    result = imported(write + "".join(entry.format(n=n) for n in range(1, 61)))
    run = simulate(result.scenario, "per-vcpu")
    told = check_json(run, "t")
    assert (told["policy"], told["compared"], told["differing"]) == ("per-vcpu", 60, 60)
    first, last = told["mismatches"][0], told["mismatches"][-1]
    assert (first["gpa"], first["line"], last["gpa"], last["line"]) == (0x10_1000, 2, 0x16_0000, 61)
    assert (first["vcpu"], first["level"], first["file"]) == (0, 1, "t")
    assert first["time_s"] == pytest.approx(1e-6)
    lines = check_text(run, "t").splitlines()
    assert "60 leaves compared, 60 differ" in lines[0]
    assert len(lines) == 52
    assert lines[-1].strip() == "and 10 more"
    one = imported(write + entry.format(n=1))
    lines = check_text(simulate(one.scenario, "per-vcpu"), "t").splitlines()
    assert len(lines) == 2
    assert "1 leaf compared" in lines[0]
    none = simulate(imported(write).scenario, "per-vcpu")
    assert "no leaves" in check_text(none, "t")


def cpu_facts(root):
    sources = Sources(Tree(root))
    read_cpu(sources)
    return sources.facts


@pytest.mark.parametrize(("bits", "told"), [(31, None), (32, 32), (52, 52), (53, None)])
def test_an_address_width_that_a_cpu_can_have(tmp_path, bits, told):
    host = MachineTree(tmp_path)
    host.cpuinfo(bits=str(bits))
    facts = cpu_facts(tmp_path)
    assert facts.value(Told.MAXPHYADDR) == told
    assert len(facts.notes) == (told is None)


@pytest.mark.parametrize(
    ("online", "cpus"),
    [("0-3\n", 4), ("0\n", 1), ("0,2,4-5\n", 4), ("3-1\n", 2), ("0-x\n", 2), ("0-254\n", 255),
     ("0-255\n", 255), (None, 2)],
)  # fmt: skip
def test_cpus_are_those_online_or_listed(tmp_path, online, cpus):
    host = MachineTree(tmp_path)
    host.cpuinfo()
    path = host.file("/sys/devices/system/cpu/online", online or "")
    if online is None:
        path.unlink()
    facts = cpu_facts(tmp_path)
    assert facts.value(Told.VCPUS) == cpus
    assert len(facts.notes) == (online == "0-255\n")
    assert MAX_VCPUS == 255


@pytest.mark.parametrize(("extra", "count"), [(0, 3), (1, 3)])
def test_a_memory_map_of_the_firmware_is_read_whole(tmp_path, extra, count):
    host = intel_host(tmp_path)
    if extra:
        host.file("/sys/firmware/memmap/1/start", "nothing\n")
        count -= 1
    sources = Sources(Tree(tmp_path))
    read_firmware_memmap(sources)
    found = [(m.start, m.end, m.name) for m in sources.facts.memory]
    assert len(found) == count
    assert found[0] == (0, 0xA0000, "System RAM")
    assert len(sources.facts.notes) == extra
    assert MAX_RANGES >= 1000


@pytest.mark.parametrize("cut", [1, 30])
def test_packed_texts_that_are_cut_off_say_after_which_line(cut):
    text = "".join(f"line {n} {n * n}\n" for n in range(90_000))
    packed = gzip.compress(text.encode())
    with pytest.raises(ScenarioError) as caught:
        list(TextReader(Source("x.gz", packed[: len(packed) * 30 // 31 - cut])).batches())
    assert caught.value.place.startswith("after line ")
    assert len(list(TextReader(Source("x.gz", packed)).batches())) > 1


def test_nothing_to_import_is_said():
    with pytest.raises(ScenarioError, match="no file"):
        import_texts([])


def test_a_directory_is_no_text(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        list(TextReader(Source("d", tmp_path)).batches())
    assert caught.value.file == "d"


@pytest.mark.parametrize(("tom2", "told"), [(1 << 32, None), ((1 << 32) + (8 << 20), True)])
def test_top_of_memory_forces_write_back_only_above_4_gib(tmp_path, tom2, told):
    host = MachineTree(tmp_path)
    host.cpuinfo(vendor="AuthenticAMD", bits="48")
    host.msrs(AMD | {0xC001_001D: tom2})
    sources = Sources(Tree(tmp_path))
    read_cpu(sources)
    read_msrs(sources, lambda _name, _done, _total: None, lambda: False)
    assert sources.facts.value(Told.FORCED_WB_END) == (told and tom2)


@pytest.mark.parametrize("foreign", [0, 1, 2])
def test_bare_values_are_those_of_rdmsr_if_hardly_anything_else_is_there(foreign):
    text = "c06\n" * (10 - foreign) + "some words\n" * foreign
    if foreign == 2:
        with pytest.raises(ScenarioError):
            imported(text, name="rdmsr-2ff.txt")
        return
    spec = imported(text, name="rdmsr-2ff.txt").scenario.machine
    assert spec.vcpus == 10 - foreign


def test_devices_start_where_the_first_vcpu_puts_them():
    write = "  CPU {v}/KVM-{v} [000] ..... 1.0000{n:02}: kvm_msr: msr_write {msr} = {value}\n"
    rows = [
        (0, "200", "0xc0000000"), (0, "201", "0x3fffc0000800"),
        (1, "200", "0x80000000"), (1, "201", "0x3fff80000800"),
    ]  # fmt: skip
    text = "".join(
        write.format(v=v, n=n, msr=msr, value=value) for n, (v, msr, value) in enumerate(rows)
    )
    regions = imported(text).scenario.machine.regions
    window = next(region for region in regions if region.name == "device window")
    assert window.start == 0xC000_0000


def test_the_first_eight_apic_ids_are_named():
    line = "apic_id 0x{n:x}: MTRR: Fixed MSR 0x250 0x0606060606060606\n"
    result = imported("".join(line.format(n=2 * n) for n in range(10)))
    (note,) = [note.text for note in result.notes if "APIC" in note.text]
    assert "0xe is vCPU 7" in note
    assert "vCPU 8" not in note
    assert result.scenario.machine.vcpus == 10


@pytest.mark.parametrize("rights", range(8))
def test_an_entry_is_present_with_rights_that_an_ept_can_have_or_while_they_are_hidden(rights):
    """Writing without reading is a misconfiguration, with which KVM marks emulated MMIO."""
    entries = np.array([rights, rights | 0x800], np.uint64)
    may_be = rights in {0b001, 0b011, 0b100, 0b101, 0b111}
    expected = [may_be, may_be or rights == 0]
    assert is_leaf(entries, np.array([1, 1])).tolist() == expected
    for level in (2, 3):
        large = entries | np.uint64(0x80)
        assert is_leaf(large, np.array([level, level])).tolist() == expected
        assert not is_leaf(entries, np.array([level, level])).any()
    assert not is_leaf(entries | np.uint64(0x80), np.array([4, 4])).any()


def test_a_write_that_kvm_refused_is_a_note_if_the_rules_take_it_and_else_the_write():
    judge = Judge(36)
    odd = judge.event(7, 1, 0x2FF, REFUSED, 0xC06, 5)
    assert (odd.kind, odd.time_ns, odd.vcpu, odd.origin) == (EventKind.NOTE, 7, 1, "guest")
    assert odd.text == "refused by KVM (#GP): IA32_MTRR_DEF_TYPE = 0xc06"
    refused = judge.event(8, 2, 0x2FF, REFUSED, 0xC02, 6)
    assert (refused.kind, refused.register, refused.value) == (EventKind.WRMSR, 0x2FF, 0xC02)
    assert refused.text == "refused by KVM (#GP)"
    cr0 = judge.event(9, 3, CR0_ID, WRITE, 0x8000_0011, 7)
    assert (cr0.kind, cr0.vcpu, cr0.register, cr0.value) == (
        EventKind.MOV_CR0, 3, 0, 0x8000_0011,
    )  # fmt: skip
    assert cr0.text == ""
    ((words, line),) = judge.remarks()
    assert words.startswith("KVM refused 1 writes that the model accepts, first IA32_MTRR_DEF_TYPE")
    assert line == 5
    judge.event(9, 0, 0x2FF, WRITE, 0xC02, 8)
    (_, (first, _)) = judge.remarks()
    judge.event(9, 0, 0x201, WRITE, 1 << 60, 9)
    (_, (accepted, line)) = judge.remarks()
    assert accepted == first.replace("1 writes", "2 writes")
    assert accepted.startswith("KVM accepted 2 writes that the model refuses, first: ")
    assert line == 8


@pytest.mark.parametrize(("told", "bits"), [(20, 32), (31, 32), (46, 46), (60, 52)])
def test_a_width_that_was_told_is_brought_within_what_cpus_have(told, bits):
    facts = Facts()
    facts.tell(Told.MAXPHYADDR, told, HERE)
    assert told_width(facts, ImportOptions(), []) == bits
    assert told_width(Facts(), ImportOptions(), []) is None


def test_names_that_the_package_does_not_have_are_refused():
    with pytest.raises(AttributeError, match=r"'mtrrviz\.importers' has no attribute 'nothing'"):
        importers.nothing  # noqa: B018


@pytest.mark.parametrize("blank", ["", " ", "\t "])
def test_blank_lines_by_the_thousand_are_offered_to_the_main_format_alone(monkeypatch, blank):
    offered = []
    feed = LineParser.feed

    def counted(parser, lines, numbers):
        offered.append(len(lines))
        return feed(parser, lines, numbers)

    monkeypatch.setattr(LineParser, "feed", counted)
    head, tail = "0x2ff c06\n0x200 80000006\n", "0x201 ff80000800\n"
    result = imported(head + f"{blank}\n" * 20_000 + tail)
    assert sum(offered) < 50_000
    assert result.sources[0].lines == 20_003
    alike = imported(head + "\n\n" + tail)
    assert result.scenario.machine == alike.scenario.machine
    assert [note.text for note in result.notes] == [note.text for note in alike.notes]
