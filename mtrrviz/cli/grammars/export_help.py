"""What `mtrrviz export --help` says, the columns of every table included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.exporters.kinds import KINDS

if TYPE_CHECKING:
    from mtrrviz.facts.tables.fact_rows import FactRows

_EXPORT = """\
What can be exported (--what):
{kinds}

A JSON table is one object: table, scenario, policy (policy_a and policy_b of
differences), for ranges time_s and vcpu, for differences time_s, then rows, a
list of objects. Addresses and register values are hex
strings, times are seconds; what there is none of is empty in CSV and null in
JSON. In CSV, text that a spreadsheet would take for a formula, as it begins
with = + - or @, has a ' before it. Columns:

{columns}

A file keeps its old content until the new one is whole.

examples:
  mtrrviz export ovmf-8vcpu-2g --what zaps -o zaps.csv
  mtrrviz export boot.toml --what leaves --format json | jq .rows[0]
  mtrrviz export boot.toml --what ranges --at 6.9 --vcpu 3 -o map.csv
  mtrrviz export ovmf-8vcpu-2g --what trace -o boot.json
  mtrrviz export ovmf-8vcpu-2g --what report --policy per-vcpu \\
      --policy per-vm -o boot.html
"""


def export_details() -> str:
    """Return the part of the command's help that follows its options."""
    from mtrrviz.session.exchange.exporting import TABLES

    blocks = [f"  {name}:\n{_column_lines(rows)}" for name, rows in TABLES.items()]
    kinds = [f"  {k.name:<13}{k.words:<53}{' or '.join(k.formats)}" for k in KINDS.values()]
    return _EXPORT.format(kinds="\n".join(kinds), columns="\n\n".join(blocks))


def _column_lines(rows: type[FactRows]) -> str:
    return "\n".join(f"    {c.key:<17}{c.meaning.format(**rows.names)}" for c in rows.columns)
