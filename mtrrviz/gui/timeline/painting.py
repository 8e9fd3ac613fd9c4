"""Draws the timeline's picture: everything but the playhead, the markers and what is hovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from mtrrviz.facts.differences import DifferenceKind
from mtrrviz.geometry.timeline.timeline_columns import Stems, clusters
from mtrrviz.geometry.timeline.timeline_differences import difference_columns
from mtrrviz.geometry.timeline.timeline_image import OVERHANG_PX, Ink, TimelineImage
from mtrrviz.geometry.timeline.timeline_layout import Compared, Rows, Track
from mtrrviz.gui.compare.difference_palette import kind_colour
from mtrrviz.gui.timeline.flags import paint_flags
from mtrrviz.gui.trace_check.mismatch_marks import paint_timeline_marks
from mtrrviz.scenario.model import Aps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.geometry.timeline.time_axis import TimeAxis
    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.gui.timeline.scene import Scene
    from mtrrviz.sim.run import Run

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
#: Least height of a label, and which share of a line's height one needs: no digit is as high.
_LABEL_PX, _LABEL_SHARE = 11, 0.85
#: By so much less than their height names of neighbouring rows may lie apart.
_OVERLAP_PX = 3
_TICK_PX = 110
#: Height of a line of labels up to which there is room in rows of the usual height.
_USUAL_TEXT_PX = 14
#: Width of the colours of a lane's vCPUs beside its name.
_SWATCH_PX = 6
_MOST_SWATCHES = 2
#: The theme's colours of the first inks, from ``Ink.TEXT`` on.
_NAMED_INKS = ("text", "dim", "faint", "accent", "error")


def small_font(font: QFont) -> QFont:
    """Return the font of the timeline's labels in a widget of ``font``."""
    small = QFont(font)
    small.setPointSizeF(max(6.5, font.pointSizeF() - 1.5))
    return small


def label_scale(font: QFont) -> float:
    """Return how much higher the timeline's labels are than usual in a widget of ``font``."""
    return max(1.0, round(small_metrics(font).height() / _USUAL_TEXT_PX, 1))


def small_metrics(font: QFont) -> QFontMetrics:
    """Return how wide the timeline's labels are in a widget of ``font``."""
    return QFontMetrics(small_font(font))


