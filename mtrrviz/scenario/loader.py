"""Reading a scenario file: every mistake becomes one message with file, place and expectation."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from mtrrviz.core.cost import CostModel
from mtrrviz.core.registers import REGISTERS
from mtrrviz.core.units import GIB, PAGE_SIZE, parse_size
from mtrrviz.scenario.errors import ScenarioError
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Aps, Phase, Recording, Scenario
from mtrrviz.scenario.recorded import RecordedData, load_recording
from mtrrviz.scenario.schema import (
    SCHEMA_VERSION,
    EventFile,
    MachineFile,
    PhaseFile,
    RecordingFile,
    RegionFile,
    ScenarioFile,
    TouchFile,
)
from mtrrviz.scenario.touches import Access, Sweep, Touches, no_touches

#: Largest scenario text read, in bytes; recorded data live in files of their own.
MAX_TEXT_BYTES = 32 << 20
#: Most pages that the hand-written touches of a file may name in all.
MAX_SWEPT_PAGES = 1 << 24
_HOST_LEVELS = {"4 KiB": 1, "2 MiB": 2, "1 GiB": 3}
_U64_MAX = (1 << 64) - 1


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in the TOML file ``path``, with its recorded data.

    Raises :class:`ScenarioError` if the file or its data cannot be read or are wrong anywhere;
    nothing is half loaded.
    """
    return _Reader(str(path), path.parent).scenario(read_file(path), _stem(path))


def parse_scenario(text: str, name: str, directory: Path) -> Scenario:
    """Return the scenario in ``text``; data files are looked for in ``directory``."""
    return _Reader(name, directory).scenario(decode_text(text, name), name)


def read_file(path: Path) -> ScenarioFile:
    """Return the checked content of a scenario file, without its recorded data."""
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            raise ScenarioError(str(path), "", "the file is too large", "at most 32 MiB of TOML")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(str(path), "", error.strerror or str(error), "a readable file") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(
            str(path), f"byte {error.start}", "this is not UTF-8 text", "a TOML scenario"
        ) from error
    return decode_text(text, str(path))


def decode_text(text: str, file: str) -> ScenarioFile:
    """Return the checked content of scenario text; ``file`` is only named in messages."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ScenarioError(file, *_syntax_place(str(error)), "a TOML scenario") from error
    _check_version(data, file)
    try:
        return msgspec.convert(data, ScenarioFile)
    except msgspec.ValidationError as error:
        raise _explained(error, data, file) from error


def _stem(path: Path) -> str:
    """Return a scenario's name: its file name without any of its endings."""
    return path.name.removesuffix(".toml").removesuffix(".mtrrviz")


def _syntax_place(message: str) -> tuple[str, str]:
    """Split tomllib's message into a place and a problem."""
    match = re.search(r"\s*\(at (line \d+, column \d+|end of document)\)", message)
    if match is None:
        return "", message or "this cannot be read"
    return match.group(1), message[: match.start()]


def _check_version(data: dict[str, Any], file: str) -> None:
    """Refuse files of another version before anything else in them is judged."""
    version = data.get("schema")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise ScenarioError(
            file, "schema", f"version {version} is newer than this program", f"{SCHEMA_VERSION}"
        )


def _explained(error: msgspec.ValidationError, data: dict[str, Any], file: str) -> ScenarioError:
    """Turn a validation error into one that also shows the offending value."""
    problem, _, place = str(error).partition(" - at `$.")
    place = place.rstrip("`")
    problem = problem.replace("`", "'")
    if not problem.startswith("Expected"):
        return ScenarioError(file, place, problem[0].lower() + problem[1:], "a key of the schema")
    value = _shown(_lookup(data, place))
    return ScenarioError(file, place, f"{value} is not possible here", problem[9:].replace("'", ""))


