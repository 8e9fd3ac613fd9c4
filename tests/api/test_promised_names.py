"""What ``import mtrrviz`` offers: typed, documented, lazy."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

import mtrrviz


def test_each_name_is_there_and_says_what_it_is():
    for name in mtrrviz.__all__:
        value = getattr(mtrrviz, name)
        assert value.__doc__, name
        assert name in dir(mtrrviz)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(mtrrviz, "".join(["no", "thing"]))


def test_the_stub_has_the_same_names_from_the_same_places(root):
    tree = ast.parse((root / "mtrrviz/__init__.pyi").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    places = {a.name: node.module for node in imports for a in node.names}
    places.pop("annotations")
    assert places == vars(mtrrviz)["_PLACES"]
    (stated,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert stated == mtrrviz.__all__


def test_importing_it_imports_nothing_else_and_using_it_no_qt(root):
    code = (
        "import sys, mtrrviz\n"
        "print(sorted(m for m in sys.modules if m.startswith(('mtrrviz.', 'numpy', 'PySide6'))))\n"
        "[getattr(mtrrviz, name) for name in mtrrviz.__all__]\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'pyqtgraph')])\n"
    )
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout
    assert found.splitlines() == ["[]", "[]"]
