"""An explanation as a JSON object for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.core.registers import CR0_ID, REGISTERS
from mtrrviz.core.units import PAGE_SHIFT

if TYPE_CHECKING:
    from mtrrviz.analysis.explanation import Explanation, FaultLeaf, History, MappedLeaf, Step
    from mtrrviz.scenario.machine_spec import Region


def explanation_json(explanation: Explanation, scenario: str) -> dict[str, Any]:
    """Return an explanation as JSON values; `mtrrviz explain --help` names the keys.

    Other programs rely on the keys and on their order: new ones go to the end.
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
        "steps": [_step_json(step) for step in e.steps],
        "leaf": None if e.leaf is None else _mapped_json(e.leaf),
        "next_fault": None if e.next_fault is None else _fault_json(e.next_fault),
        "stale": e.stale,
        "history": _history_json(e.history),
    }


def _region_json(region: Region) -> dict[str, Any]:
    return {
        "name": region.name,
        "kind": str(region.kind),
        "start": region.start,
        "end": region.end,
    }


def _step_json(step: Step) -> dict[str, Any]:
    register = None if step.msr is None else REGISTERS[step.msr].name
    return {
        "kind": step.kind,
        "text": step.text,
        "decides": step.decides,
        "msr": None if step.msr == CR0_ID else step.msr,
        "register": register,
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


def _history_json(history: History) -> dict[str, Any]:
    last_ns = history.last_zap_ns
    return {
        "faults": history.faults,
        "refaults": history.refaults,
        "zaps": history.zaps,
        "drops": history.drops,
        "last_zap_s": None if last_ns is None else last_ns / 1e9,
        "last_zap_vcpu": history.last_zap_vcpu,
    }
