"""`mtrrviz export`: tables, a trace or a report of a scenario's run, to a file or to a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.cli.commands import DEFAULT_POLICIES, GOOD
from mtrrviz.cli.grammars.export_help import export_details
from mtrrviz.cli.grammars.grammar import CommandParser, Grammar
from mtrrviz.cli.options import values
from mtrrviz.cli.options.arguments import POLICY_HELP, add_machine
from mtrrviz.cli.options.constants import add_cost_arguments, costs_of
from mtrrviz.cli.options.output_files import format_of
from mtrrviz.cli.options.values import time_within
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.kinds import FORMATS, KINDS

if TYPE_CHECKING:
    from argparse import Namespace

    from mtrrviz.sim.run import Run

_NUMBERS = {(1, 1): "one policy", (1, 2): "one policy or two", (2, 2): "two policies"}


def export(args: Namespace) -> int:
    """Replay a scenario and write what is asked for."""
    from mtrrviz.exporters.output import write_parts
    from mtrrviz.session.exchange.exporting import export_parts

    form = format_of(args.output, _formats(args), args.format)
    states = [run.at(args.at_ns) for run in _runs(args)]
    write_parts(export_parts(args.what, form, states, args.vcpu), args.output)
    return GOOD


def _formats(args: Namespace) -> tuple[str, ...]:
    """Return the formats that there are; MtrrvizError if the one asked for is none of them."""
    possible = KINDS[args.what].formats
    if args.format not in (None, *possible):
        raise MtrrvizError(f"--format {args.format}: {args.what} can be {' or '.join(possible)}")
    return possible


def _runs(args: Namespace) -> list[Run]:
    """Replay under each policy; MtrrvizError if these are more or fewer than are needed."""
    from mtrrviz.cli.options.inputs import open_machine
    from mtrrviz.core.policies import get_policy
    from mtrrviz.session.view_state import ViewState
    from mtrrviz.sim import simulate

    least, most = KINDS[args.what].least, KINDS[args.what].most
    given = [get_policy(name) for name in args.policy or ()]
    if given and not least <= len(given) <= most:
        number = _NUMBERS[least, most]
        raise MtrrvizError(f"--what {args.what} is of {number}, --policy names {len(given)}")
    costs = costs_of(args)
    scenario = open_machine(args.files, args)
    args.at_ns = time_within(scenario, args.at)
    usual = [get_policy(name) for name in ViewState().for_view(scenario.view).policies[:least]]
    return [simulate(scenario, policy, costs) for policy in given or usual]


def _export_arguments(parser: CommandParser) -> None:
    add_machine(parser)
    parser.add_argument("--what", choices=tuple(KINDS), required=True, help="what to export")
    what = "csv or json for tables; default: what the name of the file ends in, or csv"
    parser.add_argument("--format", choices=FORMATS, default=None, help=what)
    first, second = DEFAULT_POLICIES
    what = (
        "a policy; give two for differences and, if you like, for a report; default: as the"
        f" scenario is opened, else {first}, for differences {first} and {second}"
    )
    parser.add_argument("--policy", action="append", metavar="ID", help=f"{what} {POLICY_HELP}")
    what = "scenario time of ranges and differences in seconds, or end; default: end"
    parser.add_argument("--at", metavar="SECONDS", type=values.time_ns, default=None, help=what)
    what = "the vCPU whose next faults the ranges show; default: 0"
    parser.add_argument("--vcpu", metavar="N", type=values.vcpu, default=0, help=what)
    add_cost_arguments(parser)
    what = "the file to write; default: - for standard output"
    parser.add_argument("-o", "--output", metavar="OUT", default="-", help=what)


GRAMMAR = Grammar(export_details, _export_arguments, export)
