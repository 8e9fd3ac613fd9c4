"""What is frozen stays as it was made: nobody writes an instance's fields past its class."""

from __future__ import annotations

import ast

import pytest

WRITERS = {"update", "setdefault", "pop", "clear", "popitem"}


def writes_past_the_class(text: str) -> list[int]:
    """Return the lines that write to ``vars(x)``, ``x.__dict__`` or set fields by force.

    What a descriptor does in its ``__set__``, and an instance in its ``__post_init__``, is how the
    class itself takes a value.
    """
    tree = ast.parse(text)
    setters = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and is_setter(node)
    ]
    own = {id(inner) for setter in setters for inner in ast.walk(setter)}
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr) and id(node) not in own]
    return [node.lineno for node in nodes if is_write(node)]


def is_setter(node: ast.FunctionDef) -> bool:
    return node.name in {"__set__", "__post_init__"} and node.args.args[0].arg == "self"


def is_write(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store | ast.Del) and is_fields(node.value)
    if not isinstance(node, ast.Call):
        return False
    if not isinstance(node.func, ast.Attribute):
        return isinstance(node.func, ast.Name) and node.func.id == "force_setattr"
    owner = node.func.value
    if node.func.attr in {"__setattr__", "__delattr__"}:
        return isinstance(owner, ast.Name) and owner.id == "object"
    forced = node.func.attr == "force_setattr"
    return forced or (node.func.attr in WRITERS and is_fields(owner))


def is_fields(node: ast.expr) -> bool:
    """Say whether an expression is the dictionary of an instance's fields."""
    if isinstance(node, ast.Attribute):
        return node.attr == "__dict__"
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars"


def test_no_module_writes_past_a_frozen_class(root):
    found = [
        f"{path.relative_to(root)}:{line}"
        for path in sorted((root / "mtrrviz").rglob("*.py"))
        for line in writes_past_the_class(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        'vars(run)["replayed"] = 1',
        "vars(run).update(figures=1)",
        'run.__dict__["a"] = 1',
        'del vars(run)["a"]',
        'object.__setattr__(run, "a", 1)',
        'force_setattr(run, "a", 1)',
        'structs.force_setattr(run, "a", 1)',
    ],
)
def test_a_write_is_found(text):
    assert writes_past_the_class(text) == [1]


@pytest.mark.parametrize("text", ["values = vars(run)", 'vars(run).get("a")', "a['b'] = 1"])
def test_reading_is_no_write(text):
    assert writes_past_the_class(text) == []


def test_an_instance_may_complete_itself_while_it_is_made():
    text = 'class A:\n    def {}(self):\n        object.__setattr__(self, "a", 1)\n'
    assert writes_past_the_class(text.format("__post_init__")) == []
    assert writes_past_the_class(text.format("later")) == [3]
