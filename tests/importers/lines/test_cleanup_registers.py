"""The kernel's cleanup of MTRRs replaces the pairs that its own log printed, and nothing else."""

from __future__ import annotations

from mtrrviz.importers.facts import Facts
from mtrrviz.importers.kernel.cleanup import Cleanup
from mtrrviz.importers.notes import Place

DEFTYPE, PHYSBASE0, WB, ON = 0x2FF, 0x200, 6, 0x800
MASK = (1 << 36) - (1 << 30)


def test_new_pairs_replace_those_of_their_text_and_leave_other_registers_and_texts_alone():
    facts = Facts()
    for number in range(3):
        base = PHYSBASE0 + 2 * number
        facts.add_register(None, base, number << 30 | WB, Place("log", number))
        facts.add_register(None, base + 1, MASK | ON, Place("log", number))
    facts.add_register(None, DEFTYPE, ON, Place("log", 4))
    facts.add_register(None, PHYSBASE0 + 10, 7 << 30 | WB, Place("other", 1))
    facts.add_register(None, PHYSBASE0 + 11, MASK | ON, Place("other", 2))
    cleanup = Cleanup(facts)
    lines = (
        "New variable MTRRs",
        "reg 0, base: 0GB, range: 2GB, type WB",
        "reg 1, base: 2GB, range: 1GB, type WB",
    )
    assert all(cleanup.take(text, Place("log", 10)) for text in lines)
    cleanup.finish("log")
    wide = (1 << 36) - (2 << 30)
    assert sorted((one.place.file, one.msr, one.value) for one in facts.registers) == [
        ("log", PHYSBASE0, WB),
        ("log", PHYSBASE0 + 1, wide | ON),
        ("log", PHYSBASE0 + 2, 2 << 30 | WB),
        ("log", PHYSBASE0 + 3, MASK | ON),
        ("log", PHYSBASE0 + 4, 0),
        ("log", PHYSBASE0 + 5, 0),
        ("log", DEFTYPE, ON),
        ("other", PHYSBASE0 + 10, 7 << 30 | WB),
        ("other", PHYSBASE0 + 11, MASK | ON),
    ]
