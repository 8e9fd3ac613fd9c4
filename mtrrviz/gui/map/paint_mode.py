"""Painting the wanted map on the map: whether it is on, with which type, and what is under way.

What is painted goes to the document, a step of undo for each stroke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mtrrviz.core.memtype import MemoryType
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.wanted.wanted_edits import Span, Wanted

BRUSHES: tuple[tuple[MemoryType | None, str], ...] = (
    (MemoryType.WB, "B"),
    (MemoryType.WT, "T"),
    (MemoryType.WP, "P"),
    (MemoryType.WC, "C"),
    (MemoryType.UC, "U"),
    (None, "X"),
)
"""The types to paint with and their keys; None gives pages back to the rest of the map."""


class PaintMode(QObject):
    """The mode of one window. ``changed`` tells of everything that painting shows."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._is_on = False
        self._brush: MemoryType | None = MemoryType.WB
        self._spans: tuple[Span, ...] = ()
        bridge.changed.connect(self._document_changed)

    @property
    def is_on(self) -> bool:
        """Whether the map is painted on."""
        return self._is_on

    @property
    def brush(self) -> MemoryType | None:
        """The type that is painted; None clears."""
        return self._brush

    @property
    def spans(self) -> tuple[Span, ...]:
        """What a stroke under way covers so far."""
        return self._spans

    @property
    def shown(self) -> Wanted:
        """The wanted map as it would be after the stroke under way."""
        from mtrrviz.session.wanted.wanted_edits import paint  # noqa: PLC0415 - when asked for

        wanted = self._bridge.document.wanted
        return paint(wanted, self._spans, self._brush).wanted if self._spans else wanted

    @property
    def words(self) -> str:
        """What the stroke under way would do; "" without one."""
        from mtrrviz.session.wanted.wanted_edits import span_words  # noqa: PLC0415 - when asked for

        if not self._spans:
            return ""
        kind = "the rest's type" if self._brush is None else self._brush.name
        if len(self._spans) == 1:
            return f"{kind} for {span_words(*self._spans[0])}"
        return f"{kind} for {len(self._spans)} ranges"

    def set_on(self, is_on: bool) -> None:
        """Begin or end painting; a stroke under way is given up."""
        if is_on != self._is_on:
            self._is_on = is_on
            self._spans = ()
            self.changed.emit()

    def choose(self, brush: MemoryType | None) -> None:
        """Paint with another type."""
        if brush != self._brush:
            self._brush = brush
            self.changed.emit()

    def cover(self, spans: Iterable[Span]) -> None:
        """Let the stroke under way cover these spans; none gives it up."""
        from mtrrviz.session.wanted.wanted_edits import join_spans  # noqa: PLC0415 - when asked for

        joined = tuple(join_spans(spans))
        if joined != self._spans:
            self._spans = joined
            self.changed.emit()

    def finish(self) -> None:
        """Make the stroke an edit of the wanted map."""
        from mtrrviz.session.wanted.wanted_edits import paint  # noqa: PLC0415 - when asked for

        spans, self._spans = self._spans, ()
        if spans:
            self._bridge.want(lambda: paint(self._bridge.document.wanted, spans, self._brush))
        self.changed.emit()

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if self._is_on and Change.WANTED in changes:
            self.changed.emit()
