"""Reading traces and dumps, beside the least that Python can do with the same lines."""

from __future__ import annotations

import atexit
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.importers import import_texts
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from collections.abc import Iterable

LINES = 1_000_000
SHORT_LINES = 100_000
MSRS = ("200", "201", "2ff", "c0000080")


def trace_lines(count: int) -> list[str]:
    """Return a made-up trace of eight vCPUs, mostly exits and entries as real ones are."""
    numbers = random.Random(1)
    time_us = 2_309_000_000
    lines: list[str] = []
    for index in range(count):
        time_us += numbers.randint(1, 9)
        vcpu = numbers.randint(0, 7)
        seconds = f"{time_us // 1_000_000}.{time_us % 1_000_000:06}"
        head = f" CPU {vcpu}/KVM-574{vcpu}    [00{vcpu % 4}] .....  {seconds}: "
        lines.append(head + payload(numbers, vcpu, index))
    return lines


def payload(numbers: random.Random, vcpu: int, index: int) -> str:
    """Return an event of a vCPU; 72 % are exits and entries, 2 % MSR accesses."""
    kind = numbers.random()
    rip = f"rip 0xffffffff810{index % 4096:05x}"
    if kind < 0.36:
        codes = "info1 0x182 info2 0x0 intr_info 0x00000000 error_code 0x00000000"
        return f"kvm_exit: vcpu {vcpu} reason EPT_VIOLATION {rip} {codes}"
    if kind < 0.72:
        return f"kvm_entry: vcpu {vcpu}, {rip}"
    if kind < 0.85:
        gpa = numbers.randrange(1 << 32)
        return f"kvm_page_fault: vcpu {vcpu} {rip} address {gpa:#018x} error_code 0x182"
    if kind < 0.95:
        gfn = numbers.randrange(1 << 20)
        entry = f"as id 0 gfn {gfn:x} level 1 old_spte 0 new_spte 6000001fc0000c77"
        return f"kvm_tdp_mmu_spte_changed: {entry}"
    if kind < 0.97:
        return f"kvm_msr: msr_write {numbers.choice(MSRS)} = {numbers.choice((0, 0x806)):#x}"
    return "sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b"


def write_lines(count: int) -> list[str]:
    """Return a made-up trace of eight vCPUs that do nothing but write a few MTRRs."""
    numbers = random.Random(1)
    time_us = 2_309_000_000
    lines: list[str] = []
    for _ in range(count):
        time_us += numbers.randint(1, 9)
        vcpu = numbers.randint(0, 7)
        msr, value = numbers.choice((("200", 0x8000_0006), ("200", 0), ("2ff", 0xC06), ("2ff", 0)))
        head = f" CPU {vcpu}/KVM-574{vcpu}    [00{vcpu % 4}] .....  {time_us / 1e6:.6f}: "
        lines.append(f"{head}kvm_msr: msr_write {msr} = {value:#x}")
    return lines


def trace_file(lines: Iterable[str]) -> Path:
    """Return a file with a made-up trace, removed when the benchmarks end."""
    with tempfile.NamedTemporaryFile("w", suffix=".trace", delete=False) as stream:
        stream.write("\n".join(lines) + "\n")
    path = Path(stream.name)
    atexit.register(path.unlink, missing_ok=True)
    return path


def split_lines(path: Path) -> None:
    """Read the file and split each line, the least any parser does."""
    with path.open() as stream:
        for line in stream:
            line.split()


def trace_pair(lines: Iterable[str]) -> Pair:
    """Return an import of a trace beside splitting its lines."""
    path = trace_file(lines)
    return Pair(lambda: import_texts([(path.name, path)]), lambda: split_lines(path))


@case(
    "import 1e5 trace lines",
    reference="line.split() of each line",
    limit=3.0,
    in_short=False,
)
def import_short_trace() -> Pair:
    """Import a trace that takes a moment."""
    return trace_pair(trace_lines(SHORT_LINES))


@case(
    "import 1e5 register writes",
    reference="line.split() of each line",
    limit=6.0,
    in_short=False,
)
def import_writes() -> Pair:
    """Import a trace of which every line becomes an event."""
    return trace_pair(write_lines(SHORT_LINES))


@case(
    "import 1e6 trace lines",
    reference="line.split() of each line",
    limit=3.0,
    in_short=False,
)
def import_trace() -> Pair:
    """Import a trace of the size the goal is set for."""
    return trace_pair(trace_lines(LINES))


@case(
    "import 2e4 register lines",
    reference="int(word, 16) of each word, twenty times",
    limit=6.0,
    in_short=False,
)
def import_registers() -> Pair:
    """Import a register dump that is read line by line with patterns."""
    lines = [f"0x2ff {0xC06:x}" for _ in range(19_000)]
    data = "\n".join(lines).encode()

    def convert() -> None:
        for _ in range(20):
            for line in lines:
                for word in line.split():
                    int(word, 16)

    return Pair(lambda: import_texts([("dump", data)]), convert)
