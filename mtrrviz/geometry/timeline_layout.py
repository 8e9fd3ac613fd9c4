"""The rows of the timeline in pixels: ruler, phases, zap stems, lanes."""

from __future__ import annotations

from dataclasses import dataclass

#: Room for labels left of the axis and for the count's scale right of it.
LEFT_PX = 72
RIGHT_PX = 46
_RULER_PX = 20
_PHASES_PX = 20
_GAP_PX = 4
_COUNT_ROOM_PX = 14
#: The lanes' largest share of the height that stems and lanes have together.
_LANES_SHARE = 0.38
_LANE_RANGE_PX = (2, 14)
_CHECK_PX = 10


@dataclass(frozen=True)
class Rows:
    """Where each row of the timeline lies; all numbers are pixels from the top.

    Stems stand on ``baseline`` and reach up to ``stems_top``; those of the compared run hang from
    it down to ``stems_bottom`` (equal to ``baseline`` if none are shown).
    """

    width: int
    height: int
    ruler_bottom: int
    phases_top: int
    phases_bottom: int
    stems_top: int
    baseline: int
    stems_bottom: int
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
    def lanes_bottom(self) -> int:
        """Pixel below the last lane of a vCPU."""
        return self.lanes_top + self.lanes * self.lane_px

    @property
    def dma_bottom(self) -> int:
        """Pixel below the lane of the DMA devices."""
        return self.dma_top + max(self.lane_px, 8)

    @property
    def plot_right(self) -> int:
        """Pixel right of the axis."""
        return self.width - RIGHT_PX

    def lane_at(self, y: float) -> int | None:
        """Return the vCPU lane at a height, or None."""
        lane = int((y - self.lanes_top) // self.lane_px)
        return lane if 0 <= lane < self.lanes else None


def rows(
    width: int, height: int, lanes: int, compared_share: float, *, has_checks: bool = False
) -> Rows:
    """Lay the timeline out for a size.

    ``compared_share`` is how much of the stems' height the compared run's hanging stems need,
    0 to hide them, as a fraction of both together. Stems get what the lanes leave.
    ``has_checks`` makes room for a row of real entries that differ from the model's.
    """
    phases_top = _RULER_PX + 2
    phases_bottom = phases_top + _PHASES_PX
    fixed = phases_bottom + 3 * _GAP_PX + _COUNT_ROOM_PX
    lane_px = _lane_px(int((height - fixed) * _LANES_SHARE), lanes)
    dma_top = height - max(lane_px, 8) - _GAP_PX
    check_top = dma_top - (_CHECK_PX if has_checks else 0)
    lanes_top = check_top - 2 - lanes * lane_px
    stems_top = phases_bottom + _COUNT_ROOM_PX
    stems_bottom = max(stems_top + 8, lanes_top - _GAP_PX)
    baseline = round(stems_bottom - (stems_bottom - stems_top) * compared_share)
    return Rows(
        width=width,
        height=height,
        ruler_bottom=_RULER_PX,
        phases_top=phases_top,
        phases_bottom=phases_bottom,
        stems_top=stems_top,
        baseline=baseline,
        stems_bottom=stems_bottom,
        lanes_top=lanes_top,
        lane_px=lane_px,
        lanes=lanes,
        check_top=check_top,
        dma_top=dma_top,
    )


def _lane_px(free_px: int, lanes: int) -> int:
    low, high = _LANE_RANGE_PX
    return min(max(low, free_px // (lanes + 1)), high)
