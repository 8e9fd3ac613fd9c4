"""What there is to choose from: the built-in scenarios and the policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.exporters.text_tables import text_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.scenario.library import LibraryEntry


def scenario_rows(entries: Sequence[LibraryEntry]) -> list[dict[str, Any]]:
    """Return each built-in scenario's name, title, tags and vcpus as JSON values."""
    return [
        {"name": e.name, "title": e.title, "tags": list(e.tags), "vcpus": e.vcpus} for e in entries
    ]


def scenarios_text(entries: Sequence[LibraryEntry]) -> str:
    """Return the built-in scenarios as a table."""
    rows = [[entry.name, entry.title, ", ".join(entry.tags)] for entry in entries]
    return "\n".join(text_table(("name", "title", "tags"), rows, left_columns=3))


def policy_rows(policies: Sequence[Policy]) -> list[dict[str, Any]]:
    """Return each policy's id, title, versions, summary and switches as JSON values."""
    return [
        {
            "id": p.id,
            "title": p.title,
            "versions": p.versions,
            "summary": p.summary,
            "switches": [
                {"id": f"{p.id}:{s.id}", "title": s.title, "meaning": s.meaning} for s in p.switches
            ],
        }
        for p in policies
    ]


def policies_text(policies: Sequence[Policy]) -> str:
    """Return the policies as a table, each followed by itself with one of its switches on."""
    rows: list[list[str]] = []
    for policy in policies:
        rows.append([policy.id, policy.title, policy.versions])
        rows += [[f"{policy.id}:{s.id}", s.title, ""] for s in policy.switches]
    return "\n".join(text_table(("policy", "title", "KVM"), rows, left_columns=3))
