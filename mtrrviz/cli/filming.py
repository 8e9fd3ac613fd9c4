"""`mtrrviz render --play`: a film of the window or of a view over a span of time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.options.values import time_within
from mtrrviz.cli.terminal.aside import say_plainly
from mtrrviz.cli.terminal.progress import Progress
from mtrrviz.cli.window import loading_qt
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from argparse import Namespace

    from mtrrviz.scenario.model import Scenario


def film(args: Namespace, scenario: Scenario, policy: str | None) -> int:
    """Draw a view at each time of the span that --play tells, and write it as a film."""
    from mtrrviz.exporters.playback.film import Film
    from mtrrviz.exporters.playback.forms import form_named, require_writable

    if args.at is not None:
        raise MtrrvizError("--at is for a picture of one moment, --play for a film")
    form, path = form_named(args.output), Path(args.output)
    start_ns, end_ns = (time_within(scenario, time_ns, "--play") for time_ns in args.play)
    planned = Film(start_ns, end_ns, args.pace, args.fps)
    planned.require_size(*args.size)
    require_writable(path, form)
    with loading_qt():
        say_plainly(f"{path}: {planned.words}")
        from mtrrviz.gui.export.render import FilmTarget, render_film

        target = FilmTarget(path, form, Progress("frames"))
        render_film(scenario, policy, planned, args.size, args.theme, target, args.view)
    return 0
