"""Memory types and their combination with the guest's PAT."""

from __future__ import annotations

import pytest

from mtrrviz.core.memtype import (
    COMBINATION_NOTES,
    MEMORY_TYPES,
    MemoryType,
    PatType,
    combination_notes,
    effective_type,
)

TABLE = """
UC  UC UC WC UC UC UC
WC  UC WC WC UC UC WC
WT  UC UC WC WT WP WT
WP  UC WC WC WT WP WP
WB  UC UC WC WT WP WB
"""
COLUMNS = ("UC", "UC-", "WC", "WT", "WP", "WB")


@pytest.mark.parametrize("row", TABLE.strip().splitlines())
def test_types_combine_as_in_the_manual(row: str) -> None:
    ept, *results = row.split()
    by_label = {pat.label: pat for pat in PatType}
    found = [effective_type(MemoryType[ept], 0, by_label[label]).name for label in COLUMNS]
    assert found == results


@pytest.mark.parametrize("ept", MemoryType)
@pytest.mark.parametrize("pat", PatType)
def test_ipat_silences_the_pat(ept: MemoryType, pat: PatType) -> None:
    assert effective_type(ept, 1, pat) is ept


@pytest.mark.parametrize("ept", MemoryType)
@pytest.mark.parametrize("pat", PatType)
def test_notes_say_where_an_uncacheable_type_comes_from(ept: MemoryType, pat: PatType) -> None:
    notes = combination_notes(ept, 0, pat)
    is_uc = effective_type(ept, 0, pat) is MemoryType.UC
    assert (1 in notes) == (is_uc and ept is MemoryType.UC)
    assert (2 in notes) == (is_uc and ept is not MemoryType.UC)
    assert set(notes) <= set(COMBINATION_NOTES)
    assert combination_notes(ept, 1, pat) == ()


def test_the_combinations_that_older_manuals_left_open() -> None:
    open_once = {
        (ept.name, pat.label)
        for ept in MemoryType
        for pat in PatType
        if 3 in combination_notes(ept, 0, pat)
    }
    expected = {("WC", "WT"), ("WC", "WP"), ("WT", "WP"), ("WP", "UC-"), ("WP", "WT")}
    assert open_once == expected


def test_codes_are_the_hardwares() -> None:
    assert [(t.name, int(t)) for t in MEMORY_TYPES] == [
        ("WB", 6),
        ("WT", 4),
        ("WP", 5),
        ("WC", 1),
        ("UC", 0),
    ]
    assert (PatType.UC_MINUS, PatType.UC_MINUS.label) == (7, "UC-")


@pytest.mark.parametrize("memory_type", MemoryType)
def test_every_type_has_its_words(memory_type: MemoryType) -> None:
    assert memory_type.long_name.replace("-", " ").split()[0] in memory_type.linux_name.replace(
        "uncachable", "uncacheable"
    )
    assert PatType(memory_type).meaning == memory_type.meaning
    assert len({t.meaning for t in MemoryType}) == len(MemoryType)


def test_uc_minus_has_a_meaning_of_its_own() -> None:
    assert "WC" in PatType.UC_MINUS.meaning
