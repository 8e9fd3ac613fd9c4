"""Which host thread is which vCPU.

kvm_msr events carry no vCPU number. Exits, entries and newer page faults do; QEMU's
debug-threads=on names threads "CPU 0/KVM"; else the threads are counted as they appear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.sorting import distinct
from mtrrviz.importers.notes import Note, NoteKind, Place
from mtrrviz.scenario.machine_check import MAX_VCPUS
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from mtrrviz.importers.traces.trace_columns import Trace

_QEMU_NAME = re.compile(r"CPU (\d{1,4})/KVM")


class ThreadMap:
    """Gives each thread of one trace a vCPU number; grows as threads appear."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._vcpus: dict[int, int | None] = {}
        self._why: dict[int, str] = {}
        #: What to tell the user.
        self.notes: list[Note] = []

    def update(self, active: list[int]) -> None:
        """Give numbers to threads not known yet: first those told, then those named, then others.

        ``active`` are the threads that did what only a vCPU does, in order of appearance.
        """
        for thread, vcpu in self._trace.told_vcpu.items():
            self._give(thread, vcpu, "its own events")
        for thread in active:
            match = _QEMU_NAME.search(self._trace.threads[thread])
            if match:
                self._give(thread, int(match[1]), "its name")
        for thread in active:
            if thread not in self._vcpus:
                self._give(thread, self._next_free(), "order of appearance")

    def vcpu(self, thread: int) -> int | None:
        """Return a thread's vCPU number, None for a thread that is none."""
        return self._vcpus.get(thread)

    def array(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return the vCPU of every thread by index, -1 where there is none."""
        numbers = [self._vcpus.get(i) for i in range(len(self._trace.threads))]
        return np.array([-1 if n is None else n for n in numbers], np.int64)

    def names(self) -> dict[int, str]:
        """Return the thread's name and how it was identified, by vCPU number."""
        return {
            vcpu: f"{self._trace.threads[thread]} (by {self._why[thread]})"
            for thread, vcpu in self._vcpus.items()
            if vcpu is not None
        }

    def _next_free(self) -> int:
        taken = set(self._vcpus.values())
        return next(number for number in range(len(taken) + 1) if number not in taken)

    def _give(self, thread: int, vcpu: int, why: str) -> None:
        if thread in self._vcpus:
            return
        if vcpu >= MAX_VCPUS:
            raise ScenarioError(self._trace.file, "", f"vCPU {vcpu}", f"vCPUs below {MAX_VCPUS}")
        if vcpu in self._vcpus.values():
            owner = next(t for t, v in self._vcpus.items() if v == vcpu)
            threads = self._trace.threads
            text = (
                f"{threads[thread]} and {threads[owner]} are both vCPU {vcpu}, so there are "
                f"several VMs; only the one of {threads[owner]} was kept"
            )
            self.notes.append(Note(NoteKind.WARNING, text, Place(self._trace.file)))
            self._vcpus[thread] = None
            return
        self._vcpus[thread] = vcpu
        self._why[thread] = why


def map_threads(trace: Trace) -> ThreadMap:
    """Return the vCPU of every thread of a whole trace."""
    found = ThreadMap(trace)
    accesses = trace.accesses.signed_column("thread")
    faults = trace.faults.signed_column("thread")
    found.update([int(t) for t in distinct(np.concatenate([accesses, faults]))])
    return found
