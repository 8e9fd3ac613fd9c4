"""A solution as text to export: a script, /proc/mtrr lines, C, edk2's structure, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, MTRR_ENABLE_BIT, register
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.analysis.solve.proof import Difference
    from mtrrviz.analysis.solve.solution import Solution, SolutionPair


def solution_text(solution: Solution, format_id: str) -> str:
    """Return a solution in one of FORMATS, without a final line break; KeyError for another."""
    return FORMATS[format_id].write(solution)


def verdict_lines(solution: Solution) -> list[str]:
    """Say in words whether the registers give the map, and where they do not."""
    count = len(solution.pairs)
    used = f"{count} of {solution.limit} variable pairs, default type {solution.default.name}"
    if solution.is_nearest:
        head = f"{_shortage(solution)}: this is the nearest map, with {used}"
    elif solution.is_exact:
        return [f"every page gets its wanted type, by {solution.target.readings}: {used}"]
    else:
        head = f"fixed ranges are too coarse for part of the map: {used}"
    return [head, *(_difference_words(one) for one in solution.differences)]


def _shortage(solution: Solution) -> str:
    if solution.needed is None:
        return "no number of ranges that large gives the map"
    return f"the map takes {solution.needed} pairs, at most {solution.limit} may be used"


def _difference_words(one: Difference) -> str:
    start, end = one.start << PAGE_SHIFT, one.end << PAGE_SHIFT
    span = f"{format_gpa(start)}-{format_gpa(end - 1)} ({format_size(end - start)})"
    return f"{span}: {one.wanted.name} wanted, {one.given_words} given"


def _pair_words(pair: SolutionPair) -> str:
    return f"{format_size(pair.size_bytes)} at {format_gpa(pair.start)}, {pair.type.name}"


def write_note(solution: Solution, msr: int) -> str:
    """Return what a base register's pair covers, "" for other registers and pairs not in use."""
    reg = register(msr)
    if reg.kind != "base" or reg.index >= len(solution.pairs):
        return ""
    return _pair_words(solution.pairs[reg.index])


def _comments(solution: Solution, mark: str) -> list[str]:
    lines = [f"For {solution.target.words}.", *verdict_lines(solution)]
    if solution.uses_fixed and solution.target.untold_fixed:
        lines.append("Fixed ranges with unknown values stay as they are.")
    return [f"{mark} {line}" for line in lines]


def _wrmsr(solution: Solution) -> str:
    """Return a shell script for msr-tools."""
    off = solution.deftype & ~MTRR_ENABLE_BIT
    lines = [
        "#!/bin/sh",
        *_comments(solution, "#"),
        "# Needs root, msr-tools and the msr module. The SDM wants caches off (CR0.CD = 1)",
        "# while MTRRs change, which no script can do: better let firmware write these values.",
        "set -e",
        "modprobe msr",
        f"wrmsr -a {DEFTYPE:#x} {off:#x}  # {register(DEFTYPE).name}: MTRRs off",
    ]
    for msr, value in solution.writes:
        note = write_note(solution, msr)
        about = register(msr).name + (f": {note}" if note else "")
        lines.append(f"wrmsr -a {msr:#x} {value:#x}  # {about}")
    return "\n".join(lines)


def _proc_mtrr(solution: Solution) -> str:
    """Return the lines that make Linux set the pairs (arch/x86/kernel/cpu/mtrr/if.c)."""
    pairs = reversed(range(solution.target.pairs))
    lines = [
        *_comments(solution, "#"),
        f"# /proc/mtrr sets pairs only. They count on default type {solution.default.name} and the",
        f"# fixed ranges, which firmware sets (IA32_MTRR_DEF_TYPE = {solution.deftype:#x}).",
        *(_HELPER_NOTE if solution.has_helpers else ()),
        *(f'echo "disable={index}" > /proc/mtrr' for index in pairs),
    ]
    lines += [
        f'echo "base={pair.start:#x} size={pair.size_bytes:#x} type={pair.type.linux_name}"'
        " > /proc/mtrr"
        for pair in solution.pairs
    ]
    return "\n".join(lines)


_HELPER_NOTE = (
    "# Linux drops a range that lies within another of the same type. Here one puts a UC range",
    "# last in KVM's order, so these lines will not do: use the register values instead.",
)


