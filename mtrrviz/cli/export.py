"""`mtrrviz export`: tables, a trace or a report of a scenario's run, to a file or to a pipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.commands import DEFAULT_POLICIES, GOOD, time_within
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from mtrrviz.sim.run import Run

TABLES = ("events", "zaps", "leaves", "ranges")
"""Tables of one run."""
DIFFERENCES = "differences"
"""The table of two runs."""
KINDS = (*TABLES, DIFFERENCES, "trace", "report")
"""What can be exported."""
FORMATS = ("csv", "json", "html")
"""The formats of all of these; a table is CSV or JSON."""
_FORMATS_OF = {
    **dict.fromkeys((*TABLES, DIFFERENCES), FORMATS[:2]),
    "trace": ("json",),
    "report": ("html",),
}
_RUNS_OF = {"report": (1, 2), DIFFERENCES: (2, 2)}
"""How many policies each kind takes, least and most; the others take one."""
_NUMBERS = {(1, 1): "one policy", (1, 2): "one policy or two", (2, 2): "two policies"}


def export(args: Namespace) -> int:
    """Replay a scenario and write what is asked for."""
    from mtrrviz.exporters.output import write_parts

    form = _format(args)
    runs = _runs(args)
    write_parts(_parts(args, form, runs), args.output)
    return GOOD


def _format(args: Namespace) -> str:
    """Return the format: the one given, the one the file's name ends in, or the usual one."""
    possible = _FORMATS_OF[args.what]
    ending = Path(args.output).suffix.lower().lstrip(".")
    form = args.format or (ending if ending in possible else possible[0])
    if form not in possible:
        raise MtrrvizError(f"--format {form}: {args.what} can be {' or '.join(possible)}")
    return form


def _runs(args: Namespace) -> list[Run]:
    """Replay under each policy; MtrrvizError if these are more or fewer than are needed."""
    from mtrrviz.core.policies import get_policy
    from mtrrviz.scenario.library import open_scenario
    from mtrrviz.sim import simulate

    least, most = _RUNS_OF.get(args.what, (1, 1))
    names = args.policy or DEFAULT_POLICIES[:least]
    if not least <= len(names) <= most:
        number = _NUMBERS[least, most]
        raise MtrrvizError(f"--what {args.what} is of {number}, --policy names {len(names)}")
    policies = [get_policy(name) for name in names]
    scenario = open_scenario(args.file)
    args.at_ns = time_within(scenario, args.at)
    return [simulate(scenario, policy) for policy in policies]


def _parts(args: Namespace, form: str, runs: list[Run]) -> Iterable[str]:
    """Return the text of the export, made piece by piece."""
    from mtrrviz.exporters.record import csv_parts, json_parts
    from mtrrviz.exporters.trace import trace_parts
    from mtrrviz.session.exporting import differences_of, report_of, table_of

    if args.what == "trace":
        return trace_parts(runs[0])
    states = [run.at(args.at_ns) for run in runs]
    if args.what == "report":
        return report_of(states, args.vcpu)
    if args.what == DIFFERENCES:
        table = differences_of(states[0], states[1])
    else:
        table = table_of(states[0], args.what, args.vcpu)
    return csv_parts(table) if form == "csv" else json_parts(table)
