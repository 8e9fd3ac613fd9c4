"""The rows of the timeline in pixels: ruler, phases, tracks of zap stems, lanes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: Room for labels left of the axis and for the count's scale right of it.
LEFT_PX = 72
RIGHT_PX = 46
_RULER_PX = 20
_PHASES_PX = 20
_GAP_PX = 4
_COUNT_ROOM_PX = 14
_DIFFERENCES_PX = 9
#: Stems are never lower than this, however little room there is.
_LEAST_STEMS_PX = 8
#: The lanes' largest share of the height of stems and lanes together, with one track and two.
_LANES_SHARE = (0.38, 0.2)
_LANE_RANGE_PX = (2, 14)
_CHECK_PX = 10


class Compared(StrEnum):
    """What the timeline shows of the compared run's zaps."""

    OFF = "off"
    """Nothing."""
    BELOW = "below"
    """Grey stems that hang from the baseline."""
    STACKED = "stacked"
    """A whole track of its own below the first."""


@dataclass(frozen=True)
class Track:
    """The zaps of one run: a title row from ``top``, below it stems that stand on ``baseline``.

    Stems reach up to ``stems_top``. Those of the compared run may hang from the baseline down to
    ``bottom`` (equal to ``baseline`` if none do). All numbers are pixels from the top.
    """

    top: int
    stems_top: int
    baseline: int
    bottom: int

    @property
    def stems_px(self) -> int:
        """Height of the share 1 on the stems' scale."""
        return self.baseline - self.stems_top

    def y(self, share: float) -> int:
        """Return the height of a share of the stems' scale."""
        return self.baseline - round(share * self.stems_px)


@dataclass(frozen=True)
class Rows:
    """Where each row of the timeline lies; all numbers are pixels from the top.

    ``tracks`` are that of the run in use and, if two are stacked, that of the compared one; between
    them the lane of differences, as (top, bottom), None if there is one track.
    """

    width: int
    height: int
    ruler_bottom: int
    phases_top: int
    phases_bottom: int
    tracks: tuple[Track, ...]
    differences: tuple[int, int] | None
    lanes_top: int
    lane_px: int
    lanes: int
    check_top: int
    dma_top: int

    @property
    def check_bottom(self) -> int:
        """Pixel below the row of real entries that differ; its top if there is no such row."""
        return self.dma_top

    @property
    def dma_bottom(self) -> int:
        """Pixel below the lane of the DMA devices."""
        return self.dma_top + max(self.lane_px, 8)

    @property
    def plot_right(self) -> int:
        """Pixel right of the axis."""
        return self.width - RIGHT_PX

    def lane_top(self, lane: int) -> int:
        """Return the top pixel of a vCPU's lane; for the number of lanes, that below them all."""
        return self.lanes_top + lane * self.lane_px

    def lane_at(self, y: float) -> int | None:
        """Return the vCPU lane at a height, or None."""
        lane = int((y - self.lanes_top) // self.lane_px)
        return lane if 0 <= lane < self.lanes else None

    def is_among_differences(self, y: float) -> bool:
        """Whether a height lies on the lane of differences."""
        return self.differences is not None and self.differences[0] <= y < self.differences[1]


def rows(
    width: int,
    height: int,
    lanes: int,
    compared: Compared,
    hanging_share: float = 0.0,
    *,
    has_checks: bool = False,
) -> Rows:
    """Lay the timeline out for a size.

    ``hanging_share`` is how much of the stems' height the compared run's hanging stems need, as a
    fraction of both together; it counts only where they hang. Stems get what the lanes leave.
    ``has_checks`` makes room for a row of real entries that differ from the model's.
    """
    is_stacked = compared is Compared.STACKED
    phases_top = _RULER_PX + 2
    phases_bottom = phases_top + _PHASES_PX
    fixed = phases_bottom + 3 * _GAP_PX + _COUNT_ROOM_PX
    lane_px = _lane_px(int((height - fixed) * _LANES_SHARE[is_stacked]), lanes)
    dma_top = height - max(lane_px, 8) - _GAP_PX
    check_top = dma_top - (_CHECK_PX if has_checks else 0)
    lanes_top = check_top - 2 - lanes * lane_px
    if is_stacked:
        tracks, differences = _stacked(phases_bottom, lanes_top - _GAP_PX)
    else:
        share = hanging_share if compared is Compared.BELOW else 0.0
        tracks, differences = (_track(phases_bottom, lanes_top - _GAP_PX, share),), None
    return Rows(
        width=width,
        height=height,
        ruler_bottom=_RULER_PX,
        phases_top=phases_top,
        phases_bottom=phases_bottom,
        tracks=tracks,
        differences=differences,
        lanes_top=lanes_top,
        lane_px=lane_px,
        lanes=lanes,
        check_top=check_top,
        dma_top=dma_top,
    )


def _track(top: int, bottom: int, hanging_share: float = 0.0) -> Track:
    stems_top = top + _COUNT_ROOM_PX
    bottom = max(stems_top + _LEAST_STEMS_PX, bottom)
    return Track(top, stems_top, round(bottom - (bottom - stems_top) * hanging_share), bottom)


def _stacked(top: int, bottom: int) -> tuple[tuple[Track, Track], tuple[int, int]]:
    """Return two tracks of one height, with the lane of differences between them."""
    between = _DIFFERENCES_PX + _GAP_PX
    first = _track(top, top + (bottom - top - between) // 2)
    second_top = first.bottom + between
    second = _track(second_top, second_top + first.bottom - first.top)
    return (first, second), (first.bottom + _GAP_PX, first.bottom + between)


def _lane_px(free_px: int, lanes: int) -> int:
    low, high = _LANE_RANGE_PX
    return min(max(low, free_px // (lanes + 1)), high)
