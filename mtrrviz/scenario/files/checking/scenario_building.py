"""From the checked structs of a scenario file to a Scenario: what types alone cannot check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.units import PAGE_SIZE
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.events import (
    KNOWN_MSRS,
    KNOWN_MSRS_TEXT,
    MSR_KINDS,
    REGISTER_KINDS,
    Event,
    EventKind,
)
from mtrrviz.scenario.files.checking.machine_building import build_machine
from mtrrviz.scenario.files.checking.numbers import address_bytes, nanoseconds, page_bytes
from mtrrviz.scenario.files.claims import how_to_take_more, most_pages
from mtrrviz.scenario.files.data_files.recorded import RecordedData, load_recording, played_s
from mtrrviz.scenario.happenings_check import (
    HappeningProblem,
    column_problem,
    event_problem,
    order_problem,
    sweep_problem,
)
from mtrrviz.scenario.model import Aps, Phase, Recording, Scenario
from mtrrviz.scenario.observed import ObservedLeaves, none_observed
from mtrrviz.scenario.scenario_error import shown
from mtrrviz.scenario.touches import Access, Sweep, Touches, no_touches
from mtrrviz.scenario.value_check import U64_MAX
from mtrrviz.scenario.view import ANY_VIEW, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mtrrviz.scenario.bookmarks import Bookmark
    from mtrrviz.scenario.complaints import KernelComplaint
    from mtrrviz.scenario.files.schema import (
        ComplaintFile,
        EventFile,
        PhaseFile,
        RecordingFile,
        ScenarioFile,
        TouchFile,
    )
    from mtrrviz.scenario.files.source import ScenarioSource
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.scenario.vcpu_name import VcpuName

    DataLoader = Callable[[Recording, float, ScenarioSource], RecordedData]

#: Keys of a file that code calls otherwise.
_KEYS = {"time_ns": "t", "start_ns": "t", "first_gfn": "start"}
_MSRS: dict[int | str, int] = {
    spelling: msr for msr in KNOWN_MSRS for spelling in (msr, REGISTERS[msr].name)
}
"""The registers that may be written, by number and by name."""


class Builder:
    """Makes the scenario of one file; every method raises ScenarioError for what is wrong.

    ``load`` reads the data of a recording as :func:`load_recording` does.
    """

    def __init__(
        self, source: ScenarioSource, directory: Path, load: DataLoader = load_recording
    ) -> None:
        self._source = source
        self._load = load
        self._directory = directory

    def scenario(self, content: ScenarioFile, name: str) -> Scenario:
        """Return the scenario; data files are read here."""
        machine = build_machine(content.machine, self._source)
        sweeps = self._sweeps(content.touch, machine)
        events = self._events(content.event)
        phases = self._phases(content.phase)
        data = self._recorded(content.recording, machine)
        self._check_one_of("event", events, data.events)
        self._check_one_of("phase", phases, data.phases)
        events = events if data.events is None else data.events
        self._check_events(events, machine, is_recorded=data.events is not None)
        self._check_fitting("touches", data.touches, machine)
        self._check_fitting("observed", data.observed, machine)
        given_ns = nanoseconds(content.duration) if content.duration is not None else 0
        ends_ns = [event.time_ns for event in events[-1:]]
        ends_ns += [sweep.time_ns + sweep.lasts_ns for sweep in sweeps]
        duration_ns = max(given_ns, data.duration_ns, data.touches.end_ns, *ends_ns, 0)
        return Scenario(
            name=name,
            title=content.title,
            machine=machine,
            events=events,
            phases=phases if data.phases is None else data.phases,
            sweeps=sweeps,
            recorded=data.touches,
            observed=data.observed,
            recording=data.recording,
            description=content.description,
            tags=tuple(content.tags),
            duration_ns=duration_ns,
            duration_is_modelled=self._modelled_ns(content, data) == duration_ns,
            view=self._view(content, machine, duration_ns),
            complaints=self._complaints(content.complaint),
            bookmarks=self._bookmarks(content, machine, duration_ns),
            stops=self._stops(content, machine),
            vcpu_names=self._vcpu_names(content, machine),
        )

    def _modelled_ns(self, content: ScenarioFile, data: RecordedData) -> int | None:
        """Return the duration that the model of a boot gave, None if it gave none."""
        if content.recording is not None and content.recording.duration == "boot-model":
            return data.duration_ns
        if not content.duration_is_modelled:
            return None
        if content.duration is None:
            problem = "there is no duration that could be modelled"
            raise self._source.error("duration_is_modelled", problem, "a duration beside it")
        return nanoseconds(content.duration)

    # Recorded data

    def _recorded(self, content: RecordingFile | None, machine: MachineSpec) -> RecordedData:
        if content is None:
            return RecordedData(None, None, None, no_touches(), none_observed(), 0)
        fixed_s = None if content.duration == "boot-model" else float(content.duration)
        names = (content.touches, content.events, content.phases, content.observed)
        recording = Recording(self._directory, *names, fixed_s)
        return self._load(recording, played_s(fixed_s, machine), self._source)

    def _check_one_of(self, place: str, own: Sequence[object], recorded: object) -> None:
        if own and recorded is not None:
            problem = f"there are {place} tables and recording.{place}s"
            raise self._source.error(place, problem, "one of the two")

    def _check_fitting(
        self, key: str, rows: Touches | ObservedLeaves, machine: MachineSpec
    ) -> None:
        """Refuse recorded rows of a vCPU or of a frame that the machine has not."""
        found = column_problem(rows, machine)
        if found is not None:
            raise self._source.error(f"recording.{key}", found.problem, found.expected)

    # Events and phases

    def _events(self, content: list[EventFile]) -> EventList:
        return EventList(self.event(e, f"event[{i}]") for i, e in enumerate(content))

    def event(self, content: EventFile, place: str) -> Event:
        """Return one event; its vCPU is not looked at."""
        kind = EventKind(content.kind)
        return Event(
            time_ns=nanoseconds(content.t),
            kind=kind,
            vcpu=content.vcpu,
            register=self._register(content, place) if kind in MSR_KINDS else 0,
            value=self._value(content, place) if kind in REGISTER_KINDS else 0,
            origin=content.origin,
            text=content.text,
        )

    def _register(self, content: EventFile, place: str) -> int:
        value = content.register
        if value is None:
            problem = f"a {content.kind} needs a register"
            raise self._source.error(place, problem, KNOWN_MSRS_TEXT)
        found = _MSRS.get(value)
        if found is None:
            problem = f"{_shown_number(value)} is no MTRR or PAT register"
            raise self._source.error(f"{place}.register", problem, KNOWN_MSRS_TEXT)
        return found

    def _value(self, content: EventFile, place: str) -> int:
        value, expected = content.value, "a 64-bit integer, 0 or more"
        if value is None:
            raise self._source.error(place, f"a {content.kind} needs a value", expected)
        if not 0 <= value <= U64_MAX:
            problem = f"{shown(value)} is not possible here"
            raise self._source.error(f"{place}.value", problem, expected)
        return value

    def _phases(self, content: list[PhaseFile]) -> tuple[Phase, ...]:
        phases = tuple(
            Phase(nanoseconds(phase.t), phase.name, Aps(phase.aps), phase.text) for phase in content
        )
        self._refuse("phase", order_problem([phase.start_ns for phase in phases], "start_ns"))
        return phases

    def _check_events(self, events: EventList, machine: MachineSpec, *, is_recorded: bool) -> None:
        """Refuse events that cannot happen on the machine."""
        found = event_problem(events, machine)
        if found is not None and is_recorded:
            raise self._source.error("recording.events", found.problem, found.expected)
        self._refuse("event", found)

    def _refuse(self, table: str, found: HappeningProblem | None) -> None:
        """Raise the error for a row of a table, if something is wrong with one."""
        if found is not None:
            place = f"{table}[{found.row}].{_KEYS.get(found.field, found.field)}"
            raise self._source.error(place, found.problem, found.expected)

    # What few scenarios have: the modules for it are loaded for those alone

    def _view(self, content: ScenarioFile, machine: MachineSpec, duration_ns: int) -> View:
        if content.view is None:
            return ANY_VIEW
        from mtrrviz.scenario.files.checking.view_building import build_view  # noqa: PLC0415

        return build_view(content.view, machine, duration_ns, self._source)

    def _bookmarks(
        self, content: ScenarioFile, machine: MachineSpec, duration_ns: int
    ) -> tuple[Bookmark, ...]:
        if not content.bookmark:
            return ()
        from mtrrviz.scenario.files.checking.bookmark_building import (  # noqa: PLC0415
            build_bookmarks,
        )

        return build_bookmarks(content.bookmark, machine, duration_ns, self._source)

    def _stops(self, content: ScenarioFile, machine: MachineSpec) -> tuple[StopCondition, ...]:
        if not content.stop:
            return ()
        from mtrrviz.scenario.files.checking.stop_building import build_stops  # noqa: PLC0415

        return build_stops(content.stop, machine, self._source)

    def _vcpu_names(self, content: ScenarioFile, machine: MachineSpec) -> tuple[VcpuName, ...]:
        if not content.vcpu:
            return ()
        from mtrrviz.scenario.files.checking.vcpu_name_building import (  # noqa: PLC0415
            build_vcpu_names,
        )

        return build_vcpu_names(content.vcpu, machine, self._source)

    # What the kernel said

    def _complaints(self, content: list[ComplaintFile]) -> tuple[KernelComplaint, ...]:
        return tuple(self._complaint(one, f"complaint[{i}]") for i, one in enumerate(content))

    def _complaint(self, content: ComplaintFile, place: str) -> KernelComplaint:
        start = self._address(content.start, f"{place}.start")
        end = self._address(content.end, f"{place}.end")
        if end < start:
            problem = f"{start:#x} to {end:#x} is not a range"
            raise self._source.error(place, problem, "start <= end")
        from mtrrviz.scenario.complaints import ComplaintKind, KernelComplaint  # noqa: PLC0415

        kind = ComplaintKind(content.kind)
        return KernelComplaint(kind, content.text, content.file, content.line, start, end)

    def _address(self, value: int | str | None, place: str) -> int:
        """Return an address of any byte, 0 for none."""
        return 0 if value is None else address_bytes(self._source, value, place)

    # Touches

    def _sweeps(self, content: list[TouchFile], machine: MachineSpec) -> tuple[Sweep, ...]:
        sweeps = tuple(self._sweep(t, f"touch[{i}]", machine) for i, t in enumerate(content))
        self._refuse("touch", sweep_problem(sweeps, machine))
        if sum(sweep.pages for sweep in sweeps) > most_pages():
            expected = f"at most {most_pages()}{how_to_take_more()}"
            raise self._source.error("touch", "the touches name too many pages", expected)
        return sweeps

    def _sweep(self, content: TouchFile, place: str, machine: MachineSpec) -> Sweep:
        limit = 1 << machine.maxphyaddr
        start = page_bytes(self._source, content.start, f"{place}.start", limit)
        size = page_bytes(self._source, content.size, f"{place}.size", limit - start)
        if size == 0:
            raise self._source.error(f"{place}.size", "nothing is touched", "at least 4 KiB")
        return Sweep(
            time_ns=nanoseconds(content.t),
            vcpu=content.vcpu,
            first_gfn=start // PAGE_SIZE,
            pages=size // PAGE_SIZE,
            access=Access[content.access.upper()],
            lasts_ns=nanoseconds(content.lasts),
        )


def _shown_number(value: object) -> str:
    """Return a value as :func:`shown` does, a number that may be an MSR's in hex."""
    is_msr = isinstance(value, int) and 0 <= value <= U64_MAX
    return f"{value:#x}" if is_msr else shown(value)
