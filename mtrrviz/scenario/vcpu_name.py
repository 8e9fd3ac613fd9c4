"""Names that a scenario gives its vCPUs: what a lane of the timeline is called."""

from __future__ import annotations

from mtrrviz.core.record import Record


class VcpuName(Record):
    """A vCPU, by its index, and what it is called in this scenario."""

    vcpu: int
    name: str
