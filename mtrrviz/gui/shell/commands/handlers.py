"""What each action of the action table does in a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mtrrviz.core.kvm_rules.policy import SDM_LOOKUP
from mtrrviz.core.policies import get_policy
from mtrrviz.gui.shell import dialogs
from mtrrviz.gui.shell.commands.going import show_palette
from mtrrviz.gui.shell.commands.lesson_commands import lesson_handlers
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.touches import Access
from mtrrviz.session.bookmark_jumps import to_next_bookmark, to_previous_bookmark
from mtrrviz.session.difference_jumps import (
    to_first_difference,
    to_next_difference,
    to_previous_difference,
)

if TYPE_CHECKING:
    from mtrrviz.gui.shell.parts import Parts

Handlers = dict[str, Callable[[], None]]
"""What to call for an action, by the action's id."""


def action_handlers(parts: Parts) -> Handlers:
    """Return what each action of the table does."""
    return {
        **_file_handlers(parts),
        **_edit_handlers(parts),
        **_time_handlers(parts),
        **_marker_handlers(parts),
        **_view_handlers(parts),
        **lesson_handlers(parts),
        **_help_handlers(parts),
    }


def _file_handlers(parts: Parts) -> Handlers:
    files, exports = parts.files, parts.exports
    return {
        "new_scenario": lambda: _ask_new(parts),
        "open_file": files.ask_open,
        "open_example": lambda: _ask_example(parts),
        "paste_dump": files.paste,
        "read_this_machine": files.read_this_machine,
        "follow_file": files.ask_follow,
        "stop_following": parts.follow_bar.stop,
        "save": lambda: _ignore(files.save()),
        "save_as": lambda: _ignore(files.save_as()),
        "export": exports.ask_export,
        "export_playback": parts.ask_film,
        "save_picture": exports.ask_picture,
        "save_view_picture": lambda: exports.ask_picture(exports.view_in_hand),
        "copy_picture": lambda: exports.copy_picture(exports.view_in_hand),
        "quit": lambda: _ignore(parts.window.close()),
    }


def _edit_handlers(parts: Parts) -> Handlers:
    document = parts.document
    return {
        "undo": lambda: _step(parts, document.undo_label, document.undo, "Undone"),
        "redo": lambda: _step(parts, document.redo_label, document.redo, "Redone"),
        "toggle_dma": parts.views.settings_bar.toggle_dma,
        "disable_cd_nw_quirk": lambda: _disable(parts, EventKind.DISABLE_CD_NW_QUIRK),
        "disable_ignore_guest_pat": lambda: _disable(parts, EventKind.DISABLE_IGNORE_GUEST_PAT),
        "add_event": lambda: _add_event(parts),
        "change_machine": lambda: _change_machine(parts),
        "touch_page": lambda: parts.views.map.map.touches.touch(Access.READ),
        "touch_range": parts.views.map.map.touches.ask_range,
        "change_scenario": lambda: _change_scenario(parts),
        "open_here": lambda: _open_here(parts),
        "solve": lambda: parts.bring_up("solve"),
        "toggle_paint": parts.toggle_paint,
        "swap_policies": lambda: document.set_policy(document.compared_policy),
    }


def _disable(parts: Parts, quirk: EventKind) -> None:
    from mtrrviz.session.edits import disable_quirk  # noqa: PLC0415 - when asked for

    document = parts.document
    parts.bridge.edit(lambda: disable_quirk(document.scenario, document.playhead_ns, quirk))


def _time_handlers(parts: Parts) -> Handlers:
    document, transport = parts.document, parts.views.transport
    return {
        "toggle_play": transport.toggle_play,
        "step_forward": transport.step_forward,
        "step_back": transport.step_back,
        "next_zap": transport.next_zap,
        "previous_zap": transport.previous_zap,
        "next_vcpu_event": transport.next_of_vcpu,
        "previous_vcpu_event": transport.previous_of_vcpu,
        "next_phase": transport.next_phase,
        "previous_phase": transport.previous_phase,
        "run_to_stop": transport.run_to_stop,
        "run_back_to_stop": transport.run_back_to_stop,
        "first_difference": lambda: to_first_difference(document, parts.say),
        "next_difference": lambda: to_next_difference(document, parts.say),
        "previous_difference": lambda: to_previous_difference(document, parts.say),
        "edit_time": transport.edit_time,
        "to_start": transport.to_start,
        "to_end": transport.to_end,
        "slower": transport.slower,
        "faster": transport.faster,
        "toggle_pace": transport.toggle_pace,
        "toggle_loop": transport.toggle_loop,
        "toggle_record": transport.toggle_record,
        "set_record_step": lambda: _set_record_step(parts),
    }


def _marker_handlers(parts: Parts) -> Handlers:
    timeline = parts.views.timeline
    return {
        "set_marker_a": lambda: timeline.set_marker("A"),
        "set_marker_b": lambda: timeline.set_marker("B"),
        "jump_to_marker_a": lambda: timeline.jump_to_marker("A"),
        "jump_to_marker_b": lambda: timeline.jump_to_marker("B"),
        "clear_markers": timeline.clear_markers,
        "zoom_to_markers": timeline.zoom_to_markers,
        **_bookmark_handlers(parts),
    }


