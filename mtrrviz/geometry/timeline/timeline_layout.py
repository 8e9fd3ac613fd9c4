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
#: What the tracks need at least beside the room for counts, with one track and two.
_LEAST_TRACKS_PX = (
    _LEAST_STEMS_PX,
    2 * _LEAST_STEMS_PX + _COUNT_ROOM_PX + _DIFFERENCES_PX + 3 * _GAP_PX,
)
_CHECK_PX = 10
#: Height of the lane of faults on a low timeline and on others, and where those begin.
_FAULTS_PX = (9, 14)
_LOW_PX = 220
_FLAGS_PX = 15
#: How high lanes can be made by hand.
LANE_PX_BY_HAND = (2, 40)


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
    them the lane of differences, as (top, bottom), None if there is one track. ``flags`` are those
    of bookmarks and notes, ``faults`` the lane of faults, None where there are none.
    """

    width: int
    height: int
    ruler_bottom: int
    phases_top: int
    phases_bottom: int
    tracks: tuple[Track, ...]
    differences: tuple[int, int] | None
    flags: tuple[int, int] | None
    faults: tuple[int, int] | None
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
        return is_within(self.differences, y)


@dataclass(frozen=True, slots=True)
class Extras:
    """What not every timeline has: rows, and a height of the lanes that was chosen by hand.

    ``has_checks`` makes room for a row of real entries that differ from the model's, ``has_faults``
    for the lane of faults, ``has_flags`` for flags of bookmarks and notes. ``lane_px`` is how high
    the lanes should be; they get it as far as the stems keep a little room.
    """

    has_checks: bool = False
    has_faults: bool = False
    has_flags: bool = False
    lane_px: int | None = None


_NO_EXTRAS = Extras()


def is_within(row: tuple[int, int] | None, y: float) -> bool:
    """Whether a height lies on a row that is there."""
    return row is not None and row[0] <= y < row[1]


def rows(
    width: int,
    height: int,
    lanes: int,
    compared: Compared,
    hanging_share: float = 0.0,
    extras: Extras = _NO_EXTRAS,
) -> Rows:
    """Lay the timeline out for a size.

    ``hanging_share`` is how much of the stems' height the compared run's hanging stems need, as a
    fraction of both together; it counts only where they hang. Stems get what the lanes leave.
    ``extras`` says which rows there are besides, and how high the user made the lanes.
    """
    is_stacked = compared is Compared.STACKED
    phases_top = _RULER_PX + 2
    phases_bottom = phases_top + _PHASES_PX
    tracks_top = phases_bottom + (_FLAGS_PX if extras.has_flags else 0)
    bars_px = _FAULTS_PX[height >= _LOW_PX]
    faults_px = bars_px + _GAP_PX if extras.has_faults else 0
    fixed = tracks_top + 3 * _GAP_PX + _COUNT_ROOM_PX + faults_px
    lane_px = _lane_px(int((height - fixed) * _LANES_SHARE[is_stacked]), lanes)
    if extras.lane_px is not None:
        free_px = height - fixed - _LEAST_TRACKS_PX[is_stacked]
        lane_px = _lane_px_by_hand(extras.lane_px, free_px, lanes)
    dma_top = height - max(lane_px, 8) - _GAP_PX
    check_top = dma_top - (_CHECK_PX if extras.has_checks else 0)
    lanes_top = check_top - 2 - lanes * lane_px
    faults_bottom = lanes_top - _GAP_PX
    tracks_bottom = faults_bottom - faults_px
    if is_stacked:
        tracks, differences = _stacked(tracks_top, tracks_bottom)
    else:
        share = hanging_share if compared is Compared.BELOW else 0.0
        tracks, differences = (_track(tracks_top, tracks_bottom, share),), None
    return Rows(
        width=width,
        height=height,
        ruler_bottom=_RULER_PX,
        phases_top=phases_top,
        phases_bottom=phases_bottom,
        tracks=tracks,
        differences=differences,
        flags=(phases_bottom, tracks_top) if extras.has_flags else None,
        faults=(faults_bottom - bars_px, faults_bottom) if extras.has_faults else None,
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


def _lane_px_by_hand(wanted_px: int, free_px: int, lanes: int) -> int:
    low, high = LANE_PX_BY_HAND
    return max(low, min(wanted_px, high, free_px // (lanes + 1)))
