"""The JSON Schema of scenario files, for editors and for programs that write scenarios.

The types of :mod:`mtrrviz.scenario.files.schema` give its form. What types alone cannot say, and
:mod:`mtrrviz.scenario.files.checking` refuses, is added here out of the same sets of kinds,
registers and policies; :mod:`mtrrviz.scenario.files.json_schema_limits` adds what the machine's
numbers mean for the rest. What no JSON Schema can say: the order of times; where a range ends that
begins elsewhere; how large a size in words is, beside 0; sums; numbers that JSON does not have.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec

from mtrrviz.core.msr.registers import CR0_ID, MAX_PAIRS, REGISTERS, VARIABLE_PAIRS, mtrr_msrs
from mtrrviz.core.policies import HARDWARE, get_policy, policy_ids
from mtrrviz.core.project import HOMEPAGE
from mtrrviz.core.units import (
    FOUR_GIB,
    NO_SIZE_JSON_PATTERN,
    PAGE_SIZE,
    SIZE_JSON_PATTERN,
)
from mtrrviz.scenario.events import KNOWN_MSRS, MSR_KINDS, REGISTER_KINDS
from mtrrviz.scenario.files.checking.machine_building import ALL_REGISTERS
from mtrrviz.scenario.files.checking.numbers import MAX_ADDRESS_BITS
from mtrrviz.scenario.files.checking.stop_building import keys_of
from mtrrviz.scenario.files.json_schema_limits import limit_definitions, limit_rules, pair_rules
from mtrrviz.scenario.files.key_words import KEY_WORDS
from mtrrviz.scenario.files.schema import SCHEMA_VERSION, TABLES, ScenarioFile
from mtrrviz.scenario.stop_condition import LIMIT_KINDS, StopKind

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = f"{HOMEPAGE}/scenario-{SCHEMA_VERSION}.schema.json"
_U64_MAX = (1 << 64) - 1
_ADDRESS_END = 1 << MAX_ADDRESS_BITS
_ZERO = {"anyOf": [{"const": 0}, {"type": "string", "pattern": NO_SIZE_JSON_PATTERN}]}
_WORDS = {"type": "string", "pattern": r"\S"}

_TEXT_SIZE = {"type": "string", "maxLength": 100, "pattern": SIZE_JSON_PATTERN}
_PAGES = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": _ADDRESS_END, "multipleOf": PAGE_SIZE},
        _TEXT_SIZE,
    ]
}
_SOME_PAGES = {"not": _ZERO, **_PAGES}
_BYTES = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": _ADDRESS_END}, _TEXT_SIZE]}


def json_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a scenario file."""
    form = cast("Schema", _without_null(msgspec.json.schema(ScenarioFile)))
    tables: dict[str, Schema] = form["$defs"]
    for name, table in TABLES.items():
        _describe(tables[table.__name__], KEY_WORDS[name])
    for name, keys in _REPLACED.items():
        properties = tables[TABLES[name].__name__]["properties"]
        for key, values in keys.items():
            described = {"description": KEY_WORDS[name][key]}
            default = (
                {"default": properties[key]["default"]} if "default" in properties[key] else {}
            )
            properties[key] = {**described, **values, **default}
    for name, rules in _RULES.items():
        tables[TABLES[name].__name__]["allOf"] = rules
    tables |= limit_definitions()
    title = {"title": "mtrrviz scenario", "description": "A machine, and events in time."}
    return {"$schema": _DIALECT, "$id": _ID, **title, **form}


def _describe(table: Schema, words: dict[str, str]) -> None:
    """Give each key its meaning, and the table the first sentence of its own."""
    table["description"] = " ".join(table.get("description", "").replace("``", "").split())
    for key, value in table["properties"].items():
        value["description"] = words[key]


def _without_null(value: Any) -> Any:
    """Return a schema without nulls, which TOML does not have."""
    if isinstance(value, list):
        parts = [_without_null(part) for part in cast("list[Any]", value)]
        return [part for part in parts if part != {"type": "null"}]
    if not isinstance(value, dict):
        return value
    items = cast("Schema", value).items()
    found = {key: _without_null(part) for key, part in items if part is not None}
    options = found.get("anyOf")
    if options is not None and len(options) == 1:
        del found["anyOf"]
        found |= options[0]
    return found


