"""Differing real entries as rows of text, and in words for maps and timelines."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.tables.mismatch_rows import MismatchRows, entry_words, headline, mismatch_words
from mtrrviz.sim import simulate
from tests.importers.helpers import imported
from tests.importers.traces.test_observed import SETUP, WB, WP, entry, leaf

TRACE = (
    SETUP
    + entry(0x100, leaf(WP))
    + entry(0x200, leaf(WB))
    + entry(0x400, leaf(WB, 1, level=2), level=2, t="100.000020")
    + entry(0x100, 0, t="100.000030", old=leaf(WP))
)


@pytest.fixture
def run():
    return simulate(imported(TRACE).scenario, "per-vcpu")


def test_every_cell_of_a_row(run):
    rows = MismatchRows(run)
    assert len(rows) == 2
    assert rows.texts(1)[1:] == (
        "0", "0x40_0000", "2 MiB", "WB, IPAT 1", "WB, IPAT 0", "as without non-coherent DMA", "6",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", [0, 1]),
        ("real:wp", [0]),
        ("real:ipat,wp", [0, 1]),
        ("level:2", [1]),
        ("why:dma", [1]),
        ("-why:dma", [0]),
        ("line:4", [0]),
        ("model:wb vcpu:0", [0, 1]),
        ("2 mib", [1]),
        ("vcpu:3", []),
    ],
)
def test_filters(run, text, kept):
    assert MismatchRows(run).mask(text).nonzero()[0].tolist() == kept


def test_a_wrong_filter_is_told(run):
    with pytest.raises(MtrrvizError, match="known are address, level, line, model, real"):
        MismatchRows(run).mask("cause:dma")


def test_the_headline_counts_and_names_the_policy(run):
    assert headline(run, "per-vcpu") == "2 of 3 real entries differ under per-vcpu"
    good = simulate(imported(SETUP + entry(0x200, leaf(WB))).scenario, "per-vm")
    assert headline(good, "per-vm") == "The real entry is as per-vm makes them"
    assert headline(simulate(imported("0x2ff c06\n").scenario, "per-vm"), "per-vm") == ""


def test_what_stands_at_a_time_is_told_of_its_pages(run):
    before, later = run.at(15_000), run.at(30_000)
    [line] = mismatch_words(before, (0x100, 0x101))
    assert line == "a real entry differs: really WP, IPAT 0, model WB, IPAT 0 (not explained)"
    assert mismatch_words(before, (0x101, 0x400)) == ()
    assert mismatch_words(later, (0x100, 0x101)) == ()
    [line] = mismatch_words(later, (0x5FF, 0x700))
    assert "IPAT 1" in line
    [line] = mismatch_words(run.at(25_000), (0, 0x1000))
    assert line.startswith("2 real entries differ, the last: really WB, IPAT 1")


def test_one_entry_in_a_line(run):
    words = entry_words(run, 0)
    assert "vCPU 0, 0x10_0000 (4 KiB): really WP, IPAT 0, model WB, IPAT 0" in words
