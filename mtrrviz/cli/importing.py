"""`mtrrviz import`: what a machine printed, as a scenario, with all that was assumed on the way."""

from __future__ import annotations

import argparse
import os
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.cli.check_command import PROBLEMS_FOUND
from mtrrviz.cli.commands import GOOD, print_json, print_text
from mtrrviz.cli.grammars.grammar import Grammar
from mtrrviz.cli.options.dump_options import add_dump_options, dump_options
from mtrrviz.cli.options.file_names import file_name
from mtrrviz.cli.options.inputs import texts_of
from mtrrviz.cli.options.output_files import scenario_output
from mtrrviz.cli.terminal.aside import is_watched, say_over
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.paths import STDIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.importers import Import, ImportOptions
    from mtrrviz.importers.opening import OpenRequest
    from mtrrviz.importers.traces.follow import Arrival
    from mtrrviz.sim.run import Run

_LIKELY_BITS = 46
"""Width of addresses of a trace that is followed and does not say."""

DETAILS = """\
FILE is a trace (ftrace, trace-cmd report, perf script), rdmsr, /proc/mtrr,
dmesg, e820, /proc/iomem, lspci, lscpu, memcontrol, x86info, fwts, chipsec, edk2,
coreboot, LinuxBIOS, U-Boot's mtrr, QEMU's info mtree or a list
of registers and values; plain or .gz, - for standard input. Several files
together make one machine. The format is found by content.

Prints for each file what it was taken for and why, and the lines that nobody
knows; then what the files do not say and was assumed, with the option that
says it. -o writes the machine as a scenario; page touches of a trace go to
OUT.HASH.touches.npz beside it, EPT entries that it shows to
OUT.HASH.observed.npz, where HASH is made of their content.

--check compares the EPT entries that a trace shows (kvm_tdp_mmu_spte_changed)
with those of a policy; the exit code is 1 if some differ.

--follow prints register writes while they are appended to a trace, until
interrupted.

--this-machine reads what this Linux host shows to its user: /dev/cpu/*/msr,
/proc/mtrr, /proc/iomem, /sys/firmware/memmap, /proc/cpuinfo, the DMI names and
debugfs x86/pat_memtype_list. It asks for no right and loads no module: what
could not be read is told, with the command that would read it. --root DIR
reads a directory that stands in for /; a file of lines "MSR VALUE" stands for
a device there.

--json prints one object. Its keys, in this order:
  scenario      name of the scenario
  machine       "host" or "guest"
  vcpus         number of vCPUs
  memory_bytes  its RAM, 0 if nothing tells it
  maxphyaddr    width of physical addresses
  events        number of events
  touches       number of page touches
  duration_s    length of the scenario
  sources       list, one a file: name, lines, formats (list), reason,
                unknown_lines, unknown (list of the first: line, text)
  notes         list: severity (info, assumed, warning), text, file, line,
                option (or null)
  unused        object: understood lines that say nothing of use, by kind
  threads       list: the host thread of each vCPU
  output        the file that was written, or null
  check         policy, compared, differing, mismatches (list: time_s, vcpu,
                gpa, level, real_bits, model_bits, cause, file, line); or null

examples:
  mtrrviz import trace.txt -o boot.toml
  mtrrviz import iomem.txt rdmsr.txt dmesg.txt --vcpus 8 -o host.toml
  dmesg | mtrrviz import -
  sudo mtrrviz import --this-machine -o host.toml
  mtrrviz import trace.txt --check kvm-6.7
  mtrrviz import --follow /sys/kernel/tracing/trace_pipe
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    what = "what a machine printed, - for standard input"
    parser.add_argument("files", metavar="FILE", nargs="*", help=what)
    what = "read this machine instead of files: its MSRs, procfs and sysfs (Linux)"
    parser.add_argument("--this-machine", action="store_true", help=what)
    what = "with --this-machine: a directory that stands in for /"
    parser.add_argument("--root", metavar="DIR", default=None, help=what)
    what = "the scenario file to write; default: none, only report"
    parser.add_argument("-o", "--output", metavar="OUT.toml", default=None, help=what)
    what = "the format, for all files; default: found by content"
    parser.add_argument("--format", metavar="ID", default=None, help=what)
    add_options(parser)
    what = "compare the trace's EPT entries with those of a policy"
    parser.add_argument("--check", metavar="POLICY", default=None, help=what)
    what = "print events as they are appended to a trace"
    parser.add_argument("--follow", action="store_true", help=what)
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def _number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number within bounds."""

    def number(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")
        return int(text)

    return number


_vcpus, _bits, _devices = _number(1, 255), _number(32, 52), _number(0, 255)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the answers to what files do not say."""
    what = "number of vCPUs (at least as many as the files show)"
    parser.add_argument("--vcpus", metavar="N", type=_vcpus, default=None, help=what)
    add_dump_options(parser)
    what = "width of guest physical addresses in bits"
    parser.add_argument("--maxphyaddr", metavar="N", type=_bits, default=None, help=what)
    names = [kind.name for kind in MEMORY_TYPES]
    what = "the default type (IA32_MTRR_DEF_TYPE)"
    parser.add_argument("--default-type", choices=names, default=None, help=what)
    what = "number of devices with non-coherent DMA"
    parser.add_argument("--noncoherent-dma", metavar="N", type=_devices, default=None, help=what)


def import_machine(args: argparse.Namespace) -> int:
    """Import files, tell what came of it, and write the scenario if asked to."""
    _check_sources(args)
    if args.follow:
        return _follow(args)
    output = _output(args)
    with ExitStack() as stack:
        imported = _imported(_request(args, stack))
    run = _checked(imported, args.check)
    if output is not None:
        from mtrrviz.scenario.files.saver import save_scenario

        save_scenario(imported.scenario, output)
    _print(imported, run, args)
    return PROBLEMS_FOUND if run is not None and _differs(run) else GOOD


def _differs(run: Run) -> bool:
    """Return whether the trace shows other leaves than the run."""
    from mtrrviz.facts.trace.trace_check import trace_check

    return bool(trace_check(run).mismatch_count)


def _check_sources(args: argparse.Namespace) -> None:
    """Raise MtrrvizError unless there are files or this machine to import, and not both."""
    if args.root is not None and not args.this_machine:
        raise MtrrvizError("--root goes with --this-machine")
    if args.this_machine and (args.files or args.format or args.follow):
        raise MtrrvizError("--this-machine takes neither FILE nor --format nor --follow")
    if not args.files and not args.this_machine:
        raise MtrrvizError("nothing to import (expected a FILE, or --this-machine)")


def _output(args: argparse.Namespace) -> Path | None:
    """Return the file to write, MtrrvizError if it is no scenario's name or one of the inputs."""
    if args.output is None:
        return None
    output = scenario_output(args.output)
    inputs = [os.path.realpath(file_name(name)) for name in args.files]
    if os.path.realpath(output) in inputs:
        raise MtrrvizError(f"{output}: this is one of the files to import")
    return output


def _request(args: argparse.Namespace, stack: ExitStack) -> OpenRequest:
    """Return what to import; standard input is kept in a file until ``stack`` is closed."""
    from mtrrviz.importers.opening import request_for, this_machine_request

    if args.this_machine:
        return this_machine_request(Path(args.root or "/"), options_of(args))
    return request_for(texts_of(args.files, stack), args.format, options_of(args))


def options_of(args: argparse.Namespace) -> ImportOptions:
    """Return the answers that the command line gives to what files do not say."""
    return replace(
        dump_options(args),
        vcpus=args.vcpus,
        maxphyaddr=args.maxphyaddr,
        default_type=None if args.default_type is None else MemoryType[args.default_type],
        noncoherent_dma=args.noncoherent_dma,
    )


def _imported(request: OpenRequest) -> Import:
    """Import, with progress where somebody watches."""
    from mtrrviz.importers.opening import import_request

    try:
        return import_request(request, _show_progress if is_watched() else None)
    finally:
        say_over("")


def _show_progress(name: str, done: int, total: int) -> None:
    """Write over the last line of the terminal how far the import is."""
    share = f"{done * 100 // total} %" if total else f"{done >> 20} MiB"
    say_over(f"reading {Path(name).name!a}: {share}")


def _checked(imported: Import, policy_id: str | None) -> Run | None:
    """Return the run that a trace's leaves are compared with, if a policy is named."""
    if policy_id is None:
        return None
    from mtrrviz.sim.simulate import simulate

    return simulate(imported.scenario, policy_id)


def _print(imported: Import, run: Run | None, args: argparse.Namespace) -> None:
    """Print the report as text or JSON."""
    from mtrrviz.importers.import_report import import_json, import_text
    from mtrrviz.importers.traces.check_report import check_json, check_text

    file = imported.observed_file
    if args.json:
        checked = run and check_json(run, file)
        print_json({**import_json(imported), "output": args.output, "check": checked})
        return
    print_text(import_text(imported))
    if run is not None:
        print_text(check_text(run, file))
    if args.output is not None:
        print_text(f"written to {args.output}")


def _follow(args: argparse.Namespace) -> int:
    """Print register writes as they are appended to a trace, until interrupted."""
    from mtrrviz.importers.traces.follow import Follower

    if len(args.files) != 1 or args.files[0] == STDIN or args.output or args.check or args.json:
        raise MtrrvizError("--follow takes one file, and neither -o nor --check nor --json")
    try:
        for arrival in Follower(
            Path(file_name(args.files[0])), maxphyaddr=args.maxphyaddr or _LIKELY_BITS
        ):
            _print_arrival(arrival)
    except KeyboardInterrupt:
        print_text("")
    return GOOD


def _print_arrival(arrival: Arrival) -> None:
    """Print what arrived, at once."""
    from mtrrviz.core.units import format_time_ns
    from mtrrviz.facts.event_words import event_words

    for remark in arrival.remarks:
        print_text(f"note: {remark}")
    for event in arrival.events:
        comment = f"  ({event.text})" if event.text else ""
        time = format_time_ns(event.time_ns)
        print_text(f"{time:>12}  vCPU {event.vcpu}  {event_words(event)}{comment}")
    sys.stdout.flush()


GRAMMAR = Grammar(DETAILS, add_arguments, import_machine)