def _when(key: str, values: Schema, then: Schema, *, default: bool = False) -> Schema:
    """Return a rule for tables whose ``key`` has certain values; with ``default``, or lacks it."""
    required = {} if default else {"required": [key]}
    return {"if": {"properties": {key: values}, **required}, "then": then}


def _register_values(msrs: tuple[int, ...], *more_names: str) -> Schema:
    names = [REGISTERS[msr].name for msr in msrs]
    return {"enum": [*more_names, *names, *msrs]}


def _policy_values() -> Schema:
    """Return the ids of policies, alone and with switches."""
    ids = [*policy_ids(), HARDWARE.id]
    with_switches = [
        {"type": "string", "pattern": f"^{name}(:({'|'.join(switches)}))+$"}
        for name in policy_ids()
        if (switches := [switch.id for switch in get_policy(name).switches])
    ]
    return {"anyOf": [{"enum": ids}, *with_switches]}


def _event_rules() -> list[Schema]:
    value = {"type": "integer", "minimum": 0, "maximum": _U64_MAX}
    return [
        _when(
            "kind",
            {"enum": sorted(REGISTER_KINDS)},
            {"required": ["value"], "properties": {"value": value}},
        ),
        _when(
            "kind",
            {"enum": sorted(MSR_KINDS)},
            {"required": ["register"], "properties": {"register": _register_values(KNOWN_MSRS)}},
        ),
    ]


def _stop_rules() -> list[Schema]:
    rules: list[Schema] = [{"dependentRequired": {"size": ["start"]}}]
    for kind in StopKind:
        unfit = {
            key: {"const": ""} if key == "phase" else False
            for key, fits in keys_of(kind).items()
            if not fits
        }
        needed = ["limit"] if kind in LIMIT_KINDS else ["start"] if kind is StopKind.TYPE else []
        then: Schema = {"properties": unfit, "required": needed}
        rules.append(_when("when", {"const": kind.value}, then))
    return rules


def _machine_rules() -> list[Schema]:
    guest = {
        "properties": {"memory": {"not": _ZERO}, "pairs": {"const": VARIABLE_PAIRS}, "tom2": _ZERO}
    }
    high = {"anyOf": [_ZERO, {"type": "integer", "minimum": FOUR_GIB + PAGE_SIZE}, _TEXT_SIZE]}
    return [
        _when("kind", {"const": "guest"}, guest, default=True),
        _when("maker", {"const": "intel"}, {"properties": {"tom2": _ZERO}}),
        _when(
            "ignore_guest_pat", {"const": False}, {"properties": {"self_snoop": {"const": True}}}
        ),
        {"properties": {"tom2": high}},
        *pair_rules(),
    ]


def _scenario_rules() -> list[Schema]:
    modelled = {"anyOf": [{"required": ["duration"]}, {"required": ["recording"]}]}
    one_of_two = [
        _when("recording", {"required": [f"{key}s"]}, {"properties": {key: {"maxItems": 0}}})
        for key in ("event", "phase")
    ]
    return [
        _when("duration_is_modelled", {"const": True}, modelled),
        *one_of_two,
        *limit_rules(),
    ]


_REPLACED: dict[str, dict[str, Schema]] = {
    "machine": {"memory": _PAGES, "tom2": _PAGES},
    "region": {"start": _PAGES, "size": _SOME_PAGES, "end": _SOME_PAGES},
    "unknown": {
        "registers": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": _register_values(mtrr_msrs(MAX_PAIRS)[1:], ALL_REGISTERS),
        }
    },
    "touch": {"start": _PAGES, "size": _SOME_PAGES},
    "complaint": {"start": _BYTES, "end": _BYTES},
    "bookmark": {"name": {**_WORDS, "maxLength": 10_000}, "page": _PAGES},
    "stop": {
        "start": _PAGES,
        "size": _SOME_PAGES,
        "register": _register_values(KNOWN_MSRS, REGISTERS[CR0_ID].name),
    },
    "view": {"policy": _policy_values(), "compare": _policy_values(), "page": _PAGES},
    "vcpu": {"name": {**_WORDS, "maxLength": 10_000}},
}
"""Values that are checked beyond their types, by table and key."""

_RULES: dict[str, list[Schema]] = {
    "": _scenario_rules(),
    "machine": _machine_rules(),
    "region": [{"oneOf": [{"required": ["size"]}, {"required": ["end"]}]}],
    "event": _event_rules(),
    "stop": _stop_rules(),
}
"""What keys of one table mean for each other."""
