"""No module imports, through whichever others, itself; not even for the sake of its types."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def imports_of(path: Path, modules: set[str]) -> set[str]:
    """Return the modules that a file imports anywhere, TYPE_CHECKING blocks included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            # A package is imported for a name of its own, not for a module in it.
            found |= names & modules or {node.module}
    return found & modules


def import_graph(root: Path) -> dict[str, set[str]]:
    """Return by module what it imports of the package."""
    files = {module_name(path, root): path for path in (root / "mtrrviz").rglob("*.py")}
    return {name: imports_of(path, set(files)) - {name} for name, path in files.items()}


def module_name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of a circle, the first again at the end; none if there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_in_a_circle(root: Path) -> None:
    graph = import_graph(root)
    assert len(graph) > 100
    circle = circle_in(graph)
    assert not circle, " <- ".join(circle)


@pytest.mark.parametrize(
    "line", ["import mtrrviz.b", "if TYPE_CHECKING:\n    from mtrrviz.b import Name"]
)
def test_a_circle_would_be_found(tmp_path: Path, line: str) -> None:
    package = tmp_path / "mtrrviz"
    package.mkdir()
    (package / "a.py").write_text(line)
    (package / "b.py").write_text("from mtrrviz import a")
    assert set(circle_in(import_graph(tmp_path))) == {"mtrrviz.a", "mtrrviz.b"}
