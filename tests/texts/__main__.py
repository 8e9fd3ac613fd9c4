"""Print every text that a user may see, by file and line: ``./dev texts [PACKAGE...]``.

Texts are the string literals of two words or more that are no docstrings; what is filled in stands
in braces. Read them aloud now and then: they are the program's voice.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).resolve().parents[2] / "mtrrviz"


def main(packages: list[str]) -> None:
    """Print the texts of some packages, or of all."""
    roots = [_ROOT / package for package in packages] or [_ROOT]
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            for line, text in texts_of(ast.parse(path.read_text(encoding="utf-8"))):
                print(f"{path.relative_to(_ROOT)}:{line}: {text}")


def texts_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the texts in a module, with their lines."""
    silent = {id(node) for node in _silent(tree)}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        text = _text(node)
        if " " in text.strip() and any(char.isalpha() for char in text):
            yield node.lineno, text.replace("\n", "\\n")  # type: ignore[attr-defined]


def _silent(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield literals that nobody sees: docstrings, and the parts of texts that are filled in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from node.values


def _text(node: ast.AST) -> str:
    """Return the text of a literal, "" for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (
            "{" + ast.unparse(part.value) + "}"
            if isinstance(part, ast.FormattedValue)
            else str(getattr(part, "value", ""))
            for part in node.values
        )
        return "".join(parts)
    return ""


if __name__ == "__main__":
    main(sys.argv[1:])
