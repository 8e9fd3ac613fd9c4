"""The rows of the timeline in pixels: ruler, phases, tracks of zap stems, lanes."""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import field

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

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
#: Height of the lane of touches: a strip below the faults on a low timeline, else a row of its own.
_TOUCHES_PX = (5, 10)
#: Height of the lane of devices, where the lanes of vCPUs are lower.
_DMA_PX = 8
#: Height of stems on a timeline that is as low as it should be, with one track and two.
_COMFORTABLE_STEMS_PX = (20, 28)
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


class Track(Record):
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


class Rows(Record):
    """Where each row of the timeline lies; all numbers are pixels from the top.

    ``tracks`` are that of the run in use and, if two are stacked, that of the compared one; between
    them the lane of differences, as (top, bottom), None if there is one track. ``flags`` are those
    of bookmarks, notes and quirks, ``faults`` the lane of faults, None where there are none.
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
    touches: tuple[int, int] | None
    lane_tops: tuple[int, ...]
    lane_px: int
    check_top: int
    dma_top: int
    text_scale: float = 1.0

    @property
    def lanes(self) -> int:
        """How many lanes of vCPUs there are."""
        return len(self.lane_tops) - 1

    @property
    def lanes_top(self) -> int:
        """The top pixel of the first lane."""
        return self.lane_tops[0]

    @property
    def left_px(self) -> int:
        """Room for labels left of the axis."""
        return round(LEFT_PX * self.text_scale)

    @property
    def right_px(self) -> int:
        """Room for the count's scale right of the axis."""
        return round(RIGHT_PX * self.text_scale)

    @property
    def check_bottom(self) -> int:
        """Pixel below the row of real entries that differ; its top if there is no such row."""
        return self.dma_top

    @property
    def dma_bottom(self) -> int:
        """Pixel below the lane of the DMA devices."""
        return self.dma_top + max(self.lane_px, round(_DMA_PX * self.text_scale))

    @property
    def plot_right(self) -> int:
        """Pixel right of the axis."""
        return self.width - self.right_px

    def lane_top(self, lane: int) -> int:
        """Return the top pixel of a vCPU's lane; for the number of lanes, that below them all."""
        return self.lane_tops[lane]

    def lane_height(self, lane: int) -> int:
        """Return how high a vCPU's lane is."""
        return self.lane_tops[lane + 1] - self.lane_tops[lane]

    def lane_at(self, y: float) -> int | None:
        """Return the vCPU lane at a height, or None."""
        lane = bisect_right(self.lane_tops, y) - 1
        return lane if 0 <= lane < self.lanes else None

    def is_among_differences(self, y: float) -> bool:
        """Whether a height lies on the lane of differences."""
        return is_within(self.differences, y)


class Extras(Record):
    """What not every timeline has: rows, heights of lanes chosen by hand, larger labels.

    ``has_checks`` makes room for a row of real entries that differ from the model's, ``has_faults``
    for the lane of faults, ``has_touches`` for that of touches, ``has_flags`` for that of
    flags. ``lane_px`` is how high the lanes should be, ``own_px`` how high single
    ones; they get it as far as the stems keep a little room. ``text_scale`` is how much higher
    labels are than usual.
    """

    has_checks: bool = False
    has_faults: bool = False
    has_flags: bool = False
    has_touches: bool = False
    lane_px: int | None = None
    own_px: Mapping[int, int] = field(default_factory=dict[int, int])
    text_scale: float = 1.0


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
    fixed = _Fixed.of(height, extras)
    scale = extras.text_scale
    above_lanes = fixed.above_tracks + 3 * _GAP_PX + fixed.count_room + fixed.below_tracks
    lane_px = _lane_px(int((height - above_lanes) * _LANES_SHARE[is_stacked]), lanes)
    free_px = height - above_lanes - _LEAST_TRACKS_PX[is_stacked]
    if extras.lane_px is not None:
        lane_px = _lane_px_by_hand(extras.lane_px, free_px, lanes)
    heights = _heights(lanes, lane_px, extras.own_px, free_px)
    dma_top = height - max(lane_px, round(_DMA_PX * scale)) - _GAP_PX
    check_top = dma_top - (_CHECK_PX if extras.has_checks else 0)
    lanes_top = check_top - 2 - sum(heights)
    rows_bottom = lanes_top - _GAP_PX
    touches = (rows_bottom - fixed.touches, rows_bottom) if extras.has_touches else None
    faults_bottom = rows_bottom - fixed.touches - fixed.between
    tracks_bottom = rows_bottom - fixed.below_tracks
    if is_stacked:
        tracks, differences = _stacked(fixed.above_tracks, tracks_bottom, fixed.count_room)
    else:
        share = hanging_share if compared is Compared.BELOW else 0.0
        tracks = (_track(fixed.above_tracks, tracks_bottom, fixed.count_room, share),)
        differences = None
    return Rows(
        width=width,
        height=height,
        ruler_bottom=fixed.ruler,
        phases_top=fixed.ruler + 2,
        phases_bottom=fixed.phases_bottom,
        tracks=tracks,
        differences=differences,
        flags=(fixed.phases_bottom, fixed.above_tracks) if extras.has_flags else None,
        faults=(faults_bottom - fixed.faults, faults_bottom) if extras.has_faults else None,
        touches=touches,
        lane_tops=tuple(accumulate(heights, initial=lanes_top)),
        lane_px=lane_px,
        check_top=check_top,
        dma_top=dma_top,
        text_scale=scale,
    )


