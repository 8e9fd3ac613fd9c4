"""`mtrrviz validate`: every published number beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.cli.commands import GOOD, print_json, print_text
from mtrrviz.cli.grammars.grammar import CommandParser, Grammar
from mtrrviz.cli.options.arguments import add_json
from mtrrviz.cli.options.constants import add_cost_arguments, costs_of

if TYPE_CHECKING:
    from argparse import Namespace

COUNTS_DIFFER = 1

DETAILS = """\
Replays the recorded boots and sets all 46 published measurements beside what
comes out. Zap counts are replayed; cycles and boot times are modelled, with
constants that were fitted to these rows and to the four published boot times:
such figures are "fitted", boot times of other rows "predicted". How well the
model predicts cycles is shown by fits that did not see all rows of a firmware,
of a number of vCPUs or of a policy: "no policy" is how far a row is off when
the rows of its policy were left out. --constant and --cpu put other constants
in their place; what rests on them is "changed", and nothing is predicted.

The exit code is 1 if a replayed count is not the published one.

--json prints a list of objects, in the order published. Their keys:
  series                 version of the patch series that gave the numbers
  firmware               ovmf, seabios or unstated
  vcpus, memory_gib      size of the guest
  variant                what the row is called there
  policy                 id of the policy that it was measured under
  published_zap_count    zaps
  zap_count              zaps of the replay
  published_zap_mcycles  million cycles spent zapping
  zap_mcycles            the same, modelled
  published_boot_s       seconds of boot, or null
  boot_s                 the same, modelled
  kind                   object: replayed, fitted, predicted or changed for
                         each of zap_count, zap_mcycles and boot_s
  predicted_zap_mcycles  object: zap_mcycles of fits that left out all rows of
                         its firmware, vcpus or policy; empty with changed
                         constants of the lock

examples:
  mtrrviz validate
  mtrrviz validate --json > published.json
  mtrrviz validate --constant turn=8000 --cpu "Coffee Lake-S"
"""


def validate(args: Namespace) -> int:
    """Print all published rows with ours."""
    from mtrrviz.analysis.validation import as_cells, as_json, summary
    from mtrrviz.analysis.validation import validate as published_and_ours
    from mtrrviz.cli.terminal.progress import Progress
    from mtrrviz.exporters.text_tables import text_table

    rows = published_and_ours(costs_of(args), Progress("rows"))
    if args.json:
        print_json(as_json(rows))
    else:
        header, cells = as_cells(rows)
        print_text("\n".join([*text_table(header, cells, left_columns=3), "", summary(rows)]))
    return GOOD if all(row.count_is_right for row in rows) else COUNTS_DIFFER


def _validate_arguments(parser: CommandParser) -> None:
    add_cost_arguments(parser)
    add_json(parser)


GRAMMAR = Grammar(DETAILS, _validate_arguments, validate)
