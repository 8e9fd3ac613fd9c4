"""The scenario file format, version 1, as types: what a TOML scenario may say.

These structs mirror the file; :mod:`mtrrviz.scenario.files.loader` turns them into a
:class:`~mtrrviz.scenario.model.Scenario`. The JSON Schema that ``mtrrviz schema`` prints is made
from them in :mod:`mtrrviz.scenario.files.json_schema`.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mtrrviz.core.msr.registers import MAX_PAIRS, VARIABLE_PAIRS
from mtrrviz.scenario.machine_check import MAX_VCPUS

#: Version written into every file, and the only one read.
SCHEMA_VERSION = 1
#: Most complaints of a kernel that a scenario keeps.
MAX_COMPLAINTS = 20_000
#: Longest scenario, a day, so that nanoseconds stay far from 64 bits.
MAX_SECONDS = 86_400.0

Seconds = Annotated[float, Meta(ge=0, le=MAX_SECONDS, description="seconds of scenario time")]
Vcpu = Annotated[int, Meta(ge=0, lt=MAX_VCPUS, description="vCPU number, from 0")]
Number = Annotated[
    int | Annotated[str, Meta(max_length=100)],
    Meta(description="an integer (0x... allowed) or text such as '2 GiB'"),
]
#: Longest text of a scenario, in characters.
MAX_TEXT_CHARS = 10_000
#: Most tags that an edit makes; a file is taken with more, up to what no scenario has.
MAX_TAGS = 1000
Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
Register = int | Annotated[str, Meta(max_length=100)]


class Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A table whose unknown keys are errors, so that a typing slip is not silently ignored."""


class RegionFile(Strict, frozen=True):
    """A range of guest physical memory: ``start`` with either ``size`` or ``end`` (exclusive)."""

    name: Text
    kind: Literal["ram", "rom", "device-ram", "mmio", "passthrough", "reserved", "unknown"]
    start: Number
    size: Number | None = None
    end: Number | None = None


class UnknownFile(Strict, frozen=True):
    """Registers of one CPU whose values are unknown: numbers or names, or "all" of them."""

    registers: Annotated[list[Register], Meta(min_length=1, max_length=100)]
    vcpu: Vcpu = 0


class MachineFile(Strict, frozen=True):
    """The machine. ``memory`` is its RAM as its owner would say it ("2 GiB"), 0 if nobody told.

    A ``kind`` of "host" is a real machine; ``maker``, ``tom2`` (AMD's TOM2 with ForceWB: memory is
    WB by default from 4 GiB to there), ``pairs``, ``unknown`` and ``mtrrs_on`` (so much was told,
    though no values) are for hosts.
    """

    vcpus: Annotated[int, Meta(ge=1, le=MAX_VCPUS)]
    memory: Number
    region: Annotated[list[RegionFile], Meta(min_length=1, max_length=1000)]
    maxphyaddr: Annotated[int, Meta(ge=32, le=52)] = 46
    has_mtrr: bool = True
    cd_nw_quirk: bool = True
    self_snoop: bool = True
    ignore_guest_pat: bool = True
    host_page: Literal["4 KiB", "2 MiB", "1 GiB"] = "2 MiB"
    cpu_mhz: Annotated[int, Meta(ge=100, le=100_000)] = 3100
    noncoherent_dma: Annotated[int, Meta(ge=0, le=1000)] = 0
    kind: Literal["guest", "host"] = "guest"
    maker: Literal["unknown", "intel", "amd"] = "unknown"
    tom2: Number = 0
    pairs: Annotated[int, Meta(ge=0, le=MAX_PAIRS)] = VARIABLE_PAIRS
    unknown: Annotated[list[UnknownFile], Meta(max_length=MAX_VCPUS)] = []
    mtrrs_on: bool = False


class RecordingFile(Strict, frozen=True):
    """Data files beside the scenario, or ``builtin:NAME`` for those that mtrrviz carries.

    ``duration`` is "boot-model" (stretch the recording to the modelled boot time without zaps)
    or a number of seconds.
    """

    touches: Text | None = None
    events: Text | None = None
    phases: Text | None = None
    observed: Text | None = None
    duration: Literal["boot-model"] | Seconds = "boot-model"


class PhaseFile(Strict, frozen=True):
    """A named stretch of time that lasts until the next phase."""

    t: Seconds
    name: Text
    aps: Literal["none", "concurrent", "serialised"] = "none"
    text: Text = ""


class EventFile(Strict, frozen=True):
    """One event. MSR writes need ``register`` and ``value``, mov-cr0 needs ``value``.

    The VMM may disable a quirk; disable-ignore-guest-pat needs a machine with ``self_snoop``.
    """

    t: Seconds
    kind: Literal[
        "wrmsr",
        "vmm-wrmsr",
        "mov-cr0",
        "init",
        "dma-attach",
        "dma-detach",
        "disable-cd-nw-quirk",
        "disable-ignore-guest-pat",
        "note",
    ]
    vcpu: Vcpu = 0
    register: Register | None = None
    value: int | None = None
    origin: Text = ""
    text: Text = ""


