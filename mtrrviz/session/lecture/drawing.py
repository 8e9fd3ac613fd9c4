"""Strokes drawn on the picture during a lecture. They belong to no scenario."""

from __future__ import annotations

from dataclasses import dataclass, field

Point = tuple[float, float]


@dataclass(slots=True)
class Stroke:
    """A line drawn in one go: its points in pixels of the window, in the colour of a number."""

    colour: int
    points: list[Point] = field(default_factory=list[Point])


class Drawing:
    """The strokes on the picture, the newest last. ``colour`` is that of the next stroke."""

    def __init__(self) -> None:
        self._strokes: list[Stroke] = []
        self._open: Stroke | None = None
        self.colour = 0

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """What is drawn, also the stroke that is being drawn."""
        return tuple(self._strokes)

    @property
    def is_open(self) -> bool:
        """Whether a stroke is being drawn."""
        return self._open is not None

    def begin(self, point: Point) -> None:
        """Begin a stroke at a point."""
        self._open = Stroke(self.colour, [point])
        self._strokes.append(self._open)

    def draw_to(self, point: Point) -> None:
        """Draw on to a point, if a stroke has been begun."""
        if self._open is not None and self._open.points[-1] != point:
            self._open.points.append(point)

    def end(self) -> None:
        """End the stroke."""
        self._open = None

    def undo(self) -> bool:
        """Take the last stroke away; return whether there was one."""
        self._open = None
        if not self._strokes:
            return False
        self._strokes.pop()
        return True

    def clear(self) -> bool:
        """Take all strokes away; return whether there were any."""
        had = bool(self._strokes)
        self._strokes.clear()
        self._open = None
        return had
