"""Regions of a machine from ranges of bytes: whole pages, in order, none twice."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.units import format_size
from mtrrviz.importers.lines import clean
from mtrrviz.importers.lines.clean import needs_cleaning
from mtrrviz.importers.machine import regions
from mtrrviz.importers.machine.regions import Use, joined_regions
from mtrrviz.importers.notes import Place
from mtrrviz.scenario.machine_spec import RegionKind
from tests.importers.helpers import imported, texts
from tests.narrow import there

HERE = Place("a", 1)
USES = (Use("RAM", RegionKind.RAM), Use("flash", RegionKind.ROM), Use("BAR", RegionKind.MMIO))

rows = st.lists(
    st.tuples(st.integers(0, 0x9000), st.integers(1, 0x3000), st.sampled_from(USES)), max_size=8
).map(lambda found: [(start, start + size, use) for start, size, use in found])


@given(rows)
def test_each_page_has_the_last_use_painted_on_it_and_ram_wins(found):
    made = joined_regions(found, HERE, [])
    for page in range(16):
        low, high = page << 12, (page + 1) << 12
        on_it = [use for start, end, use in found if start < high and end > low]
        ram = [use for use in on_it if use.kind is RegionKind.RAM]
        kinds = [region.kind for region in made if region.start <= low and region.end >= high]
        assert kinds == ([(ram or on_it)[-1].kind] if on_it else [])
    for before, after in itertools.pairwise(made):
        assert before.end <= after.start
        assert before.end < after.start or (before.kind, before.name) != (after.kind, after.name)
    assert all(region.start % 4096 == region.end % 4096 == 0 for region in made)


@pytest.mark.parametrize("count", [3, 4])
def test_of_too_many_regions_the_largest_are_kept_aloud_and_in_order(monkeypatch, count):
    monkeypatch.setattr(regions, "MAX_REGIONS", 3)
    sizes = [2, 1, 3, 4][:count]
    flash = USES[1]
    found = [(n << 20, (n << 20) + (size << 12), flash) for n, size in enumerate(sizes)]
    notes = []
    made = joined_regions(found, HERE, notes)
    kept = [n for n, size in enumerate(sizes) if count == 3 or size > 1]
    assert [region.start >> 20 for region in made] == kept
    assert len(notes) == (count > 3)


@pytest.mark.parametrize("mark", ['"quoted"', "<b>x", "a&lt;b", "`x`", "soft="])
def test_a_long_text_is_cleaned_if_a_line_of_its_sample_asks_for_it(monkeypatch, mark):
    monkeypatch.setattr(clean, "CHECKED_LINES", 20)
    monkeypatch.setattr(clean, "SAMPLED_LINES", 10)
    plain = ["MTRR default type: uncachable"] * 40
    assert needs_cleaning(plain[:20]), "a short one is cleaned anyway"
    assert not needs_cleaning(plain)
    assert needs_cleaning([mark, *plain[1:]])


@pytest.mark.parametrize(
    ("size", "is_told"), [(0x100000, True), (0xFF000, False), (0x1800000, True)]
)
def test_what_is_reserved_beside_ram_is_ram_and_is_told_from_1_mib_on(size, is_told):
    end = 0x7000_0000
    result = imported(
        "BIOS-e820: [mem 0x0000000000100000-0x000000006fffffff] usable\n"
        f"BIOS-e820: [mem 0x{end:016x}-0x{end + size - 1:016x}] reserved\n"
    )
    made = there(result.scenario.machine.region_at(end >> 12))
    assert made.kind is RegionKind.RAM
    assert made.end == end + size
    assert (f"{format_size(size)} that is reserved beside RAM" in texts(result)) == is_told
