"""KVM trace events as ftrace, trace-cmd and perf print them: one parser, three kinds of heads.

A trace line is a head (task, CPU, time), an event and its payload. Millions of lines are mostly
exits and entries, so the loop finds event names by searching for separators and looks closer only
at the events that say something (arch/x86/kvm/trace.h, arch/x86/kvm/mmu/mmutrace.h).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.msr.registers import CR0_ID, mtrr_msrs
from mtrrviz.importers.facts import Facts, short
from mtrrviz.importers.traces.trace_columns import READ, REFUSED, WRITE, Trace
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from mtrrviz.importers.formats import Context

_VCPU = re.compile(r"\bvcpu (\d{1,9})\b")
_HEAD = re.compile(
    # A task ends in its number, so that prose with a date or a footnote is no head.
    r"\S.{0,120}?\d(?:\s{1,20}\([\d -]{1,20}\))?\s{1,40}"
    r"(?:\[\d{1,5}\] ?\s{0,40}(?:\S{1,12}\s{1,20})?-?\d{1,20}(?:\.\d{1,9})?"
    r"|\d{1,5}[d.XD]\S{2,6}\s{1,20}\d{1,10}\.\d{1,9}):"
)
_LATENCY = re.compile(r"^\s*(\S.{0,120}?-\d+)\s+(\d{1,5})[d.XD]\S{3,5}\s+(\d+\.\d+): (.*)")
_PERIOD = re.compile(r"(.{0,200}\] +\d{1,10}\.\d{1,9}:) +\d{1,20} +([a-z]\w{0,40}:\w{1,60}: .*)")
_HEADING = re.compile(r"cpus=|CPU:|version =|##### CPU|CPU \d+ is empty")
_CALLER = re.compile(r"\s+[0-9a-f]{6,16} [^ ].{0,400} \(.{1,400}\)$")
_NAME = re.compile(r"(?:[a-z]\w{0,40}:)?\w{1,60}")
_MAX_TASK_CHARS = 200
"""Longest name of a thread with its padding; the kernel's names have 15 characters."""
_THREAD_GROUP = re.compile(r"(?<!\s)\s{1,40}\(\s{0,40}[\d-]{1,12}\)$")
_INSTANCE = re.compile(r"^[\w.-]{1,60}:\s+")
_MSRS = {f"{msr:x}": msr for msr in mtrr_msrs()}
_EXITS_LOOKED_AT = 1000
_MAX_PAYLOADS = 4096
"""Spellings of register accesses that are remembered: the same few come again and again."""
_EXITS = frozenset({": kvm_exi", ": kvm_ent"})

_MSR_EVENT = ": kvm_msr: "
_FEW_LINES = 16
"""From so many lines on it pays to take them apart together."""

Handler = Callable[[str, str, int], None]
_Access = tuple[int, int, int]
"""An MSR, the kind of access as in trace_columns, and the value."""
_NO_ACCESS: _Access = (0, 0, 0)
_NO_THREAD = -1