def _c_table(solution: Solution) -> str:
    """Return a table of registers and values."""
    rows = [
        f"    {{ {msr:#05x}, {_c_word(value)} }}, /* {register(msr).name} */"
        for msr, value in solution.writes
    ]
    return "\n".join(
        [
            "/*",
            *_comments(solution, " *"),
            " * Write with caches off and IA32_MTRR_DEF_TYPE.E clear; the last row turns it on.",
            " */",
            "#include <stdint.h>",
            "",
            "static const struct { uint32_t msr; uint64_t value; } mtrr_values[] = {",
            *rows,
            "};",
        ]
    )


def _c_word(value: int) -> str:
    return f"0x{value:016x}ULL"


def _edk2(solution: Solution) -> str:
    """Return an initialiser for MTRR_SETTINGS of edk2's MtrrLib."""
    fixed = [solution.fixed.get(msr, 0) for msr in FIXED_MSRS]
    pairs = [
        f"      {{ {_edk2_word(pair.physbase)}, {_edk2_word(pair.physmask)} }},"
        f" // {_pair_words(pair)}"
        for pair in solution.pairs
    ]
    return "\n".join(
        [
            *_comments(solution, "//"),
            "// For MtrrSetAllMtrrs().",
            "MTRR_SETTINGS  mMtrrSettings = {",
            "  { // Fixed",
            "    {",
            *(f"      {_edk2_word(value)}," for value in fixed),
            "    }",
            "  },",
            "  { // Variables: { Base, Mask }, the others off",
            "    {",
            *(pairs or ["      { 0, 0 }"]),
            "    }",
            "  },",
            f"  {_edk2_word(solution.deftype)} // MtrrDefType",
            "};",
        ]
    )


def _edk2_word(value: int) -> str:
    return f"0x{value:016X}ULL"


def solution_json(solution: Solution) -> dict[str, Any]:
    """Return a solution as JSON values: addresses as numbers, register values as hex digits.

    Readers that keep numbers as doubles would lose bits of a register.
    """
    return {
        "maxphyaddr": solution.wanted.maxphyaddr,
        "exact": solution.is_exact,
        "pairs_needed": solution.needed,
        "pairs_free": solution.limit,
        "default_type": solution.default.name,
        "fixed_ranges": solution.uses_fixed,
        "ranges": [
            {
                "pair": pair.index,
                "start": pair.start,
                "size_bytes": pair.size_bytes,
                "type": pair.type.name,
                "physbase": f"{pair.physbase:#x}",
                "physmask": f"{pair.physmask:#x}",
            }
            for pair in solution.pairs
        ],
        "registers": [
            {"msr": msr, "name": register(msr).name, "value": f"{value:#x}"}
            for msr, value in solution.writes
        ],
        "differences": [_difference_json(one) for one in solution.differences],
        "machine": "host" if solution.target.is_host else "guest",
        "pairs": solution.target.pairs,
    }


def _difference_json(one: Difference) -> dict[str, Any]:
    return {
        "start": one.start << PAGE_SHIFT,
        "end": one.end << PAGE_SHIFT,
        "wanted": one.wanted.name,
        "kvm": None if one.kvm is None else one.kvm.name,
        "sdm": None if one.sdm is None else one.sdm.name,
    }


def _json(solution: Solution) -> str:
    return json.dumps(solution_json(solution), indent=2)


def _table(solution: Solution) -> str:
    """Return what a terminal shows: the verdict, then every register that is not 0."""
    lines = verdict_lines(solution)
    for msr, value in solution.writes:
        reg = register(msr)
        if value:
            row = (
                f"  {reg.name:<24} {msr:#05x}  {format_gpa(value):>21}  {write_note(solution, msr)}"
            )
            lines.append(row.rstrip())
    return "\n".join(lines)


class SolutionFormat(Record):
    """One way to write a solution: what it is called, its files' ending, and how it is made."""

    title: str
    suffix: str
    write: Callable[[Solution], str]


FORMATS: dict[str, SolutionFormat] = {
    "table": SolutionFormat("Table to read", ".txt", _table),
    "wrmsr": SolutionFormat("wrmsr script", ".sh", _wrmsr),
    "proc-mtrr": SolutionFormat("/proc/mtrr lines", ".sh", _proc_mtrr),
    "c": SolutionFormat("C table", ".h", _c_table),
    "edk2": SolutionFormat("edk2 MTRR_SETTINGS", ".c", _edk2),
    "json": SolutionFormat("JSON", ".json", _json),
}
"""The formats by the name the command line has for them, the one for people first."""
