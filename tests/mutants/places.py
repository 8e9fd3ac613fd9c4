"""Where the program can be changed, and what it looks like then."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from tests.mutants.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Methods whose result is for people, and options that change speed or looks alone.
_WORDS_ONLY = frozenset({"__repr__", "__str__"})
_OPTIONS = frozenset({"strict", "maxsize", "stacklevel", "repr", "compare", "slots", "frozen"})


@dataclass(frozen=True)
class Source:
    """A module's file and text."""

    path: Path
    name: str
    """Path from the checkout's root."""
    text: str

    @cached_property
    def starts(self) -> list[int]:
        """Offset in bytes at which each line starts."""
        lengths = (len(line) for line in self.encoded.splitlines(keepends=True))
        return list(accumulate(lengths, initial=0))

    @cached_property
    def encoded(self) -> bytes:
        return self.text.encode()

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place as ``ast`` gives it: line from 1, column in bytes."""
        return self.starts[line - 1] + column


@dataclass(frozen=True)
class Mutant:
    """One change of one module: the bytes [start, end) become ``new``."""

    source: Source
    kind: str
    scope: str
    """Dotted name of the function or class around it; empty on the module's own level."""
    in_function: bool
    line: int
    last_line: int
    start: int
    end: int
    new: str

    @property
    def text(self) -> str:
        """The module's changed text."""
        code = self.source.encoded
        return (code[: self.start] + self.new.encode() + code[self.end :]).decode()

    @property
    def old(self) -> str:
        """What is replaced."""
        return self.source.encoded[self.start : self.end].decode()

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What names the change as long as the code stays the same, wherever it moves."""
        line = self.source.text.splitlines()[self.line - 1].strip()
        return self.source.name, self.scope, line, " ".join(self.old.split()), self.new

    @property
    def diff(self) -> str:
        """The changed lines."""
        lines = difflib.ndiff(self.source.text.splitlines(), self.text.splitlines())
        return "\n".join(line for line in lines if line[:2] in {"- ", "+ "})


def read_source(path: Path, root: Path) -> Source:
    """Return a module's source."""
    return Source(path, path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))


def mutants_of(source: Source) -> list[Mutant]:
    """Return every change of a module that there is a kind for."""
    return _Walk(source).walk()


class _Walk:
    """Visits the nodes that can be changed, and remembers in which function it is."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.scope: list[str] = []
        self.functions = 0

    def walk(self) -> list[Mutant]:
        return list(self._children(ast.parse(self.source.text)))

    def _children(self, node: ast.AST) -> Iterator[Mutant]:
        for name, value in ast.iter_fields(node):
            if name not in _skipped_fields(node):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST) and not _is_left_alone(child):
                        yield from self._visit(child)

    def _visit(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from self._inside(node)
            return
        if isinstance(node, ast.expr | ast.stmt):
            for kind, change in KINDS.items():
                for changed in change(node):
                    yield self._mutant(kind, node, changed)
        yield from self._children(node)

    def _inside(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> Iterator[Mutant]:
        if node.name in _WORDS_ONLY:
            return
        is_function = not isinstance(node, ast.ClassDef)
        self.scope.append(node.name)
        self.functions += is_function
        yield from self._children(node)
        self.functions -= is_function
        self.scope.pop()

    def _mutant(self, kind: str, node: Any, changed: ast.AST) -> Mutant:
        start = self.source.offset(node.lineno, node.col_offset)
        end = self.source.offset(node.end_lineno, node.end_col_offset)
        new = _text_of(changed, indent=node.col_offset)
        scope, inside = ".".join(self.scope), self.functions > 0
        place = node.lineno, node.end_lineno, start, end
        return Mutant(self.source, kind, scope, inside, *place, new)


def _text_of(node: ast.AST, indent: int) -> str:
    """Return source text: expressions in brackets, statements at their indentation."""
    text = ast.unparse(ast.fix_missing_locations(node))
    if isinstance(node, ast.stmt):
        return text.replace("\n", "\n" + " " * indent)
    is_plain = isinstance(node, ast.Constant | ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return text if is_plain else f"({text})"


def _skipped_fields(node: ast.AST) -> frozenset[str]:
    """Return the fields of a node that hold types, decorators or words."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset({"decorator_list", "returns"})
    if isinstance(node, ast.ClassDef):
        return frozenset({"decorator_list", "bases", "keywords"})
    if isinstance(node, ast.arg | ast.AnnAssign):
        return frozenset({"annotation"})
    return frozenset()


def _is_left_alone(node: ast.AST) -> bool:
    """Say whether a node is about types or words, or is there for readers."""
    if isinstance(node, ast.JoinedStr | ast.Assert):
        return True
    if isinstance(node, ast.keyword):
        return node.arg in _OPTIONS
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    return _is_type_call(node)


def _is_type_call(node: ast.AST) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Name) and function.id in {"cast", "TypeVar", "NewType"}
