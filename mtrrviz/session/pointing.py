"""Pointing the document at what a step of an explanation speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.explaining.step_events import step_events
from mtrrviz.core.units import format_time_ns
from mtrrviz.session.selection import Selection

if TYPE_CHECKING:
    from mtrrviz.analysis.explaining.explanation import Step
    from mtrrviz.session.document import Document


def target_of(step: Step) -> Selection:
    """Return what a step speaks of, its event left out: finding that takes longer."""
    return Selection(step.vcpu, step.msr, step.field, step.gfns)


def has_target(step: Step) -> bool:
    """Whether there is anything to see of what a step speaks of."""
    return step.kind == "dma" or target_of(step) != Selection()


def show_step(document: Document, step: Step) -> str:
    """Point the document at what a step speaks of, and return that in words.

    A step that only speaks of an event also takes the playhead there.
    """
    (event,) = step_events(document.scenario, document.playhead_ns, [step])
    selection = Selection(step.vcpu, step.msr, step.field, step.gfns, event)
    with document.batch():
        if step.vcpu is not None:
            document.select_vcpu(step.vcpu)
        if step.kind == "dma" and event is not None:
            document.set_playhead(document.scenario.events[event].time_ns)
        document.point_at(selection)
    return selection.words or _event_words(document, event)


def show_event(document: Document, step: Step) -> str:
    """Take the playhead to the event that set what a step speaks of, and return that in words."""
    (event,) = step_events(document.scenario, document.playhead_ns, [step])
    if event is None:
        return _event_words(document, None)
    with document.batch():
        document.set_playhead(document.scenario.events[event].time_ns)
        document.point_at(Selection(step.vcpu, step.msr, step.field, step.gfns, event))
    return _event_words(document, event)


def _event_words(document: Document, event: int | None) -> str:
    if event is None:
        return "No event set this: it is so from the start"
    found = document.scenario.events[event]
    return f"Event {event + 1:,} at {format_time_ns(found.time_ns)}"
