"""`mtrrviz check`: the problems of a machine, with an exit code for scripts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.commands import GOOD, print_json, print_text
from mtrrviz.cli.grammars.grammar import CommandParser, Grammar
from mtrrviz.cli.options.arguments import add_machine, add_moment
from mtrrviz.cli.options.file_names import file_name
from mtrrviz.cli.options.values import time_within

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from mtrrviz.analysis.checks.problem import Problem
    from mtrrviz.importers.machine.told_places import ToldPlaces

PROBLEMS_FOUND = 1

DETAILS = """\
Looks at the registers of every vCPU, how they came to be, the memory layout
and the leaves at a time. FILE may also be anything a machine printed: ftrace,
rdmsr, /proc/mtrr, dmesg, ...; several such files make one machine. What they
leave out is no error: it is assumed, which is said on stderr, and at most a
note. A real machine is judged by the SDM alone, a guest by KVM as well; what
the machine's own kernel complains of is told with what it means.

The exit code is 1 if there are errors or warnings; notes alone are 0.

--json prints a list of objects, worst first. Their keys, in this order:
  rule      id of the rule
  severity  error, warning or note
  title     what is wrong
  vcpus     list of the vCPUs it concerns
  msrs      list of register numbers
  start     first address, or null
  end       address after the last, or null
  event     index of the event that made it so, or null
  since_s   when that was, or null
  why       why it matters
  remedy    how to fix it
  source    where that is written
  file      log whose line tells it, or null
  line      number of that line from 1, or null

--sarif prints the same as SARIF 2.1.0, for code scanning services. Places are
the lines that tell a problem, a write in a trace or the value of a register in
a dump, else the first file as a whole.

examples:
  mtrrviz check ovmf-8vcpu-2g
  mtrrviz check trace.txt --vcpu 3 --at 2.5
  mtrrviz check dmesg.txt iomem.txt rdmsr.txt
  mtrrviz check boot.toml --sarif > mtrr.sarif
"""


def add_output_arguments(parser: ArgumentParser) -> None:
    """Add what only this command has: one vCPU, and the two formats."""
    from mtrrviz.cli.options.values import vcpu

    what = "look at this vCPU only; default: all"
    parser.add_argument("--vcpu", metavar="N", type=vcpu, default=None, help=what)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--json", action="store_true", help="print JSON instead of text")
    group.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0")


def check(args: Namespace) -> int:
    """Print the problems of a scenario at a time."""
    from mtrrviz.analysis.checks import check as find_problems
    from mtrrviz.analysis.checks import is_bad
    from mtrrviz.analysis.checks.check_output import problem_json, problems_text
    from mtrrviz.analysis.checks.sarif import sarif_log
    from mtrrviz.cli.options.inputs import opened_machine
    from mtrrviz.core.policies import get_policy
    from mtrrviz.sim import simulate

    policy = get_policy(args.policy)
    opened = opened_machine(args.files, args)
    scenario = opened.scenario
    state = simulate(scenario, policy).at(time_within(scenario, args.at))
    problems = find_problems(state, args.vcpu)
    if args.sarif:
        name = file_name(args.files[0])
        line_of = partial(_line_of, None if opened.imported is None else opened.imported.places)
        print_json(sarif_log(problems, name, line_of, Path()))
    elif args.json:
        print_json([problem_json(problem) for problem in problems])
    else:
        print_text(problems_text(problems))
    return PROBLEMS_FOUND if any(map(is_bad, problems)) else GOOD


def _line_of(places: ToldPlaces | None, problem: Problem) -> tuple[str, int] | None:
    """Return the line that a problem rests on: of its event in a trace, or of its registers."""
    if places is None:
        return None
    where = problem.where
    found = None if where.event is None else places.of_event(where.event)
    registers = ((vcpu, msr) for vcpu in where.vcpus[:1] for msr in where.msrs)
    if found is None:
        found = next((at for one in registers if (at := places.of_register(*one))), None)
    return None if found is None else (found.file, found.line)


def _check_arguments(parser: CommandParser) -> None:
    add_machine(parser)
    add_moment(parser)
    add_output_arguments(parser)


GRAMMAR = Grammar(DETAILS, _check_arguments, check)
