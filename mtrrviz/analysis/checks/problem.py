"""What a check finds: one problem, where it is, why it matters and how to fix it."""

from __future__ import annotations

from enum import StrEnum

from mtrrviz.core.record import Record
from mtrrviz.scenario.machine_spec import MachineKind


class Severity(StrEnum):
    """How bad a problem is; the values are the words used in output (and SARIF's levels)."""

    ERROR = "error"
    """The configuration contradicts the SDM, or KVM refuses or ignores it."""
    WARNING = "warning"
    """It works, but slowly, or not where it runs next."""
    NOTE = "note"
    """Worth knowing; often deliberate."""


class Where(Record):
    """What a problem is about; what does not apply is empty or None.

    ``gfns`` is [start, end) in pages; ``event`` the index of the scenario's event that caused it,
    which happened at ``since_ns``. ``file`` and ``line`` (from 1) say which line of a log tells it.
    """

    vcpus: tuple[int, ...] = ()
    msrs: tuple[int, ...] = ()
    gfns: tuple[int, int] | None = None
    event: int | None = None
    since_ns: int | None = None
    file: str = ""
    line: int = 0


class Finding(Record):
    """What a rule reports; the registry adds what is the same for all its findings.

    ``severity`` None stands for the rule's own.
    """

    title: str
    where: Where
    severity: Severity | None = None


class Problem(Record):
    """A finding with its rule's words: complete for tables, panels, JSON and SARIF.

    ``machine`` is the kind that was checked: a host has CPUs, not vCPUs.
    """

    rule: str
    severity: Severity
    title: str
    where: Where
    why: str
    remedy: str
    source: str
    machine: MachineKind = MachineKind.GUEST
