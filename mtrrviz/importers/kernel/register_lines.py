"""MTRR and PAT lines in the log of Linux and Xen, before and since Linux 6.5.

Sources: print_mtrr_state and print_fixed in arch/x86/kernel/cpu/mtrr/generic.c, mtrr_build_map,
mtrr_bp_init, pat_bp_init. Since 6.5 the registers are printed with mtrr=debug only; without it
the log has one line of counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.core.memtype import PatType
from mtrrviz.core.msr.registers import PAT, PHYSBASE0, VALID_BIT
from mtrrviz.importers.dumps.linux_words import LINUX_TYPE, LINUX_TYPES
from mtrrviz.importers.facts import FixedRange, MtrrRange, Told

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts
    from mtrrviz.importers.notes import Place

# A terminal cuts lines at its width: enough letters of a type are the type.
_CUT_TYPES = {
    word[:count]: kind
    for word, kind in LINUX_TYPES.items()
    if re.fullmatch("uncachable|write-(?:back|combining|through|protect)", word)
    for count in range(4 if word == "uncachable" else 7, len(word) + 1)
} | LINUX_TYPES
_CUT_TYPE = "|".join(sorted(map(re.escape, _CUT_TYPES), key=len, reverse=True))
_DEFAULT = re.compile(rf"(?:mtrr: )?MTRR default type: ({_CUT_TYPE})\s*$")
_ENABLED = re.compile(r"(?:mtrr: )?MTRR (fixed|variable) ranges (en|dis)abled:?\s*$")
_FIXED = re.compile(rf"(?:mtrr: )? *([0-9A-Fa-f]{{5}})-([0-9A-Fa-f]{{5}}) ({LINUX_TYPE})\s*$")
_PAIR = re.compile(
    r"(?:mtrr: )? *(?:MTRR (?:variable )?)?(\d{1,3}) base ([0-9A-Fa-f]{6,17}) mask"
    rf" ([0-9A-Fa-f]{{6,17}}) ({_CUT_TYPE})\s*$"
)
# What is left of such a line, or of one that says "disabled", where it was cut.
_CUT_PAIR = re.compile(
    r"(?:mtrr: )? *(?:MTRR (?:variable )?)?(\d{1,3}) "
    r"(?:b|ba|bas|base(?: [0-9A-Fa-f]{0,17}(?: .{0,80})?)?|d|di|dis[able]{0,4})\s*$"
)
_BARE_NUMBER = re.compile(r"(?:mtrr: )? *(\d{1,3})\s*$")
_OFF = re.compile(r"(?:mtrr: )? *(?:MTRR (?:variable )?)?(\d{1,3}) disabled\s*$")
_MAP = re.compile(
    rf"(?:mtrr: )? *(\d{{1,3}}): ([0-9a-f]{{16}})-([0-9a-f]{{16}}) ({LINUX_TYPE})\s*$"
)
_COUNTS = re.compile(
    r"(?:mtrr: )?MTRR map: \d{1,4} entries \((\d{1,4}) fixed \+ \d{1,4} variable; max (\d{1,4})\), "
    r"built from (\d{1,4}) variable MTRRs"
)
_DISABLED = re.compile(
    r"(?:mtrr: )?(?:MTRRs disabled|MTRR: Disabled)|x86/PAT: MTRRs disabled|(?:mtrr: )?Disabled\s*$"
)
_PAT = re.compile(r"(?:x86/PAT: C|PAT c)onfiguration \[0-7\]:((?: +(?:UC-|UC|WC|WT|WP|WB)){8})\s*$")
_OLD_PAT = re.compile(
    r"x86 PAT enabled: cpu \d{1,4}, old 0x[0-9a-f]{1,17}, new 0x([0-9a-f]{1,17})\s*$"
)
_PAT_CODES = {kind.label: int(kind) for kind in PatType}


def take(text: str, place: Place, facts: Facts) -> bool:
    """Use a line on MTRRs or the PAT."""
    return (
        _heading(text, place, facts)
        or _fixed(text, place, facts)
        or _pair(text, place, facts)
        or _map(text, place, facts)
        or _pat(text, place, facts)
    )


def pair_number(text: str) -> int | None:
    """Return the number of the pair that a line prints, used or disabled."""
    match = _PAIR.match(text) or _OFF.match(text) or _CUT_PAIR.match(text)
    return int(match[1]) if match else None


def bare_number(text: str) -> int | None:
    """Return the number that a line has and nothing else: the beginning of a pair's line, cut."""
    match = _BARE_NUMBER.match(text)
    return int(match[1]) if match else None


