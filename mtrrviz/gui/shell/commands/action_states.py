"""Which actions are checked and which can be chosen, as the document is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QAction

    from mtrrviz.session.document import Document


def show_action_states(
    actions: Mapping[str, QAction], document: Document, changes: frozenset[Change]
) -> None:
    """Let the actions that ``changes`` concern show what the document is like now."""
    if changes & {Change.PLAYBACK, Change.OPENED}:
        actions["toggle_record"].setChecked(document.tape.is_on)
    if Change.PLAYBACK in changes:
        actions["toggle_loop"].setChecked(document.playback.looping)
        actions["toggle_pace"].setChecked(document.playback.pace is not None)
    if changes & {Change.RUN, Change.PLAYHEAD}:
        state = document.state
        actions["toggle_dma"].setChecked(state is not None and state.machine.noncoherent_dma > 0)
        actions["disable_cd_nw_quirk"].setEnabled(state is None or state.machine.cd_nw_quirk)
        actions["disable_ignore_guest_pat"].setEnabled(
            state is None or state.machine.ignore_guest_pat
        )
