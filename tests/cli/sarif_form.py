"""The part of the published SARIF 2.1.0 schema that our output uses, as a check.

Each object: which keys it must have and what each key it may have holds. As in the schema, an
object has no other keys (property bags may have any). Keys of the schema that we do not write are
left out, so the check is stricter than the schema, never laxer.
"""

from __future__ import annotations

from typing import Any

LEVELS = ("none", "note", "warning", "error")
TEXT = ({"text"}, {"text": str})
FORMS: dict[str, tuple[set[str], dict[str, Any]]] = {
    "log": ({"version", "runs"}, {"$schema": str, "version": ("2.1.0",), "runs": ["run"]}),
    "run": (
        {"tool"},
        {
            "tool": "tool",
            "columnKind": ("utf16CodeUnits", "unicodeCodePoints"),
            "results": ["result"],
        },
    ),
    "tool": ({"driver"}, {"driver": "component"}),
    "component": (
        {"name"},
        {
            "name": str,
            "informationUri": str,
            "version": str,
            "semanticVersion": str,
            "rules": ["descriptor"],
        },
    ),
    "descriptor": (
        {"id"},
        {
            "id": str,
            "shortDescription": "text",
            "fullDescription": "text",
            "help": "text",
            "defaultConfiguration": "configuration",
        },
    ),
    "configuration": (set(), {"level": LEVELS}),
    "text": TEXT,
    "message": TEXT,
    "result": (
        {"message"},
        {
            "ruleId": str,
            "ruleIndex": int,
            "level": LEVELS,
            "message": "message",
            "locations": ["location"],
            "properties": dict,
        },
    ),
    "location": (
        set(),
        {"physicalLocation": "physical", "logicalLocations": ["logical"], "message": "message"},
    ),
    "physical": ({"artifactLocation"}, {"artifactLocation": "artifact", "region": "region"}),
    "region": (set(), {"startLine": int}),
    "artifact": (set(), {"uri": str}),
    "logical": (set(), {"fullyQualifiedName": str, "kind": str}),
}


def check_form(value: Any, form: Any = "log", place: str = "log") -> None:
    """Raise AssertionError with the place where a value is not of a form."""
    if isinstance(form, str):
        required, keys = FORMS[form]
        assert isinstance(value, dict), f"{place}: no object"
        assert required <= set(value), f"{place}: {required - set(value)} missing"
        assert set(value) <= set(keys), f"{place}: {set(value) - set(keys)} not known"
        for key, part in value.items():
            check_form(part, keys[key], f"{place}.{key}")
    elif isinstance(form, list):
        assert isinstance(value, list), f"{place}: no list"
        for index, part in enumerate(value):
            check_form(part, form[0], f"{place}[{index}]")
    elif isinstance(form, tuple):
        assert value in form, f"{place}: {value!r} is none of {form}"
    else:
        assert type(value) is form, f"{place}: {value!r} is no {form.__name__}"
