"""What each action of the action table does in a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mtrrviz.core.policies import get_policy
from mtrrviz.core.policy import SDM_LOOKUP
from mtrrviz.gui.machine.machine_dialog import MachineDialog, NewDialog
from mtrrviz.gui.shell import dialogs
from mtrrviz.session.difference_jumps import (
    to_first_difference,
    to_next_difference,
    to_previous_difference,
)
from mtrrviz.session.edits import open_here

if TYPE_CHECKING:
    from mtrrviz.gui.shell.workbench import Workbench

Handlers = dict[str, Callable[[], None]]
"""What to call for an action, by the action's id."""


def action_handlers(bench: Workbench) -> Handlers:
    """Return what each action of the table does."""
    return {
        **_file_handlers(bench),
        **_edit_handlers(bench),
        **_time_handlers(bench),
        **_marker_handlers(bench),
        **_view_handlers(bench),
        **_help_handlers(bench),
    }


def _file_handlers(bench: Workbench) -> Handlers:
    files, exports = bench.files, bench.exports
    return {
        "new_scenario": lambda: _ask_new(bench),
        "open_file": files.ask_open,
        "paste_dump": files.paste,
        "read_this_machine": files.read_this_machine,
        "follow_file": files.ask_follow,
        "stop_following": bench.follow_bar.stop,
        "save": lambda: _ignore(files.save()),
        "save_as": lambda: _ignore(files.save_as()),
        "export": exports.ask_export,
        "save_picture": exports.ask_picture,
        "save_view_picture": lambda: exports.ask_picture(exports.view_in_hand),
        "copy_picture": lambda: exports.copy_picture(exports.view_in_hand),
        "quit": lambda: _ignore(bench.window.close()),
    }


def _edit_handlers(bench: Workbench) -> Handlers:
    document = bench.document
    return {
        "undo": document.undo,
        "redo": document.redo,
        "toggle_dma": bench.settings_bar.toggle_dma,
        "change_machine": lambda: MachineDialog(bench.bridge, bench.window).open(),
        "open_here": lambda: _open_here(bench),
        "solve": lambda: bench.bring_up("solve"),
        "toggle_paint": bench.toggle_paint,
        "swap_policies": lambda: document.set_policy(document.compared_policy),
    }


def _time_handlers(bench: Workbench) -> Handlers:
    document, transport = bench.document, bench.transport
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
        "first_difference": lambda: to_first_difference(document, bench.say),
        "next_difference": lambda: to_next_difference(document, bench.say),
        "previous_difference": lambda: to_previous_difference(document, bench.say),
        "edit_time": transport.edit_time,
        "to_start": transport.to_start,
        "to_end": transport.to_end,
        "slower": transport.slower,
        "faster": transport.faster,
        "toggle_loop": transport.toggle_loop,
    }


def _marker_handlers(bench: Workbench) -> Handlers:
    timeline = bench.timeline
    return {
        "set_marker_a": lambda: timeline.set_marker("A"),
        "set_marker_b": lambda: timeline.set_marker("B"),
        "jump_to_marker_a": lambda: timeline.jump_to_marker("A"),
        "jump_to_marker_b": lambda: timeline.jump_to_marker("B"),
        "clear_markers": timeline.clear_markers,
        "zoom_to_markers": timeline.zoom_to_markers,
    }


def _view_handlers(bench: Workbench) -> Handlers:
    document = bench.document
    return {
        "next_vcpu": lambda: document.select_vcpu(document.vcpu + 1),
        "previous_vcpu": lambda: document.select_vcpu(document.vcpu - 1),
        "go_to_address": lambda: _go_to_address(bench),
        "fit_map": bench.map.fit,
        "next_map_mode": bench.map.next_mode,
        "toggle_lookup": lambda: _toggle_lookup(bench),
        "fit_timeline": bench.timeline.fit,
        "toggle_story": bench.toggle_story,
        "reset_layout": bench.reset_layout,
    }


def _help_handlers(bench: Workbench) -> Handlers:
    window = bench.window
    return {
        "show_shortcuts": lambda: dialogs.shortcut_sheet(window),
        "show_policy": lambda: bench.bring_up("policy"),
        "show_model": lambda: dialogs.about_model(window, bench.document),
        "show_about": lambda: dialogs.about(window),
    }


def _ask_new(bench: Workbench) -> None:
    """Let the user describe a machine, and start a scenario on it."""
    dialog = NewDialog(bench.bridge, bench.window)
    dialog.made.connect(bench.files.start_new)
    dialog.open()


def _open_here(bench: Workbench) -> None:
    """Put what is shown now into the scenario, to be saved with it."""
    document = bench.document
    bench.bridge.edit(lambda: open_here(document.scenario, document.view))


def _toggle_lookup(bench: Workbench) -> None:
    """Look types up by the SDM, or by KVM's walk again, if the policy asks MTRRs at all."""
    policy = get_policy(bench.document.policy)
    if policy.asks_mtrrs:
        on = not policy.follows_sdm
        bench.document.set_policy(policy.switched(SDM_LOOKUP.id, on=on))
    else:
        bench.say(f"{policy.id} asks no MTRRs: there is no lookup to choose")


def _go_to_address(bench: Workbench) -> None:
    """Let the user type an address, above what is known of its page."""
    if not bench.window.focusWidget():
        bench.map.map.canvas.setFocus()  # so that it has the keyboard once the address is given
    bench.bring_up("inspector")
    bench.inspector.focus_address()


def _ignore(_result: object) -> None:
    """Drop a result that only matters to other callers."""
