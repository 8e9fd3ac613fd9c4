"""The options that change the constants behind modelled figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.cli.options import values

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from mtrrviz.sim.cost_model import CostModel


def add_cost_arguments(parser: ArgumentParser) -> None:
    """Add --cpu and --constant."""
    what = "the CPU whose measured speeds of memory types are used (`mtrrviz list --constants`)"
    parser.add_argument("--cpu", metavar="NAME", default=None, help=what)
    add_constant_argument(parser)


def add_constant_argument(parser: ArgumentParser) -> None:
    """Add --constant alone, for commands whose figures no CPU's memory types go into."""
    what = "another value for a constant (`mtrrviz list --constants`), may be repeated"
    parser.add_argument(
        "--constant",
        metavar="NAME=VALUE",
        type=values.constant,
        action="append",
        default=[],
        help=what,
    )


def costs_of(args: Namespace) -> CostModel:
    """Return the constants asked for; MtrrvizError for a CPU, name or value that cannot be."""
    from mtrrviz.sim.cost_model import DEFAULT_COSTS

    costs, cpu = DEFAULT_COSTS.with_values(dict(args.constant)), vars(args).get("cpu")
    return costs if cpu is None else costs.on_platform(cpu)


def constants_text() -> str:
    """Return all constants that can be changed and all CPUs, as a table."""
    from mtrrviz.exporters.text_tables import text_table
    from mtrrviz.sim.cost_model import DEFAULT_COSTS
    from mtrrviz.sim.memtype_speed import platforms

    header = ("constant", "part", "value", "unit", "what it is")
    cells = [
        (e.name, e.group, f"{e.default.value:.10g}", e.default.unit, e.default.meaning)
        for e in DEFAULT_COSTS.entries()
    ]
    cpus = [f"  {name}{' (default)' * (name == DEFAULT_COSTS.platform)}" for name in platforms()]
    return "\n".join([*text_table(header, cells, left_columns=5), "", "CPUs for --cpu:", *cpus])


def constants_json() -> dict[str, object]:
    """Return the same as JSON values; `mtrrviz list --help` says what each key means."""
    from mtrrviz.sim.cost_model import DEFAULT_COSTS
    from mtrrviz.sim.memtype_speed import platforms

    rows = [
        {
            "name": entry.name,
            "part": entry.group,
            "value": entry.default.value,
            "unit": entry.default.unit,
            "meaning": entry.default.meaning,
            "source": entry.default.source,
            "fitted_to": entry.default.fitted_to,
        }
        for entry in DEFAULT_COSTS.entries()
    ]
    return {"constants": rows, "cpus": list(platforms())}
