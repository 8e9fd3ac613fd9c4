"""`mtrrviz record`: a trace of this host's VMs, recorded and imported in one go."""

from __future__ import annotations

import argparse
import os
import re
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.commands import GOOD, print_text
from mtrrviz.cli.grammars.grammar import Grammar
from mtrrviz.cli.importing import add_options, options_of
from mtrrviz.cli.options.output_files import scenario_output
from mtrrviz.cli.terminal.aside import say_over, say_plainly
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType

    from mtrrviz.importers import Import
    from mtrrviz.importers.recording import Recorded

_MOST_SECONDS = 86_400
_ENDINGS = (signal.SIGINT, signal.SIGTERM, *(
    [signal.SIGHUP] if hasattr(signal, "SIGHUP") else []
))  # fmt: skip

DETAILS = """\
Records register writes, page faults and EPT entries of all VMs on this KVM
host for some seconds, and writes them as a scenario. Start it, then boot the
VM. It takes root: without rights it prints the commands to run by hand.

The trace events are switched on in an instance of tracefs of its own, which
is removed whatever ends the recording; the host's own tracing is not touched.
Ctrl-C ends it early and writes what came; SIGTERM and SIGHUP end it and write
nothing. An instance that a killed recorder left behind is removed by the next.

examples:
  mtrrviz record --for 60 -o boot.toml        # as root; then boot the VM
  mtrrviz boot.toml                           # look at it
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    what = "how long to record"
    parser.add_argument(
        "--for", dest="seconds", metavar="SECONDS", type=_seconds, required=True, help=what
    )
    what = "the scenario file to write"
    parser.add_argument("-o", "--output", metavar="OUT.toml", required=True, help=what)
    add_options(parser)
    what = "a directory that stands in for /; default: /"
    parser.add_argument("--root", metavar="DIR", default="/", help=what)


def _seconds(text: str) -> float:
    """Return a positive number of seconds, at most a day."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text) or not 0 < float(text) <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds up to {_MOST_SECONDS}"
        )
    return float(text)


def record(args: argparse.Namespace) -> int:
    """Record, import and write; return the exit code of the signal that ended it, if one did."""
    from mtrrviz.importers.import_report import import_text
    from mtrrviz.importers.recording import CannotRecordError, by_hand

    output = _output(args.output)
    try:
        ended_by, recorded, imported = _recorded(args)
    except CannotRecordError:
        say_plainly("Commands to record by hand:")
        for command in by_hand(args.seconds, args.output):
            say_plainly(f"  {command}")
        raise
    if imported is None:
        return 128 + ended_by
    from mtrrviz.scenario.files.saver import save_scenario

    save_scenario(imported.scenario, output)
    print_text("\n".join([import_text(imported), *_remarks(recorded), f"written to {args.output}"]))
    return GOOD


def _output(name: str) -> Path:
    """Return the file to write; MtrrvizError, before any time is spent, if it cannot be."""
    output = scenario_output(name)
    if not os.access(output.absolute().parent, os.W_OK):
        raise MtrrvizError(f"{output.absolute().parent}: not a directory that can be written to")
    return output


def _recorded(args: argparse.Namespace) -> tuple[int, Recorded, Import | None]:
    """Return the signal that ended the recording or 0, what came, and the machine.

    There is no machine if SIGTERM or SIGHUP ended it.
    """
    from mtrrviz.importers.recording import Recorder

    with tempfile.TemporaryFile() as trace:  # without a name: nothing to leave behind
        with _noted_signals() as signals, _progress(args.seconds) as progress:
            recorder = Recorder(Path(args.root), lambda: bool(signals), progress)
            recorded = recorder.record(args.seconds, trace)
        trace.flush()
        ended_by = next((one for one in signals if one != signal.SIGINT), 0)
        if ended_by:
            return ended_by, recorded, None
        return 0, recorded, _imported(args, Path(f"/proc/self/fd/{trace.fileno()}"), recorded)


def _imported(args: argparse.Namespace, trace: Path, recorded: Recorded) -> Import:
    """Return the machine of a recorded trace; MtrrvizError if nothing was recorded."""
    from mtrrviz.importers.opening import import_request, request_for

    if not recorded.size_bytes:
        nothing = "nothing was recorded: no VM did anything meanwhile (boot one)"
        raise MtrrvizError("; ".join([nothing, *recorded.remarks]))
    options = options_of(args)
    return import_request(request_for([("recording", trace)], "ftrace", options))


def _remarks(recorded: Recorded) -> list[str]:
    """Return the recorder's remarks as lines of a report."""
    lost = recorded.lost_events
    words = [f"the kernel lost {lost} events: the buffers were full"] if lost else []
    return [f"warning: {text}" for text in (*words, *recorded.remarks)]


@contextmanager
def _noted_signals() -> Generator[list[int]]:
    """Yield a list to which signals are added that would end the program, instead of ending it.

    What is ignored, as under nohup, stays ignored.
    """
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {one: signal.getsignal(one) for one in _ENDINGS}
    heard = {one: handler for one, handler in before.items() if handler != signal.SIG_IGN}
    for one in heard:
        signal.signal(one, note)
    try:
        yield came
    finally:
        for one, handler in heard.items():
            signal.signal(one, handler)


@contextmanager
def _progress(seconds: float) -> Generator[Callable[[float, int], None]]:
    """Yield what shows seconds and bytes so far on a terminal, and clear its line at the end."""

    def show(spent_s: float, size_bytes: int) -> None:
        say_over(f"recording: {spent_s:.0f} of {seconds:g} s, {size_bytes >> 10} KiB")

    try:
        yield show
    finally:
        say_over("")


GRAMMAR = Grammar(DETAILS, add_arguments, record)