class TimelinePainter:
    """Paints a scene with one theme, axis and layout; made anew for each picture.

    ``ratio`` is how many pixels of what is painted on make one of the widget's.
    """

    def __init__(
        self,
        painter: QPainter,
        theme: Theme,
        scene: Scene,
        axis: TimeAxis,
        rows: Rows,
        ratio: float = 1.0,
    ) -> None:
        self._painter = painter
        self._theme = theme
        self._scene = scene
        self._axis = axis
        self._rows = rows
        self._ratio = ratio
        painter.setFont(small_font(painter.font()))
        self._metrics = QFontMetrics(painter.font())
        self._label_px = max(_LABEL_PX, round(_LABEL_SHARE * self._metrics.height()))

    def paint(self) -> None:
        """Draw it all."""
        self._painter.fillRect(0, 0, self._rows.width, self._rows.height, self._colour("panel"))
        self._paint_ruler()
        for run, track in zip(self._scene.tracks, self._rows.tracks, strict=True):
            self._paint_scales(run, track)
        self._paint_lane_names()
        self._painter.setClipRect(self._plot_rect())
        self._paint_grid()
        self._paint_phases()
        if self._rows.flags is not None:
            paint_flags(self._painter, self._theme, self._scene.flags, self._axis, self._rows.flags)
        self._paint_dma()
        self._paint_marks()
        if self._scene.check is not None:
            paint_timeline_marks(
                self._painter, self._theme, self._scene.check, self._axis, self._rows
            )
        self._painter.setClipping(False)
        self._paint_names()

    def _colour(self, name: str) -> QColor:
        return QColor(getattr(self._theme, name))

    def _plot_rect(self) -> QRect:
        """The axis with a little room beside it, so that zaps at 0 s are seen whole."""
        return QRect(self._axis.left - 4, 0, self._axis.width + 8, self._rows.height)

    def _text(self, rect: QRect, align: int, text: str, colour: str = "dim") -> None:
        self._painter.setPen(self._colour(colour))
        self._painter.drawText(rect, align, text)

    # Ruler, grid and scales

    @property
    def _tick_px(self) -> int:
        """The least distance of two times on the ruler."""
        return round(_TICK_PX * self._rows.text_scale)

    def _paint_ruler(self) -> None:
        bottom, spacing = self._rows.ruler_bottom, self._tick_px
        for tick in self._axis.ticks(spacing):
            x = round(self._axis.x(tick.time_ns))
            size = 6 if tick.text else 3
            self._painter.fillRect(x, bottom - size, 1, size, self._colour("faint"))
            if tick.text:
                left = min(max(x - spacing // 2, 2), self._rows.width - spacing - 2)
                self._text(QRect(left, 0, spacing, bottom - 5), _CENTRE, tick.text)

    def _paint_grid(self) -> None:
        rows, colour = self._rows, self._colour("grid")
        for tick in self._axis.ticks(self._tick_px):
            if tick.text:
                x = round(self._axis.x(tick.time_ns))
                height = rows.height - rows.phases_bottom
                self._painter.fillRect(x, rows.phases_bottom, 1, height, colour)
        for track in rows.tracks:
            for share, _ in self._scene.scale.ticks():
                self._painter.fillRect(self._axis.left, track.y(share), self._axis.width, 1, colour)
        for lane in range(rows.lanes + 1):
            y = rows.lane_top(lane)
            self._painter.fillRect(self._axis.left, y, self._axis.width, 1, colour)

    def _paint_scales(self, run: Run | None, track: Track) -> None:
        """Write the scales of a track: cycles at the left, at the right the zaps counted so far."""
        is_alone = len(self._rows.tracks) == 1
        free_above = track.baseline + (self._label_px if is_alone else 0)
        if is_alone and self._rows.faults is not None:  # whose name lies below
            near_px = self._label_px // 2 + 1
            free_above = min(free_above, sum(self._rows.faults) // 2 - near_px)
        free_below = track.top if is_alone else track.stems_top
        for share, text in self._scene.scale.ticks():
            y = track.y(share)
            if free_below + self._label_px // 2 <= y and y + self._label_px // 2 <= free_above:
                self._text(self._beside(y, 0, self._rows.left_px - 8), _RIGHT, text)
                free_above = y - self._label_px // 2
        left = self._rows.plot_right + 8
        count = 0 if run is None else len(run.zaps)
        top = track.y(count / self._scene.most_zaps)
        below_title = track.stems_top + self._label_px // 2 if is_alone else 0
        right_px = self._rows.right_px
        self._text(self._beside(max(top, below_title), left, right_px), _LEFT, f"{count}")
        if track.baseline - top >= 3 * self._label_px:
            self._text(self._beside(track.baseline - 2, left, right_px), _LEFT, "0")
        if is_alone:
            title = QRect(8, track.top - 2, self._rows.left_px, track.stems_top - track.top)
            self._text(title, _LEFT, "cycles")
            self._text(title.translated(left - 8, 0), _LEFT, "zaps")

    def _beside(self, y: int, left: int, width: int) -> QRect:
        """Return the rectangle of a label whose middle is at a height."""
        height = self._label_px + 5
        return QRect(left, y - height // 2, width, height)

    def _paint_names(self) -> None:
        """Name the policy of each track, where there are two, left above its stems."""
        if len(self._rows.tracks) < 2:
            return
        for run, track in zip(self._scene.tracks, self._rows.tracks, strict=True):
            name = "simulating" if run is None else run.policy.id
            width = self._metrics.horizontalAdvance(name) + 4
            rect = QRect(8, track.top + 1, width, track.stems_top - track.top - 2)
            self._painter.fillRect(rect, self._colour("panel"))
            self._text(rect, _LEFT, name, "text")

    def _paint_lane_names(self) -> None:
        rows, near_px = self._rows, self._label_px - _OVERLAP_PX
        dma_y = (rows.dma_top + rows.dma_bottom) // 2
        free_from = rows.lanes_top
        for lane in range(rows.lanes):
            y = rows.lane_top(lane) + rows.lane_height(lane) // 2
            if not lane or (y >= free_from and y + near_px <= dma_y):
                left_px = rows.left_px - 12
                self._text(self._beside(y, 0, left_px), _RIGHT, self._lane_name(lane, left_px))
                free_from = y + (near_px if rows.lane_px >= near_px else self._label_px)
        self._name_row((rows.dma_top, rows.dma_bottom), "DMA")
        self._paint_lane_colours()
        if self._scene.check is not None:
            self._name_row((rows.check_top, rows.check_bottom), "real \u2260")
        self._name_row(rows.faults, "faults")
        if rows.touches is not None and self._has_room_for_name(rows.touches):
            self._name_row(rows.touches, "touches")
        self._name_row(rows.differences, "differs")

    def _has_room_for_name(self, touches: tuple[int, int]) -> bool:
        """Whether the name of the row of touches lies clear of those above and below it."""
        rows, near_px = self._rows, self._label_px - _OVERLAP_PX
        y, below = sum(touches) // 2, rows.lane_top(0) + rows.lane_height(0) // 2
        above = -near_px if rows.faults is None else sum(rows.faults) // 2
        return y - above >= near_px and below - y >= near_px

    def _name_row(self, row: tuple[int, int] | None, name: str) -> None:
        """Write the name of a row that is there beside it."""
        if row is not None:
            y = (row[0] + row[1]) // 2
            self._text(self._beside(y, 0, self._rows.left_px - 8), _RIGHT, name)

    def _paint_lane_colours(self) -> None:
        """Show beside each lane the colours of its vCPUs, as their zaps and ticks have them.

        Where many vCPUs share lanes, colours repeat within one and would show nothing.
        """
        if self._scene.events.vcpus_per_lane > _MOST_SWATCHES:
            return
        rows, events = self._rows, self._scene.events
        left, width = rows.left_px - 8, _SWATCH_PX
        for lane in range(rows.lanes):
            vcpus = events.vcpus_of(lane)
            for place, vcpu in enumerate(vcpus):
                x, end = (left + width * each // len(vcpus) for each in (place, place + 1))
                colour = QColor(self._theme.vcpu_colour(vcpu))
                height = max(1, rows.lane_height(lane) - 1)
                self._painter.fillRect(x, rows.lane_top(lane) + 1, end - x, height, colour)

    def _lane_name(self, lane: int, width: int) -> str:
        """Return a lane's name, without "vCPU" where that does not fit: "144-159", or cut."""
        name = self._scene.events.lane_name(lane)
        if self._metrics.horizontalAdvance(name) > width:
            name = name.removeprefix("vCPU ")
        return self._metrics.elidedText(name, Qt.TextElideMode.ElideRight, width)

    def _paint_phases(self) -> None:
        rows = self._rows
        for number, (phase, end_ns) in enumerate(self._scene.phase_spans):
            left = max(round(self._axis.x(phase.start_ns)), self._axis.left - 4)
            right = min(round(self._axis.x(end_ns)), self._axis.right + 4)
            if right <= left or left > self._axis.right:
                continue
            rect = QRect(left, rows.phases_top, right - left, rows.phases_bottom - rows.phases_top)
            self._painter.fillRect(rect, self._colour("hover" if number % 2 else "raised"))
            self._painter.fillRect(left, rect.top(), 1, rect.height(), self._colour("faint"))
            if phase.aps is Aps.CONCURRENT:
                self._painter.fillRect(
                    left, rect.bottom() - 1, rect.width(), 2, self._colour("dim")
                )
            room = rect.adjusted(6, 0, -4, 0)
            text = self._metrics.elidedText(phase.name, Qt.TextElideMode.ElideRight, room.width())
            if len(text) > 2:
                self._text(room, _LEFT, text, "text")

    # Zaps and events

    def _paint_marks(self) -> None:
        """Draw zaps, counts and events as one image, and the figures over the stems."""
        scene, axis, rows = self._scene, self._axis, self._rows
        drawn = TimelineImage.blank(axis, rows, len(self._theme.vcpus), self._ratio)
        if scene.compared is not None and scene.shows is Compared.BELOW:
            zaps, track = scene.compared.zaps, rows.tracks[0]
            drawn.draw_hanging(zaps, scene.scale, track)
            drawn.draw_count(zaps.time_ns, scene.most_zaps, Ink.FAINT, track, dotted=True)
        if scene.differences is not None:
            found = scene.differences
            drawn.draw_differences(difference_columns(found.times_ns, found.pages, axis))
        parts = [
            self._draw_zaps(drawn, run, track)
            for run, track in zip(scene.tracks, rows.tracks, strict=True)
        ]
        if scene.faults is not None:
            drawn.draw_faults(scene.faults)
        drawn.draw_touches(scene.touches)
        drawn.draw_events(scene.events)
        self._paint_image(drawn.image)
        for stems, track in zip(parts, rows.tracks, strict=True):
            self._paint_baseline(track)
            if stems is not None:
                self._paint_cluster_counts(stems, track)

    def _draw_zaps(self, drawn: TimelineImage, run: Run | None, track: Track) -> Stems | None:
        """Draw the running count and the stems of a run that is finished."""
        if run is None:
            return None
        zaps, scene = run.zaps, self._scene
        drawn.draw_count(zaps.time_ns, scene.most_zaps, Ink.DIM, track, dotted=False)
        return drawn.draw_stems(zaps, scene.scale, track)

    def _paint_baseline(self, track: Track) -> None:
        left, width = self._axis.left - OVERHANG_PX, self._axis.width + 2 * OVERHANG_PX
        self._painter.fillRect(left, track.baseline, width, 1, self._colour("faint"))

    def _paint_image(self, image: NDArray[np.uint8]) -> None:
        height, width = image.shape
        picture = QImage(image.data, width, height, width, QImage.Format.Format_Indexed8)
        picture.setColorTable(self._colour_table())
        picture.setDevicePixelRatio(self._ratio)
        self._painter.drawImage(0, 0, picture)

    def _colour_table(self) -> list[int]:
        theme = self._theme
        named = [QColor(getattr(theme, name)) for name in _NAMED_INKS]
        kinds = [kind_colour(theme, kind) for kind in DifferenceKind]
        types = [QColor(theme.types.get(value, theme.mixed)) for value in range(8)]
        vcpus = [QColor(colour) for colour in theme.vcpus]
        table = [0] * (Ink.FIRST_VCPU + len(vcpus))
        for first, colours in (
            (Ink.TEXT, named),
            (Ink.FIRST_KIND, kinds),
            (Ink.FIRST_TYPE, types),
            (Ink.FIRST_VCPU, vcpus),
        ):
            table[first : first + len(colours)] = [colour.rgba() for colour in colours]
        return table

    def _paint_cluster_counts(self, parts: Stems, track: Track) -> None:
        free_from = -1
        for group in clusters(parts):
            text = f"{group.count}"
            width = self._metrics.horizontalAdvance(text) + 6
            middle = (group.left + group.right - width) // 2
            # clear of the scales beside the axis
            left = min(max(middle, self._axis.left - 4), self._axis.right + 4 - width)
            if left >= free_from and group.count > 1:
                above = track.y(group.top) - self._label_px // 2 - 5
                self._text(self._beside(above, left, width), _CENTRE, text)
                free_from = left + width

    def _paint_dma(self) -> None:
        rows = self._rows
        height = rows.dma_bottom - rows.dma_top - 3
        for span in self._scene.dma_spans:
            left = max(round(self._axis.x(span.start_ns)), self._axis.left - 4)
            right = min(round(self._axis.x(span.end_ns)), self._axis.right + 4)
            rect = QRect(left, rows.dma_top + 2, max(1, right - left), height)
            self._painter.fillRect(rect, self._colour("hatch"))
            if span.devices > 1:
                self._text(rect.adjusted(4, -3, 0, 3), _LEFT, f"{span.devices} devices", "text")
