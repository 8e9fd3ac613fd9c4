"""A value of which digits are lost is no other value: its register is unknown, and that is said."""

from __future__ import annotations

import pytest

from mtrrviz.cli import main
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0
from mtrrviz.importers import ImportOptions, import_texts
from mtrrviz.scenario.machine_spec import MachineKind
from tests.analysis.solve.solve_judge import type_at
from tests.analysis.solve.solve_script import script, writes
from tests.cli.logs.test_field_verdicts import before_of

VALUES = {
    0x250: 0x0606060606060606, 0x258: 0x0606060606060606, 0x259: 0,
    **{0x268 + number: 0x0505050505050505 for number in range(8)},
    0x200: 0x6, 0x201: 0xF00000800, 0x202: 0xC0000000, 0x203: 0xFC0000800,
    0x204: 0xB0000000, 0x205: 0xFF0000800, 0x2FF: 0xC00,
}  # fmt: skip
TAIL = "last_pfn = 0xb0000 max_arch_pfn = 0x400000000\n"


def rdmsr(msr: int, value: int) -> str:
    return f"0x{msr:x}: {value:016x}"


def loop(msr: int, value: int) -> str:
    return f"0x{msr:x}:\n{value:016x}"


def row(msr: int, value: int) -> str:
    return f"0x{msr:x},0x{value:016x}"


def chipsec(msr: int, value: int) -> str:
    low, high = value & 0xFFFFFFFF, value >> 32
    return f"CPU0: RDMSR( 0x{msr:x} ) = {value:016X} (EAX={low:08X}, EDX={high:08X})"


def hal(msr: int, value: int) -> str:
    low, high = value & 0xFFFFFFFF, value >> 32
    return f"[cpu0] RDMSR( 0x{msr:x} ): EAX = 0x{low:08X}, EDX = 0x{high:08X}"


FORMATS = {"rdmsr": rdmsr, "a loop": loop, "a list": row, "chipsec": chipsec, "its log": hal}


def text_of(write, values=VALUES, replaced: dict[int, str] | None = None) -> str:
    replaced = replaced or {}
    return (
        "".join(f"{replaced.get(msr, write(msr, value))}\n" for msr, value in values.items()) + TAIL
    )


def imported(text: str):
    return import_texts([("log", text.encode())], options=ImportOptions(machine=MachineKind.HOST))


def unknown(found) -> set[int]:
    return {
        msr for _, msr in found.scenario.machine.unknown_registers if msr < 0x206 or msr > 0x21F
    }


@pytest.mark.parametrize("name", FORMATS)
def test_whole_values_are_all_known(name: str) -> None:
    assert unknown(imported(text_of(FORMATS[name]))) <= {0x277}


@pytest.mark.parametrize("msr", [0x202, 0x203, 0x204, 0x205, 0x268, DEFTYPE])
@pytest.mark.parametrize("name", FORMATS)
def test_a_value_without_its_last_digits_is_unknown_and_named(name: str, msr: int) -> None:
    whole = FORMATS[name](msr, VALUES[msr])
    end = whole.find(" (EAX=") if " (EAX=" in whole else len(whole)
    for lost in (1, 3, 5):
        found = imported(text_of(FORMATS[name], replaced={msr: whole[: end - lost]}))
        is_pair = msr < 0x240
        wanted = {msr & ~1, msr | 1} if is_pair else {msr}
        assert wanted <= unknown(found), lost
        words = f"pair {(msr - PHYSBASE0) // 2}" if is_pair else "is cut"
        assert any(words in note.text for note in found.notes)


@pytest.mark.parametrize(
    "cut", ["0x203:", "0x203: 0x", "203:", "0x203,", "0x203 =", "IA32_MTRR_PHYSMASK1 =", "0x203: "]
)
def test_a_label_without_a_value_says_that_its_pair_is_there(cut: str) -> None:
    write = row if "," in cut or "=" in cut else rdmsr
    found = imported(text_of(write, replaced={0x203: cut}))
    assert {0x202, 0x203} & unknown(found)
    assert any("pair 1" in note.text for note in found.notes)


def test_the_last_label_without_a_value_is_not_a_pair_that_is_off() -> None:
    values = {msr: value for msr, value in VALUES.items() if msr != DEFTYPE}
    values = {0x2FF: 0xC00} | {msr: value for msr, value in values.items() if msr < 0x205}
    text = "".join(f"{rdmsr(msr, value)}\n" for msr, value in values.items()) + "0x205:\n" + TAIL
    assert 0x205 in unknown(imported(text))


def test_values_that_are_printed_without_zeros_may_have_any_length() -> None:
    text = "".join(f"0x{msr:x}: {value:x}\n" for msr, value in VALUES.items()) + TAIL
    found = imported(text)
    assert unknown(found) <= {0x277}
    assert not [note for note in found.notes if "is cut" in note.text]


def test_a_register_that_the_cpu_does_not_have_has_lost_no_value(capsys) -> None:
    text = text_of(rdmsr) + "0x280:\nrdmsr: CPU 0 cannot read MSR 0x00000280\n"
    assert not [note for note in imported(text).notes if "missing" in note.text]


FIXED = (
    "MTRR default type: uncachable\nMTRR fixed ranges enabled:\n  00000-9FFFF write-back\n"
    "  A0000-BFFFF uncachable\n  C0000-C7FFF write-protect\n  C8000-FFFFF uncachable\n"
    "MTRR variable ranges enabled:\n  0 base 000000000 mask F80000000 write-back\n"
    + "".join(f"  {number} disabled\n" for number in range(1, 8))
    + "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n"
    "BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable\n"
)


@pytest.mark.parametrize("line", range(2, 6))
@pytest.mark.parametrize("kept", [0, 3, 8, 14])
def test_fixed_ranges_that_a_log_lost_become_no_cached_device(line: int, kept: int) -> None:
    whole = imported(FIXED).scenario
    lines = FIXED.splitlines()
    lines[line] = lines[line][:kept]
    text = "\n".join([*lines, "Booting paravirtualized kernel on bare hardware", ""])
    before = before_of(whole)
    written = writes(script(text))
    after = before | {msr: value for msr, value in written.items() if msr in before}
    for address in range(0xA0000, 0x100000, 0x1000):
        now, then = (type_at(whole.machine, values, address) for values in (before, after))
        assert then in (now, "UC"), hex(address)


def test_nothing_is_mended_where_the_value_of_a_pair_is_cut(tmp_path, capsys) -> None:
    log = tmp_path / "log.txt"
    log.write_text(text_of(rdmsr, replaced={0x203: "0x203: 0000000fc00"}))
    assert main(["solve", str(log), "--machine", "host"]) == 2
    assert "the values of pair 1 are not known" in capsys.readouterr().err
