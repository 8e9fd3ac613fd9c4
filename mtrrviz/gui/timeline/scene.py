"""What the timeline shows, gathered once per change: events, zaps, scales. No pixels yet."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.spans import DmaSpan, PhaseSpan, dma_spans, phase_spans
from mtrrviz.facts.trace.trace_check import trace_check
from mtrrviz.geometry.timeline.timeline_columns import LogScale
from mtrrviz.geometry.timeline.timeline_events import LaneEvents
from mtrrviz.geometry.timeline.timeline_faults import FaultTimes, fault_times
from mtrrviz.geometry.timeline.timeline_flags import Flag, flags_of
from mtrrviz.geometry.timeline.timeline_layout import Compared
from mtrrviz.geometry.timeline.timeline_touches import TouchTimes

if TYPE_CHECKING:
    from mtrrviz.analysis.comparing.compare_history import DifferenceHistory
    from mtrrviz.facts.trace.trace_check import TraceCheck
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document
    from mtrrviz.sim.run import Run

_NO_CYCLES = np.zeros(0)


class Scene(Record, dict=True):
    """A scenario with its run and the one compared with (each None until it is finished).

    ``shows`` is what is shown of the compared run, which is None if that is nothing.
    ``differences`` are those of the two runs, None where they are not shown or not known yet.
    """

    scenario: Scenario
    run: Run | None
    compared: Run | None
    events: LaneEvents
    shows: Compared
    differences: DifferenceHistory | None = None

    @classmethod
    def of(cls, document: Document, before: Scene | None, shows: Compared) -> Scene:
        """Gather what the document shows now; events are taken over if they are the same."""
        scenario = document.scenario
        same = before is not None and before.scenario is scenario
        earlier = None if before is None else before.events
        events = earlier if earlier is not None and same else LaneEvents(scenario, earlier)
        compared = None if shows is Compared.OFF else document.compared_run
        stacked = shows is Compared.STACKED
        differences = document.differences.history if stacked else None
        return cls(scenario, document.run, compared, events, shows, differences)

    @property
    def tracks(self) -> tuple[Run | None, ...]:
        """The run of each track, from above."""
        return (self.run, self.compared) if self.shows is Compared.STACKED else (self.run,)

    @cached_property
    def scale(self) -> LogScale:
        """The scale of the stems, the same for both runs."""
        runs = (self.run, self.compared)
        return LogScale.around(*(_NO_CYCLES if r is None else r.zaps.cycles for r in runs))

    @cached_property
    def hanging_share(self) -> float:
        """The share of the stems' height that the compared run's hanging stems need."""
        if self.compared is None or not len(self.compared.zaps):
            return 0.0
        top = float(self.scale.share(float(self.compared.zaps.cycles.max()))) + 0.04
        return top / (1.0 + top)

    @property
    def check(self) -> TraceCheck | None:
        """Real entries that differ from those of the run in use, None if none do."""
        check = None if self.run is None else trace_check(self.run)
        return check if check is not None and check.mismatch_count else None

    @property
    def faults(self) -> FaultTimes | None:
        """When the run in use made leaves; None of a real machine, which has no EPT."""
        if self.run is None or self.scenario.machine.is_host:
            return None
        return fault_times(self.run)

    @cached_property
    def touches(self) -> TouchTimes:
        """When pages are touched."""
        return TouchTimes(self.scenario)

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        """The flags of bookmarks, notes and disabled quirks."""
        return flags_of(self.scenario)

    @cached_property
    def most_zaps(self) -> int:
        """The top of the running count's scale."""
        return max(1, *(len(r.zaps) for r in (self.run, self.compared) if r is not None), 1)

    @cached_property
    def phase_spans(self) -> list[PhaseSpan]:
        """Each phase with its end."""
        return phase_spans(self.scenario)

    @cached_property
    def dma_spans(self) -> list[DmaSpan]:
        """When there were devices with non-coherent DMA."""
        return dma_spans(self.scenario)

    @property
    def words(self) -> str:
        """What is on the timeline in one sentence, for screen readers."""
        phases = plural(len(self.scenario.phases), "phase")
        events = f"{plural(len(self.scenario.events), 'event')} in {phases}"
        if self.run is None:
            return f"{events}; the run is not finished"
        runs = [_run_words(self.run), *([_run_words(self.compared)] if self.compared else [])]
        return f"{events}; {'; '.join(runs)}"


def _run_words(run: Run) -> str:
    contended = int(np.count_nonzero(run.zaps.contended))
    return f"{plural(len(run.zaps), 'zap')} under {run.policy.id}, {contended} of them contended"