def _lookup(data: Any, place: str) -> Any:
    """Return the value at a path such as ``event[3].value``, or None."""
    for key, index in re.findall(r"([A-Za-z_]\w*)|\[(\d+)\]", place):
        try:
            data = data[key] if key else data[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _shown(value: Any) -> str:
    """Return a short form of any value for a message."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


class _Reader:
    """Turns the checked structs of one file into a scenario, knowing the file for messages."""

    def __init__(self, file: str, directory: Path) -> None:
        self._file = file
        self._directory = directory

    def scenario(self, content: ScenarioFile, name: str) -> Scenario:
        """Return the scenario; data files are read here."""
        machine = self._machine(content.machine)
        data = self._recorded(content.recording, machine)
        sweeps = self._sweeps(content.touch, machine)
        events = self._events(content.event, machine)
        phases = tuple(self._phase(phase) for phase in content.phase)
        self._check_sorted("phase", [phase.start_ns for phase in phases])
        if data.events is not None and events:
            raise self._error("event", "events stand here and in recording.events", "one of the two")
        events = events if data.events is None else data.events
        self._check_vcpus(events, machine)
        touches = self._fitting(data.touches, machine)
        last_ns = max([e.time_ns for e in events] + [s.time_ns + s.lasts_ns for s in sweeps] + [0])
        given_ns = _nanoseconds(content.duration) if content.duration is not None else 0
        return Scenario(
            name=name,
            title=content.title,
            machine=machine,
            events=events,
            phases=data.phases or phases,
            sweeps=sweeps,
            recorded=touches,
            recording=data.recording,
            description=content.description,
            tags=tuple(content.tags),
            duration_ns=max(given_ns, data.duration_ns, last_ns, touches.end_ns),
        )

    def _error(self, place: str, problem: str, expected: str) -> ScenarioError:
        return ScenarioError(self._file, place, problem, expected)

    # Machine

    def _machine(self, content: MachineFile) -> MachineSpec:
        limit = 1 << content.maxphyaddr
        regions = [self._region(r, f"machine.region[{i}]", limit) for i, r in enumerate(content.region)]
        self._check_apart(regions)
        return MachineSpec(
            vcpus=content.vcpus,
            memory_bytes=self._bytes(content.memory, "machine.memory", limit),
            regions=tuple(sorted(regions, key=lambda region: region.start)),
            maxphyaddr=content.maxphyaddr,
            has_mtrr=content.has_mtrr,
            cd_nw_quirk=content.cd_nw_quirk,
            host_level=_HOST_LEVELS[content.host_page],
            cpu_mhz=content.cpu_mhz,
            noncoherent_dma=content.noncoherent_dma,
        )

    def _region(self, content: RegionFile, place: str, limit: int) -> Region:
        start = self._bytes(content.start, f"{place}.start", limit)
        if (content.size is None) == (content.end is None):
            raise self._error(place, "a region needs an extent", "either size or end, not both")
        if content.size is not None:
            end = start + self._bytes(content.size, f"{place}.size", limit)
        else:
            end = self._bytes(content.end or 0, f"{place}.end", limit)
        if not start < end <= limit:
            problem = f"{start:#x} to {end:#x} is not a range below MAXPHYADDR"
            raise self._error(place, problem, f"start < end <= {limit:#x}")
        return Region(content.name, RegionKind(content.kind), start, end)

    def _check_apart(self, regions: list[Region]) -> None:
        ordered = sorted(regions, key=lambda region: region.start)
        for low, high in zip(ordered, ordered[1:], strict=False):
            if high.start < low.end:
                problem = f"{low.name!r} and {high.name!r} overlap at {high.start:#x}"
                raise self._error("machine.region", problem, "regions that do not overlap")

    def _bytes(self, value: int | str, place: str, limit: int) -> int:
        """Return a page-aligned number of bytes, at most ``limit``."""
        number = self._number(value, place)
        if number % PAGE_SIZE or not 0 <= number <= limit:
            expected = f"a multiple of 4 KiB from 0 to {limit:#x}"
            raise self._error(place, f"{_shown(value)} is not possible here", expected)
        return number

    def _number(self, value: int | str, place: str) -> int:
        try:
            return parse_size(value) if isinstance(value, str) else value
        except ValueError as error:
            expected = "an integer or a size such as '2 GiB'"
            raise self._error(place, f"{_shown(value)} is not a size", expected) from error

    # Recorded data

    def _recorded(self, content: RecordingFile | None, machine: MachineSpec) -> RecordedData:
        if content is None:
            return RecordedData(None, None, (), no_touches(), 0)
        fixed_s = None if content.duration == "boot-model" else float(content.duration)
        duration_s = CostModel().base_boot_s(machine.memory_bytes / GIB) if fixed_s is None else fixed_s
        recording = Recording(
            self._directory, content.touches, content.events, content.phases, fixed_s
        )
        return load_recording(recording, duration_s, self._file)

    def _fitting(self, touches: Touches, machine: MachineSpec) -> Touches:
        """Return ``touches`` if every row names a vCPU and a frame of the machine."""
        if len(touches) and int(touches.vcpu.max()) >= machine.vcpus:
            raise self._error(
                "recording.touches",
                f"it names vCPU {int(touches.vcpu.max())}",
                f"vCPUs below {machine.vcpus}",
            )
        return touches

    # Events, phases, touches

    def _events(self, content: list[EventFile], machine: MachineSpec) -> tuple[Event, ...]:
        events = tuple(self._event(e, f"event[{i}]") for i, e in enumerate(content))
        self._check_sorted("event", [event.time_ns for event in events])
        del machine
        return events

    def _event(self, content: EventFile, place: str) -> Event:
        kind = EventKind(content.kind)
        writes_msr = kind in (EventKind.WRMSR, EventKind.VMM_WRMSR)
        needs_value = writes_msr or kind is EventKind.MOV_CR0
        if needs_value and content.value is None:
            raise self._error(f"{place}.value", f"a {kind} needs a value", "a 64-bit integer")
        if writes_msr and content.register is None:
            raise self._error(f"{place}.register", f"a {kind} needs a register", "an MSR number or name")
        register = self._register(content.register, f"{place}.register") if writes_msr else 0
        return Event(
            time_ns=_nanoseconds(content.t),
            kind=kind,
            vcpu=content.vcpu,
            register=register,
            value=self._u64(content.value, f"{place}.value") if needs_value else 0,
            origin=content.origin,
            text=content.text,
        )

    def _register(self, value: int | str | None, place: str) -> int:
        if isinstance(value, int) and 0 <= value <= 0xFFFF_FFFF:
            return value
        found = next((r.msr for r in REGISTERS.values() if r.name == value and r.msr >= 0), None)
        if found is None:
            expected = "an MSR number such as 0x2ff or a name such as IA32_MTRR_DEF_TYPE"
            raise self._error(place, f"{_shown(value)} is no register", expected)
        return found

    def _u64(self, value: int | None, place: str) -> int:
        if value is None or not 0 <= value <= _U64_MAX:
            raise self._error(place, f"{_shown(value)} is not possible here", "0 to 2^64-1")
        return value

    def _check_vcpus(self, events: tuple[Event, ...], machine: MachineSpec) -> None:
        for index, event in enumerate(events):
            if event.vcpu >= machine.vcpus:
                expected = f"a vCPU below {machine.vcpus}"
                raise self._error(f"event[{index}].vcpu", f"there is no vCPU {event.vcpu}", expected)

    def _check_sorted(self, place: str, times_ns: list[int]) -> None:
        for index, (before, after) in enumerate(zip(times_ns, times_ns[1:], strict=False), 1):
            if after < before:
                problem = f"{after / 1e9} s comes after {before / 1e9} s"
                raise self._error(f"{place}[{index}].t", problem, "times that do not go back")

    def _phase(self, content: PhaseFile) -> Phase:
        return Phase(_nanoseconds(content.t), content.name, Aps(content.aps), content.text)

    def _sweeps(self, content: list[TouchFile], machine: MachineSpec) -> tuple[Sweep, ...]:
        sweeps = tuple(self._sweep(t, f"touch[{i}]", machine) for i, t in enumerate(content))
        if sum(sweep.pages for sweep in sweeps) > MAX_SWEPT_PAGES:
            raise self._error("touch", "the touches name too many pages", f"at most {MAX_SWEPT_PAGES}")
        return sweeps

    def _sweep(self, content: TouchFile, place: str, machine: MachineSpec) -> Sweep:
        limit = 1 << machine.maxphyaddr
        start = self._bytes(content.start, f"{place}.start", limit)
        size = self._bytes(content.size, f"{place}.size", limit - start)
        if size == 0:
            raise self._error(f"{place}.size", "nothing is touched", "at least 4 KiB")
        if content.vcpu >= machine.vcpus:
            expected = f"a vCPU below {machine.vcpus}"
            raise self._error(f"{place}.vcpu", f"there is no vCPU {content.vcpu}", expected)
        return Sweep(
            time_ns=_nanoseconds(content.t),
            vcpu=content.vcpu,
            first_gfn=start // PAGE_SIZE,
            pages=size // PAGE_SIZE,
            access=Access[content.access.upper()],
            lasts_ns=_nanoseconds(content.lasts),
        )


def _nanoseconds(seconds: float) -> int:
    """Return seconds as whole nanoseconds."""
    return round(seconds * 1e9)
