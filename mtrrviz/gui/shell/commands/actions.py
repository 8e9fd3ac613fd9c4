"""All actions in one table: menus, toolbar, shortcuts and the shortcut sheet are made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from mtrrviz.core.record import Record
from mtrrviz.facts.terms import GUEST_TERMS
from mtrrviz.gui.common.plain_text import plain_tip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from mtrrviz.facts.terms import Terms

_KEY = QKeySequence.StandardKey


class ActionSpec(Record):
    """One action: its id is the name of the handler; ``keys`` are its shortcuts.

    ``menu`` is the menu it stands in, a separator goes before it where ``group`` differs from
    the action before. ``tip`` is shown in the status bar and the shortcut sheet. Text and tip name
    nouns in braces (see :class:`Terms`).
    """

    id: str
    text: str
    menu: str
    group: str
    keys: tuple[str | QKeySequence.StandardKey, ...] = ()
    tip: str = ""
    checkable: bool = False


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("new_scenario", "&New...", "&File", "open", (_KEY.New,),
               "Describe a machine, and start a scenario on it"),
    ActionSpec("open_file", "&Open...", "&File", "open", (_KEY.Open,),
               "Open a scenario, or what a machine printed: a trace, rdmsr, dmesg, ..."),
    ActionSpec("open_example", "E&xamples...", "&File", "open", ("Ctrl+Shift+O",),
               "Choose one of the built-in scenarios, by purpose"),
    ActionSpec("paste_dump", "&Paste a dump", "&File", "open", ("Ctrl+Shift+V",),
               "Open what a machine printed from the clipboard"),
    ActionSpec("read_this_machine", "&This machine", "&File", "open", (),
               "Read this machine's registers and memory map, as far as permissions allow"),
    ActionSpec("follow_file", "&Follow a growing trace...", "&File", "open", ("Ctrl+Shift+F",),
               "Open a trace that is being written, and show what is appended to it"),
    ActionSpec("stop_following", "Stop fo&llowing", "&File", "open", ("Ctrl+Shift+X",),
               "Stop following the trace; what was read is kept"),
    ActionSpec("save", "&Save", "&File", "save", (_KEY.Save,), "Save the scenario"),
    ActionSpec("save_as", "Save &as...", "&File", "save", ("Ctrl+Shift+S",), "Save to a new file"),
    ActionSpec("export", "&Export...", "&File", "export", ("Ctrl+E",),
               "Export tables, a trace or a report of the runs shown"),
    ActionSpec("export_playback", "Export play&back...", "&File", "export", ("Ctrl+Shift+E",),
               "Export a film of the window or a view: GIF, WebP, MP4 or numbered PNG pictures"),
    ActionSpec("save_picture", "Picture of the &window...", "&File", "export", ("Ctrl+Shift+P",),
               "Save a picture of the window as PNG or SVG"),
    ActionSpec("save_view_picture", "Picture of the &focused view...", "&File", "export", (),
               "Save a picture of the view that has the keyboard as PNG or SVG"),
    ActionSpec("copy_picture", "&Copy a picture of the focused view", "&File", "export",
               ("Ctrl+Shift+C",),
               "Put a picture of the view that has the keyboard on the clipboard"),
    ActionSpec("quit", "&Quit", "&File", "quit", ("Ctrl+Q",), "Close the window"),
    ActionSpec("undo", "&Undo", "&Edit", "undo", (_KEY.Undo,), "Undo the last edit"),
    ActionSpec("redo", "&Redo", "&Edit", "undo", ("Ctrl+Shift+Z", "Ctrl+Y"),
               "Redo the edit that was undone last"),
    ActionSpec("toggle_dma", "&Non-coherent DMA", "&Edit", "machine", ("N",),
               "Attach or detach a device with non-coherent DMA at the playhead", checkable=True),
    ActionSpec("disable_cd_nw_quirk", "Disable the &quirk CD_NW_CLEARED", "&Edit", "machine", (),
               "Let the VMM disable it at the playhead: new leaves under CR0.CD=1 are UC then"),
    ActionSpec("disable_ignore_guest_pat", "Disable the quirk &IGNORE_GUEST_PAT", "&Edit",
               "machine", (),
               "Let the VMM disable it at the playhead: new leaves heed the guest's PAT then"),
    ActionSpec("add_event", "&Add an event...", "&Edit", "machine", ("Ins",),
               "Add a register write, an INIT, a device, a quirk, a note at the playhead"),
    ActionSpec("change_machine", "&Machine...", "&Edit", "machine", ("Ctrl+M",),
               "Processors, memory regions, quirks and devices of the machine"),
    ActionSpec("touch_page", "&Touch the selected page", "&Edit", "machine", ("X",),
               "Read the selected page as the selected vCPU at the playhead"),
    ActionSpec("touch_range", "Touch a ran&ge...", "&Edit", "machine", ("Shift+X",),
               "Touch the outlined range, or another one: by which vCPU, how and when"),
    ActionSpec("change_scenario", "S&cenario...", "&Edit", "machine", ("Ctrl+I",),
               "Title, description, tags, opening view, notes and phases of the scenario"),
    ActionSpec("open_here", "Save this &view with the scenario", "&Edit", "machine", (),
               "Let the scenario open as it is shown now: with this moment, page, {cpu} and map"),
    ActionSpec("swap_policies", "Swap the two &policies", "&Edit", "machine", ("P",),
               "Use the compared policy, compare with the one in use"),
    ActionSpec("solve", "Solv&e for MTRRs...", "&Edit", "solve", ("Ctrl+R",),
               "Find the fewest registers for a wanted memory map"),
    ActionSpec("toggle_paint", "Paint the &wanted map", "&Edit", "solve", ("W",),
               "Paint the types you want on the map (B, T, P, C, U: the type, X: none), or stop",
               checkable=True),
    ActionSpec("toggle_play", "&Play or pause", "&Playback", "play", ("Space",),
               "Play from the playhead on, or pause"),
    ActionSpec("step_forward", "Step &forward", "&Playback", "step", (".", "F5"),
               "Go to the next event or fault, and say what happens there"),
    ActionSpec("step_back", "Step &back", "&Playback", "step", (",", "F4"),
               "Go to the previous event or fault, and say what happens there"),
    ActionSpec("next_zap", "Next &zap", "&Playback", "step", ("]",), "Go to the next zap"),
    ActionSpec("previous_zap", "Previous z&ap", "&Playback", "step", ("[",),
               "Go to the previous zap"),
    ActionSpec("next_vcpu_event", "Next event of this &vCPU", "&Playback", "step", ("Ctrl+.",),
               "Go to the next event of the selected vCPU"),
    ActionSpec("previous_vcpu_event", "Previous event of this v&CPU", "&Playback", "step",
               ("Ctrl+,",), "Go to the previous event of the selected vCPU"),
    ActionSpec("next_phase", "Next p&hase", "&Playback", "step", ("PgDown",),
               "Go to the start of the next phase"),
    ActionSpec("previous_phase", "Previous ph&ase", "&Playback", "step", ("PgUp",),
               "Go to the start of the previous phase"),
    ActionSpec("run_to_stop", "&Run to the next stop", "&Playback", "stop", ("F8",),
               "Go to the next time that fulfils a condition of the Stops panel"),
    ActionSpec("run_back_to_stop", "Run &back to the previous stop", "&Playback", "stop",
               ("Shift+F8",),
               "Go back to the previous time that fulfils a condition of the Stops panel"),
    ActionSpec("first_difference", "First &difference", "&Playback", "compare", ("D",),
               "Go to the first time at which the two policies' EPTs differ"),
    ActionSpec("next_difference", "Next change of di&fferences", "&Playback", "compare", ("}",),
               "Go to the next time at which the differences of the EPTs change"),
    ActionSpec("previous_difference", "Previous change of differe&nces", "&Playback", "compare",
               ("{",), "Go to the previous time at which the differences of the EPTs change"),
    ActionSpec("edit_time", "Go to a &time...", "&Playback", "step", ("T",),
               "Type the time to go to"),
    ActionSpec("to_start", "To the &start", "&Playback", "ends", ("Ctrl+Home", "F3"),
               "Go to the start"),
    ActionSpec("to_end", "To the &end", "&Playback", "ends", ("Ctrl+End", "F6"), "Go to the end"),
    ActionSpec("slower", "Slo&wer", "&Playback", "speed", ("Ctrl+-",), "Play slower"),
    ActionSpec("faster", "Fas&ter", "&Playback", "speed", ("Ctrl+=", "Ctrl++"), "Play faster"),
    ActionSpec("toggle_pace", "Play &event by event", "&Playback", "speed", ("E",),
               "Play from one event or fault to the next at a steady pace, however close they are",
               checkable=True),
    ActionSpec("toggle_loop", "&Loop between markers", "&Playback", "speed", ("L",),
               "Play the stretch between markers A and B again and again", checkable=True),
    ActionSpec("toggle_record", "&Record", "&Playback", "record", ("R",),
               "Record what you do to the machine as events: as time runs, or step by step while "
               "paused", checkable=True),
    ActionSpec("set_record_step", "Step of the rec&ording...", "&Playback", "record", (),
               "How far apart recorded events are while paused"),
    ActionSpec("set_marker_a", "Set marker &A", "&Playback", "markers", ("1",),
               "Set marker A at the playhead"),
    ActionSpec("set_marker_b", "Set marker &B", "&Playback", "markers", ("2",),
               "Set marker B at the playhead"),
    ActionSpec("jump_to_marker_a", "Go to marker A", "&Playback", "markers", ("Shift+1", "!"),
               "Go to marker A"),
    ActionSpec("jump_to_marker_b", "Go to marker B", "&Playback", "markers", ("Shift+2", "@"),
               "Go to marker B"),
    ActionSpec("clear_markers", "&Clear markers", "&Playback", "markers", ("0",),
               "Remove both markers"),
    ActionSpec("add_bookmark", "Add a &bookmark...", "&Playback", "bookmarks", ("Ctrl+B",),
               "Name the moment at the playhead, to come back to it"),
    ActionSpec("next_bookmark", "Next bookmark", "&Playback", "bookmarks", ("F9",),
               "Go to the next bookmark"),
    ActionSpec("previous_bookmark", "Previous bookmark", "&Playback", "bookmarks", ("Shift+F9",),
               "Go to the previous bookmark"),
    ActionSpec("next_vcpu", "Next &{cpu}", "&View", "vcpu", ("V",),
               "Show the next {cpu}'s registers"),
    ActionSpec("previous_vcpu", "Pre&vious {cpu}", "&View", "vcpu", ("Shift+V",),
               "Show the previous {cpu}'s registers"),
    ActionSpec("go_to_address", "&Go to address...", "&View", "go", ("G",),
               "Type the {address} to inspect"),
    ActionSpec("show_palette", "Go to an&ything...", "&View", "go", ("Ctrl+K",),
               "Find a command, scenario, register, region, phase, note, event, time or {address} "
               "by a few letters"),
    ActionSpec("fit_map", "Fit the &map", "&View", "go", ("F",), "Show the whole address space"),
    ActionSpec("next_map_mode", "&One map, two, or their difference", "&View", "go", ("M",),
               "Let the map show one policy, two side by side, or where they differ"),
    ActionSpec("toggle_lookup", "Types by &KVM or by the SDM", "&View", "go", ("K",),
               "Look MTRR types up as KVM does, or as the SDM says"),
    ActionSpec("fit_timeline", "Fit the &timeline", "&View", "go", ("Shift+F",),
               "Show the whole boot"),
    ActionSpec("zoom_to_markers", "Fit the timeline to the ma&rkers", "&View", "go", ("Z",),
               "Let the timeline show what is between markers A and B"),
    ActionSpec("toggle_story", "&Story", "&View", "layout", ("S",),
               "Show what the scenario is about and what happens now", checkable=True),
    ActionSpec("present", "Pr&esent", "&View", "present", ("F11", "Shift+F5"),
               "Give a lecture: full screen, large text, speaker notes, a pen; Esc ends it"),
    ActionSpec("larger_text", "&Larger text", "&View", "text", ("Ctrl+Alt+=", "Ctrl+Alt++"),
               "Show all text a step larger, up to twice its size"),
    ActionSpec("smaller_text", "S&maller text", "&View", "text", ("Ctrl+Alt+-",),
               "Show all text a step smaller, down to the desktop's size"),
    ActionSpec("reset_layout", "&Reset layout", "&View", "layout", (), "Put all panels back"),
    ActionSpec("show_course", "&Course...", "&Lessons", "course", ("Ctrl+L",),
               "Choose a lesson: the way through all of them, and how far you are"),
    ActionSpec("continue_course", "Co&ntinue", "&Lessons", "course", (),
               "Go on with the lesson that you left, or with the next one"),
    ActionSpec("open_lesson", "&Open from a file...", "&Lessons", "course", (),
               "Open a lesson that someone wrote, a Markdown file"),
    ActionSpec("previous_step", "&Back", "&Lessons", "steps", ("Alt+Left",),
               "Show the step before"),
    ActionSpec("next_step", "Ne&xt", "&Lessons", "steps", ("Alt+Right",), "Show the next step"),
    ActionSpec("give_hint", "&Hint", "&Lessons", "steps", ("Ctrl+Alt+H",),
               "Give a hint for this step, then another one"),
    ActionSpec("show_step_again", "Show &again", "&Lessons", "steps", (),
               "Open what this step shows as it was at first"),
    ActionSpec("restart_lesson", "&Restart...", "&Lessons", "steps", (),
               "Forget what was done in this lesson, and begin it anew"),
    ActionSpec("save_result", "&Save my result...", "&Lessons", "result", (),
               "Save what you did in this lesson to a small file, for a teacher to check"),
    ActionSpec("leave_lesson", "&Leave the lesson", "&Lessons", "leave", (),
               "Leave the lesson; you can come back to this step later"),
    ActionSpec("show_manual", "&Manual", "&Help", "manual", ("F1",),
               "Open the page of the manual on the panel that has the keyboard"),
    ActionSpec("explain", "&What is this?", "&Help", "manual", ("Shift+F1",),
               "Explain what the tip on screen speaks of, or the field that has the keyboard"),
    ActionSpec("show_glossary", "&Glossary", "&Help", "manual", (),
               "Explain the words of the window, one by one"),
    ActionSpec("show_tour", "&Tour", "&Help", "help", (),
               "See in two minutes what is where in the window"),
    ActionSpec("show_shortcuts", "&Keyboard shortcuts", "&Help", "help", ("?",),
               "Show this list"),
    ActionSpec("show_policy", "About the &policies", "&Help", "help", (),
               "What the two policies do, and their known defects"),
    ActionSpec("show_model", "About the &model", "&Help", "help", (),
               "Where the modelled figures come from"),
    ActionSpec("show_about", "&About mtrrviz", "&Help", "help", (), "Version and parts"),
)  # fmt: skip


def make_actions(handlers: Mapping[str, Callable[[], None]], parent: QWidget) -> dict[str, QAction]:
    """Return the QActions of the table by id, each connected to the handler of its name."""
    actions = {spec.id: _make(spec, handlers[spec.id], parent) for spec in ACTIONS}
    word_actions(actions, GUEST_TERMS)
    return actions


def word_actions(actions: Mapping[str, QAction], terms: Terms) -> None:
    """Let texts and tips speak of the machine that is open; undo and redo name edits themselves."""
    for spec in ACTIONS:
        action = actions[spec.id]
        if "{" in spec.text:
            action.setText(terms.fill(spec.text))
        action.setStatusTip(terms.fill(spec.tip))
        action.setToolTip(plain_tip(_tool_tip(spec, terms)))


def _make(spec: ActionSpec, handler: Callable[[], None], parent: QWidget) -> QAction:
    action = QAction(spec.text, parent)
    action.setObjectName(spec.id)
    action.setShortcuts(shortcuts(spec))
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.setCheckable(spec.checkable)
    action.triggered.connect(handler_slot(handler))
    return action


def handler_slot(handler: Callable[[], None]) -> Callable[[bool], None]:
    """Return a slot that drops the checked state that Qt sends along."""

    def slot(_checked: bool = False) -> None:
        handler()

    return slot


def shortcuts(spec: ActionSpec) -> list[QKeySequence]:
    """Return the key sequences of an action on this platform."""
    return [QKeySequence(key) for key in spec.keys]


def key_words(spec: ActionSpec) -> str:
    """Return the shortcuts of an action as words, e.g. "Space" or "., F5"."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(key.toString(native) for key in shortcuts(spec))


def plain_text(spec: ActionSpec, terms: Terms = GUEST_TERMS) -> str:
    """Return an action's text without mnemonic marks."""
    return terms.fill(spec.text.replace("&", ""))


def _tool_tip(spec: ActionSpec, terms: Terms) -> str:
    keys, tip = key_words(spec), terms.fill(spec.tip)
    return f"{tip} ({keys})" if keys else tip
