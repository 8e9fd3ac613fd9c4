"""`mtrrviz export`: tables, a trace or a report of a scenario's run, to a file or to a pipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.commands import GOOD, time_within
from mtrrviz.cli.constants import costs_of
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.kinds import KINDS

if TYPE_CHECKING:
    from argparse import Namespace

    from mtrrviz.sim.run import Run

_NUMBERS = {(1, 1): "one policy", (1, 2): "one policy or two", (2, 2): "two policies"}


def export(args: Namespace) -> int:
    """Replay a scenario and write what is asked for."""
    from mtrrviz.exporters.output import write_parts
    from mtrrviz.session.exporting import export_parts

    form = _format(args)
    states = [run.at(args.at_ns) for run in _runs(args)]
    write_parts(export_parts(args.what, form, states, args.vcpu), args.output)
    return GOOD


def _format(args: Namespace) -> str:
    """Return the format: the one given, the one the file's name ends in, or the usual one."""
    possible = KINDS[args.what].formats
    ending = Path(args.output).suffix.lower().lstrip(".")
    form = args.format or (ending if ending in possible else possible[0])
    if form not in possible:
        raise MtrrvizError(f"--format {form}: {args.what} can be {' or '.join(possible)}")
    return form


def _runs(args: Namespace) -> list[Run]:
    """Replay under each policy; MtrrvizError if these are more or fewer than are needed."""
    from mtrrviz.cli.inputs import open_machine
    from mtrrviz.core.policies import get_policy
    from mtrrviz.session.view_state import ViewState
    from mtrrviz.sim import simulate

    least, most = KINDS[args.what].least, KINDS[args.what].most
    given = [get_policy(name) for name in args.policy or ()]
    if given and not least <= len(given) <= most:
        number = _NUMBERS[least, most]
        raise MtrrvizError(f"--what {args.what} is of {number}, --policy names {len(given)}")
    costs = costs_of(args)
    scenario = open_machine([args.file], args)
    args.at_ns = time_within(scenario, args.at)
    usual = [get_policy(name) for name in ViewState().for_view(scenario.view).policies[:least]]
    return [simulate(scenario, policy, costs) for policy in given or usual]