class TouchFile(Strict, frozen=True):
    """A vCPU touches ``size`` bytes from ``start``, page after page, over ``lasts`` seconds."""

    t: Seconds
    start: Number
    size: Number = 4096
    vcpu: Vcpu = 0
    access: Literal["read", "write", "execute"] = "read"
    lasts: Seconds = 0.0


class ComplaintFile(Strict, frozen=True):
    """A complaint of the machine's kernel about memory types, and where its log has it.

    It may be about addresses: from ``start`` to before ``end``.
    """

    kind: Literal[
        "type mismatch",
        "overlaps an existing pair",
        "base is not a multiple of the size",
        "no free pair",
        "no WC range for a driver",
        "RAM without MTRRs",
        "inconsistent CPUs",
        "the clean-up found no optimum",
        "conflicting PAT types",
        "all MTRRs blank",
        "other",
    ]
    text: Text
    file: Text = ""
    line: Annotated[int, Meta(ge=0)] = 0
    start: Number | None = None
    end: Number | None = None


class BookmarkFile(Strict, frozen=True):
    """A moment to go back to; ``page`` is a guest physical address, a multiple of 4 KiB."""

    t: Seconds
    name: Text
    text: Text = ""
    page: Number | None = None


class VcpuFile(Strict, frozen=True):
    """What a vCPU is called in this scenario."""

    index: Vcpu
    name: Text


class StopFile(Strict, frozen=True):
    """A condition at which playing stops.

    ``start`` and ``size`` limit it to a range of addresses, ``vcpu`` to a vCPU, ``register`` to a
    register, ``phase`` to the phase of that name; ``limit`` is the number of zaps, or of millions
    of cycles, that is to be exceeded.
    """

    when: Literal[
        "write",
        "type",
        "fault",
        "zap",
        "stale",
        "vcpus-differ",
        "policies-differ",
        "zaps-exceed",
        "cycles-exceed",
        "phase",
        "note",
    ]
    vcpu: Vcpu | None = None
    register: Register | None = None
    start: Number | None = None
    size: Number | None = None
    limit: Annotated[float, Meta(ge=0)] | None = None
    phase: Text = ""
    on: bool = True


class ViewFile(Strict, frozen=True):
    """What to show when the scenario is opened: policies, moment, page, vCPU, map.

    ``page`` is a guest physical address, a multiple of 4 KiB.
    """

    policy: Text | None = None
    compare: Text | None = None
    at: Seconds | None = None
    page: Number | None = None
    vcpu: Vcpu | None = None
    map: Literal["one", "side-by-side", "difference"] | None = None


class ScenarioFile(Strict, frozen=True):
    """A whole scenario file.

    ``duration_is_modelled`` says that ``duration`` is the modelled boot time without zaps, so that
    it follows the constants of the model. That of a recording played in "boot-model" always is.
    """

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    title: Text
    machine: MachineFile
    description: Text = ""
    tags: list[Text] = []
    duration: Seconds | None = None
    duration_is_modelled: bool = False
    view: ViewFile | None = None
    recording: RecordingFile | None = None
    phase: Annotated[list[PhaseFile], Meta(max_length=10_000)] = []
    event: Annotated[list[EventFile], Meta(max_length=1_000_000)] = []
    touch: Annotated[list[TouchFile], Meta(max_length=100_000)] = []
    complaint: Annotated[list[ComplaintFile], Meta(max_length=MAX_COMPLAINTS)] = []
    bookmark: Annotated[list[BookmarkFile], Meta(max_length=10_000)] = []
    stop: Annotated[list[StopFile], Meta(max_length=1000)] = []
    vcpu: Annotated[list[VcpuFile], Meta(max_length=1000)] = []


#: The table of each name in a file, the file itself under "".
TABLES: dict[str, type[Strict]] = {
    "": ScenarioFile,
    "view": ViewFile,
    "machine": MachineFile,
    "region": RegionFile,
    "unknown": UnknownFile,
    "recording": RecordingFile,
    "phase": PhaseFile,
    "event": EventFile,
    "touch": TouchFile,
    "complaint": ComplaintFile,
    "bookmark": BookmarkFile,
    "stop": StopFile,
    "vcpu": VcpuFile,
}


@cache
def most_rows() -> dict[str, int]:
    """Return how many rows each list of tables may have: by "event", "machine.region"."""
    found: dict[str, int] = {}
    for name in ("", "machine"):
        table = msgspec.inspect.type_info(TABLES[name])
        for field in table.fields if isinstance(table, msgspec.inspect.StructType) else ():
            if isinstance(field.type, msgspec.inspect.ListType) and field.name in TABLES:
                found[f"{name}.{field.name}".lstrip(".")] = field.type.max_length or 0
    return found
