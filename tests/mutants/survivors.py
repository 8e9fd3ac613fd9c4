"""Changes that no test can or need notice, each with its reason, in ``survivors.toml``.

A place is named by what stands there, so that the list does not change when lines move.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mutants.places import Mutant

Key = tuple[str, str, str, str, str]
_NAMES = ("file", "scope", "line", "old", "new")


def read_survivors(path: Path) -> dict[Key, str]:
    """Return the reasons by (file, scope, line, old, new). ValueError if one is missing."""
    reasons: dict[Key, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", []):
        file, scope, line, old, new = (entry[name] for name in _NAMES)
        key = file, scope, line, old, new
        if not entry["reason"].strip() or key in reasons:
            raise ValueError(f"{path.name}: {key} has no reason, or is there twice")
        reasons[key] = entry["reason"]
    return reasons


def as_entry(mutant: Mutant) -> str:
    """Return the lines for the list, the reason left to fill in."""
    lines = (f"{name} = {_quoted(part)}" for name, part in zip(_NAMES, mutant.key, strict=True))
    return "\n".join(["[[survivor]]", *lines, 'reason = ""'])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
