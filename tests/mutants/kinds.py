"""The kinds of changes: each takes a node of the syntax tree and returns changed ones.

A kind is a function announced by the decorator `kind`. What it returns stands in for the node; None
in its place means that the statement is left out.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS: dict[str, Callable[[ast.AST], Iterator[ast.AST]]] = {}

NodeT = TypeVar("NodeT", bound=ast.AST)

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
_FUNCTIONS = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "any": "all",
    "all": "any",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
    "floor": "ceil",
    "ceil": "floor",
}
#: Nothing, and False: who asks for truth cannot tell that from None; "number" makes True of it.
_NOTHING_RETURNED = {
    ast.dump(ast.Return()),
    *(ast.dump(ast.Return(ast.Constant(nothing))) for nothing in (None, False)),
}
_WORDS = {"left": "right", "right": "left"}


def kind(name: str) -> Callable[[Callable[..., Iterator[ast.AST]]], Callable[..., object]]:
    """Announce a kind of change under a name."""

    def announce(function: Callable[..., Iterator[ast.AST]]) -> Callable[..., object]:
        KINDS[name] = function
        return function

    return announce


def _with(node: NodeT, **fields: object) -> NodeT:
    """Return a copy of a node with some fields replaced."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _number(value: int) -> ast.Constant:
    return ast.Constant(value)


@kind("comparison")
def _comparison(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            for other in _COMPARISONS[type(operator)]:
                yield _with(node, ops=[*node.ops[:at], other(), *node.ops[at + 1 :]])


@kind("and, or")
def _and_or(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for at in range(len(node.values)):
            rest = node.values[:at] + node.values[at + 1 :]
            yield rest[0] if len(rest) == 1 else _with(node, values=rest)


@kind("operator")
def _operator(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        yield _with(node, op=_OPERATORS[type(node.op)]())


@kind("sign")
def _sign(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield node.operand


@kind("number")
def _constant(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield _number(node.value + 1)
            yield _number(node.value - 1)
        elif isinstance(node.value, float):
            yield ast.Constant(node.value * 1.5 + 1)


@kind("side")
def _side(node: ast.AST) -> Iterator[ast.AST]:
    """Sides of ``searchsorted``: whether what is exactly there counts."""
    if isinstance(node, ast.Call):
        for at, argument in enumerate(node.args):
            if isinstance(argument, ast.Constant) and argument.value in _WORDS:
                other = ast.Constant(_WORDS[argument.value])
                yield _with(node, args=[*node.args[:at], other, *node.args[at + 1 :]])


@kind("function")
def _function(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name) and function.id in _FUNCTIONS:
            yield _with(node, func=_with(function, id=_FUNCTIONS[function.id]))
        elif isinstance(function, ast.Attribute) and function.attr in _FUNCTIONS:
            yield _with(node, func=_with(function, attr=_FUNCTIONS[function.attr]))


@kind("default of get")
def _get(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and len(node.args) == 2 and not node.keywords:
        function, (key, default) = node.func, node.args
        is_none = isinstance(default, ast.Constant) and default.value is None
        if isinstance(function, ast.Attribute) and function.attr == "get" and not is_none:
            yield _with(node, args=[key])


@kind("slice")
def _slice(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        cut = node.slice
        ends = [("lower", ast.Add(), cut.lower), ("upper", ast.Sub(), cut.upper)]
        for name, operator, end in ends:
            if end is not None and not isinstance(end, ast.Constant):
                moved = ast.BinOp(end, operator, _number(1))
                yield _with(node, slice=_with(cut, **{name: moved}))


@kind("condition")
def _condition(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.IfExp):
        yield _with(node, body=node.orelse, orelse=node.body)


@kind("filter")
def _filter(node: ast.AST) -> Iterator[ast.AST]:
    """Comprehensions without one of their conditions."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        for at, part in enumerate(node.generators):
            for which in range(len(part.ifs)):
                rest = _with(part, ifs=part.ifs[:which] + part.ifs[which + 1 :])
                yield _with(
                    node, generators=[*node.generators[:at], rest, *node.generators[at + 1 :]]
                )


@kind("test of if")
def _negated_if(node: ast.AST) -> Iterator[ast.AST]:
    """An ``if`` or ``while`` turned round where its test is a plain name or call."""
    if isinstance(node, ast.If) and not isinstance(
        node.test, ast.Compare | ast.BoolOp | ast.UnaryOp
    ):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


@kind("statement left out")
def _left_out(node: ast.AST) -> Iterator[ast.AST]:
    is_call = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    if is_call or isinstance(
        node, ast.AugAssign | ast.Continue | ast.Break | ast.Delete | ast.Raise
    ):
        yield ast.copy_location(ast.Pass(), node)


@kind("returned value")
def _returned(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Return) and ast.dump(node) not in _NOTHING_RETURNED:
        yield _with(node, value=ast.Constant(None))
