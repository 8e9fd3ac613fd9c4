"""One name, one thing: no class is defined twice, nor a private one beside a public one."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import mtrrviz


def test_no_class_name_is_defined_twice():
    sources = Path(mtrrviz.__file__).parent.rglob("*.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources]
    names = Counter(
        node.name.lstrip("_")
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert not {name for name, count in names.items() if count > 1}