class TraceParser:
    """Takes trace lines; fills a :class:`~mtrrviz.importers.traces.trace_columns.Trace`."""

    def __init__(self, facts: Facts, context: Context, trace: Trace | None = None) -> None:
        self._context = context
        self._facts = facts
        self._trace = trace or Trace(context.file)
        self._told_vcpu = self._trace.told_vcpu
        self._add_access = self._trace.accesses.add
        self._add_fault = self._trace.faults.add
        self._add_entry = self._trace.entries.add
        self._is_listed = False
        self._threads: dict[str, int] = {}
        self._others: dict[str, int] = {}
        self._foreign_msrs = 0
        self._msr_payloads: dict[str, _Access | None] = {}
        # Register accesses by how their lines end, from the colon before the event on.
        self._msr_ends: dict[str, _Access] = {}
        self._exits = 0
        # Starts of lines up to the bracket, all of one width: of threads whose vCPU is known, and
        # of all threads. Where the event begins: the same in most lines, so it is tried first.
        self._told: set[str] = set()
        self._starts: dict[str, int] = {}
        self._width = 0
        self._event_at = -1
        self._handlers: dict[str, Handler] = {}
        for name, handler in (
            ("kvm_msr", self._msr),
            ("kvm_cr", self._cr),
            ("kvm_page_fault", self._fault),
            ("kvm_tdp_mmu_spte_changed", self._entry),
            ("kvm_mmu_set_spte", self._set_entry),
            ("kvm_exit", self._exit),
            ("kvm_entry", self._exit),
        ):
            group = "kvmmmu" if "spte" in name else "kvm"
            self._handlers[name] = self._handlers[f"{group}:{name}"] = handler

    def feed(self, lines: Sequence[str], numbers: Sequence[int]) -> list[int]:
        """Take the lines whose event is known or whose head is a trace's; return the others."""
        handlers, told, foreign = self._handlers, self._told, list[int]()
        at = self._event_at
        event, start = slice(at, at + 9), slice(self._width)
        # Nothing new can come of an exit or entry of a thread whose vCPU is known.
        rest = [
            index
            for index, line in enumerate(lines)
            if line[event] not in _EXITS or line[start] not in told
        ]
        self._exits += len(lines) - len(rest)
        indices, columns = self._known_accesses(lines, rest, numbers)
        known = dict[int, tuple[int, ...]]()
        if len(indices) == len(rest) > 0:
            self._keep(lines, numbers, lambda: self._trace.accesses.add_columns(columns))
            rest = []
        elif indices:
            known = dict(zip(indices, zip(*columns, strict=True), strict=True))
        for index in rest:
            if row := known.get(index):
                self._add_access(row)
                continue
            line = lines[index]
            # After the CPU in brackets the first ": " ends the time (a digit), the next the event.
            is_usual = line[at : at + 2] == ": " and line[at - 1].isdigit()
            colon = at if is_usual else line.find(": ", line.find("] "))
            end = line.find(": ", colon + 2)
            handler = handlers.get(line[colon + 2 : end])
            if handler is None:
                if not self._other(line, line[colon + 2 : end], numbers[index]):
                    foreign.append(index)
                continue
            try:
                handler(line[end + 2 :], line[:colon], numbers[index])
            except ScenarioError:  # is a ValueError, and means more than a line of another kind
                raise
            except (ValueError, IndexError):
                foreign.append(index)
        if len(foreign) < len(lines):
            self._flush(lines, numbers)
        return foreign

    def _known_accesses(
        self, lines: Sequence[str], places: Sequence[int], numbers: Sequence[int]
    ) -> tuple[list[int], tuple[Sequence[int], ...]]:
        """Return the indices of register accesses among lines, and the columns of their rows.

        The rows are those that :meth:`_msr` adds.

        They are of lines built as the last ones were, with a beginning and an end that are known,
        and are taken apart all at once. None is returned if a time among them is written otherwise.
        """
        at, width = self._event_at, self._width
        event = slice(at, at + len(_MSR_EVENT))
        places = [index for index in places if lines[index][event] == _MSR_EVENT]
        if width > at or len(places) < _FEW_LINES:
            return [], ()
        ends = [self._msr_ends.get(lines[index][at:], _NO_ACCESS) for index in places]
        threads = [self._starts.get(lines[index][:width], _NO_THREAD) for index in places]
        if _NO_ACCESS in ends or _NO_THREAD in threads:
            told = [
                (index, thread, access)
                for index, thread, access in zip(places, threads, ends, strict=True)
                if thread != _NO_THREAD and access is not _NO_ACCESS
            ]
            if not told:
                return [], ()
            places, threads, ends = map(list, zip(*told, strict=True))
        times_ns = _usual_times_ns([lines[index] for index in places], at)
        if not times_ns:
            return [], ()
        placed = [numbers[index] for index in places]
        msrs, kinds, values = zip(*ends, strict=True)
        return places, (times_ns, threads, msrs, kinds, placed, values)

    def _flush(self, lines: Sequence[str], numbers: Sequence[int]) -> None:
        """Keep the rows of these lines; ScenarioError if a number in them is too large."""
        for table in self._trace.tables():
            self._keep(lines, numbers, table.flush)

    def _keep(self, lines: Sequence[str], numbers: Sequence[int], keep: Callable[[], None]) -> None:
        """Keep rows of these lines; ScenarioError if a number in them is too large."""
        try:
            keep()
        except OverflowError as error:
            number = int(error.args[0])
            text = lines[numbers.index(number)].strip() if number in numbers else ""
            raise self._refused(f"{text!r}", number, "numbers of at most 64 bits") from error

    def _other(self, line: str, name: str, number: int) -> bool:
        """Return whether a line is a trace's although its event is none of the known names."""
        if name in self._others:
            self._others[name] += 1
            return True
        stripped = name.lstrip()
        if stripped in self._handlers:
            # perf pads names to a column: from now on this spelling is known too.
            self._handlers[name] = self._handlers[stripped]
            return not self.feed((line,), (number,))
        if not line or line[0] == "#":
            return line.startswith(("# tracer:", "# entries-in-buffer"))
        match = _HEAD.match(line.lstrip()[:400])
        if match is None:
            return False
        if respelled := _respelled(line):
            return not self.feed([respelled], (number,))
        known = name if _NAME.fullmatch(stripped) and len(self._others) < 1000 else "no event"
        self._others[known] = self._others.get(known, 0) + 1
        return True

    def noise(self, line: str) -> str:
        """Return what the lines around a trace are."""
        if _HEADING.match(line):
            return "headings of a trace"
        if _CALLER.match(line):
            return "call chains of a trace"
        return ""

    def finish(self) -> None:
        """Add the counts of other events to the facts."""
        for name, count in self._others.items():
            self._facts.unused[f"trace event {name.strip()}"] += count
        if self._exits:
            self._facts.unused["trace event kvm_exit or kvm_entry (used for vCPU numbers)"] += (
                self._exits
            )
        if self._foreign_msrs:
            self._facts.unused["accesses of other MSRs"] += self._foreign_msrs
        self._others, self._exits, self._foreign_msrs = {}, 0, 0

    # Heads

    def _thread(self, head: str) -> int:
        """Return the index of the thread a head names."""
        task = head[: head.rfind("[")]
        thread = self._threads.get(task)
        if thread is None:
            thread = self._new_thread(task)
        self._width = self._width or len(task) + 1
        self._event_at = len(head)
        if len(task) + 1 == self._width:
            self._starts[head[: self._width]] = thread
        return thread

    def _new_thread(self, task: str) -> int:
        if not task.strip():
            raise ValueError(task)
        name = self._task_name(task.strip())
        if name in self._trace.threads:
            thread = self._trace.threads.index(name)
        else:
            if len(self._trace.threads) >= 10_000:
                raise ScenarioError(
                    self._context.file, "", "more than 10000 threads", "a trace of VMs"
                )
            thread = len(self._trace.threads)
            self._trace.threads.append(name)
        self._threads[task] = thread
        self._list_trace()
        return thread

    def _list_trace(self) -> None:
        if not self._is_listed:
            self._is_listed = True
            self._facts.traces.append(self._trace)

    def _task_name(self, task: str) -> str:
        """Return "COMM-PID" without padding, thread group or trace-cmd's instance name."""
        if len(task) > _MAX_TASK_CHARS:
            raise ValueError(task[:_MAX_TASK_CHARS])
        task = _THREAD_GROUP.sub("", task)
        return _INSTANCE.sub("", task)

    def _stamp(self, head: str, number: int) -> tuple[int, int]:
        """Return the time and the index of the thread in a head."""
        thread = self._starts.get(head[: self._width])
        if thread is None:
            thread = self._thread(head)
        text = head[head.rfind(" ") + 1 :]
        if text[-7:-6] == ".":
            # The quickest way; microseconds within 68 years survive the rounding of a float.
            seconds = float(text)
            if 0 <= seconds < 1 << 31:
                return int(seconds * 1e6 + 0.5) * 1000, thread
        return self._odd_time_ns(text, number), thread

    def _odd_time_ns(self, text: str, number: int) -> int:
        """Return a time that is not in seconds with six decimals."""
        whole, _, part = text.partition(".")
        if text[:1] == "-":
            raise self._refused(f"time {text}", number, "a time that is not negative")
        if not (whole.isdecimal() and (not part or part.isdecimal())) or len(part) > 9:
            raise ValueError(text)
        if len(whole) > (9 if part else 18):
            raise self._refused(f"time {text}", number, "seconds since boot")
        # Without decimals the trace was made with a clock that counts nanoseconds.
        return int(whole + part) * 10 ** (9 - len(part)) if part else int(whole)

    def _refused(self, problem: str, number: int, expected: str) -> ScenarioError:
        return ScenarioError(self._context.file, f"line {number}", short(problem), expected)

    # Events

    def _msr(self, payload: str, head: str, number: int) -> None:
        if payload in self._msr_payloads:
            access = self._msr_payloads[payload]
        else:
            access = _msr_access(payload)
            if len(self._msr_payloads) >= _MAX_PAYLOADS:
                self._msr_payloads.clear()
                self._msr_ends.clear()
            self._msr_payloads[payload] = access
            if access is not None:
                self._msr_ends[_MSR_EVENT + payload] = access
        if access is None:
            self._foreign_msrs += 1
            return
        msr, kind, value = access
        time_ns, thread = self._stamp(head, number)
        self._add_access((time_ns, thread, msr, kind, number, value))

    def _cr(self, payload: str, head: str, number: int) -> None:
        words = payload.split(None, 4)
        if words[0] != "cr_write" or words[1] != "0":
            self._others["kvm_cr"] = self._others.get("kvm_cr", 0) + 1
            return
        time_ns, thread = self._stamp(head, number)
        self._add_access((time_ns, thread, CR0_ID, WRITE, number, int(words[3], 16)))

    def _fault(self, payload: str, head: str, number: int) -> None:
        words = payload.split()
        time_ns, thread = self._stamp(head, number)
        if words[0] == "vcpu" and words[4] == "address":
            gpa, code = int(words[5], 16), int(words[7], 16)
            if thread not in self._told_vcpu:
                self._told_vcpu[thread] = int(words[1])
        elif words[0] == "address":
            gpa, code = int(words[1], 16), int(words[3], 16)
        else:
            raise ValueError(payload)
        self._add_fault((time_ns, thread, number, gpa, code))

    def _entry(self, payload: str, head: str, number: int) -> None:
        words = payload.split()
        if words[9] != "new_spte" or words[3] != "gfn":
            raise ValueError(payload)
        time_ns, thread = self._stamp(head, number)
        if words[2] != "0":
            return  # another address space: that of system management mode
        gfn, old, new = int(words[4], 16), int(words[8], 16), int(words[10], 16)
        self._add_entry((time_ns, thread, int(words[6]), number, gfn, old, new))

    def _set_entry(self, payload: str, head: str, number: int) -> None:
        words = payload.split()
        if words[0] != "gfn" or words[2] != "spte" or words[5] != "level":
            raise ValueError(payload)
        time_ns, thread = self._stamp(head, number)
        gfn, new = int(words[1], 16), int(words[3], 16)
        self._trace.entries_set.add((time_ns, thread, int(words[6]), number, gfn, 0, new))

    def _exit(self, payload: str, head: str, number: int) -> None:
        """Learn a thread's vCPU; once enough was seen, the loop passes its exits by."""
        del number
        self._exits += 1
        if head[: self._width] in self._told:
            return
        thread = self._thread(head)
        match = _VCPU.search(payload)
        if match:
            self._trace.told_vcpu.setdefault(thread, int(match[1]))
        if "reason npf" in payload:
            self._trace.is_amd = True
        self._event_at = len(head)
        start = head[: self._width]
        if self._exits > _EXITS_LOOKED_AT and thread in self._told_vcpu and start in self._starts:
            self._told.add(start)