def _bookmark_handlers(parts: Parts) -> Handlers:
    document = parts.document
    return {
        "add_bookmark": lambda: _add_bookmark(parts),
        "next_bookmark": lambda: to_next_bookmark(document, parts.say),
        "previous_bookmark": lambda: to_previous_bookmark(document, parts.say),
    }


def _view_handlers(parts: Parts) -> Handlers:
    document = parts.document
    return {
        "next_vcpu": lambda: document.select_vcpu(document.vcpu + 1),
        "previous_vcpu": lambda: document.select_vcpu(document.vcpu - 1),
        "go_to_address": lambda: _go_to_address(parts),
        "show_palette": lambda: show_palette(parts),
        "fit_map": parts.views.map.fit,
        "next_map_mode": parts.views.map.next_mode,
        "toggle_lookup": lambda: _toggle_lookup(parts),
        "fit_timeline": parts.views.timeline.fit,
        "toggle_story": parts.toggle_story,
        "present": parts.present,
        "reset_layout": parts.reset_layout,
        "larger_text": lambda: parts.step_text_size(1),
        "smaller_text": lambda: parts.step_text_size(-1),
    }


def _help_handlers(parts: Parts) -> Handlers:
    window, desk = parts.window, parts.desk
    return {
        "show_manual": desk.show_manual,
        "explain": desk.explain,
        "show_glossary": desk.show_glossary,
        "show_tour": parts.lessons.open_tour,
        "show_shortcuts": lambda: dialogs.shortcut_sheet(window, parts.bridge.terms),
        "show_policy": lambda: parts.bring_up("policy"),
        "show_model": lambda: dialogs.about_model(window, parts.document),
        "show_about": lambda: dialogs.about(window),
    }


def _ask_new(parts: Parts) -> None:
    """Let the user describe a machine, and start a scenario on it."""
    from mtrrviz.gui.machine.machine_dialog import NewDialog  # noqa: PLC0415 - when asked for

    dialog = NewDialog(parts.bridge, parts.window)
    dialog.made.connect(parts.files.start_new)
    dialog.open()


def _ask_example(parts: Parts) -> None:
    """Let the user choose a built-in scenario, and open it."""
    from mtrrviz.gui.documents.gallery import Gallery  # noqa: PLC0415 - when asked for

    def choose(name: str) -> None:
        parts.files.open(name)

    gallery = Gallery(parts.bridge, parts.window)
    gallery.chosen.connect(choose)
    gallery.open()


def _step(parts: Parts, label: str | None, take: Callable[[], None], done: str) -> None:
    """Take an edit back or make it again, and say which one that was."""
    take()
    if label is not None:
        parts.say(f"{done}: {label}")


def _add_event(parts: Parts) -> None:
    """Let the user describe an event, above the table that will show it."""
    parts.bring_up("events")
    parts.views.events.add()


def _open_here(parts: Parts) -> None:
    """Put what is shown now into the scenario, to be saved with it."""
    from mtrrviz.session.edits import open_here  # noqa: PLC0415 - when asked for

    document = parts.document
    parts.bridge.edit(lambda: open_here(document.scenario, document.view))


def _toggle_lookup(parts: Parts) -> None:
    """Look types up by the SDM, or by KVM's walk again, if the policy asks MTRRs at all."""
    policy = get_policy(parts.document.policy)
    if policy.asks_mtrrs:
        on = not policy.follows_sdm
        parts.document.set_policy(policy.switched(SDM_LOOKUP.id, on=on))
    else:
        parts.say(f"{policy.id} does not use guest MTRRs: there is no lookup to choose")


def _go_to_address(parts: Parts) -> None:
    """Let the user type an address, above what is known of its page."""
    if not parts.window.focusWidget():  # the map gets the keyboard once the address is given
        parts.views.map.map.canvas.setFocus()
    parts.bring_up("inspector")
    parts.views.inspector.focus_address()


def _ignore(_result: object) -> None:
    """Drop a result that only matters to other callers."""


def _change_machine(parts: Parts) -> None:
    from mtrrviz.gui.machine.machine_dialog import MachineDialog  # noqa: PLC0415 - when asked for

    MachineDialog(parts.bridge, parts.window).open()


def _change_scenario(parts: Parts) -> None:
    from mtrrviz.gui.story.scenario_dialog import ScenarioDialog  # noqa: PLC0415 - when asked for

    ScenarioDialog(parts.bridge, parts.window).open()


def _set_record_step(parts: Parts) -> None:
    from mtrrviz.gui.transport.record_step import ask_record_step  # noqa: PLC0415 - when asked for

    ask_record_step(parts.bridge, parts.window)


def _add_bookmark(parts: Parts) -> None:
    from mtrrviz.gui.stops.bookmark_dialog import new_bookmark  # noqa: PLC0415 - when asked for

    new_bookmark(parts.bridge, parts.window).open()
