"""A check: a boot that zaps more often than once for each variable range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mtrrviz
from mtrrviz.analysis.checks import Severity, Where
from mtrrviz.analysis.checks.problem import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.checks.subject import Subject

MOST = 20


@mtrrviz.rule(
    "many-zaps",
    Severity.WARNING,
    "many zaps",
    why="Each zap takes mmu_lock, and what it drops has to be faulted in again.",
    remedy="Use a kernel that zaps less, or detach the device while the guest boots.",
    source="an example",
)
def many_zaps(subject: Subject) -> Iterator[Finding]:
    """Count the zaps of the run."""
    count = len(subject.state.run.zaps)
    if count > MOST:
        yield Finding(f"{count} zaps are more than {MOST}", Where())


@mtrrviz.rule("fails", Severity.NOTE, "fails", why="", remedy="", source="")
def fails(subject: Subject) -> Iterator[Finding]:
    """Broken: fails when it is asked."""
    raise RuntimeError(f"cannot look at {subject.spec.vcpus} vCPUs")
