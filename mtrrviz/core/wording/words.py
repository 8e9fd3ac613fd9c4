"""Words that several steps of an explanation share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.memtype import MemoryType, PatType, effective_type

if TYPE_CHECKING:
    from collections.abc import Iterable


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Return "1 device" or "3,000 devices"; ``nouns`` is a plural that is more than an added s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {nouns or f'{noun}s'}"


def sentence(text: str) -> str:
    """Return words as a sentence: with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def leaf_words(memory_type: MemoryType, ipat: int) -> str:
    """Return "WB, IPAT 1"."""
    return f"{memory_type.name}, IPAT {ipat}"


def result_words(memory_type: MemoryType, ipat: int) -> str:
    """Say what the entry holds, and what the processor makes of it with the guest's PAT."""
    entry = f"EPT memory type {memory_type.name} (bits 5:3 = {memory_type.value}), IPAT {ipat}"
    if ipat:
        return f"{entry}: the guest's PAT is ignored, the page is {memory_type.name}"
    with_wb = effective_type(memory_type, ipat, PatType.WB)
    return f"{entry}: the guest's PAT counts too; where it says WB the page is {with_wb.name}"


def number_runs(numbers: Iterable[int]) -> str:
    """Return ascending numbers with runs joined: "1, 3-7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