def _heading(text: str, place: Place, facts: Facts) -> bool:
    if match := _DEFAULT.match(text):
        facts.tell(Told.DEFAULT_TYPE, _CUT_TYPES[match[1]], place)
    elif match := _ENABLED.match(text):
        what = Told.FIXED_ENABLED if match[1] == "fixed" else Told.MTRR_ENABLED
        facts.tell(what, int(match[2] == "en"), place)
    elif match := _COUNTS.match(text):
        _counts(match, place, facts)
    elif _DISABLED.match(text):
        # The bare word is printed beside the PAT's line, which says whose it is.
        if "MTRR" in text:
            facts.tell(Told.MTRR_ENABLED, 0, place)
    else:
        return False
    return True


def _counts(match: re.Match[str], place: Place, facts: Facts) -> None:
    """Work out the pairs: max is fixed + 2 * pairs + TOM2, built from is pairs + TOM2."""
    fixed, most, built = (int(match[group]) for group in (1, 2, 3))
    pairs = most - fixed - built
    facts.tell(Told.MTRR_ENABLED, 1, place)
    if 0 <= built - pairs <= 1 and pairs >= 0:
        facts.tell(Told.PAIRS, pairs, place)
        facts.tell(Told.MAP_PAIRS, pairs, place)
        if built > pairs:
            facts.tell(Told.FORCED_WB, 1, place)


def _fixed(text: str, place: Place, facts: Facts) -> bool:
    match = _FIXED.match(text)
    if match is None:
        return False
    start, end = int(match[1], 16), int(match[2], 16) + 1
    facts.add_fixed(FixedRange(start, end, LINUX_TYPES[match[3]], place))
    return True


def _pair(text: str, place: Place, facts: Facts) -> bool:
    """Use a pair printed as base and mask; the flag V is printed as the word disabled.

    A line that is cut says only that the pair exists.
    """
    if match := _PAIR.match(text):
        msr = PHYSBASE0 + 2 * int(match[1])
        facts.add_register(None, msr, int(match[2], 16) | _CUT_TYPES[match[4]], place)
        facts.add_register(None, msr + 1, int(match[3], 16) | VALID_BIT, place)
        return True
    if match := _OFF.match(text):
        msr = PHYSBASE0 + 2 * int(match[1])
        facts.add_register(None, msr, 0, place)
        facts.add_register(None, msr + 1, 0, place)
        return True
    if match := _CUT_PAIR.match(text):
        facts.add_cut_pair(int(match[1]), place)
        return True
    return False


def _map(text: str, place: Place, facts: Facts) -> bool:
    match = _MAP.match(text)
    if match is None:
        return False
    base, last = int(match[2], 16), int(match[3], 16)
    if base <= last:
        kind = LINUX_TYPES[match[4]]
        facts.add_range(MtrrRange(None, base, last + 1 - base, kind, place, is_map=True))
    return True


def _pat(text: str, place: Place, facts: Facts) -> bool:
    if match := _PAT.match(text):
        codes = [_PAT_CODES[word] for word in match[1].split()]
        value = sum(code << 8 * i for i, code in enumerate(codes))
    elif match := _OLD_PAT.match(text):
        value = int(match[1], 16)
    else:
        return False
    facts.add_register(None, PAT, value, place)
    return True
