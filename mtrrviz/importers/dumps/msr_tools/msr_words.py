"""Register numbers and names as people and tools write them."""

from __future__ import annotations

import re

from mtrrviz.core.msr.registers import CR0_ID, REGISTERS

_PREFIXES = tuple(
    vendor + group
    for vendor in ("", "IA32_", "MSR_", "MSR_IA32_")
    for group in ("", "MTRR", "MTRR_")
)
_SPECIAL = {
    "IA32_CR_PAT": 0x277,
    "MSR_IA32_CR_PAT": 0x277,
    "DEFTYPE": 0x2FF,
    "MTRRDEFTYPE": 0x2FF,
    "MTRR_DEFTYPE": 0x2FF,
    "MSR_MTRRDEFTYPE": 0x2FF,
    "IA32_MTRRDEFTYPE": 0x2FF,
    "IA32_MTRR_CAP": 0xFE,
}


def _names() -> dict[str, int]:
    """Return the spellings that the SDM, Linux and tools have for each register."""
    names = dict(_SPECIAL)
    for register in REGISTERS.values():
        if register.msr != CR0_ID:
            plain = register.name.removeprefix("IA32_").removeprefix("MTRR_")
            names |= {prefix + plain: register.msr for prefix in _PREFIXES}
    return names


NAMES: dict[str, int] = _names()
"""Numbers of the MTRR and PAT registers by upper-case name."""

_KIND = "MTRR|PHYS|FIX|DEF_?TYPE|PAT"
NAME = rf"[A-Za-z_0-9]{{0,20}}(?:{_KIND})[A-Za-z_0-9]{{0,20}}"
"""Pattern of words that may be such a name."""


def is_relevant(msr: int) -> bool:
    """Return whether a register number is an MTRR's or the PAT's, those beyond KVM's included."""
    return msr in REGISTERS


def named(word: str) -> int | None:
    """Return the number of a register by name, None if there is none."""
    return NAMES.get(word.upper())


def digits_of(word: str) -> int:
    """Return how many hexadecimal digits a number is written with."""
    return len(word) - 2 if word[:2] in ("0x", "0X") else len(word)


MISSING = r"\s{0,40}(?:0[xX])?\s*$"
"""Pattern of what is left of a value that is cut away altogether."""


def hex_words(text: str) -> list[str]:
    """Return the hexadecimal words of a text, with or without 0x; ValueError if one is none."""
    words = re.split(r"[\s,]+", text.strip().rstrip(";,"))
    if not all(re.fullmatch(r"(?:0[xX])?[0-9a-fA-F]{1,40}", word) for word in words):
        raise ValueError(text)
    return words
