"""What a solution looks like when it is taken away: each format read back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from mtrrviz.analysis.solve import (
    FORMATS,
    Limits,
    WantedRange,
    parse_wanted,
    solution_text,
    solve,
    wanted_map,
)
from mtrrviz.analysis.solve.wanted import is_wanted_text
from mtrrviz.cli import solving
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.importers import import_texts

UC, WT, WB = MemoryType.UC, MemoryType.WT, MemoryType.WB
GIB = 1 << 30


def solution(**limits):
    ranges = [(0, 3 * GIB, WB), (3 * GIB, GIB, UC), (4 * GIB, 5 * GIB, WB), (9 * GIB, GIB, WT)]
    wanted = wanted_map([WantedRange(a, a + size, kind) for a, size, kind in ranges], 40)
    return solve(wanted, Limits(**limits))


def test_the_command_line_offers_all_formats():
    assert tuple(FORMATS) == solving.FORMATS


def test_the_script_turns_mtrrs_off_writes_all_and_turns_them_on():
    made = solution()
    text = solution_text(made, "wrmsr")
    found = [(int(m, 16), int(v, 16)) for m, v in re.findall(r"^wrmsr -a (\S+) (\S+)", text, re.M)]
    assert found == [(0x2FF, made.deftype & ~0x800), *made.writes]
    shell = shutil.which("sh")
    assert shell is not None
    assert subprocess.run([shell, "-n"], input=text.encode(), check=False).returncode == 0


def test_proc_mtrr_lines_are_read_back_by_the_importer():
    made = solution()
    lines = re.findall(r'^echo "(base=.*)" > /proc/mtrr$', solution_text(made, "proc-mtrr"), re.M)
    assert len(lines) == len(made.pairs)
    scenario = import_texts([("lines", "\n".join(lines).encode())]).scenario
    values = {event.register: event.value & 0xFFF for event in scenario.events}
    assert [values[0x200 + 2 * pair.index] for pair in made.pairs] == [p.type for p in made.pairs]


def test_linux_is_not_said_to_do_what_it_cannot():
    ram = wanted_map([WantedRange(0, 15 * GIB, WB)], 40)
    text = solution_text(solve(ram, Limits(default=UC)), "proc-mtrr")
    assert "use the register values instead" in text
    assert "use the register values" not in solution_text(solution(), "proc-mtrr")


def test_c_and_edk2_hold_every_value():
    made = solution()
    c = re.findall(r"\{ (0x\w+), (0x\w+)ULL \}", solution_text(made, "c"))
    assert [(int(msr, 16), int(value, 16)) for msr, value in c] == made.writes
    edk2 = [int(v, 16) for v in re.findall(r"0x(\w+)ULL", solution_text(made, "edk2"))]
    pairs = [value for pair in made.pairs for value in (pair.physbase, pair.physmask)]
    assert edk2 == [*made.fixed.values(), *pairs, made.deftype]


def test_json_holds_registers_ranges_and_verdict():
    made = solution(pairs=1)
    value = json.loads(solution_text(made, "json"))
    assert (value["exact"], value["pairs_free"]) == (False, 1)
    assert (value["pairs_needed"], value["pairs_needed"] > 1) == (made.needed, True)
    assert [(r["msr"], int(r["value"], 16)) for r in value["registers"]] == made.writes
    assert sum(d["end"] - d["start"] for d in value["differences"]) > 0
    assert {d["kvm"] for d in value["differences"]} == {d["sdm"] for d in value["differences"]}


def test_the_table_says_whether_it_was_proved():
    assert "every page gets its wanted type" in solution_text(solution(), "table")
    assert "the nearest map" in solution_text(solution(pairs=1), "table")


def test_a_map_is_read_from_lines():
    text = "# RAM\n0 2GiB WB\n\n0xc000_0000 16MiB write-combining # frame buffer\n"
    first, second = parse_wanted(text, "wanted.txt")
    assert (first.start, first.end, first.type) == (0, 2 * GIB, WB)
    assert (second.start, second.type.name) == (3 * GIB, "WC")


def test_a_word_of_a_hundred_characters_is_read():
    (one,) = parse_wanted(f"0x{'0' * 94}1000 4096 WB", "wanted.txt")
    assert (one.start, one.end) == (4096, 8192)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no ranges"),
        ("0 1GiB", "line 1: 2 words"),
        ("\n0 1GiB XX", "line 2: 'XX' is not a memory type"),
        ("zero 1GiB WB", "'zero' is not an address"),
        ("0 1XB WB", "unknown unit"),
        ("0 4096 WB\n" * 4097, "more than 4096"),
        (f"0x{'0' * 99} 4096 WB", "goes on"),
    ],
)
def test_lines_that_are_wrong_are_named(text, words):
    with pytest.raises(MtrrvizError, match=words):
        parse_wanted(text, "wanted.txt")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0 2GiB WB", True),
        ("# RAM\n\n  0 2GiB write-back # all", True),
        ("0 2GiB XX", False),
        ("0 2GiB", False),
        ("0 2GiB WB more", False),
        ("three words here\n0 2GiB WB", False),
        ("# nothing\n\n", False),
        ("", False),
    ],
)
def test_the_first_line_that_says_something_tells_whether_a_text_is_a_map(text, is_one):
    assert is_wanted_text(text) is is_one


def test_as_many_ranges_as_a_map_may_have_are_read():
    assert len(parse_wanted("0 4096 WB\n" * 4096, "wanted.txt")) == 4096
