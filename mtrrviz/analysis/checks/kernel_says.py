"""What the machine's kernel says of a problem that its registers show too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.analysis.checks.subject import Subject
    from mtrrviz.scenario.complaints import ComplaintKind, KernelComplaint


def complaints(subject: Subject, kind: ComplaintKind) -> list[KernelComplaint]:
    """Return the kernel's complaints of a kind, as logged."""
    return [one for one in subject.state.run.scenario.complaints if one.kind is kind]


def evidence(subject: Subject, kind: ComplaintKind) -> tuple[str, str, int]:
    """Return what a finding adds to its title, and the log's file and line; empty without any."""
    found = complaints(subject, kind)
    if not found:
        return "", "", 0
    return f'; {found[0].speaker} says so too: "{found[0].text}"', found[0].file, found[0].line
