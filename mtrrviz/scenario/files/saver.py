"""Writing a scenario as TOML made for hands and diffs, whole or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.items import AoT, Integer, Item, Table, Trivia

from mtrrviz.core.msr.regtable import REGISTERS, mtrr_msrs
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SIZE, format_size
from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.events import REGISTER_KINDS, VM_KINDS, Event
from mtrrviz.scenario.files.machine_building import ALL_REGISTERS
from mtrrviz.scenario.files.observed_file import observed_file
from mtrrviz.scenario.files.recorded import BUILTIN, data_path
from mtrrviz.scenario.files.schema import SCHEMA_VERSION
from mtrrviz.scenario.files.toml_rows import Row, rows_text
from mtrrviz.scenario.files.touch_file import touch_file
from mtrrviz.scenario.model import Recording
from mtrrviz.scenario.view import ANY_VIEW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.scenario.bookmarks import Bookmark
    from mtrrviz.scenario.complaints import KernelComplaint
    from mtrrviz.scenario.machine_spec import MachineSpec, Region
    from mtrrviz.scenario.model import Phase, Scenario
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.scenario.touches import Sweep
    from mtrrviz.scenario.view import View


def save_scenario(scenario: Scenario, path: Path) -> Scenario:
    """Write ``scenario`` to ``path`` and return it as saved (its data files may lie elsewhere).

    The text is written beside the target and then renamed over it, so a failure leaves the old
    file as it was. Touches and observed leaves that are in no file yet, as those of an import, go
    to data files ``NAME.touches.npz`` and ``NAME.observed.npz`` beside it. Raises OSError.
    """
    recording = scenario.recording and _recording_beside(scenario.recording, path.parent)
    if recording is None and (len(scenario.recorded) or len(scenario.observed)):
        recording = _columns_beside(scenario, path)
    saved = replace(scenario, recording=recording)
    write_whole(path, scenario_text(saved).encode())
    return saved


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that either all of it or the old content is there."""
    write_whole_parts(path, (data,))


def write_whole_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Write ``parts`` one after the other to ``path``, all of them or none."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:  # which names the file that nobody asked for
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def scenario_text(scenario: Scenario) -> str:
    """Return the TOML text of ``scenario``; loading it gives an equal scenario."""
    document = tomlkit.document()
    document["schema"] = SCHEMA_VERSION
    document["title"] = scenario.title
    if scenario.description:
        document["description"] = scenario.description
    if scenario.tags:
        document["tags"] = list(scenario.tags)
    recording = scenario.recording
    if scenario.duration_ns and (recording is None or recording.duration_s is not None):
        document["duration"] = _seconds(scenario.duration_ns)
        if scenario.duration_is_modelled:
            document["duration_is_modelled"] = True
    if scenario.view != ANY_VIEW:
        document["view"] = _view(scenario.view)
    document["machine"] = _machine(scenario.machine)
    if recording is not None:
        document["recording"] = _recording(recording)
    rows = ""
    if recording is None or recording.phases is None:
        rows += rows_text("phase", [_phase(phase) for phase in scenario.phases])
    if recording is None or recording.events is None:
        rows += rows_text("event", [_event(event) for event in scenario.events])
    rows += rows_text("touch", [_touch(sweep) for sweep in scenario.sweeps])
    rows += rows_text("complaint", [_complaint(one) for one in scenario.complaints])
    rows += rows_text("bookmark", [_bookmark(one) for one in scenario.bookmarks])
    rows += rows_text("stop", [_stop(one) for one in scenario.stops])
    return tomlkit.dumps(document) + rows


def _columns_beside(scenario: Scenario, path: Path) -> Recording:
    """Write touches and observed leaves to files beside the scenario file; return the reference."""
    stem = path.name.removesuffix(".toml").removesuffix(".mtrrviz")
    touches, observed = scenario.recorded, scenario.observed
    names: dict[str, str] = {}
    if len(touches):
        names["touches"] = f"{stem}.touches.npz"
        write_whole(path.parent / names["touches"], touch_file(touches))
    if len(observed):
        names["observed"] = f"{stem}.observed.npz"
        write_whole(path.parent / names["observed"], observed_file(observed))
    # A recording is stretched to its duration: one that is its own length leaves it as it is.
    return Recording(path.parent, **names, duration_s=_own_length_ns(scenario) / 1e9)


def _own_length_ns(scenario: Scenario) -> int:
    """Return the length of a recording that has events of the scenario's own, as loading sees it.

    See :func:`mtrrviz.scenario.files.recorded.load_recording`.
    """
    return scenario.recorded.end_ns or scenario.observed.end_ns


def _recording_beside(recording: Recording, directory: Path) -> Recording:
    """Return ``recording`` as a file in ``directory`` can refer to it, copying data if needed."""
    keys = ("touches", "events", "phases", "observed")
    names = {key: _name_beside(recording, getattr(recording, key), directory) for key in keys}
    return replace(recording, directory=directory, **names)


def _name_beside(recording: Recording, name: str | None, directory: Path) -> str | None:
    """Return the name by which a file in ``directory`` refers to a data file."""
    if name is None or name.startswith(BUILTIN):
        return name
    source = data_path(recording, name)
    if source.parent.resolve() == directory.resolve():
        return name
    if source.parent.resolve() == scenarios_dir().resolve():
        return BUILTIN + name
    return _copied_beside(source, directory)


def _copied_beside(source: Path, directory: Path) -> str:
    """Copy a data file into ``directory`` under a name that no other content has there."""
    stem, dot, rest = source.name.partition(".")
    for number in range(1, 1000):
        target = directory / (source.name if number == 1 else f"{stem}-{number}{dot}{rest}")
        if not target.exists():
            shutil.copyfile(source, target)
            return target.name
        if filecmp.cmp(source, target, shallow=False):
            return target.name
    raise FileExistsError(f"{directory / source.name} and 998 copies exist")


