"""An exporter: a line of Markdown a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mtrrviz
from mtrrviz.exporters.kinds import ExportKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def parts(form: str, states: Sequence[mtrrviz.State], vcpu: int) -> Iterator[str]:
    """Yield the heading, then a line a run."""
    yield f"# Zaps ({form}, vCPU {vcpu})\n"
    for state in states:
        yield f"- {state.run.policy.id}: {mtrrviz.figures(state.run).zap_count}\n"


SUMMARY = ExportKind("summary", "the zaps of a run in a line", ("md",), 1, 2, parts=parts)
