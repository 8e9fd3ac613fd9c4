"""The page of the keys of scenario files, made of the JSON Schema that `mtrrviz schema` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.scenario.files.json_schema import json_schema
from mtrrviz.scenario.files.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADINGS = {
    "": "The file itself",
    "region": "[[machine.region]]",
    "unknown": "[[machine.unknown]]",
    **{name: f"[{name}]" for name in ("machine", "view", "recording")},
}
_TOLD = """\
Every key that a scenario file may have, as `mtrrviz schema` tells an editor. \
[Scenario files](files.md) shows how one looks.

A size is a number of bytes or a text such as `"2 MiB"`, an address likewise. What is neither \
optional nor has a default must be there. A table in double brackets may stand several times."""
_LONGEST_LIST = 12
_SIZE = "[Kk][Ii][Bb]"
"""Part of the pattern of sizes."""


def keys_page() -> str:
    """Return the page."""
    schema = json_schema()
    parts = ["# The keys of scenario files", _TOLD]
    for name, table in TABLES.items():
        parts.append(f"## {_HEADINGS.get(name, f'[[{name}]]')}")
        parts.append("\n".join(_rows(schema["$defs"][table.__name__])))
    return "\n\n".join(parts) + "\n"


def _rows(table: dict[str, Any]) -> Iterator[str]:
    yield "| key | what it is | value |"
    yield "|---|---|---|"
    required = table.get("required", ())
    for key, form in table["properties"].items():
        words = form["description"].replace("|", "\\|")
        yield f"| `{key}` | {words} | {_value(form, is_needed=key in required)} |"


def _value(form: dict[str, Any], *, is_needed: bool) -> str:
    words = _kind(form)
    if "default" in form and form["default"] not in ("", []):
        default = form["default"]
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        return f"{words}; {shown} if left out"
    return words if is_needed else f"{words}; optional"


def _kind(form: dict[str, Any]) -> str:
    """Return what may stand there."""
    if "enum" in form:
        values = [str(value) for value in form["enum"]]
        return ", ".join(values) if len(values) <= _LONGEST_LIST else "a register: name or number"
    if "$ref" in form:
        return "a table"
    if "anyOf" in form:
        return _of_several(form["anyOf"])
    kind = form["type"]
    if kind == "array":
        return "tables" if "$ref" in form["items"] else f"a list: {_kind(form['items'])}"
    words = {"boolean": "true or false", "string": "text", "integer": "a whole number"}
    bounds = _bounds(form)
    return words.get(kind, "a number") + (f", {bounds}" if bounds else "")


def _of_several(forms: list[dict[str, Any]]) -> str:
    types = {form.get("type") for form in forms}
    is_size = any(_SIZE in form.get("pattern", "") for form in forms)
    if is_size:
        is_page = any("multipleOf" in form for form in forms)
        return "a size or address" + (", a multiple of 4 KiB" if is_page else "")
    if types == {"integer", "string"}:
        return "a register: name or number"
    if any("enum" in form and len(form["enum"]) == 1 for form in forms):
        return "a number of seconds, or " + str(forms[0]["enum"][0])
    return "the id of a [policy](policies.md)"


def _bounds(form: dict[str, Any]) -> str:
    low = form.get("minimum")
    high = form.get("maximum", form["exclusiveMaximum"] - 1 if "exclusiveMaximum" in form else None)
    if low is None and high is None:
        return ""
    if high is None:
        return f"{low:g} or more"
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
