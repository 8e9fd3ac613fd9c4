"""QEMU's monitor: `info mtree -f` (flat views) and `info mtree` (the tree it is made from).

A flat view is what the guest sees, so it is preferred; of several the one that lists the address
space "memory" counts. Without one the tree is rendered as QEMU does: children over parents,
higher priorities over lower ones, aliases as windows to other regions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mtrrviz.importers.facts import Facts, MemoryRange
from mtrrviz.importers.formats import Context, LineFormat, LineParser
from mtrrviz.importers.notes import NoteKind

_ROW = re.compile(
    r"( {1,200})([0-9a-f]{16})-([0-9a-f]{16}) \(prio (-?\d{1,10}), ([a-z/-]{2,12})\): (.{1,300})$"
)
_ALIAS = re.compile(
    r"alias (\S.{0,200}?) @(\S.{0,200}) ([0-9a-f]{16})-([0-9a-f]{16})(?: \[disabled\])?$"
)
_HEAD = re.compile(
    r"(FlatView #\d+|address-space|memory-region)(?:: (.{1,200}))?$| (AS|Root) \"?(.{0,200})$"
    r"|  No rendered FlatView"
)
_MONITOR = re.compile(
    r"\(qemu\)|QEMU [\d.]+ monitor|qemu-system-\S+: |CPU#\d+|[A-Z]{2,4}\d{0,2} ?=[0-9a-f]{4,16}\b"
    r"|FCW=|\s*$"
)
_MAX_DEPTH = 16
_MAX_ROWS = 20_000


@dataclass
class _Node:
    """A row of the tree with what is indented below it."""

    start: int
    end: int
    priority: int
    kind: str
    text: str
    line: int
    children: list[_Node] = field(default_factory=list["_Node"])


class MtreeParser(LineParser):
    """Collects rows by section and makes memory ranges at the end."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._flat: list[_Node] = []
        self._flat_names: list[str] = []
        self._flats: list[tuple[list[str], list[_Node]]] = []
        self._trees: dict[tuple[str, str], _Node] = {}
        self._path: list[tuple[int, _Node]] = []
        self._is_flat = False
        self._rows = 0
        self._rendered = 0
        self._visits = 0

    def take(self, line: str, number: int) -> bool:
        """Use a heading or a row."""
        match = _ROW.match(line)
        if match is not None:
            self._row(match, number)
            return True
        return self._heading(line)

    def _heading(self, line: str) -> bool:
        match = _HEAD.match(line)
        if match is None:
            return False
        section = match[1] or ""
        if section.startswith("FlatView"):
            self._is_flat, self._flat, self._flat_names = True, [], []
            self._flats.append((self._flat_names, self._flat))
        elif section:
            root = _Node(0, 1 << 64, 0, "i/o", match[2] or "", 0)
            self._trees.setdefault((section, match[2] or ""), root)
            self._path, self._is_flat = [(0, root)], False
        elif match[3] == "AS":
            self._flat_names.append((match[4] or "").partition('"')[0])
        return True

    def _row(self, match: re.Match[str], number: int) -> None:
        self._rows += 1
        if self._rows > _MAX_ROWS:
            return
        node = _Node(
            int(match[2], 16), int(match[3], 16) + 1, int(match[4]), match[5], match[6], number
        )
        if self._is_flat:
            self._flat.append(node)
            return
        indent = len(match[1])
        while self._path and self._path[-1][0] >= indent:
            self._path.pop()
        if self._path:
            self._path[-1][1].children.append(node)
        self._path.append((indent, node))

    def noise(self, line: str) -> str:
        """Return what a monitor's other lines are."""
        return "other lines of QEMU's monitor" if line and _MONITOR.match(line) else ""

    def finish(self) -> None:
        """Hand over the flat view of the memory, or the rendered tree."""
        flat = next((rows for names, rows in self._flats if "memory" in names), None)
        if flat is None:
            flat = next((r for n, r in self._flats if any("memory" in name for name in n)), None)
        if flat:
            for node in flat:
                self._add(node, node.start, node.end, _plain(node.text), 0)
            return
        root = self._trees.get(("address-space", "memory"))
        root = root or self._trees.get(("memory-region", "system"))
        if root is not None and root.children:
            self._render(root, 0, 0, 1 << 64, 0)
        elif self._rows:
            text = 'no flat view lists the address space "memory", and no tree has that name'
            self.facts.note(NoteKind.WARNING, text, self.place(0))

    def _add(self, node: _Node, start: int, end: int, name: str, depth: int) -> None:
        place = self.place(node.line)
        found = MemoryRange(start, end, name, "mtree", depth, place, node.kind)
        self.facts.add_memory(found)

    def _render(self, node: _Node, shift: int, low: int, high: int, depth: int) -> None:
        """Paint what is below a node, moved by ``shift``, inside the window [low, high)."""
        for child in sorted(node.children, key=lambda child: child.priority):
            self._visits += 1
            if depth > _MAX_DEPTH or self._visits > _MAX_ROWS:
                # A tree whose aliases contain themselves: QEMU makes none.
                return
            start, end = max(child.start + shift, low), min(child.end + shift, high)
            if start >= end or child.text.endswith("[disabled]"):
                continue
            alias = _ALIAS.match(child.text)
            target = alias and self._trees.get(("memory-region", alias[2]))
            if alias and target and target.children and target.children[0].children:
                root = target.children[0]
                moved = child.start + shift - root.start - int(alias[3], 16)
                self._render(root, moved, start, end, depth + 1)
            elif child.children:
                self._render(child, shift, start, end, depth + 1)
            else:
                self._paint(child, start, end, alias)

    def _paint(self, node: _Node, start: int, end: int, alias: re.Match[str] | None) -> None:
        """Add a range over all painted before it."""
        self._rendered += 1
        self._add(node, start, end, alias[2] if alias else _plain(node.text), self._rendered)


def _plain(text: str) -> str:
    """Return a region's name without its offset and the word KVM."""
    return re.sub(r"(?: @[0-9a-f]{16})?(?: KVM)?$", "", text.strip())


FORMAT = LineFormat(
    "qemu-mtree",
    "QEMU monitor: info mtree, info mtree -f",
    re.compile(
        r"^ +[0-9a-f]{16}-[0-9a-f]{16} \(prio -?\d+, [a-z/]+\): |^FlatView #\d+|^address-space: "
    ),
    MtreeParser,
)