def _msr_access(payload: str) -> _Access | None:
    """Return the access that a kvm_msr event tells, None for one that says nothing of MTRRs.

    ValueError and IndexError for what is no such event.
    """
    words = payload.split(None, 4)
    msr = _MSRS.get(words[1])
    if msr is None:
        int(words[1], 16)
        return None
    is_write = words[0] == "msr_write"
    if not is_write and words[0] != "msr_read":
        raise ValueError(payload)
    if len(words) > 4 and "#GP" in words[4]:
        return (msr, REFUSED, int(words[3], 16)) if is_write else None
    return msr, WRITE if is_write else READ, int(words[3], 16)


def _usual_times_ns(lines: Sequence[str], at: int) -> list[int]:
    """Return the times that end at a place of each line, as :meth:`TraceParser._stamp` reads them.

    None if there is a line in which it is no time in seconds with six decimals behind a space, at
    the place where it begins in the first line.
    """
    time_at = lines[0].rfind(" ", 0, at) + 1
    for place, mark in ((at - 7, "."), (time_at - 1, " ")):
        if "".join([line[place] for line in lines]) != mark * len(lines):
            return []
    texts = [line[time_at:at] for line in lines]
    try:
        seconds = np.array(list(map(float, texts)))
    except ValueError:
        return []
    is_usual = (seconds >= 0) & (seconds < 1 << 31)
    if not is_usual.all() or not "".join([text[-1] for text in texts]).isdigit():
        return []
    return ((seconds * 1e6 + 0.5).astype(np.int64) * 1000).tolist()


def _respelled(line: str) -> str:
    """Return a line with trace-cmd's short head or perf's period in the usual form, else ""."""
    if latency := _LATENCY.match(line):
        return "{} [{}] {}: {}".format(*latency.groups())
    period = _PERIOD.match(line)
    return " ".join(period.groups()) if period else ""