def _hex(value: int) -> Item:
    """Return a TOML integer written in hex."""
    return Integer(value, Trivia(), f"{value:#x}")


def _seconds(time_ns: int) -> float:
    return time_ns / 1e9


def _table(items: dict[str, Any]) -> Table:
    """Return a table of the items that are not None."""
    table = tomlkit.table()
    for key, value in items.items():
        if value is not None:
            table[key] = value
    return table


def _view(view: View) -> Table:
    return _table(
        {
            "policy": view.policy,
            "compare": view.compared,
            "at": None if view.time_ns is None else _seconds(view.time_ns),
            "page": None if view.gfn is None else _hex(view.gfn * PAGE_SIZE),
            "vcpu": view.vcpu,
            "map": None if view.map_mode is None else str(view.map_mode),
        }
    )


def _machine(machine: MachineSpec) -> Table:
    table = _table(
        {
            **_kind(machine),
            "vcpus": machine.vcpus,
            "memory": _size(machine.memory_bytes),
            "maxphyaddr": machine.maxphyaddr,
            "has_mtrr": machine.has_mtrr,
            "cd_nw_quirk": machine.cd_nw_quirk,
            "self_snoop": machine.self_snoop,
            "ignore_guest_pat": machine.ignore_guest_pat,
            "host_page": LEVEL_NAMES[machine.host_level],
            "cpu_mhz": machine.cpu_mhz,
            "noncoherent_dma": machine.noncoherent_dma,
        }
    )
    if machine.unknown_registers:
        table["unknown"] = AoT(_unknown(machine))
    table["region"] = AoT([_region(region) for region in machine.regions])
    return table


def _kind(machine: MachineSpec) -> dict[str, Any]:
    """Return what makes a host, nothing for a guest."""
    if not machine.is_host:
        return {}
    return {
        "kind": str(machine.kind),
        "maker": str(machine.maker),
        "tom2": _hex(machine.tom2_end) if machine.tom2_end else None,
        "pairs": machine.pairs,
        "mtrrs_on": machine.mtrrs_on or None,
    }


def _unknown(machine: MachineSpec) -> list[Table]:
    """Return a table for each CPU with registers that nobody told the value of."""
    everything = set(mtrr_msrs(machine.variable_pairs)[1:])
    of_vcpu: dict[int, set[int]] = {}
    for vcpu, msr in machine.unknown_registers:
        of_vcpu.setdefault(vcpu, set()).add(msr)
    return [
        _table(
            {
                "vcpu": vcpu,
                "registers": [ALL_REGISTERS]
                if msrs == everything
                else [REGISTERS[msr].name for msr in sorted(msrs)],
            }
        )
        for vcpu, msrs in sorted(of_vcpu.items())
    ]


def _region(region: Region) -> Table:
    return _table(
        {
            "name": region.name,
            "kind": str(region.kind),
            "start": _hex(region.start),
            "size": _size(region.size_bytes),
        }
    )


def _size(size_bytes: int) -> str:
    """Return a size as people write it, exactly."""
    return format_size(size_bytes, exact=True)


def _recording(recording: Recording) -> Table:
    duration = "boot-model" if recording.duration_s is None else recording.duration_s
    return _table(
        {
            "touches": recording.touches,
            "events": recording.events,
            "phases": recording.phases,
            "observed": recording.observed,
            "duration": duration,
        }
    )


def _phase(phase: Phase) -> Row:
    return {
        "t": _seconds(phase.start_ns),
        "name": phase.name,
        "aps": str(phase.aps),
        "text": phase.text or None,
    }


def _event(event: Event) -> Row:
    return {
        "t": _seconds(event.time_ns),
        "kind": str(event.kind),
        "vcpu": None if event.kind in VM_KINDS and not event.vcpu else event.vcpu,
        "register": _hex(event.register) if event.writes_msr else None,
        "value": _hex(event.value) if event.kind in REGISTER_KINDS else None,
        "origin": event.origin or None,
        "text": event.text or None,
    }


def _touch(sweep: Sweep) -> Row:
    return {
        "t": _seconds(sweep.time_ns),
        "vcpu": sweep.vcpu,
        "start": _hex(sweep.first_gfn * PAGE_SIZE),
        "size": _size(sweep.pages * PAGE_SIZE),
        "access": sweep.access.name.lower(),
        "lasts": _seconds(sweep.lasts_ns),
    }


def _bookmark(bookmark: Bookmark) -> Row:
    return {
        "t": _seconds(bookmark.time_ns),
        "name": bookmark.name,
        "text": bookmark.text or None,
        "page": None if bookmark.gfn is None else _hex(bookmark.gfn * PAGE_SIZE),
    }


def _stop(stop: StopCondition) -> Row:
    start, end = (None, None) if stop.gfns is None else (gfn * PAGE_SIZE for gfn in stop.gfns)
    return {
        "when": str(stop.kind),
        "vcpu": stop.vcpu,
        "register": None if stop.register is None else REGISTERS[stop.register].name,
        "start": None if start is None else _hex(start),
        "size": None if start is None or end is None else _size(end - start),
        "limit": stop.limit,
        "phase": stop.phase or None,
        "on": None if stop.is_on else False,
    }


def _complaint(found: KernelComplaint) -> Row:
    has_range = found.start or found.end
    return {
        "kind": str(found.kind),
        "text": found.text,
        "file": found.file or None,
        "line": found.line or None,
        "start": _hex(found.start) if has_range else None,
        "end": _hex(found.end) if has_range else None,
    }