def comfortable_height(lanes: int, compared: Compared, extras: Extras = _NO_EXTRAS) -> int:
    """Return the height below which a timeline should be scrolled rather than squeezed."""
    low = _comfortable(_Fixed.of(0, extras), lanes, compared, extras)
    # one that is high has higher bars of faults and touches
    return max(low, _comfortable(_Fixed.of(low, extras), lanes, compared, extras))


def _comfortable(fixed: _Fixed, lanes: int, compared: Compared, extras: Extras) -> int:
    is_stacked = compared is Compared.STACKED
    stems = round(_COMFORTABLE_STEMS_PX[is_stacked] * extras.text_scale)
    tracks = fixed.count_room + stems
    if is_stacked:
        tracks = 2 * tracks + _DIFFERENCES_PX + _GAP_PX
    lane_px = extras.lane_px or _LANE_RANGE_PX[0]
    own = sum(extras.own_px.get(lane, lane_px) for lane in range(lanes))
    dma = max(lane_px, round(_DMA_PX * extras.text_scale))
    check = _CHECK_PX if extras.has_checks else 0
    return fixed.above_tracks + tracks + fixed.below_tracks + 3 * _GAP_PX + own + dma + check


class _Fixed(Record):
    """The heights of what does not share in the room that there is."""

    ruler: int
    phases_bottom: int
    above_tracks: int
    count_room: int
    faults: int
    touches: int
    between: int

    @classmethod
    def of(cls, height: int, extras: Extras) -> _Fixed:
        """Return them for a timeline of a height."""
        scale = extras.text_scale
        ruler = round(_RULER_PX * scale)
        phases_bottom = ruler + 2 + round(_PHASES_PX * scale)
        flags = round(_FLAGS_PX * scale) if extras.has_flags else 0
        is_high = height >= _LOW_PX * scale
        return cls(
            ruler=ruler,
            phases_bottom=phases_bottom,
            above_tracks=phases_bottom + flags,
            count_room=round(_COUNT_ROOM_PX * scale),
            faults=round(_FAULTS_PX[is_high] * scale) if extras.has_faults else 0,
            touches=round(_TOUCHES_PX[is_high] * scale) if extras.has_touches else 0,
            between=_GAP_PX if is_high and extras.has_touches and extras.has_faults else 0,
        )

    @property
    def below_tracks(self) -> int:
        """The rows of faults and of touches, with the gap above them."""
        bars = self.faults + self.between + self.touches
        return bars + _GAP_PX if bars else 0


def _heights(lanes: int, lane_px: int, own_px: Mapping[int, int], free_px: int) -> list[int]:
    """Return the height of each lane; the usual one for all where there is no room for more."""
    heights = [own_px.get(lane, lane_px) for lane in range(lanes)]
    return heights if sum(heights) + lane_px <= free_px else [lane_px] * lanes


def _track(top: int, bottom: int, count_room: int, hanging_share: float = 0.0) -> Track:
    stems_top = top + count_room
    bottom = max(stems_top + _LEAST_STEMS_PX, bottom)
    return Track(top, stems_top, round(bottom - (bottom - stems_top) * hanging_share), bottom)


def _stacked(top: int, bottom: int, count_room: int) -> tuple[tuple[Track, Track], tuple[int, int]]:
    """Return two tracks of one height, with the lane of differences between them."""
    between = _DIFFERENCES_PX + _GAP_PX
    first = _track(top, top + (bottom - top - between) // 2, count_room)
    second_top = first.bottom + between
    second = _track(second_top, second_top + first.bottom - first.top, count_room)
    return (first, second), (first.bottom + _GAP_PX, first.bottom + between)


def _lane_px(free_px: int, lanes: int) -> int:
    low, high = _LANE_RANGE_PX
    return min(max(low, free_px // (lanes + 1)), high)


def _lane_px_by_hand(wanted_px: int, free_px: int, lanes: int) -> int:
    low, high = LANE_PX_BY_HAND
    return max(low, min(wanted_px, high, free_px // (lanes + 1)))
