"""What the machine's numbers mean for the rest of a scenario file, as rules of JSON Schema.

JSON Schema cannot compare two places, so there is a rule for each number that the machine may
have: of vCPUs, of address bits, of pairs. Above 16 vCPUs a rule is for a span of numbers, so that
the schema stays small: there it lets a vCPU pass that the loader refuses.
"""

from __future__ import annotations

import itertools
from typing import Any

from mtrrviz.core.msr.registers import MAX_PAIRS, REGISTERS, VARIABLE_PAIRS, mtrr_msrs
from mtrrviz.core.units import PAGE_SIZE
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.files.schema import MachineFile
from mtrrviz.scenario.machine_check import ADDRESS_BITS, MAX_VCPUS

Schema = dict[str, Any]

_VCPU_COUNTS = (*range(17), 24, 32, 48, 64, 96, 128, 192, MAX_VCPUS)
"""Each rule is for more vCPUs than one of these, and for at most as many as the next."""
_REACHED = ("#/$defs/reached-", "#/$defs/page-reached-")
"""Numbers up to the end of what so many address bits reach; and starts of pages before it."""


def limit_definitions() -> Schema:
    """Return definitions that the rules refer to, by name."""
    below = {f"vcpu-below-{most}": _maximum("vcpu", most - 1) for most in _VCPU_COUNTS[1:]}
    reached = {f"reached-{bits}": {"maximum": 1 << bits} for bits in ADDRESS_BITS}
    pages = {f"page-reached-{bits}": {"maximum": (1 << bits) - PAGE_SIZE} for bits in ADDRESS_BITS}
    return {**below, **reached, **pages}


def limit_rules() -> list[Schema]:
    """Return the rules for the whole file."""
    return [
        *(_vcpu_rule(least + 1, most) for least, most in itertools.pairwise(_VCPU_COUNTS)),
        *(_address_rule(bits) for bits in ADDRESS_BITS),
        _quirk_rule(),
    ]


def pair_rules() -> list[Schema]:
    """Return the rules for the machine alone: an unknown register must be one that it has."""
    return [_pair_rule(pair) for pair in range(MAX_PAIRS)]


def _maximum(key: str, most: int) -> Schema:
    return {"properties": {key: {"maximum": most}}}


def _of_machine(key: str, values: Schema, default: object = None) -> Schema:
    """Return the condition that a key of the machine has certain values, or is left out."""
    required = {} if default is not None else {"required": [key]}
    return {"properties": {"machine": {"properties": {key: values}, **required}}}


def _vcpu_rule(least: int, most: int) -> Schema:
    below: Schema = {"$ref": f"#/$defs/vcpu-below-{most}"}
    rows: Schema = {"items": below}
    then: Schema = {
        **dict.fromkeys(("event", "touch", "stop"), rows),
        "view": below,
        "vcpu": {"items": _maximum("index", most - 1)},
        "machine": {"properties": {"unknown": rows}},
    }
    condition = _of_machine("vcpus", {"minimum": least, "maximum": most})
    return {"if": condition, "then": {"properties": then}}


def _address_rule(bits: int) -> Schema:
    end, page = ({"$ref": f"{name}{bits}"} for name in _REACHED)
    region: Schema = {"properties": dict.fromkeys(("start", "size", "end"), end)}
    span: Schema = {"items": {"properties": {"start": page, "size": end}}}
    then: Schema = {
        "machine": {"properties": {"memory": end, "tom2": end, "region": {"items": region}}},
        "touch": span,
        "stop": span,
        "view": {"properties": {"page": page}},
        "bookmark": {"items": {"properties": {"page": page}}},
    }
    usual = _default("maxphyaddr")
    is_it = _of_machine("maxphyaddr", {"const": bits}, usual if usual == bits else None)
    return {"if": is_it, "then": {"properties": then}}


def _quirk_rule() -> Schema:
    """A quirk that needs a CPU's self-snoop is not disabled without it."""
    quirk = {"const": EventKind.DISABLE_IGNORE_GUEST_PAT.value}
    none = {"items": {"properties": {"kind": {"not": quirk}}}}
    condition = _of_machine("self_snoop", {"const": False})
    return {"if": condition, "then": {"properties": {"event": none}}}


def _pair_rule(pair: int) -> Schema:
    """A machine of at most ``pair`` pairs does not have the registers of the next one."""
    msrs = sorted(set(mtrr_msrs(pair + 1)) - set(mtrr_msrs(pair)))
    registers = [value for msr in msrs for value in (REGISTERS[msr].name, msr)]
    none = {"properties": {"registers": {"items": {"not": {"enum": registers}}}}}
    required = {} if pair >= VARIABLE_PAIRS else {"required": ["pairs"]}
    condition = {"properties": {"pairs": {"maximum": pair}}, **required}
    return {"if": condition, "then": {"properties": {"unknown": {"items": none}}}}


def _default(key: str) -> object:
    names = MachineFile.__struct_fields__
    given = MachineFile.__struct_defaults__
    return dict(zip(names[len(names) - len(given) :], given, strict=True))[key]
