"""`mtrrviz solve`: register values for a wanted memory map."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.cli.check_command import PROBLEMS_FOUND
from mtrrviz.cli.commands import GOOD, print_text
from mtrrviz.cli.grammars.grammar import CommandParser, Grammar
from mtrrviz.cli.options.arguments import add_machine, add_time
from mtrrviz.cli.options.values import time_within
from mtrrviz.cli.terminal.aside import say
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.units import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.solve import Advice, Choice, Solution, WantedMap

KEPT = "keep"
"""The word for the rest that stays as it is."""

_RISKS = {"any": "addresses that no map names may be cached then"}
"""What is to be known of a rest before it is chosen."""

FORMATS = ("table", "wrmsr", "proc-mtrr", "c", "edk2", "json")
"""The formats, the usual one first."""
_TYPE_NAMES = tuple(kind.name for kind in MEMORY_TYPES)

DETAILS = """\
Finds the fewest variable ranges for a memory map, together with a default
type and fixed ranges. Ranges overlap only where the SDM defines the result
and, for a guest, KVM finds the same. The result is looked up again, page by
page, by the SDM and for a guest by KVM too; where it is not what was wanted,
that is said, with other choices that have an exact answer (each was tried), and
the exit code is 1.

The wanted map is the machine's own. Of a guest: RAM WB, all else UC. Of a real
machine: RAM WB; devices UC unless they are UC or WC already; what the firmware
reserves and what nobody told keeps the type that it has, and nothing but RAM
becomes WB. --rest says what addresses get that no map names: a type, any (but
what a pair makes uncached stays so), or keep, which is what they have now. Or
the map is read from a file: a memory map (e820 lines of dmesg, /proc/iomem,
QEMU's info mtree), or lines START SIZE TYPE, as in

  0            2GiB    WB
  0xc000_0000  16MiB   WC     # the frame buffer

A real machine whose registers and memory map are both not told is refused. So
are registers that would newly cache a device or reserved memory of one, whatever
--map and --rest ask for; other addresses that are not known to be RAM are listed.

examples:
  mtrrviz solve ovmf-8vcpu-2g
  mtrrviz solve dmesg.txt --rest any --format wrmsr > solve.sh
  mtrrviz solve boot.toml --map wanted.txt --pairs 6 --default WB --format edk2
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only this command has."""
    what = "a memory map or lines START SIZE TYPE; default: the machine's own layout"
    parser.add_argument("--map", metavar="WANTED", default=None, help=what)
    what = (
        "the type of what the map does not name, any, or keep (as it is now); default: keep for a"
        " real machine, UC for a guest and for a map from a file"
    )
    parser.add_argument("--rest", choices=(*_TYPE_NAMES, "any", KEPT), default=None, help=what)
    what = "how many of the machine's pairs may be used; default: all"
    parser.add_argument("--pairs", metavar="N", type=_pairs, default=None, help=what)
    what = "the default type; default: the one that saves most pairs"
    parser.add_argument("--default", choices=_TYPE_NAMES, default=None, help=what)
    what = "the least size of a range, such as 1MiB; default: 4KiB"
    parser.add_argument("--smallest", metavar="SIZE", type=_smallest, default="4KiB", help=what)
    what = "leave fixed ranges off, so that variable ones count below 1 MiB as well"
    parser.add_argument("--no-fixed", action="store_true", help=what)
    what = "how to print it; default: %(default)s"
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0], help=what)


def _pairs(text: str) -> int:
    from mtrrviz.core.msr.registers import MAX_PAIRS

    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MAX_PAIRS):
        expected = f"expected 0 to {MAX_PAIRS}"
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pairs ({expected})")
    return int(text)


def _smallest(text: str) -> int:
    from mtrrviz.core.units import PAGE_SIZE, parse_size

    try:
        size = parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if size < PAGE_SIZE or size & (size - 1):
        raise argparse.ArgumentTypeError(f"{text!r} is not a power of two from 4 KiB on")
    return size


def solve_command(args: argparse.Namespace) -> int:
    """Print registers for the wanted map of a scenario's machine."""
    from mtrrviz.analysis.solve import solution_text

    task = _MapToSolve(args)
    advice = task.advice()
    solution = advice.solution
    notes = [*advice.lines, *([] if solution.is_exact else task.choice_lines())]
    if not advice.is_given:
        _print_aside([*_verdict(solution), "so no registers are given", *notes])
        return PROBLEMS_FOUND
    if args.format == FORMATS[0]:
        print_text(task.now_words(solution))
        print_text("\n".join([solution_text(solution, args.format), *notes]))
    else:
        print_text(solution_text(solution, args.format))
        _print_aside(notes)
    return GOOD if solution.is_exact else PROBLEMS_FOUND


def _verdict(solution: Solution) -> list[str]:
    """Return what is to be said of a solution that is not given."""
    from mtrrviz.analysis.solve import verdict_lines

    return verdict_lines(solution)


def _print_aside(lines: list[str]) -> None:
    """Print lines on stderr, so that stdout holds the result alone."""
    for line in lines:
        say(line)


class _MapToSolve:
    """The map to solve and the options given, and which other options there are."""

    def __init__(self, args: argparse.Namespace) -> None:
        from mtrrviz.analysis.solve import Limits, target_of
        from mtrrviz.cli.options.inputs import open_machine
        from mtrrviz.core.policies import DEFAULT_POLICY_ID
        from mtrrviz.sim.replay import machine_at

        self._args = args
        self._scenario = open_machine(args.files, args)
        self._at_ns = time_within(self._scenario, args.at)
        self._machine = machine_at(self._scenario, DEFAULT_POLICY_ID, self._at_ns)
        self.target = target_of(self._scenario.machine, self._machine)
        default = None if args.default is None else MemoryType[args.default]
        if args.pairs is not None and args.pairs > self.target.pairs:
            raise MtrrvizError(
                f"--pairs {args.pairs}: the machine has {self.target.pairs} variable pairs"
                f" (expected 0 to {self.target.pairs})"
            )
        self.limits = Limits(args.pairs, default, not args.no_fixed, args.smallest)

    def advice(self) -> Advice:
        """Solve and judge what was asked for; MtrrvizError where too little is told."""
        from mtrrviz.analysis.solve import advise

        spec, wanted = self._scenario.machine, self.wanted(self.rest)
        is_own = self._args.map is None
        return advise(spec, self._machine, wanted, self.limits, is_own=is_own)

    @property
    def rest(self) -> str:
        """The word for what no map names."""
        usual = KEPT if self.target.is_host and self._args.map is None else "UC"
        return self._args.rest or usual

    def wanted(self, rest_word: str) -> WantedMap:
        """Return the wanted map; MtrrvizError for a file's that cannot be read."""
        from mtrrviz.analysis.solve import KEEP, host_wanted, wanted_by_machine, wanted_map
        from mtrrviz.session.wanted.wanted_sources import read_file

        spec = self._scenario.machine
        kind = None if rest_word in ("any", KEPT) else MemoryType[rest_word]
        if self._args.map is not None:
            self._check_rest(rest_word)
            return wanted_map(read_file(Path(self._args.map)), spec.maxphyaddr, kind)
        if spec.is_host:
            return host_wanted(spec, self._machine, KEEP if rest_word == KEPT else kind)
        self._check_rest(rest_word)
        return wanted_by_machine(spec, kind)

    def _check_rest(self, rest_word: str) -> None:
        if rest_word == KEPT:
            expected = "expected a type or any"
            raise MtrrvizError(f"--rest {KEPT} is for a real machine's own map ({expected})")

    def choice_lines(self) -> list[str]:
        """Say which other choices have an exact answer: single ones, else several together."""
        from mtrrviz.analysis.solve import choice_words, exact_choices

        found = self._given(exact_choices(self._single_choices(), self.target))
        found = found or self._given(exact_choices(self._joint_choices(), self.target))
        lines = [choice_words(*one) for one in found]
        return lines or ["no other --rest, --default, --pairs or --smallest has an exact answer"]

    def _given(self, found: list[tuple[Choice, Solution]]) -> list[tuple[Choice, Solution]]:
        """Return those choices whose registers would be given."""
        from mtrrviz.analysis.solve import judged

        spec, is_own = self._scenario.machine, self._args.map is None
        return [one for one in found if judged(spec, self._machine, one[1], is_own=is_own).is_given]

    def _single_choices(self) -> Iterator[Choice]:
        from mtrrviz.analysis.solve import Choice

        limits = self.limits
        for word in self._other_rests():
            yield Choice(f"--rest {word}", partial(self.wanted, word), limits, _RISKS.get(word, ""))
        mine = partial(self.wanted, self.rest)
        if limits.default is not None:
            others = (kind for kind in MEMORY_TYPES if kind is not limits.default)
            for kind in others:
                yield Choice(f"--default {kind.name}", mine, replace(limits, default=kind))
        if limits.pairs_of(self.target) < self.target.pairs:
            every = self.target.pairs
            yield Choice(f"--pairs {every}", mine, replace(limits, pairs=every))
        if limits.smallest_bytes > PAGE_SIZE:
            yield Choice("--smallest 4KiB", mine, replace(limits, smallest_bytes=PAGE_SIZE))

    def _joint_choices(self) -> Iterator[Choice]:
        from mtrrviz.analysis.solve import Choice, Limits

        every = Limits(None, None, self.limits.use_fixed, PAGE_SIZE)
        words = f"--pairs {self.target.pairs} with any --default and --smallest 4KiB"
        for word in (self.rest, *self._other_rests()):
            choice = f"--rest {word} {words}"
            yield Choice(choice, partial(self.wanted, word), every, _RISKS.get(word, ""))

    def _other_rests(self) -> list[str]:
        can_keep = self.target.is_host and self._args.map is None
        words = ("any", *((KEPT,) if can_keep else ()), "UC")
        return [word for word in words if word != self.rest]

    def now_words(self, solution: Solution) -> str:
        """Say what the first CPU's registers give of the map as they are at the time."""
        from mtrrviz.core.units import format_time_ns
        from mtrrviz.session.wanted.solution_edit import now_words

        who = (
            "CPU 0 is now" if self.target.is_host else f"vCPU 0 is at {format_time_ns(self._at_ns)}"
        )
        words = now_words(self._machine.mtrr(0), solution.wanted, self.target)
        return f"as {who}: {words}"


def _solve_arguments(parser: CommandParser) -> None:
    add_machine(parser)
    add_time(parser)
    add_arguments(parser)


GRAMMAR = Grammar(DETAILS, _solve_arguments, solve_command)
