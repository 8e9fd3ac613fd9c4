"""A scenario as the tables of its file: which key says what, and what need not be said."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from mtrrviz.core.msr.registers import FIXED_MSRS, PAT, REGISTERS, mtrr_msrs
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SIZE, parse_size
from mtrrviz.scenario.events import REGISTER_KINDS, VM_KINDS, Event
from mtrrviz.scenario.files.checking.machine_building import ALL_REGISTERS
from mtrrviz.scenario.files.checking.numbers import nanoseconds
from mtrrviz.scenario.files.schema import SCHEMA_VERSION, TABLES
from mtrrviz.scenario.files.writing.spelling import (
    Bytes,
    Hex,
    Plain,
    RegisterName,
    Seconds,
    is_round,
)
from mtrrviz.scenario.files.writing.table_tree import Cell, Implied, Row, TableRows, Tree, Unless
from mtrrviz.scenario.view import ANY_VIEW

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.scenario.bookmarks import Bookmark
    from mtrrviz.scenario.complaints import KernelComplaint
    from mtrrviz.scenario.files.writing.spelling import Spelled
    from mtrrviz.scenario.machine_spec import MachineSpec, Region
    from mtrrviz.scenario.model import Phase, Recording, Scenario
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.scenario.touches import Sweep
    from mtrrviz.scenario.vcpu_name import VcpuName
    from mtrrviz.scenario.view import View


def scenario_tables(scenario: Scenario) -> Tree:
    """Return all that the file of ``scenario`` says; loading it gives an equal scenario."""
    recording = scenario.recording
    is_recorded = recording is not None
    return {
        "schema": Plain(SCHEMA_VERSION),
        "title": Plain(scenario.title),
        "description": _said(scenario.description),
        "tags": Plain(scenario.tags) if scenario.tags else None,
        **_duration(scenario),
        "view": _view(scenario.view) if scenario.view != ANY_VIEW else None,
        "machine": _machine(scenario.machine),
        "recording": _recording(recording) if recording is not None else None,
        "phase": None if is_recorded and recording.phases else TableRows(scenario.phases, _phase),
        "event": None
        if is_recorded and recording.events
        else TableRows(tuple(scenario.events), _event),
        "touch": TableRows(scenario.sweeps, _touch),
        "complaint": TableRows(scenario.complaints, _complaint),
        "bookmark": TableRows(
            scenario.bookmarks, _bookmark, order=lambda table: nanoseconds(table["t"])
        ),
        "stop": TableRows(scenario.stops, _stop),
        "vcpu": TableRows(scenario.vcpu_names, _vcpu_name, order=lambda table: table["index"]),
    }


def _unless_default(table: str, key: str, value: str | float) -> Cell:
    """Return a value that is implied where it is the schema's default."""
    return Implied(Plain(value)) if value == _defaults(table)[key] else Plain(value)


@lru_cache(maxsize=len(TABLES))
def _defaults(table: str) -> dict[str, Any]:
    """Return the defaults of a table, kept: msgspec evaluates all annotations at each call."""
    return {found.name: found.default for found in msgspec.structs.fields(TABLES[table])}


def _duration(scenario: Scenario) -> dict[str, Cell]:
    """Return the length, which need not be said where events and touches give it."""
    recording = scenario.recording
    if recording is not None and recording.duration_s is None:
        return {"duration": None, "duration_is_modelled": None}
    ends_ns = [event.time_ns for event in scenario.events[-1:]]
    ends_ns += [sweep.time_ns + sweep.lasts_ns for sweep in scenario.sweeps]
    length = Seconds(scenario.duration_ns)
    is_modelled = scenario.duration_is_modelled and scenario.duration_ns > 0
    is_implied = scenario.duration_ns == max(ends_ns, default=0) and not is_modelled
    return {
        "duration": Implied(length) if is_implied else length,
        "duration_is_modelled": _unless_default("", "duration_is_modelled", is_modelled),
    }


def _view(view: View) -> Row:
    return {
        "policy": _said(view.policy),
        "compare": _said(view.compared),
        "at": None if view.time_ns is None else Seconds(view.time_ns),
        "page": None if view.gfn is None else Bytes(view.gfn * PAGE_SIZE, in_units=False),
        "vcpu": None if view.vcpu is None else Plain(view.vcpu),
        "map": None if view.map_mode is None else Plain(str(view.map_mode)),
    }


def _machine(machine: MachineSpec) -> Tree:
    def cell(key: str, value: str | float) -> Cell:
        return _unless_default("machine", key, value)

    return {
        "kind": cell("kind", str(machine.kind)),
        "maker": cell("maker", str(machine.maker)),
        "tom2": Bytes(machine.tom2_end, in_units=False) if machine.tom2_end else None,
        "pairs": cell("pairs", machine.pairs),
        "mtrrs_on": cell("mtrrs_on", machine.mtrrs_on),
        "vcpus": Plain(machine.vcpus),
        "memory": Bytes(machine.memory_bytes, in_units=True),
        "maxphyaddr": Plain(machine.maxphyaddr),
        "has_mtrr": cell("has_mtrr", machine.has_mtrr),
        "cd_nw_quirk": cell("cd_nw_quirk", machine.cd_nw_quirk),
        "self_snoop": cell("self_snoop", machine.self_snoop),
        "ignore_guest_pat": cell("ignore_guest_pat", machine.ignore_guest_pat),
        "host_page": cell("host_page", LEVEL_NAMES[machine.host_level]),
        "cpu_mhz": cell("cpu_mhz", machine.cpu_mhz),
        "noncoherent_dma": cell("noncoherent_dma", machine.noncoherent_dma),
        "unknown": _unknown(machine),
        "region": TableRows(machine.regions, _region_row(machine), order=_region_start),
    }


