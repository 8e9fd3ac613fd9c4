"""Taking pictures of a window that nobody uses, each when it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.layout.panel import view_at
from mtrrviz.gui.export.exports import bring_up
from mtrrviz.gui.export.pictures import widget_pixels
from mtrrviz.gui.shell.workbench import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

    from mtrrviz.exporters.playback.film import Film
    from mtrrviz.gui.shell.workbench import Workbench


def view_in_front(workbench: Workbench, view: str) -> QWidget:
    """Return the view of a name, brought to the front and complete; MtrrvizError if none such."""
    found = workbench.pictured.get(view)
    if found is None:
        raise MtrrvizError(f"no view {view!r}: there are {', '.join(workbench.pictured)}")
    if not workbench.has_view(view):
        raise MtrrvizError(
            f"view {view}: this is a real machine, without KVM (--machine guest shows one)"
        )
    bring_up(found)
    wait_for_work(workbench)
    return view_at(found)


def frames_of(
    workbench: Workbench, view: str, film: Film, tell: Callable[[int, int], None]
) -> Iterator[NDArray[np.uint8]]:
    """Yield the picture of a view at each time of a film; tell how many there were, of how many.

    MtrrvizError if there is no such view, or if its pictures are too much together.
    """
    shown = view_in_front(workbench, view)
    ratio = shown.devicePixelRatioF()
    film.require_size(round(shown.width() * ratio), round(shown.height() * ratio))
    for number, time_ns in enumerate(film.times_ns(), 1):
        workbench.document.set_playhead(time_ns)
        wait_for_work(workbench)
        yield widget_pixels(shown)
        tell(number, film.frames)


def wait_for_work(workbench: Workbench) -> None:
    """Let what views work out beside the window come in, as long as that brings more work."""
    settle()
    while workbench.finish_work():
        settle()
