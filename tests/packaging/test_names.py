"""One name, one thing: no public class is defined twice."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import mtrrviz

#: The severity of a problem and that of a note of an import have other values and never meet.
JUSTIFIED = {"Severity"}


def test_no_public_class_name_is_defined_twice():
    sources = Path(mtrrviz.__file__).parent.rglob("*.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources]
    names = Counter(
        node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    )
    twice = {name for name, count in names.items() if count > 1 and not name.startswith("_")}
    assert twice == JUSTIFIED
