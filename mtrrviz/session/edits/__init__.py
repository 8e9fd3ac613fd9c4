"""Edits of a scenario: each is a label and the scenario after it. Nothing is changed in place."""

from __future__ import annotations

from mtrrviz.session.edits.edit import Edit, past_tense, time_words
from mtrrviz.session.edits.event_edits import (
    add_event,
    change_event,
    change_events,
    check_event,
    duplicate_events,
    move_events,
    paste_events,
    remove_events,
    reorder_event,
)
from mtrrviz.session.edits.machine_edits import (
    attach_dma,
    detach_dma,
    disable_quirk,
    seen_as_other_kind,
)
from mtrrviz.session.edits.name_edits import name_vcpu
from mtrrviz.session.edits.phase_edits import add_phase, change_phase, remove_phase
from mtrrviz.session.edits.register_edits import (
    STEP_NS,
    RegisterWrite,
    set_cache_disable,
    write_as_kernel,
    write_registers,
)
from mtrrviz.session.edits.remade_machine import RemadeMachine, remake_machine
from mtrrviz.session.edits.retelling import (
    Telling,
    ToldNote,
    check_telling,
    retell,
    telling_of,
)
from mtrrviz.session.edits.shift_edit import shift_after
from mtrrviz.session.edits.stop_edits import (
    add_stop,
    change_stop,
    remove_stops,
    stop_index,
    switch_stop,
)
from mtrrviz.session.edits.story_edits import (
    add_bookmark,
    change_bookmark,
    change_stops,
    describe,
    open_here,
    remove_bookmark,
    remove_bookmarks,
)
from mtrrviz.session.edits.touch_edits import (
    add_touch,
    change_touch,
    remove_touches,
    touch_words,
)

__all__ = [
    "STEP_NS",
    "Edit",
    "RegisterWrite",
    "RemadeMachine",
    "Telling",
    "ToldNote",
    "add_bookmark",
    "add_event",
    "add_phase",
    "add_stop",
    "add_touch",
    "attach_dma",
    "change_bookmark",
    "change_event",
    "change_events",
    "change_phase",
    "change_stop",
    "change_stops",
    "change_touch",
    "check_event",
    "check_telling",
    "describe",
    "detach_dma",
    "disable_quirk",
    "duplicate_events",
    "move_events",
    "name_vcpu",
    "open_here",
    "past_tense",
    "paste_events",
    "remake_machine",
    "remove_bookmark",
    "remove_bookmarks",
    "remove_events",
    "remove_phase",
    "remove_stops",
    "remove_touches",
    "reorder_event",
    "retell",
    "seen_as_other_kind",
    "set_cache_disable",
    "shift_after",
    "stop_index",
    "switch_stop",
    "telling_of",
    "time_words",
    "touch_words",
    "write_as_kernel",
    "write_registers",
]
