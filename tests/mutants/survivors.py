"""Changes that no test can or need notice, each with its reason, in ``survivors.toml``.

A place is named by what stands there, so that the list does not change when lines move.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mutants.places import Mutant

Key = tuple[str, str, str, str]


def read_survivors(path: Path) -> dict[Key, str]:
    """Return the reasons by (file, scope, old text, new text); ValueError if one is missing."""
    reasons: dict[Key, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", []):
        key = entry["file"], entry["scope"], entry["old"], entry["new"]
        if not entry["reason"].strip() or key in reasons:
            raise ValueError(f"{path.name}: {key} has no reason, or is there twice")
        reasons[key] = entry["reason"]
    return reasons


def as_entry(mutant: Mutant) -> str:
    """Return the lines for the list, the reason left to fill in."""
    names = ("file", "scope", "old", "new")
    lines = (f"{name} = {_quoted(part)}" for name, part in zip(names, mutant.key, strict=True))
    return "\n".join(["[[survivor]]", *lines, 'reason = ""'])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
