"""The kernel's own complaints about memory types.

Sources: arch/x86/kernel/cpu/mtrr (main.c: mtrr_add_page; generic.c: generic_validate_add_page,
mtrr_state_warn; cleanup.c), arch/x86/mm/pat (memtype.c, memtype_interval.c), Xen's copies, and
mtrr.c of Linux 2.2 and 2.4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.core.memtype import MemoryType
from mtrrviz.importers.facts import Complaint, Sign, Told, short
from mtrrviz.importers.notes import NoteKind
from mtrrviz.scenario.complaints import ComplaintKind

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts
    from mtrrviz.importers.notes import Place

_HEX = r"(?:0x)?([0-9a-f]{1,16})"
_MISMATCH = re.compile(
    rf"(?:mtrr: )?type mismatch for {_HEX},{_HEX} old: ([\w-]{{1,20}}) new: ([\w-]{{1,20}})"
)
_OVERLAP = re.compile(rf"(?:mtrr: )?{_HEX},{_HEX} overlaps existing {_HEX},{_HEX}")
_NOT_ALIGNED = re.compile(
    rf"(?:mtrr: )?base\({_HEX}\) is not aligned on a size\({_HEX}\) boundary"
    rf"|(?:mtrr: )?base\({_HEX}\) ?\+ ?size"
)
_NO_FREE = re.compile(r"(?:mtrr: )?no more MTRRs available")
_LOST = re.compile(
    r"(?:WARNING: )?(?:BIOS bug: )?CPU MTRRs don't cover all of memory, losing (\d{1,12})MB of RAM"
)
_INCONSISTENT = re.compile(r"(?:mtrr: )?your CPUs had inconsistent ([\w ]{1,20}) settings")
_NO_OPTIMUM = re.compile(r"(?:mtrr_cleanup: )?can not find optimal value")
_BLANK = re.compile(r"CPU MTRRs all blank - virtualized system")
_CONFLICT = re.compile(
    r"(?:x86/PAT: )?(.{1,60}?:-?\d{1,10}) conflicting memory types "
    r"([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([\w-]{1,20})<->([\w-]{1,20})"
)
_OTHER_PAT = re.compile(
    r"(?:x86/PAT: .{0,80}(?:map pfn expected mapping type|freeing invalid memtype)"
    r"|(?:x86/PAT: )?.{0,80}map pfn (?:RAM range req|expected mapping type)"
    r"|(?:x86/PAT: )?.{0,60}freeing invalid memtype)"
    r".{0,100}?(?:\[mem )?(?:0x)?([0-9a-f]{4,16})-(?:0x)?([0-9a-f]{4,16})\]?"
)
_FOLLOWS = re.compile(
    r"(?:x86/PAT: )?(?:memtype_reserve|reserve_memtype) failed"
    r"|ioremap (?:memtype_reserve|reserve_memtype) failed"
    r"|(?:mtrr: )?probably your BIOS does not setup all CPUs|(?:mtrr: )?corrected configuration"
    r"|please specify mtrr_gran_size|update e820 for mtrr"
)
_VERSION = re.compile(r"mtrr: v[\d.]{1,12} \(\d{8}\)")
_OTHER = re.compile(
    r"mtrr: (?!v\d|Setting|MTRR )"
    r"|(?:WARNING|BIOS|\[?Firmware|CPU|MTRR|mtrr|x86|AMD|SMP|Ki\w{1,40}).{0,40}MTRR.{0,100}"
    r"(?:inconsistent|BIOS|bug|strange|not |WARNING)"
)


_REFUSED_WC = re.compile(
    r"Failed to add WC MTRR for \[(?P<start>0x[0-9a-f]{1,16}) ?- ?(?P<last>0x[0-9a-f]{1,16})\]"
    r"|\((?:WW|EE|II)\) ?.{1,40}: Failed to set up write-combining range "
    r"\((?P<base>0x[0-9a-f]{1,16}), ?(?P<size>0x[0-9a-f]{1,16})\)"
    r"|(?:\[drm[\w:]{0,40}\] (?:\*ERROR\* )?)?MTRR allocation failed"
)
_SUPPORT = re.compile(r"mtrr: .{1,40} MTRR support, (\d{1,3}) var ranges, \d{1,3} fixed ranges")


def take(text: str, place: Place, facts: Facts) -> bool:
    """Use a complaint, or know a line that only goes on with one."""
    if _VERSION.match(text) or _FOLLOWS.match(text):
        return True
    if match := _SUPPORT.match(text):
        facts.tell(Told.PAIRS, int(match[1]), place)
        return True
    found = _refusal(text, place) or _state(text, place, facts) or _conflict(text, place)
    if found is None and _OTHER.match(text):
        found = Complaint(ComplaintKind.OTHER, text.strip(), place)
    if found is not None:
        text = f"{found.of_scenario.speaker} says: {short(found.text)}"
        facts.note(NoteKind.WARNING, text, place)
        facts.add_complaint(found)
        if found.kind is ComplaintKind.BLANK:
            facts.add_sign(Sign.BLANK, found.text, place)
    return found is not None


def _refusal(text: str, place: Place) -> Complaint | None:
    """Return the complaint about a request for a pair that was refused."""
    if match := _MISMATCH.match(text):
        start, size = int(match[1], 16), int(match[2], 16)
        kind = ComplaintKind.TYPE_MISMATCH
        return Complaint(kind, text.strip(), place, start, start + size, match[3], match[4])
    if match := _OVERLAP.match(text):
        start, size = int(match[1], 16), int(match[2], 16)
        return Complaint(ComplaintKind.OVERLAP, text.strip(), place, start, start + size)
    if match := _NOT_ALIGNED.match(text):
        start = int(match[1] or match[3], 16)
        end = start + int(match[2], 16) if match[2] else start
        return Complaint(ComplaintKind.NOT_ALIGNED, text.strip(), place, start, end)
    if _NO_FREE.match(text):
        return Complaint(ComplaintKind.NO_FREE_PAIR, text.strip(), place)
    if match := _REFUSED_WC.match(text):
        start, end = _refused_range(match)
        return Complaint(ComplaintKind.REFUSED_WC, text.strip(), place, start, end)
    return None


def _refused_range(match: re.Match[str]) -> tuple[int, int]:
    """Return bytes [start, end) that a driver wanted as WC, 0 and 0 if its words name none."""
    if match["last"]:
        start, end = int(match["start"], 16), int(match["last"], 16) + 1
    elif match["size"]:
        start = int(match["base"], 16)
        end = start + int(match["size"], 16)
    else:
        return 0, 0
    return (start, end) if start < end else (0, 0)


def _state(text: str, place: Place, facts: Facts) -> Complaint | None:
    """Return the complaint about what the firmware left."""
    if match := _LOST.search(text[:200]):
        facts.tell(Told.LOST_BYTES, int(match[1]) << 20, place)
        facts.tell(Told.IMPLIED_DEFAULT, MemoryType.UC, place)
        return Complaint(ComplaintKind.LOST_RAM, text.strip(), place)
    if _INCONSISTENT.match(text):
        return Complaint(ComplaintKind.INCONSISTENT, text.strip(), place)
    if _NO_OPTIMUM.match(text):
        return Complaint(ComplaintKind.NO_OPTIMUM, text.strip(), place)
    if _BLANK.match(text):
        return Complaint(ComplaintKind.BLANK, text.strip(), place)
    return None


def _conflict(text: str, place: Place) -> Complaint | None:
    """Return the complaint about two mappings of different types."""
    if match := _CONFLICT.match(text):
        start, end = int(match[2], 16), int(match[3], 16)
        kind = ComplaintKind.PAT_CONFLICT
        return Complaint(kind, text.strip(), place, start, end, match[4], match[5])
    if match := _OTHER_PAT.match(text):
        start, end = int(match[1], 16), int(match[2], 16)
        return Complaint(ComplaintKind.PAT_CONFLICT, text.strip(), place, start, end)
    return None
