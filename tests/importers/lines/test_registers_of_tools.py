"""Registers as tools print them: how many digits a value has, rows that are cut, CPUs in turn."""

from __future__ import annotations

import pytest

from mtrrviz.importers.facts import Facts
from mtrrviz.importers.reading import read_texts
from mtrrviz.importers.this_machine.bounded_files import Tree
from mtrrviz.importers.this_machine.machine_sources import Sources
from mtrrviz.importers.this_machine.msr_device import read_msrs, registers
from tests.importers.machine.machine_tree import INTEL, MachineTree


def facts_of(*lines: str) -> tuple[Facts, int]:
    """Return what lines tell, and how many of them are of no format."""
    facts = Facts()
    (report,) = read_texts(facts, [("log", "\n".join(lines).encode())])
    return facts, report.unknown_lines


@pytest.mark.parametrize(
    ("line", "cpu", "msr", "value", "digits"),
    [
        ("[*] CPU0: RDMSR( 0x2ff ) = 0000000000000C06 (EAX=00000C06)", 0, 0x2FF, 0xC06, 16),
        ("[*] CPU12: RDMSR( 0x2ff ) = C06", 12, 0x2FF, 0xC06, 3),
        ("[cpu1] RDMSR( 0x200 ): EAX = 0x80000006, EDX = 0x00000001", 1, 0x200, 0x1_8000_0006, 16),
        ("[cpu1] RDMSR( 0x201 ): EAX = 0x80000800, EDX = 0x7F", 1, 0x201, 0x7F_8000_0800, 10),
        ("[cpu1] WRMSR( 0x201 ): EAX = 0x800, EDX = 0x0000007F", 1, 0x201, 0x7F_0000_0800, 11),
    ],
)  # fmt: skip
def test_chipsecs_values_have_the_digits_that_were_printed(line, cpu, msr, value, digits):
    facts, unknown = facts_of(*["[CHIPSEC] x"] * 2, line, line)
    assert unknown == 0
    found = {(r.vcpu, r.msr, r.value, r.digits) for r in facts.registers}
    assert found == {(cpu, msr, value, digits)}


ROWS = ("0x2ff: 0x0000000000000c06", "0x277: 0x0007040600070406", "0x200: 0x0000000080000000")


@pytest.mark.parametrize(
    ("row", "pairs", "notes", "unknown"),
    [
        ("0x201:", [0], 0, 0),
        ("0x20e:", [7], 0, 0),
        ("0x2ff:", [], 1, 0),
        ("0x250:", [], 1, 0),
        ("0x2a0,", [], 0, 1),
        ("2a0,", [], 0, 1),
    ],
)
def test_a_row_cut_before_its_value_tells_of_its_register_alone(row, pairs, notes, unknown):
    facts, lines = facts_of(*ROWS, row)
    assert list(facts.cut_pairs) == pairs
    assert sum("is missing" in note.text for note in facts.notes) == notes
    assert lines == unknown
    assert len(facts.registers) == len(ROWS)


@pytest.mark.parametrize("pairs", [0, 1, 8, 10, 16, 31, 32, 33, 255])
@pytest.mark.parametrize("has_fixed", [False, True])
@pytest.mark.parametrize("is_amd", [False, True])
def test_the_registers_that_a_cpu_has_are_asked_for_and_no_others(pairs, has_fixed, is_amd):
    asked: list[int] = []

    def read(msr: int) -> int | None:
        asked.append(msr)
        return pairs | has_fixed << 8 if msr == 0xFE else None if msr & 1 else msr

    found = registers(read, is_amd=is_amd)
    expected = {0xFE, 0x2FF, 0x277, *range(0x200, 0x200 + 2 * min(pairs, 32))}
    expected |= {0x250, 0x258, 0x259, *range(0x268, 0x270)} if has_fixed else set()
    expected |= {0xC001_0010, 0xC001_001A, 0xC001_001D} if is_amd else set()
    assert set(asked) == expected
    assert found == {msr: msr for msr in expected if not msr & 1 and msr != 0xFE} | {
        0xFE: pairs | has_fixed << 8
    }


def test_each_cpu_is_told_of_before_it_is_read(tmp_path):
    tree = MachineTree(tmp_path)
    tree.cpuinfo(cpus=3)
    tree.msrs(INTEL, INTEL, INTEL)
    sources, told = Sources(Tree(tmp_path)), []
    kept = sources.facts.registers
    read_msrs(sources, lambda *step: told.append((*step, len(kept))), lambda: False)
    each = len(kept) // 3
    assert told == [(f"/dev/cpu/{cpu}/msr", cpu, 3, cpu * each) for cpu in range(3)]
    assert {one.vcpu for one in kept} == {0, 1, 2}


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["0", "10", "9"], [0, 9, 10]),
        (["0", "cpufreq", "online", "1x", "-1"], [0]),
        (["\u0663", "\u00b2", "7"], [7]),
        (["x"], []),
    ],
)
def test_entries_that_are_numbers_are_found_among_others(tmp_path, names, numbers):
    for name in names:
        (tmp_path / "cpu" / name).mkdir(parents=True)
    assert Tree(tmp_path).numbers("/cpu") == numbers
