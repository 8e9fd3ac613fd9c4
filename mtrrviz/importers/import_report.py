"""What an import did, for people and for programs: formats, assumptions, lines not understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from mtrrviz.core.units import format_size, format_time_ns
from mtrrviz.importers.notes import NoteKind
from mtrrviz.importers.registry import format_by_id
from mtrrviz.importers.this_machine.machine_sources import DIRECT_SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.importers.imported import Import, SourceReport
    from mtrrviz.importers.notes import Note

_LABELS = {
    NoteKind.INFO: "note",
    NoteKind.ASSUMED: "assumed",
    NoteKind.WARNING: "warning",
}


def import_text(imported: Import) -> str:
    """Return the report of an import: one part a source, then notes, then the machine."""
    lines = [line for source in imported.sources for line in source_lines(source)]
    lines += note_lines(imported)
    lines += [f"not used: {many} x {what}" for what, many in sorted(imported.unused.items())]
    return "\n".join([*lines, machine_line(imported)])


def source_lines(source: SourceReport) -> Iterator[str]:
    """Yield what a text was taken for and why, and the unknown lines."""
    yield f"{source.name}: {formats_words(source)} ({source.reason})"
    if DIRECT_SOURCES.keys() & set(source.formats):
        yield f"  {_count(source.lines, 'value')}"
        return
    yield f"  {_count(source.lines, 'line')}, {source.unknown_lines} unknown"
    for number, text in source.unknown:
        yield f"  line {number}: {text}"
    more = source.unknown_lines - len(source.unknown)
    if more:
        yield f"  and {_count(more, 'more unknown line')}"


def formats_words(source: SourceReport) -> str:
    """Return the names of the formats a text is made of, the main one first."""
    titles = {one: DIRECT_SOURCES.get(one) or format_by_id(one).title for one in source.formats}
    return ", ".join(f"{title} [{one}]" for one, title in titles.items()) or "nothing known"


def note_lines(imported: Import) -> list[str]:
    """Return the notes, warnings first, then what was assumed."""
    order = (NoteKind.WARNING, NoteKind.ASSUMED, NoteKind.INFO)
    notes = sorted(imported.notes, key=lambda note: order.index(note.kind))
    return [f"{_LABELS[note.kind]}: {note}" for note in notes]


def machine_line(imported: Import) -> str:
    """Return the machine that came out, on one line."""
    scenario = imported.scenario
    machine = scenario.machine
    is_host = machine.is_host
    memory = format_size(machine.memory_bytes) if machine.memory_bytes else "RAM not known"
    parts = [
        "real machine" if is_host else "guest",
        _count(machine.vcpus, "CPU" if is_host else "vCPU"),
        memory,
        f"MAXPHYADDR {machine.maxphyaddr}",
    ]
    if is_host:
        pairs = _count(machine.variable_pairs, "variable pair")
        return f"machine: {', '.join([*parts, pairs])}"
    parts += [
        _count(len(scenario.events), "event"),
        _count(len(scenario.recorded), "page touch", "page touches"),
        format_time_ns(scenario.duration_ns),
    ]
    if len(scenario.observed):
        parts.insert(-1, _count(len(scenario.observed), "real EPT entry", "real EPT entries"))
    return f"machine: {', '.join(parts)}"


def import_json(imported: Import) -> dict[str, Any]:
    """Return the report of an import as JSON values."""
    scenario = imported.scenario
    return {
        "scenario": scenario.name,
        "machine": str(scenario.machine.kind),
        "vcpus": scenario.machine.vcpus,
        "memory_bytes": scenario.machine.memory_bytes,
        "maxphyaddr": scenario.machine.maxphyaddr,
        "events": len(scenario.events),
        "touches": len(scenario.recorded),
        "duration_s": scenario.duration_ns / 1e9,
        "sources": [_source_json(source) for source in imported.sources],
        "notes": [_note_json(note) for note in imported.notes],
        "unused": dict(sorted(imported.unused.items())),
        "threads": list(imported.threads),
    }


def _source_json(source: SourceReport) -> dict[str, Any]:
    unknown = [{"line": number, "text": text} for number, text in source.unknown]
    return {**asdict(source), "formats": list(source.formats), "unknown": unknown}


def _note_json(note: Note) -> dict[str, Any]:
    place = note.place
    return {
        "severity": str(note.kind),
        "text": note.text,
        "file": place and place.file,
        "line": place and place.line,
        "option": note.option or None,
    }


def _count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in the right form."""
    return f"{number} {one if number == 1 else many or one + 's'}"
