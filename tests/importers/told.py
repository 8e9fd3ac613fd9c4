"""What an import found, line by line: every fact with its place, then the machine and its notes.

Sentences are left out, so that words can be improved; how serious a note is and where it points
is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.importers.facts import Facts
from mtrrviz.importers.import_options import NO_OPTIONS
from mtrrviz.importers.machine.assemble import assemble
from mtrrviz.importers.reading import read_texts
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mtrrviz.importers.imported import SourceReport
    from mtrrviz.importers.notes import Note, Place
    from mtrrviz.importers.traces.trace_columns import Table
    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.model import Scenario


def told_by(path: Path) -> str:
    """Return what a file tells, or the place and the value that its import refuses."""
    return told_of(path.name, path)


def told_of(name: str, content: bytes | Path) -> str:
    """Return what a text tells, as :func:`told_by`."""
    facts = Facts()
    try:
        reports = read_texts(facts, [(name, content)])
    except ScenarioError as error:
        return f"refused {error.place}\n"
    lines = [*_source(reports[0]), *_facts(facts)]
    try:
        result = assemble(facts, reports, NO_OPTIONS)
    except ScenarioError as error:
        lines.append(f"no machine {error.place}")
    else:
        lines += [*_scenario(result.scenario), *map(_note, result.notes)]
        lines += [f"thread {name}" for name in result.threads if name]
    return "\n".join(lines) + "\n"


def _at(place: Place | None) -> str:
    return "" if place is None else f" @{place.line}"


def _source(report: SourceReport) -> Iterator[str]:
    yield f"text {report.lines} lines, {' '.join(report.formats)}"
    numbers = " ".join(str(number) for number, _ in report.unknown)
    nearest = report.nearest and report.nearest[0]
    yield f"unknown {report.unknown_lines}: {numbers}; nearest {nearest}"


def _facts(facts: Facts) -> Iterator[str]:
    for r in facts.registers:
        yield f"register {r.vcpu} {r.msr:#x} {r.value:#x}{_at(r.place)}"
    for r in facts.ranges:
        mark = " map" if r.is_map else ""
        yield f"range {r.index} {r.base:#x} {r.size:#x} {r.type.name}{mark}{_at(r.place)}"
    for f in facts.fixed:
        yield f"fixed {f.start:#x} {f.end:#x} {f.type.name} {f.dram_bits:#x}{_at(f.place)}"
    for m in facts.memory:
        words = f"{m.source} {m.depth} {m.kind} {m.use}: {m.name}"
        yield f"memory {m.start:#x} {m.end:#x} {words}{_at(m.place)}"
    for s in facts.signs:
        yield f"sign {s.sign}{_at(s.place)}"
    for c in facts.complaints:
        kept = c.of_scenario
        yield f"complaint {c.kind.name} {kept.start:#x} {kept.end:#x} {c.old}>{c.new}{_at(c.place)}"
    for number, place in facts.cut_pairs.items():
        yield f"cut pair {number}{_at(place)}"
    for what, (value, place) in facts.told.items():
        yield f"told {what.name} {value:#x}{_at(place)}"
    for words, count in facts.unused.items():
        yield f"unused {count} {words}"
    for trace in facts.traces:
        yield f"trace {trace.threads} {trace.told_vcpu} {trace.is_amd}"
        for table in trace.tables():
            yield from _rows(table)


def _rows(table: Table) -> Iterator[str]:
    signed = [table.signed_column(name).tolist() for name in table.signed]
    unsigned = [table.unsigned_column(name).tolist() for name in table.unsigned]
    for row in zip(*signed, *unsigned, strict=True):
        yield f"{type(table).__name__} {' '.join(map(str, row))}"


def _scenario(scenario: Scenario) -> Iterator[str]:
    spec = scenario.machine
    yield f"machine {spec.kind} {spec.vcpus} {spec.maxphyaddr} {spec.memory_bytes:#x}"
    for region in spec.regions:
        yield f"region {region.start:#x} {region.end:#x} {region.kind} {region.name}"
    yield f"end {scenario.duration_ns}"
    before: list[str] = []
    for vcpu in dict.fromkeys(event.vcpu for event in scenario.events):
        events = [_event(event) for event in scenario.events if event.vcpu == vcpu]
        yield f"vCPU {vcpu}{' likewise' if events == before else ''}"
        yield from events if events != before else ()
        before = events


def _event(event: Event) -> str:
    what = f"{event.register:#x} {event.value:#x}" if event.register else f"{event.value:#x}"
    return f"  {event.time_ns} {event.kind} {what}"


def _note(note: Note) -> str:
    return f"note {note.kind}{_at(note.place)} {note.option}".rstrip()