def _unknown(machine: MachineSpec) -> TableRows:
    """Return a table for each CPU that has registers of unknown value."""
    everything = set(mtrr_msrs(machine.variable_pairs)[1:])
    of_vcpu: dict[int, set[int]] = {}
    for vcpu, msr in machine.unknown_registers:
        of_vcpu.setdefault(vcpu, set()).add(msr)
    items = tuple(
        (vcpu, None if msrs == everything else tuple(sorted(msrs)))
        for vcpu, msrs in sorted(of_vcpu.items())
    )
    return TableRows(items, _unknown_of_vcpu)


def _unknown_of_vcpu(item: tuple[int, tuple[int, ...] | None]) -> Row:
    vcpu, msrs = item
    names = (ALL_REGISTERS,) if msrs is None else tuple(REGISTERS[msr].name for msr in msrs)
    return {"vcpu": Plain(vcpu), "registers": Plain(names)}


def _region_row(machine: MachineSpec) -> Callable[[Region], Row]:
    """Return what makes a region's row: all have sizes if these are round, else all have ends."""
    is_sized = all(is_round(region.size_bytes) for region in machine.regions)
    return _sized_region if is_sized else _ended_region


def _sized_region(region: Region) -> Row:
    size, end = _extent(region)
    return {**_region_head(region), "size": Unless(size, "end"), "end": Implied(end)}


def _ended_region(region: Region) -> Row:
    size, end = _extent(region)
    return {**_region_head(region), "size": Implied(size), "end": Unless(end, "size")}


def _region_head(region: Region) -> Row:
    return {
        "name": Plain(region.name),
        "kind": Plain(str(region.kind)),
        "start": Bytes(region.start, in_units=False),
    }


def _extent(region: Region) -> tuple[Bytes, Bytes]:
    """Return a region's size and its end, of which a row says one."""
    return Bytes(region.size_bytes, in_units=True), Bytes(region.end, in_units=False)


def _region_start(table: dict[str, Any]) -> int:
    start = table["start"]
    return parse_size(start) if isinstance(start, str) else start


def _recording(recording: Recording) -> Row:
    keys = ("touches", "events", "phases", "observed")
    names = {key: getattr(recording, key) for key in keys}
    duration = "boot-model" if recording.duration_s is None else recording.duration_s
    return {
        **{key: None if name is None else Plain(name) for key, name in names.items()},
        "duration": Plain(duration),
    }


def _phase(phase: Phase) -> Row:
    return {
        "t": Seconds(phase.start_ns),
        "name": Plain(phase.name),
        "aps": _unless_default("phase", "aps", str(phase.aps)),
        "text": _said(phase.text),
    }


def _event(event: Event) -> Row:
    return {
        "t": Seconds(event.time_ns),
        "kind": Plain(event.kind.value),
        "vcpu": None if event.kind in VM_KINDS and not event.vcpu else Plain(event.vcpu),
        "register": RegisterName(event.register) if event.writes_msr else None,
        "value": _value(event) if event.kind in REGISTER_KINDS else None,
        "origin": _said(event.origin),
        "text": _said(event.text),
    }


def _value(event: Event) -> Hex:
    """Return what is written; where each byte is a type of its own all eight are."""
    is_of_bytes = event.register in FIXED_MSRS or event.register == PAT
    return Hex(event.value, 16 if is_of_bytes else 0)


def _touch(sweep: Sweep) -> Row:
    return {
        "t": Seconds(sweep.time_ns),
        "vcpu": Plain(sweep.vcpu),
        "start": Bytes(sweep.first_gfn * PAGE_SIZE, in_units=False),
        "size": Bytes(sweep.pages * PAGE_SIZE, in_units=True),
        "access": Plain(sweep.access.name.lower()),
        "lasts": Seconds(sweep.lasts_ns),
    }


def _complaint(found: KernelComplaint) -> Row:
    has_range = found.start or found.end
    return {
        "kind": Plain(str(found.kind)),
        "text": Plain(found.text),
        "file": _said(found.file),
        "line": Plain(found.line) if found.line else None,
        "start": Bytes(found.start, in_units=False) if has_range else None,
        "end": Bytes(found.end, in_units=False) if has_range else None,
    }


def _bookmark(bookmark: Bookmark) -> Row:
    gfn = bookmark.gfn
    return {
        "t": Seconds(bookmark.time_ns),
        "name": Plain(bookmark.name),
        "text": _said(bookmark.text),
        "page": None if gfn is None else Bytes(gfn * PAGE_SIZE, in_units=False),
    }


def _vcpu_name(one: VcpuName) -> Row:
    return {"index": Plain(one.vcpu), "name": Plain(one.name)}


def _stop(stop: StopCondition) -> Row:
    start, end = (None, None) if stop.gfns is None else (gfn * PAGE_SIZE for gfn in stop.gfns)
    return {
        "when": Plain(str(stop.kind)),
        "vcpu": None if stop.vcpu is None else Plain(stop.vcpu),
        "register": None if stop.register is None else RegisterName(stop.register),
        "start": None if start is None else Bytes(start, in_units=False),
        "size": None if start is None or end is None else Bytes(end - start, in_units=True),
        "limit": None if stop.limit is None else Plain(stop.limit),
        "phase": _said(stop.phase),
        "on": _unless_default("stop", "on", stop.is_on),
    }


def _said(text: str | None) -> Spelled | None:
    """Return a text, None for an empty one or none."""
    return Plain(text) if text else None
