"""Going to a moment of the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.session.document import Document


def go_to_moment(document: Document, time_ns: int, gfn: int | None = None) -> None:
    """Show a moment, and the page if one is given; time runs no longer."""
    with document.batch():
        document.playback.pause()
        document.set_playhead(time_ns)
        if gfn is not None:
            document.select_page(gfn)
