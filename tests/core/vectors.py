"""Reads the recorded answers of the kernel's own code in tests/data/vectors."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.mtrr import MtrrState

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine

_FOLDER = Path(__file__).parent.parent / "data" / "vectors"


def rows(kind: str) -> list[dict[str, Any]]:
    """Return the rows of one vector file as dictionaries keyed by its header's field names."""
    with gzip.open(_FOLDER / f"{kind}.jsonl.gz", "rt", encoding="ascii") as stream:
        header = json.loads(stream.readline())
        assert header["kind"] == kind
        found = [dict(zip(header["fields"], json.loads(line), strict=True)) for line in stream]
    assert len(found) == header["rows"]
    return found


def refused(target: MtrrState, msr: int, data: str) -> int:
    """Write and return KVM's return code: 1 if refused, else 0."""
    try:
        target.write(msr, int(data, 16))
    except GeneralProtectionFault:
        return 1
    return 0


def written_state(row: dict[str, Any], has_mtrr: bool = True) -> MtrrState:
    """Return a state after a row's writes, each checked against its recorded return code."""
    state = MtrrState(row["maxphyaddr"], has_mtrr)
    for msr, data, code in row["writes"]:
        assert refused(state, msr, data) == code, (hex(msr), data)
    return state


def machine_write(machine: Machine, vcpu: int, msr: int, data: str) -> tuple[int, list[list[int]]]:
    """Write and return (return code, zaps) as the vectors list them."""
    try:
        zaps = machine.write_msr(vcpu, msr, int(data, 16))
    except GeneralProtectionFault:
        return 1, []
    return 0, [list(span) for span in zaps]
