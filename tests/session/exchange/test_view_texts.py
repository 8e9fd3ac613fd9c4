"""What views say when they are copied, against the values behind them."""

from __future__ import annotations

import pytest

from mtrrviz.core.msr.registers import DEFTYPE, mtrr_msrs
from mtrrviz.facts.figures import figures, figures_until
from mtrrviz.facts.stretch import measure
from mtrrviz.facts.table_text import tab_separated
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.exchange.view_texts import (
    machine_text,
    page_text,
    registers_text,
    results_text,
    stretch_text,
)
from mtrrviz.session.selection import Selection
from tests.session.slow_executor import SlowExecutor


@pytest.fixture
def document():
    made = Document(open_scenario("small-machine"))
    made.set_playhead(1_100_000_000)
    return made


def cells(text):
    return dict(line.split("\t", 1) for line in text.splitlines())


def test_cells_stay_on_their_line_and_in_their_column():
    text = tab_separated(("a", "b"), [("x\ty", "two\nlines"), (" 1", "")])
    assert text == "a\tb\nx y\ttwo lines\n1\t"


def test_registers_are_all_there_with_value_and_meaning(document):
    machine = document.state.machine
    lines = registers_text(machine, 1).splitlines()
    assert len(lines) == 1 + len(mtrr_msrs()) + 1
    (deftype,) = [line.split("\t") for line in lines if line.startswith("IA32_MTRR_DEF_TYPE")]
    assert deftype[1] == "0x2ff"
    assert int(deftype[2].replace("_", ""), 16) == machine.read_msr(1, DEFTYPE)
    assert deftype[3].startswith("E on")


def test_results_are_those_up_to_the_playhead_in_all_and_compared(document):
    run, other = document.run, document.compared_run
    rows = cells(results_text(run, other, document.playhead_ns))
    now = figures_until(run, document.playhead_ns)
    counts = (now.zap_count, figures(run).zap_count, figures(other).zap_count)
    assert rows["zaps"] == "\t".join(map(str, counts))
    assert "modelled" in results_text(run, None, 0)


def test_the_machine_is_told_with_its_regions(document):
    rows = cells(machine_text(document.scenario.machine))
    assert rows["vCPUs"] == "2"
    assert rows["CPUID has MTRRs"] == "yes"
    assert rows["region RAM"].endswith(", ram")
    assert rows["largest host page"] == "2 MiB"


def test_a_stretch_is_that_between_the_markers_or_up_to_the_playhead(document):
    assert cells(stretch_text(document))["to"] == "1.100 s"
    document.set_marker("A", 900_000_000)
    document.set_marker("B", 200_000_000)
    rows = cells(stretch_text(document))
    assert (rows["from"], rows["to"]) == ("200.000 ms", "900.000 ms")
    assert rows["zaps"] == str(measure(document.run, 200_000_000, 900_000_000).zap_count)


def test_a_page_is_told_with_what_decided(document):
    assert page_text(document, ()) is None
    document.select_page(0x2100)
    document.point_at(Selection(gfns=(0, 0x80000)))
    rows = cells(page_text(document, ("words of the map",)))
    assert rows["page"] == "0x210_0000"
    assert rows["leaf"] == "WT, IPAT 0"
    assert rows["because"].startswith("variable range 0")
    assert rows["map"] == "words of the map"
    assert rows["marked"] == "0x0 to 0x7fff_ffff"
    document.select_page(0xA8)
    assert cells(page_text(document, ()))["next fault of vCPU 0"] == "none: no memory slot"


def test_before_the_first_run_there_is_nothing_to_tell():
    waiting = Document(open_scenario("small-machine"), executor=SlowExecutor())
    waiting.select_page(0)
    assert page_text(waiting, ()) is None
    assert stretch_text(waiting) is None
