"""A pair whose line was lost on the way is unknown: it may be what keeps devices uncached."""

from __future__ import annotations

import pytest

from mtrrviz.cli import main
from mtrrviz.core.msr.regtable import PHYSBASE0
from mtrrviz.importers import import_texts

HEAD = "MTRR default type: uncachable\nMTRR variable ranges enabled:\n"
WB = "  0 base 000000000 mask F00000000 write-back\n"
WHOLE = "  1 base 0C0000000 mask FE0000000 uncachable\n"
LAST = "  2 base 0E0000000 mask FE0000000 uncachable\n"
TAIL = "last_pfn = 0xc0000 max_arch_pfn = 0x400000000\n"


def unknown_pairs(text):
    spec = import_texts([("log", text.encode())]).scenario.machine
    return sorted({(msr - PHYSBASE0) // 2 for _, msr in spec.unknown_registers if msr < 0x240})


@pytest.mark.parametrize("rest", ["", "  1 base 0C0000000 mask\n"])
def test_a_pair_between_others_that_no_whole_line_prints_is_unknown(rest):
    assert 1 in unknown_pairs(HEAD + WB + rest + LAST + TAIL)


def test_pairs_behind_the_last_that_is_printed_are_off():
    assert not {3, 4, 5} & {*unknown_pairs(HEAD + WB + WHOLE + LAST + TAIL)}


def test_nothing_is_solved_where_a_lost_pair_may_keep_devices_uncached(tmp_path, capsys):
    log = tmp_path / "log.txt"
    log.write_text(HEAD + WB + LAST + TAIL)
    assert main(["solve", str(log)]) == 2
    assert "WB" not in capsys.readouterr().out
