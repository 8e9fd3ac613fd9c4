"""Pages, addresses, sizes and times: conversions, and how each is written."""

from __future__ import annotations

import re

PAGE_SHIFT = 12
"""log2 of the page size: gfn = gpa >> PAGE_SHIFT."""

PAGE_SIZE = 1 << PAGE_SHIFT
"""Bytes in one 4 KiB page."""

LEVEL_PAGES: dict[int, int] = {1: 1, 2: 512, 3: 262144}
"""4 KiB pages a leaf maps, by paging level: 4 KiB, 2 MiB and 1 GiB."""

LEVEL_NAMES: dict[int, str] = {1: "4 KiB", 2: "2 MiB", 3: "1 GiB"}
"""Size of a leaf in words, by paging level."""

MIB = 1 << 20
"""Bytes in one MiB."""

GIB = 1 << 30
"""Bytes in one GiB."""

FOUR_GIB = 4 * GIB
"""End of the addresses of 32 bits, below which firmware keeps the windows of devices."""

GFN_SPACE = 1 << 52
"""Number of gfns in the whole space KVM's 64-bit guest physical addresses span."""

_SIZE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_UNIT_BYTES: dict[str, int] = {
    spelling.lower(): 1 << (10 * power)
    for power, unit in enumerate(_SIZE_UNITS)
    for spelling in (unit, unit[0])
}
_SIZE_PATTERN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]*)")
_UNIT_LETTERS = "|".join(
    "".join(f"[{letter.upper()}{letter}]" for letter in unit)
    for unit in sorted(_UNIT_BYTES, key=len, reverse=True)
)
SIZE_JSON_PATTERN = rf"^\s*(0[xX][0-9A-Fa-f_]+|[0-9][0-9_]*(\.[0-9_]+)?\s*({_UNIT_LETTERS})?)\s*$"
"""What :func:`parse_size` reads, as a pattern that JSON Schema has as well."""
NO_SIZE_JSON_PATTERN = rf"^\s*(0[xX][0_]+|0[0_]*(\.[0_]+)?\s*({_UNIT_LETTERS})?)\s*$"
"""That of sizes that are 0."""
_TIME_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"))


def format_gpa(gpa: int) -> str:
    """Return an address as hex digits in groups of four, e.g. "0x8000_0000"."""
    return f"{gpa:#_x}"


def format_size(size_bytes: int, *, exact: bool = False) -> str:
    """Return a size in binary units, e.g. "2 GiB" or "1.37 MiB".

    With ``exact`` the unit is the largest that needs no fraction ("3145724 KiB"), as registers
    need it; otherwise the number is rounded to at most two decimals.
    """
    power = 0
    while power + 1 < len(_SIZE_UNITS) and size_bytes >= 1 << (10 * (power + 1)):
        if exact and size_bytes % (1 << (10 * (power + 1))):
            break
        power += 1
    number = f"{size_bytes / (1 << (10 * power)):.2f}".rstrip("0").rstrip(".")
    if exact:
        number = str(size_bytes >> (10 * power))
    return f"{number} {_SIZE_UNITS[power]}"


def format_time_ns(time_ns: int | float) -> str:
    """Return a time with three decimals in s, ms or us, whichever keeps it above one."""
    for unit_ns, unit in _TIME_UNITS:
        if abs(time_ns) >= unit_ns:
            return f"{time_ns / unit_ns:.3f} {unit}"
    return f"{time_ns:.0f} ns"


def parse_size(text: str) -> int:
    """Return the bytes a size such as "2 GiB", "512K", "1.5 MiB" or "4096" means.

    Raises ValueError if the text is no size, its unit is unknown or it is no whole number of bytes.
    """
    cleaned = text.strip().replace("_", "")
    if cleaned.lower().startswith("0x"):
        return parse_address(text)
    match = _SIZE_PATTERN.fullmatch(cleaned)
    if match is None:
        raise ValueError(f"{text!r} is not a size: write a number and a unit, e.g. 2 GiB")
    unit = match["unit"].lower() or "b"
    if unit not in _UNIT_BYTES:
        raise ValueError(f"unknown unit {match['unit']!r} in {text!r}: use KiB, MiB, GiB or TiB")
    return _whole_bytes(match["number"], _UNIT_BYTES[unit], text)


def _whole_bytes(number: str, unit_bytes: int, text: str) -> int:
    """Multiply a decimal number by its unit without a rounding error."""
    whole, _, fraction = number.partition(".")
    scale = 10 ** len(fraction)
    size_bytes, rest = divmod(int(whole + fraction) * unit_bytes, scale)
    if rest:
        raise ValueError(f"{text!r} is not a whole number of bytes")
    return size_bytes


def parse_address(text: str) -> int:
    """Return the address "0x8000_0000", "2147483648" or "2 GiB" means.

    Raises ValueError if the text is none of these or does not fit 64 bits.
    """
    address = _parse_number(text)
    if address >= 1 << 64:
        raise ValueError(f"address {text!r} does not fit 64 bits")
    return address


def address_reading(text: str) -> str:
    """Return how :func:`parse_address` reads digits alone, which could be meant as hex; else ""."""
    number = _digits_alone(text)
    return "" if number is None else f"decimal: {format_gpa(number)}"


def size_reading(text: str) -> str:
    """Return how :func:`parse_size` reads digits alone, without a unit; else ""."""
    number = _digits_alone(text)
    return "" if number is None else f"bytes: {format_size(number, exact=True)}"


def _digits_alone(text: str) -> int | None:
    """Return the decimal number that a text is; None for anything else, and for a single digit."""
    digits = text.strip().replace("_", "")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) > 1
    return int(digits) if is_number and int(digits) < 1 << 64 else None


def _parse_number(text: str) -> int:
    """Read hex digits after 0x, decimal digits, or a size with a unit."""
    digits = text.strip().replace("_", "").lower()
    if re.fullmatch(r"0x[0-9a-f]+", digits):
        return int(digits, 16)
    if not digits.startswith("0x") and _SIZE_PATTERN.fullmatch(digits):
        return parse_size(text)
    raise ValueError(f"{text!r} is not an address: write hex such as 0x8000_0000, or e.g. 2 GiB")
