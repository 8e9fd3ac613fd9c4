"""A pair whose line was lost on the way is unknown: it may be what keeps devices uncached."""

from __future__ import annotations

import pytest

from mtrrviz.cli import main
from mtrrviz.core.msr.registers import PHYSBASE0
from mtrrviz.importers import ImportOptions, import_texts
from mtrrviz.scenario.machine_spec import MachineKind

HEAD = "MTRR default type: uncachable\nMTRR variable ranges enabled:\n"
WB = "  0 base 000000000 mask F00000000 write-back\n"
WHOLE = "  1 base 0C0000000 mask FE0000000 uncachable\n"
LAST = "  2 base 0E0000000 mask FE0000000 uncachable\n"
TAIL = "last_pfn = 0xc0000 max_arch_pfn = 0x400000000\n"


def unknown_pairs(text):
    options = ImportOptions(machine=MachineKind.HOST)
    spec = import_texts([("log", text.encode())], options=options).scenario.machine
    return sorted({(msr - PHYSBASE0) // 2 for _, msr in spec.unknown_registers if msr < 0x240})


@pytest.mark.parametrize("rest", ["", "  1 base 0C0000000 mask\n"])
def test_a_pair_between_others_that_no_whole_line_prints_is_unknown(rest):
    assert 1 in unknown_pairs(HEAD + WB + rest + LAST + TAIL)


@pytest.mark.parametrize("cut", range(3, len(LAST)))
@pytest.mark.parametrize("head", ["", "[    0.000000] ", "(XEN) "])
def test_the_last_pair_is_unknown_wherever_its_line_is_cut(cut, head):
    kept = LAST.rstrip()[:cut]
    text = "".join(head + line + "\n" for line in (HEAD + WB + WHOLE + kept).splitlines())
    found = unknown_pairs(text + head + TAIL)
    is_whole = kept.split()[-1] in ("unca", "uncac", "uncach", "uncacha", "uncachab", "uncachabl",
                                    "uncachable")  # fmt: skip
    assert found == ([] if is_whole else [2])


CUT = {
    "/proc/mtrr": "reg00: base=0x000000000 (    0MB), size= 4096MB, count=1: write-back\n"
    "reg01: base=0x0c0000000 ( 3072MB), si\n",
    "/proc/mtrr of a type that Linux does not know": "reg00: base=0x000000000 (    0MB), size= "
    "4096MB, count=1: write-back\nreg01: base=0x0c0000000 ( 3072MB), size= 512MB, count=1: ?\n",
    "coreboot": "MTRR: default type WB/UC MTRR counts: 6/5.\nMTRR: UC selected as default type.\n"
    "MTRR: 0 base 0x0000000000000000 mask 0x0000000f00000000 type 6\n"
    "MTRR: 1 base 0x00000000c0000000 mask 0x00000\n",
    "edk2": "MTRR Default Type: 0000000000000C00\n"
    "Variable MTRR[00]: Base=0000000000000006 Mask=0000000F00000800\n"
    "Variable MTRR[01]: Base=00000000C0000000 Ma\n",
    "memcontrol": "0x0/0x100000000 BIOS write-back set-by-firmware active \n"
    "0xc0000000/0x40000000 BIOS uncacheable set-by-fi\n",
    "memcontrol without a type": "0x0/0x100000000 BIOS write-back set-by-firmware active \n"
    "0xc0000000/0x400\n",
}


@pytest.mark.parametrize("what", CUT)
def test_a_cut_line_of_any_dump_says_that_its_pair_is_there(what):
    assert unknown_pairs(CUT[what])[:1] == [1]


@pytest.mark.parametrize(
    "told",
    [
        "mtrr: MTRR map: 6 entries (3 fixed + 3 variable; max 23), built from 10 variable MTRRs\n",
        "IA32_MTRRCAP = 0xd0a\n",
    ],
)
def test_pairs_that_the_cpu_is_said_to_have_and_nobody_prints_are_unknown(told):
    assert unknown_pairs(HEAD + WB + WHOLE + LAST + TAIL + told) == [3, 4, 5, 6, 7, 8, 9]


def test_pairs_behind_the_last_that_is_printed_are_off():
    assert not {3, 4, 5} & {*unknown_pairs(HEAD + WB + WHOLE + LAST + TAIL)}


def test_nothing_is_solved_where_a_lost_pair_may_keep_devices_uncached(tmp_path, capsys):
    log = tmp_path / "log.txt"
    log.write_text(HEAD + WB + LAST + TAIL)
    assert main(["solve", str(log)]) == 2
    assert "WB" not in capsys.readouterr().out


def test_a_refusal_says_which_pair_is_missing_and_not_that_all_are(tmp_path, capsys):
    log = tmp_path / "log.txt"
    log.write_text(HEAD + WB + LAST + TAIL)
    assert main(["solve", str(log)]) == 2
    said = capsys.readouterr().err
    assert "the values of pair 1 are not known" in said
    assert "the MTRRs' values are not known" not in said


def test_without_default_type_and_map_nothing_is_solved(tmp_path, capsys):
    log = tmp_path / "log.txt"
    log.write_text("reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n")
    assert main(["solve", str(log)]) == 2
    assert "the default type is not known and no memory map" in capsys.readouterr().err
