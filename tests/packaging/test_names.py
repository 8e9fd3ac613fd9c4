"""One name, one thing: no class is defined twice, nor a private one beside a public one."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import mtrrviz

_CLASS = re.compile(r"^[ ]*class _?(\w+)[(:\[]", re.MULTILINE)


def test_no_class_name_is_defined_twice():
    names: Counter[str] = Counter()
    for path in Path(mtrrviz.__file__).parent.rglob("*.py"):
        names.update(_CLASS.findall(path.read_text(encoding="utf-8")))
    assert len(names) > 500
    assert not {name for name, count in names.items() if count > 1}
