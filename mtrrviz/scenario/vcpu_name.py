"""Names that a scenario gives its vCPUs: what a lane of the timeline is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VcpuName:
    """A vCPU, by its index, and what it is called in this scenario."""

    vcpu: int
    name: str
