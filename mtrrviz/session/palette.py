"""Commands and places by a few letters: what there is to find, and which fits best."""

from __future__ import annotations

from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import register
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size, format_time_ns, parse_address
from mtrrviz.facts.event_words import event_words
from mtrrviz.facts.time_text import parse_time_ns
from mtrrviz.scenario.events import KNOWN_MSRS, EventKind
from mtrrviz.scenario.library import list_builtin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtrrviz.scenario.model import Scenario

#: How many entries a list shows at most.
MOST_SHOWN = 50
_LONGEST_QUERY = 80


class FoundKind(StrEnum):
    """What an entry leads to. The values are the words shown beside it."""

    COMMAND = "command"
    PANEL = "panel"
    SCENARIO = "scenario"
    REGISTER = "register"
    REGION = "region"
    PHASE = "phase"
    NOTE = "note"
    BOOKMARK = "bookmark"
    EVENT = "event"
    TIME = "time"
    ADDRESS = "address"


class FoundEntry(Record):
    """One thing to find: its words, what more there is to say, and where it leads.

    ``name`` is the id of a command, also of a panel's, or the name of a scenario, ``msr`` a
    register, ``time_ns`` a time to go to, ``gfn`` a page to select; those that do not matter are
    None.
    """

    kind: FoundKind
    text: str
    detail: str = ""
    name: str | None = None
    msr: int | None = None
    time_ns: int | None = None
    gfn: int | None = None


def scenario_entries() -> list[FoundEntry]:
    """Return the built-in scenarios."""
    return [
        FoundEntry(FoundKind.SCENARIO, entry.title, entry.name, name=entry.name)
        for entry in list_builtin()
    ]


def places_in(scenario: Scenario) -> Iterator[FoundEntry]:
    """Yield the registers, regions, phases, notes, bookmarks and events of a scenario."""
    for msr in KNOWN_MSRS:
        yield FoundEntry(FoundKind.REGISTER, register(msr).name, f"{msr:#x}", msr=msr)
    for region in scenario.machine.regions:
        extent = f"{format_gpa(region.start)}, {format_size(region.size_bytes)}"
        yield FoundEntry(FoundKind.REGION, region.name, extent, gfn=region.start >> PAGE_SHIFT)
    for phase in scenario.phases:
        yield _at(FoundKind.PHASE, phase.name, phase.start_ns)
    for bookmark in scenario.bookmarks:
        yield _at(FoundKind.BOOKMARK, bookmark.name, bookmark.time_ns, bookmark.gfn)
    for event in scenario.events:
        if event.kind is EventKind.NOTE:
            yield _at(FoundKind.NOTE, event.text, event.time_ns)
        else:
            yield _at(FoundKind.EVENT, event_words(event), event.time_ns)


def typed_places(query: str, scenario: Scenario) -> Iterator[FoundEntry]:
    """Yield the time and the address that a query means in this scenario, if it means any."""
    try:
        time_ns = parse_time_ns(query, takes_distance=False)
    except MtrrvizError:
        pass
    else:
        if time_ns <= scenario.duration_ns:
            yield FoundEntry(FoundKind.TIME, f"Go to {format_time_ns(time_ns)}", time_ns=time_ns)
    try:
        address = parse_address(query)
    except (MtrrvizError, ValueError):
        return
    if 0 <= address < 1 << scenario.machine.maxphyaddr:
        words = f"Go to address {format_gpa(address)}"
        yield FoundEntry(FoundKind.ADDRESS, words, gfn=address >> PAGE_SHIFT)


def find(query: str, entries: Iterable[FoundEntry], limit: int = MOST_SHOWN) -> list[FoundEntry]:
    """Return the entries that a query fits, best first; equal ones stay in their order."""
    wanted = query.casefold().strip()[:_LONGEST_QUERY]
    if not wanted:
        return list(islice(entries, limit))
    ranked: list[tuple[tuple[int, int, int], int, FoundEntry]] = []
    for number, entry in enumerate(entries):
        rank = _rank(wanted, entry)
        if rank is not None:
            ranked.append((rank, number, entry))
    ranked.sort(key=lambda one: one[:2])
    return [entry for _, _, entry in ranked[:limit]]


def _rank(wanted: str, entry: FoundEntry) -> tuple[int, int, int] | None:
    """Return how well an entry fits, less is better; None where it does not."""
    text = fit(wanted, entry.text)
    if text is not None and text[0] < _LOOSE:
        return text
    rest = fit(wanted, f"{entry.kind} {entry.detail} {entry.text}")
    if rest is not None and rest[0] < _LOOSE:
        return rest[0] + _LOOSE, *rest[1:]
    return None if text is None else (2 * _LOOSE, *text[1:])


#: The grade of :func:`fit` for letters that do not stand together, after all others.
_LOOSE = 4


def fit(wanted: str, text: str) -> tuple[int, int, int] | None:
    """Return how well ``wanted``, in lower case, fits a text, less is better; None if it does not.

    Best is the start of the text, then the start of a word, the first letters of its words, any
    place, and last letters that abbreviate some of its words: the first of them begins a word, the
    others follow in this order, close together. Short texts go first among equals.
    """
    low = text.casefold()
    at = low.find(wanted)
    if at == 0:
        return 0, 0, len(low)
    starts = _word_starts(low)
    if any(low.startswith(wanted, start) for start in starts):
        return 1, at, len(low)
    letters = wanted.replace(" ", "")
    if "".join(low[start] for start in starts).startswith(letters):
        return 2, 0, len(low)
    if at > 0:
        return 3, at, len(low)
    spread = _spread(letters, low, starts)
    return None if spread is None else (_LOOSE, spread, len(low))


def _word_starts(text: str) -> list[int]:
    """Return where words begin: after anything that is no letter or digit."""
    return [
        index
        for index, letter in enumerate(text)
        if letter.isalnum() and (index == 0 or not text[index - 1].isalnum())
    ]


def _spread(letters: str, text: str, starts: list[int]) -> int | None:
    """Return over how many characters letters lie that abbreviate words; None if they do not."""
    most = 2 * len(letters) + 1
    spreads = (_spread_from(letters, text, start) for start in starts)
    return min((one for one in spreads if one is not None and one <= most), default=None)


def _spread_from(letters: str, text: str, start: int) -> int | None:
    """Return how far letters that come in this order reach, the first of them at ``start``."""
    place = start - 1
    for letter in letters:
        found = text.find(letter, place + 1)
        if found < 0 or (place < start and found != start):
            return None
        place = found
    return place - start


def _at(kind: FoundKind, text: str, time_ns: int, gfn: int | None = None) -> FoundEntry:
    return FoundEntry(kind, text, format_time_ns(time_ns), time_ns=time_ns, gfn=gfn)
