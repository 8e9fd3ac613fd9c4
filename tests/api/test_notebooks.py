"""The notebooks run from top to bottom, as Jupyter would run them."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest


def code_of(path):
    """Return the code cells of a notebook; it has no outputs, which would be stale."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells)
    return ["".join(cell["source"]) for cell in cells]


def ran(path):
    """Return the names that a notebook leaves, and what its cells show at their ends."""
    names: dict[str, Any] = {"__name__": "notebook"}
    shown = []
    for code in code_of(path):
        *body, last = ast.parse(code).body
        if not isinstance(last, ast.Expr):
            body.append(last)
        exec(compile(ast.Module(body, []), path.name, "exec"), names)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), path.name, "eval"), names))
    return names, shown


@pytest.fixture(autouse=True)
def _one_process(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})


@pytest.fixture
def notebooks(root):
    return root / "docs/notebooks"


def test_84_to_14(notebooks, capsys):
    names, shown = ran(notebooks / "84-to-14.ipynb")
    assert (len(names["before"].zaps), len(names["after"].zaps)) == (84, 14)
    assert names["zaps_per_vcpu"]["per-vm"] == [14, 0, 0, 0, 0, 0, 0, 0]
    assert sum("_repr_svg_" in dir(one) for one in shown) == 3
    assert sum("_repr_html_" in dir(one) for one in shown) == 2
    assert "page 0x8000_0000" in capsys.readouterr().out


def test_a_policy_of_ones_own(notebooks, capsys):
    names, shown = ran(notebooks / "own-policy.ipynb")
    assert names["stale_pages"]["per-vcpu"] == 0
    assert "at-the-edge" in capsys.readouterr().out
    assert names["stale_pages"]["at-the-edge"] == 0, "this guest follows the SDM"
    assert tuple(map(bool, shown[-1])) == (True, False), "another one need not"


def test_a_sweep_to_255_vcpus(notebooks, capsys):
    names, _ = ran(notebooks / "sweep-to-255.ipynb")
    assert names["zaps"]["per-vcpu"][8] == 84
    assert set(names["zaps"]["per-vm"].values()) == {14}
    assert capsys.readouterr().out.startswith("10 more zaps with each vCPU\n")


def test_each_notebook_has_a_test(notebooks):
    assert {path.stem for path in notebooks.iterdir()} == {
        "84-to-14", "own-policy", "sweep-to-255",
    }  # fmt: skip
