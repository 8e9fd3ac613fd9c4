"""The man page, made from the parser of the command line."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from mtrrviz import __version__
from mtrrviz.cli.completion_command import parsers_of
from mtrrviz.cli.parser import command_parser, window_parser

if TYPE_CHECKING:
    import argparse

_WIDTH = "78"
_INTRODUCTION = """\
Without a command,
.B mtrrviz
opens a window on a scenario, on what a machine printed, or on the default boot.
The commands below work without a window; the manual is in the window (F1) and in
.BR "mtrrviz help" .
"""


def man_page(time_s: int) -> str:
    """Return the page for section 1, with the date of a time in seconds since 1970."""
    os.environ["COLUMNS"] = _WIDTH
    date = time.strftime("%Y-%m-%d", time.gmtime(time_s))
    parser = command_parser()
    parts = [
        f'.TH MTRRVIZ 1 "{date}" "mtrrviz {__version__}" "User Commands"\n',
        f".SH NAME\nmtrrviz \\- {_escaped((parser.description or '').splitlines()[0])}\n",
        f".SH SYNOPSIS\n.nf\n{_escaped(_synopsis(parser))}\n.fi\n",
        f".SH DESCRIPTION\n{_INTRODUCTION}",
        f".SH THE WINDOW\n{_verbatim(window_parser().format_help())}",
        ".SH COMMANDS\n",
        *(
            f'.SS "{_escaped(name)}"\n{_verbatim(child.format_help())}'
            for name, child in parsers_of(parser).items()
        ),
        ".SH EXIT STATUS\n0 if all is good, 1 if problems were found, 2 for bad usage or input.\n",
    ]
    return "".join(parts)


def _synopsis(parser: argparse.ArgumentParser) -> str:
    usage = parser.format_usage().removeprefix("usage: ")
    return "\n".join(line.strip() for line in usage.strip().splitlines())


def _verbatim(text: str) -> str:
    return f".nf\n{_escaped(text.rstrip())}\n.fi\n"


def _escaped(text: str) -> str:
    r"""Return text as roff: \ and - as themselves, and no line taken for a request."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^(?=[.'])", r"\\&", plain)
