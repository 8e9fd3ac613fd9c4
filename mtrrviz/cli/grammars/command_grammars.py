"""The arguments of the commands in `commands`."""

from __future__ import annotations

from mtrrviz.cli import commands
from mtrrviz.cli.grammars.grammar import CommandParser, Grammar
from mtrrviz.cli.grammars.help_texts import COMPARE, EXPLAIN, LIST, RENDER, RUN, SCHEMA
from mtrrviz.cli.options import values
from mtrrviz.cli.options.arguments import (
    POLICY_HELP,
    add_first_time,
    add_json,
    add_machine,
    add_moment,
)
from mtrrviz.cli.options.constants import add_cost_arguments


def _list_arguments(parser: CommandParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--policies", action="store_true", help="list the policies instead")
    constants = "list the constants of the model and the measured CPUs instead"
    what.add_argument("--constants", action="store_true", help=constants)
    add_json(parser)


def _run_arguments(parser: CommandParser) -> None:
    add_machine(parser)
    default = " and ".join(commands.DEFAULT_POLICIES)
    what = f"a policy, may be repeated; default: {default} {POLICY_HELP}"
    parser.add_argument("--policy", action="append", metavar="ID", help=what)
    what = "play the boot with this number of vCPUs, 1 to 255, its register writes generated"
    parser.add_argument("--vcpus", metavar="N", type=values.vcpu_count, default=None, help=what)
    add_cost_arguments(parser)
    add_json(parser)


def _compare_arguments(parser: CommandParser) -> None:
    add_machine(parser)
    default = " and ".join(commands.DEFAULT_POLICIES)
    what = f"the policies, to be given twice; default: the scenario's, else {default}"
    parser.add_argument("--policy", action="append", metavar="ID", help=f"{what} {POLICY_HELP}")
    add_first_time(parser)
    add_cost_arguments(parser)
    add_json(parser)


def _explain_arguments(parser: CommandParser) -> None:
    add_machine(parser)
    what = "guest physical address: 0x8000_0000, 3GiB"
    parser.add_argument("gpa", metavar="GPA", type=values.address, help=what)
    what = "the vCPU whose fault is explained; default: 0"
    parser.add_argument("--vcpu", metavar="N", type=values.vcpu, default=0, help=what)
    add_moment(parser)
    add_json(parser)


def _render_arguments(parser: CommandParser) -> None:
    add_machine(parser)
    add_first_time(parser)
    default = commands.DEFAULT_POLICIES[0]
    what = f"the policy; default: the scenario's, else {default} {POLICY_HELP}"
    parser.add_argument("--policy", metavar="ID", default=None, help=what)
    width, height = commands.DEFAULT_SIZE
    parser.add_argument(
        "--size",
        metavar="WxH",
        type=values.picture_size,
        default=commands.DEFAULT_SIZE,
        help=f"size of the window in pixels; default: {width}x{height}",
    )
    parser.add_argument(
        "--theme", choices=commands.THEMES, default=commands.THEMES[0], help="default: %(default)s"
    )
    what = "window, map, or another view of it (see below); default: %(default)s"
    parser.add_argument("--view", metavar="NAME", default="window", help=what)
    what = "make a film of this span of time, in seconds: 3.4-6.9, 0-end"
    parser.add_argument("--play", metavar="FROM-TO", type=values.time_span, default=None, help=what)
    what = "seconds of the scenario that a second of the film shows; default: %(default)g"
    parser.add_argument("--pace", metavar="N", type=values.pace, default=1.0, help=what)
    what = "frames a second of the film, 1 to 50; default: %(default)s"
    parser.add_argument("--fps", metavar="N", type=values.frames_a_second, default=10, help=what)
    what = (
        "the picture: X.png or X.svg; the film: X.gif, X.webp, X.mp4 (needs ffmpeg), or DIR/ for"
        " numbered PNG pictures"
    )
    parser.add_argument("-o", "--output", metavar="X.png", required=True, help=what)


def _no_arguments(parser: CommandParser) -> None:
    del parser


LIST_GRAMMAR = Grammar(LIST, _list_arguments, commands.list_all)
RUN_GRAMMAR = Grammar(RUN, _run_arguments, commands.run)
COMPARE_GRAMMAR = Grammar(COMPARE, _compare_arguments, commands.compare)
RENDER_GRAMMAR = Grammar(RENDER, _render_arguments, commands.render)
EXPLAIN_GRAMMAR = Grammar(EXPLAIN, _explain_arguments, commands.explain)
SCHEMA_GRAMMAR = Grammar(SCHEMA, _no_arguments, commands.schema)
