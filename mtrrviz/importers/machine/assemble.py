"""From facts to a machine: the only place that draws conclusions, and reports every assumption."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.ept import ept_bits, has_ipat
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import (
    CR0_ID,
    DEFTYPE,
    FIXED_MSRS,
    MTRR_ENABLE_BIT,
    PAT,
    REGISTERS,
    mtrr_msrs,
)
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.sdm.hardware import hardware_layout
from mtrrviz.core.sdm.sdm_types import SdmTypes, sdm_types
from mtrrviz.core.units import PAGE_SHIFT, PAGE_SIZE, format_gpa, format_size
from mtrrviz.core.wording.words import plural
from mtrrviz.importers.facts import Facts, Told
from mtrrviz.importers.imported import Import, SourceReport
from mtrrviz.importers.machine.address_width import assumed_width, told_width
from mtrrviz.importers.machine.cpu_model import CpuModel, pairs_of
from mtrrviz.importers.machine.cut_values import take_out_cut_values
from mtrrviz.importers.machine.disagreement import disagreements
from mtrrviz.importers.machine.dump import Dump, Values, device_start
from mtrrviz.importers.machine.host_memory import host_regions
from mtrrviz.importers.machine.kind_of_machine import machine_kind, maker_of
from mtrrviz.importers.machine.regions import assumed_regions, mapped_regions, ram_bytes
from mtrrviz.importers.machine.told_places import told_places
from mtrrviz.importers.machine.told_ram import guest_ends, told_regions
from mtrrviz.importers.notes import Note, NoteKind, Place
from mtrrviz.importers.traces.timeline import Timeline, first_time_ns
from mtrrviz.scenario.event_columns import (
    KIND_CODES,
    EventColumns,
    joined_columns,
    kind_flags,
)
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.events import MSR_KINDS, Event, EventKind
from mtrrviz.scenario.machine_check import MAX_VCPUS
from mtrrviz.scenario.machine_spec import MachineKind, MachineSpec, Region
from mtrrviz.scenario.model import IMPORTED, IMPORTED_TAG, Scenario
from mtrrviz.scenario.observed import ObservedLeaves, none_observed
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.touches import Touches, merge_touches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.importers.import_options import ImportOptions

Rows = TypeVar("Rows", Touches, ObservedLeaves)

CR0_RUNNING = 0x8005_0033
"""CR0 of a running Linux: paging on, caches on."""

_SETTLE_NS = 1_000_000_000


def assemble(facts: Facts, sources: tuple[SourceReport, ...], options: ImportOptions) -> Import:
    """Return the machine that the facts describe; ScenarioError if they describe none."""
    _check_found(facts, sources)
    return _Assembly(facts, sources, options).result()


def _check_found(facts: Facts, sources: tuple[SourceReport, ...]) -> None:
    """Refuse texts in which nothing was found, showing the line of the first that came nearest."""
    if not facts.is_empty:
        return
    source = sources[0]
    expected = "a trace, a dump or a log with MTRRs or a memory map"
    if any("iomem" in report.formats for report in sources):
        raise ScenarioError(
            source.name, "", "all addresses in it are zero", "/proc/iomem as root sees it"
        )
    if source.nearest:
        number, text = source.nearest
        problem = f"nothing in it is known; the line reads {text.strip()!r}"
        raise ScenarioError(source.name, f"line {number}", problem, expected)
    raise ScenarioError(source.name, "", "nothing about memory types is in it", expected)


class _Assembly:
    """Works out one machine; the steps use the results of those before them."""

    def __init__(
        self, facts: Facts, sources: tuple[SourceReport, ...], options: ImportOptions
    ) -> None:
        self._facts = facts
        self._sources = sources
        self._options = options
        take_out_cut_values(facts)
        self._notes = [*facts.notes, *disagreements(facts)]
        self._kind = machine_kind(facts, options, self._notes)
        starts = [t for trace in facts.traces if (t := first_time_ns(trace)) is not None]
        self._start_ns = min(starts, default=0)
        self._timelines = [Timeline(trace, self._start_ns, self._notes) for trace in facts.traces]
        self._regions = () if self._is_host else mapped_regions(facts, self._notes)
        self._touches = merge_touches([t for line in self._timelines if len(t := line.touches())])
        self._observed, self._observed_file = self._observed_leaves()
        width = told_width(facts, options, self._timelines)
        self._maxphyaddr = width or assumed_width(
            facts, self._kind, self._regions, self._touches, self._notes
        )
        self._drop_beyond()
        self._cpu = self._cpu_model()
        self._dump = Dump(facts, options, self._cpu, self._notes)
        self._vcpus = self._vcpu_count()
        self._reads = self._first_reads()

    @property
    def _is_host(self) -> bool:
        return self._kind is MachineKind.HOST

    def _cpu_model(self) -> CpuModel:
        """Return what the CPUs have: those of a host their own, of a guest what KVM gives."""
        if not self._is_host:
            return CpuModel(is_host=False, maxphyaddr=self._maxphyaddr)
        pairs, maker = pairs_of(self._facts, self._notes), maker_of(self._facts, self._notes)
        return CpuModel(True, self._maxphyaddr, pairs, maker)

    def result(self) -> Import:
        """Return the import."""
        parts = [line.events(self._maxphyaddr) for line in self._timelines]
        events = EventColumns.of(())
        if parts:
            events = joined_columns([(part, 0, len(part)) for part in parts])
        if len(parts) > 1:  # those of one trace are in order
            events = events.taken(np.argsort(events.time_ns, kind="stable"))
        initial = [event for vcpu in range(self._vcpus) for event in self._initial(vcpu)]
        self._note_unknown_state(events, initial)
        machine, initial = self._machine(initial)
        self._compare_with_dump()
        last_ns = max(*events.time_ns[-1:].tolist(), self._touches.end_ns, self._observed.end_ns)
        scenario = Scenario(
            name=self._options.name,
            title=self._title(),
            machine=machine,
            events=EventList(initial) + EventList.of_columns(events),
            recorded=self._touches,
            observed=self._observed,
            description="Imported. "
            + " ".join(f"{n.text}." for n in self._notes if n.kind == "assumed"),
            tags=(IMPORTED_TAG,),
            duration_ns=last_ns + last_ns // 20 if last_ns else _SETTLE_NS,
            complaints=tuple(found.of_scenario for found in self._facts.complaints),
        )
        return Import(
            scenario, tuple(self._notes), self._sources, dict(self._facts.unused), self._start_ns,
            self._thread_names(), self._observed_file,
            told_places(self._facts, self._timelines, len(initial)),
        )  # fmt: skip

    def _title(self) -> str:
        names = [source.name.rsplit("/", 1)[-1] for source in self._sources]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"Imported from {', '.join(names[:3])}{more}"[:200]

    def _note(self, kind: NoteKind, text: str, option: str = "") -> None:
        self._notes.append(Note(kind, text, option=option))

    # What the machine is

    def _vcpu_count(self) -> int:
        """Return how many vCPUs there are: chosen, told, or as many as did anything."""
        seen = max(
            [self._dump.vcpus, 1, *(max(t.threads.names(), default=0) + 1 for t in self._timelines)]
        )
        told = self._facts.told.get(Told.VCPUS)
        count = max(seen, self._options.vcpus or (told[0] if told else 0))
        if count > MAX_VCPUS:
            place = told[1] if told else Place(self._sources[0].name)
            raise ScenarioError(
                place.file, f"line {place.line}", f"{count} CPUs", f"at most {MAX_VCPUS}"
            )
        if told is None and self._options.vcpus is None:
            what = "CPU" if self._is_host else "vCPU"
            number = f"{count} {what}" + ("s" if count > 1 else "")
            text = f"the number of {what}s is not given: {number}"
            self._note(NoteKind.ASSUMED, text, "vcpus")
        return count

    def _drop_beyond(self) -> None:
        """Leave out touches and observed leaves at addresses that the machine cannot have."""
        end_gfn = 1 << (self._maxphyaddr - PAGE_SHIFT)
        touches, observed = self._touches, self._observed
        self._touches = _kept(touches, touches.gfn < end_gfn)
        self._observed = _kept(observed, observed.gfn < end_gfn)
        beyond = len(touches) + len(observed) - len(self._touches) - len(self._observed)
        if beyond:
            what = f"{plural(beyond, 'row')} of a trace beyond {self._maxphyaddr}-bit addresses"
            self._note(NoteKind.WARNING, f"{what}: left out", "maxphyaddr")

    def _machine(self, initial: list[Event]) -> tuple[MachineSpec, list[Event]]:
        """Return the machine, and the initial events with the device that makes MTRRs count.

        The device comes after the state a dump shows is set up, so that this zaps nothing.
        """
        if self._is_host:
            return self._host(), initial
        regions, memory = self._memory()
        devices = self._noncoherent_dma()
        if initial and devices:
            attach = Event(0, EventKind.DMA_ATTACH, origin=IMPORTED)
            initial = [*initial, *[attach] * devices]
            devices = 0
        machine = MachineSpec(
            vcpus=self._vcpus,
            memory_bytes=memory,
            regions=regions,
            maxphyaddr=self._maxphyaddr,
            noncoherent_dma=devices,
        )
        return machine, initial

    def _host(self) -> MachineSpec:
        """Return the real machine; what no file tells of its registers is unknown."""
        everything = frozenset(mtrr_msrs(self._cpu.pairs)[1:])
        unknown = frozenset(
            (vcpu, msr)
            for vcpu in range(self._vcpus)
            for msr in (everything - self._dump.values(vcpu).keys()) | self._dump.assumed
        )
        machine = MachineSpec(
            vcpus=self._vcpus,
            memory_bytes=0,
            regions=(),
            maxphyaddr=self._maxphyaddr,
            kind=MachineKind.HOST,
            maker=self._cpu.maker,
            tom2_end=self._tom2_end(),
            pairs=self._cpu.pairs,
            unknown_registers=unknown,
            mtrrs_on=self._are_on,
        )
        limit = 1 << self._maxphyaddr
        types = self._first_types(machine)
        regions = host_regions(self._facts, types, self._options, limit, self._notes)
        memory = self._options.memory_bytes or ram_bytes(regions)
        return replace(machine, regions=regions, memory_bytes=min(memory, limit))

    def _tom2_end(self) -> int:
        """Return where WB by default ends above 4 GiB, 0 if it is not known; in whole pages.

        TOM2 ends no RAM: where the kernel only counts it, RAM is WB as far as that reaches.
        """
        top = self._facts.value(Told.FORCED_WB_END)
        if top is None and Told.FORCED_WB in self._facts.told:
            top = self._facts.value(Told.TOM2) or self._facts.value(Told.LAST_PFN_END)
            if top and top > 1 << 32:
                text = (
                    "TOM2 with ForceWB makes memory above 4 GiB write-back by default; its value is"
                    f" not shown: taken to be the end of RAM, {format_gpa(top)}"
                )
                self._note(NoteKind.ASSUMED, text)
        top = (top or 0) & -PAGE_SIZE
        return top if (1 << 32) < top <= 1 << self._maxphyaddr else 0

    def _first_types(self, machine: MachineSpec) -> SdmTypes:
        """Return the types that the registers of the first CPU give."""
        unknown = frozenset(msr for vcpu, msr in machine.unknown_registers if vcpu == 0)
        state = MtrrState(
            machine.maxphyaddr, pairs=machine.pairs, unknown=unknown,
            has_dram_bits=machine.has_dram_bits,
        )  # fmt: skip
        for msr, value in self._dump.values(0).items():
            state.write(msr, value)
        return sdm_types(hardware_layout(state, machine.tom2_end))

    def _memory(self) -> tuple[tuple[Region, ...], int]:
        """Return regions below MAXPHYADDR and the RAM in bytes."""
        limit = 1 << self._maxphyaddr
        regions = tuple(
            Region(r.name, r.kind, r.start, min(r.end, limit))
            for r in self._regions
            if r.start < limit
        )
        memory = ram_bytes(regions)
        if regions and memory:
            size = self._options.memory_bytes or memory
            self._note(NoteKind.INFO, f"the memory map shows about {format_size(memory)} of RAM")
            return regions, min(size, limit)
        if regions:
            self._note(NoteKind.WARNING, "the memory map has no RAM in it and was left out")
        values = [self._dump.values(0), self._last_written(0)]
        start = next((s for v in values if (s := device_start(v))), 0)
        highest = int(self._touches.gfn.max() + 1) << PAGE_SHIFT if len(self._touches) else 0
        size = self._options.memory_bytes
        if size is None and (ends := guest_ends(self._facts, start)) is not None:
            return told_regions(ends, start, self._notes)
        return assumed_regions(size, start, min(highest, limit), self._notes)

    def _last_written(self, vcpu: int) -> Values:
        """Return the last value that a trace writes to each register of a vCPU."""
        rows = [item for line in self._timelines for item in line.last_written.items()]
        return {msr: value for (who, msr), value in rows if who == vcpu}

    def _noncoherent_dma(self) -> int:
        """Return the number of devices with non-coherent DMA: chosen, shown by leaves, else 1."""
        if self._options.noncoherent_dma is not None:
            return self._options.noncoherent_dma
        if len(self._observed):
            is_set = has_ipat(self._observed.bits)
            ram = self._observed.bits != ept_bits(MemoryType.UC, 0)
            if ram.any():
                count = int(not is_set[ram].all())
                words = (
                    "have IPAT set, so there is none" if not count else "lack IPAT, so there is one"
                )
                text = f"non-coherent DMA: leaves in the trace {words}"
                self._note(NoteKind.ASSUMED, text, "noncoherent-dma")
                return count
        text = "one device with non-coherent DMA, without which KVM ignores guest MTRRs"
        self._note(NoteKind.ASSUMED, text, "noncoherent-dma")
        return 1

    # The state before the first event

    def _first_reads(self) -> dict[int, Values]:
        found: dict[int, Values] = {}
        for line in self._timelines:
            for vcpu, values in line.first_reads.items():
                found.setdefault(vcpu, {}).update(values)
        return found

    def _initial(self, vcpu: int) -> list[Event]:
        """Return the writes that make a vCPU's state, in the order a kernel uses.

        MTRRs off, fixed ranges, pairs, PAT, then IA32_MTRR_DEF_TYPE; caches on at the end. What
        the trace itself writes later is left to the trace.
        """
        written = self._last_written(vcpu)
        known = self._dump.values(vcpu)
        values = {msr: value for msr, value in known.items() if msr not in written}
        values |= self._reads.get(vcpu, {})
        events: list[Event] = []
        if DEFTYPE in values:
            events.append(self._set(vcpu, DEFTYPE, values[DEFTYPE] & ~MTRR_ENABLE_BIT))
        order = (*FIXED_MSRS, *self._cpu.pair_msrs, PAT)
        events += [self._set(vcpu, msr, values[msr]) for msr in order if msr in values]
        if DEFTYPE in values:
            events.append(self._set(vcpu, DEFTYPE, values[DEFTYPE]))
        if self._has_caches_on(vcpu):
            events.append(Event(0, EventKind.MOV_CR0, vcpu, 0, CR0_RUNNING, IMPORTED))
        return events

    def _set(self, vcpu: int, msr: int, value: int) -> Event:
        return Event(0, EventKind.VMM_WRMSR, vcpu, msr, value, IMPORTED)

    def _has_caches_on(self, vcpu: int) -> bool:
        """Return whether to assume CR0.CD clear at the start: yes, unless a trace shows a reset."""
        answers = [line.starts_with_caches_on(vcpu) for line in self._timelines]
        return next((answer for answer in answers if answer is not None), True)

    def _note_unknown_state(self, events: EventColumns, initial: list[Event]) -> None:
        """Say what is not known about the state at the start."""
        has_cr0 = bool((events.kind == KIND_CODES[EventKind.MOV_CR0]).any())
        has_writes = bool(kind_flags(MSR_KINDS)[events.kind].any())
        if not has_cr0 and not self._is_host:
            self._note(
                NoteKind.ASSUMED, "CR0 is not given: caches are on (CR0.CD is 0) on every vCPU"
            )
        is_known = any(event.writes_msr for event in initial)
        if not is_known and has_writes:
            text = "before its first write a register has its value after RESET"
            self._note(NoteKind.ASSUMED, text)
        is_told = any(event.register == DEFTYPE for event in initial)
        self._note_mtrrs(has_values=is_told or bool((events.register == DEFTYPE).any()))
        if is_known:
            self._dump.check_copies(self._vcpus)

    def _note_mtrrs(self, *, has_values: bool) -> None:
        """Say if the MTRRs are off, on with values that nobody shows, or not told at all."""
        is_on = self._facts.value(Told.MTRR_ENABLED)
        if is_on == 0:
            text = "the firmware left the MTRRs off (E = 0), so all memory is UC"
            self._note(NoteKind.WARNING, text)
        elif has_values:
            return
        elif self._are_on:
            text = (
                "the MTRRs are on, but their values are not shown: Linux 6.5 and later print them "
                "with mtrr=debug only; /proc/mtrr or rdmsr tell them too"
            )
            self._note(NoteKind.WARNING, text, "default-type")
        elif self._is_host:
            text = "the MTRRs are not known: /proc/mtrr, rdmsr or the kernel's log would show them"
            self._note(NoteKind.WARNING, text, "default-type")
        else:
            text = (
                "no MTRR is in the files: they are off, as after RESET, which makes all memory UC"
            )
            self._note(NoteKind.WARNING, text, "default-type")

    @property
    def _are_on(self) -> bool:
        """Whether a file says that the MTRRs are on; the MTRR map line is printed only then."""
        return bool(self._facts.value(Told.MTRR_ENABLED)) or Told.MAP_PAIRS in self._facts.told

    def _compare_with_dump(self) -> None:
        """Say where the trace ends with other values than the dump shows."""
        last: dict[tuple[int, int], tuple[int, int]] = {}
        for line in self._timelines:
            for name, value in line.last_written.items():
                when = line.last_written_ns[name]
                if name not in last or when >= last[name][0]:
                    last[name] = when, value
        differs = [
            f"{REGISTERS[msr].name} of vCPU {vcpu}"
            for (vcpu, msr), (_, value) in sorted(last.items())
            if msr != CR0_ID and self._dump.values(vcpu).get(msr, value) != value
        ]
        if differs:
            text = (
                f"at the end of the trace {len(differs)} registers differ from the dump, first "
                f"{differs[0]}; the trace counts"
            )
            self._note(NoteKind.WARNING, text)

    def _observed_leaves(self) -> tuple[ObservedLeaves, str]:
        """Return the leaves of the first trace that shows any, and its name."""
        if any(trace.is_amd for trace in self._facts.traces):
            text = "the trace is of an AMD host: it has no EPT entries, so none was compared"
            self._note(NoteKind.WARNING, text)
        for line in self._timelines:
            if len(line.observed):
                return line.observed, line.trace.file
        return none_observed(), ""

    def _thread_names(self) -> tuple[str, ...]:
        names = {
            vcpu: name for line in self._timelines for vcpu, name in line.threads.names().items()
        }
        return tuple(names.get(vcpu, "") for vcpu in range(self._vcpus))


def _kept(rows: Rows, flags: NDArray[np.bool_]) -> Rows:
    """Return the flagged rows; the very same object where all are."""
    if flags.all():
        return rows
    return replace(rows, **{name: getattr(rows, name)[flags] for name in rows.__struct_fields__})
