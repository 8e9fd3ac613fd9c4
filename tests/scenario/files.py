"""A small good scenario file and ways to write files beside it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
schema = 1
title = "good"

[machine]
vcpus = 2
memory = "1 GiB"
maxphyaddr = 40

[[machine.region]]
name = "RAM"
kind = "ram"
start = 0x0
size = "1 GiB"

[[machine.region]]
name = "flash"
kind = "rom"
start = 0xFFC0_0000
end = 0x1_0000_0000

[[phase]]
t = 0.0
name = "first"

[[phase]]
t = 0.5
name = "second"
aps = "concurrent"

[[event]]
t = 0.25
kind = "wrmsr"
vcpu = 1
register = "IA32_MTRR_DEF_TYPE"
value = 0xC06

[[event]]
t = 0.5
kind = "mov-cr0"
vcpu = 0
value = 0x11

[[touch]]
t = 0.1
start = 0x0
size = "2 MiB"
"""

RECORDED = """\
schema = 1
title = "recorded"

[machine]
vcpus = 2
memory = "1 GiB"

[[machine.region]]
name = "RAM"
kind = "ram"
start = 0
size = "1 GiB"

[recording]
events = "boot.events.csv.gz"
phases = "boot.phases.csv"
touches = "boot.touches.npz"
duration = 2.0
"""

EVENTS = """\
t_ns,vcpu,kind,register,value,origin
0,0,vmm-wrmsr,0x2ff,0x0,vmm
10,0,wrmsr,0x2ff,0xc06,firmware
20,1,init,,,apic
30,1,mov-cr0,,0x11,kernel
"""
PHASES = """\
start_ns,phase,aps,what
0,reset,none,from the reset vector on
15,setup,concurrent,"all at once, as it were"
"""


def columns(**changed: Any) -> dict[str, Any]:
    """Return the arrays of a good touch file, some replaced, left out where None."""
    good: dict[str, Any] = {
        "t_ns": np.array([0, 5, 100], np.int64),
        "gfn": np.array([1, 2, 3], np.uint32),
        "vcpu": np.array([0, 1, 0], np.uint8),
        "access": np.array([0, 1, 2], np.uint8),
    }
    return {name: array for name, array in {**good, **changed}.items() if array is not None}


def write_scenario(directory: Path, text: str = GOOD) -> Path:
    path = directory / "made.toml"
    path.write_text(text, encoding="utf-8")
    return path


def write_recorded(
    directory: Path, *, events: str = EVENTS, phases: str = PHASES, **changed: Any
) -> Path:
    """Write a scenario with its three data files and return its path."""
    (directory / "boot.events.csv.gz").write_bytes(gzip.compress(events.encode()))
    (directory / "boot.phases.csv").write_text(phases, encoding="utf-8")
    np.savez_compressed(directory / "boot.touches.npz", **columns(**changed))
    return write_scenario(directory, RECORDED)
