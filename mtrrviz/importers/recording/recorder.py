"""Recorder: sets an instance of tracefs up, copies its trace_pipe, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from mtrrviz.core.units import format_size
from mtrrviz.importers.recording.instance import (
    CannotRecordError,
    find_tracing,
    own_instance,
    remove_leftovers,
    write,
)
from mtrrviz.importers.recording.trace_settings import BUFFER_KIB, CLOCK, EVENTS, NEEDED
from mtrrviz.importers.text import MAX_TEXT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mtrrviz.importers.recording.trace_settings import TraceEvent

_PIECE_BYTES = 1 << 16
_LOOK_S = 0.1
"""Time between two looks at the pipe: polling it waits until a buffer is half full."""
_DRAIN_S = 30.0
"""Longest time spent on what is left in the buffers at the end."""
_LOST = re.compile(rb"\[LOST (\d{1,18}) EVENTS\]")


@dataclass
class Recorded:
    """What came: bytes of text, events that the kernel lost, and what else is worth a remark."""

    size_bytes: int = 0
    lost_events: int = 0
    remarks: list[str] = field(default_factory=list[str])


class Recorder:
    """Records this host's VMs into a file.

    ``is_stopped`` ends the recording early; signals must not raise while it runs, so that the
    instance is removed whatever ends it. ``progress`` hears of seconds and bytes so far.
    """

    def __init__(
        self,
        root: Path,
        is_stopped: Callable[[], bool],
        progress: Callable[[float, int], None],
    ) -> None:
        self._tracing = find_tracing(root)
        self._is_stopped = is_stopped
        self._progress = progress
        self._recorded = Recorded()
        self._events = self._present_events()

    def _present_events(self) -> list[TraceEvent]:
        """Return the events that this kernel has; CannotRecordError without the needed one."""
        present = [one for one in EVENTS if (self._tracing / "events" / one.name).is_dir()]
        if NEEDED not in present:
            raise CannotRecordError(
                f"{self._tracing}/events/{NEEDED.name} is missing: KVM is not loaded "
                "(`sudo modprobe kvm_intel` or `sudo modprobe kvm_amd`)"
            )
        for one in EVENTS:
            if one not in present:
                text = f"this kernel has no event {one.name}: no {one.tells} from it"
                self._recorded.remarks.append(text)
        return present

    def record(self, seconds: float, output: BinaryIO) -> Recorded:
        """Copy the trace of so many seconds to ``output``; CannotRecordError, OSError."""
        self._recorded.remarks += remove_leftovers(self._tracing)
        with own_instance(self._tracing) as instance:
            self._set_up(instance)
            pipe = os.open(instance / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                self._follow(instance, pipe, seconds, output)
            finally:
                os.close(pipe)  # an instance whose pipe is open cannot be removed
        return self._recorded

    def _set_up(self, instance: Path) -> None:
        """Choose clock and buffers, switch the events on; CannotRecordError names what fails."""
        try:
            write(instance / "tracing_on", "0")
            write(instance / "trace_clock", CLOCK)
            write(instance / "buffer_size_kb", str(BUFFER_KIB))
            for one in self._events:
                self._switch_on(instance / "events" / one.name, one)
        except OSError as error:
            raise CannotRecordError(f"{error.filename or instance}: {error.strerror}") from error

    def _switch_on(self, directory: Path, event: TraceEvent) -> None:
        # A kernel whose event lacks a field refuses the filter; unfiltered there is only more.
        if event.filter:
            with suppress(OSError):
                write(directory / "filter", event.filter)
        write(directory / "enable", "1")

    def _follow(self, instance: Path, pipe: int, seconds: float, output: BinaryIO) -> None:
        """Copy what comes until time is up, then what is still in the buffers."""
        write(instance / "tracing_on", "1")
        start_s = time.monotonic()
        while (spent_s := time.monotonic() - start_s) < seconds and not self._is_stopped():
            if not self._copy(pipe, output):
                time.sleep(min(_LOOK_S, seconds - spent_s))
            self._progress(spent_s, self._recorded.size_bytes)
            if self._is_full():
                return
        write(instance / "tracing_on", "0")
        end_s = time.monotonic() + _DRAIN_S
        while self._copy(pipe, output) and time.monotonic() < end_s and not self._is_full():
            self._progress(seconds, self._recorded.size_bytes)

    def _copy(self, pipe: int, output: BinaryIO) -> int:
        """Copy what is in the pipe now, at most a piece, and return how many bytes."""
        try:
            piece = os.read(pipe, _PIECE_BYTES)
        except BlockingIOError:
            return 0
        output.write(piece)
        self._recorded.size_bytes += len(piece)
        self._recorded.lost_events += sum(map(int, _LOST.findall(piece)))
        return len(piece)

    def _is_full(self) -> bool:
        if self._recorded.size_bytes < MAX_TEXT_BYTES - _PIECE_BYTES:
            return False
        text = f"the recording ended early, at {format_size(MAX_TEXT_BYTES)}"
        if text not in self._recorded.remarks:
            self._recorded.remarks.append(text)
        return True
