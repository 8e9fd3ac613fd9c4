"""An explanation as a JSON object for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.core.memtype import COMBINATION_NOTES
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS
from mtrrviz.core.units import PAGE_SHIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.analysis.explaining.explanation import (
        Explanation,
        FaultLeaf,
        MappedLeaf,
        PageHistory,
        Step,
    )
    from mtrrviz.analysis.explaining.page_moments import Moment
    from mtrrviz.analysis.explaining.pat_table import Effective, PatTable
    from mtrrviz.scenario.machine_spec import Region


def explanation_json(
    explanation: Explanation,
    scenario: str,
    events: Sequence[int | None],
    moments: Sequence[Moment],
) -> dict[str, Any]:
    """Return an explanation as JSON values; `mtrrviz explain --help` names the keys.

    ``events`` are the numbers of those behind the steps (see ``step_events``), ``moments`` the
    page's history. Other programs rely on the keys and on their order: new ones go to the end.
    """
    e = explanation
    return {
        "scenario": scenario,
        "policy": e.policy_id,
        "gpa": e.gfn << PAGE_SHIFT,
        "gfn": e.gfn,
        "vcpu": e.vcpu,
        "time_s": e.time_ns / 1e9,
        "region": None if e.region is None else _region_json(e.region),
        "steps": [_step_json(*pair) for pair in zip(e.steps, events, strict=True)],
        "leaf": None if e.leaf is None else _mapped_json(e.leaf),
        "next_fault": None if e.next_fault is None else _fault_json(e.next_fault),
        "stale": e.stale,
        "history": _history_json(e.history),
        "hardware": _hardware_json(e),
        "pat": _pat_json(e.pat),
        "moments": [_moment_json(moment) for moment in moments],
        "machine": "host" if e.is_host else "guest",
        "mtrr_type": e.mtrr.label,
    }


def _hardware_json(e: Explanation) -> str | None:
    """Return the type by the SDM alone; of a real machine also that it is unknown or undefined."""
    if e.is_host:
        return e.mtrr.label
    return None if e.hardware is None else e.hardware.name


def _region_json(region: Region) -> dict[str, Any]:
    return {
        "name": region.name,
        "kind": str(region.kind),
        "start": region.start,
        "end": region.end,
    }


def _step_json(step: Step, event: int | None) -> dict[str, Any]:
    register = None if step.msr is None else REGISTERS[step.msr].name
    first, end = step.gfns or (None, None)
    return {
        "kind": step.kind,
        "text": step.text,
        "decides": step.decides,
        "msr": None if step.msr == CR0_ID else step.msr,
        "register": register,
        "vcpu": step.vcpu,
        "field": step.field or None,
        "start": None if first is None else first << PAGE_SHIFT,
        "end": None if end is None else end << PAGE_SHIFT,
        "event": event,
    }


def _mapped_json(leaf: MappedLeaf) -> dict[str, Any]:
    return {
        "type": leaf.type.name,
        "ipat": leaf.ipat,
        "level": leaf.level,
        "first_gfn": leaf.first_gfn,
        "vcpu": leaf.vcpu,
        "born_s": leaf.born_ns / 1e9,
        "entry": leaf.entry,
    }


def _fault_json(leaf: FaultLeaf) -> dict[str, Any]:
    return {"type": leaf.type.name, "ipat": leaf.ipat, "level": leaf.level}


def _history_json(history: PageHistory) -> dict[str, Any]:
    last_ns = history.last_zap_ns
    return {
        "faults": history.faults,
        "refaults": history.refaults,
        "zaps": history.zaps,
        "drops": history.drops,
        "last_zap_s": None if last_ns is None else last_ns / 1e9,
        "last_zap_vcpu": history.last_zap_vcpu,
    }


def _pat_json(pat: PatTable) -> dict[str, Any]:
    rows = [
        {
            "entry": row.index,
            "pat": row.pat.label,
            "mapped": _effective_json(row.mapped),
            "next_fault": _effective_json(row.next_fault),
            "mtrr": None if row.mtrr is None else row.mtrr.label,
        }
        for row in pat.rows
    ]
    notes = {str(number): COMBINATION_NOTES[number] for number in pat.notes}
    return {
        "vcpu": pat.vcpu,
        "value": pat.value,
        "entries": rows,
        "notes": notes,
        "told": pat.is_told,
    }


def _effective_json(effective: Effective | None) -> dict[str, Any] | None:
    if effective is None:
        return None
    return {"type": effective.type.name, "notes": list(effective.notes)}


def _moment_json(moment: Moment) -> dict[str, Any]:
    return {
        "time_s": moment.time_ns / 1e9,
        "kind": moment.kind,
        "vcpu": moment.vcpu,
        "text": moment.words,
        "event": moment.event,
        "dropped": moment.dropped,
    }
