"""Desktop entry and metainfo, as the tools of freedesktop.org judge them."""

from __future__ import annotations

import shutil

from tests.distribution.commands import ROOT, FailedError, run, say

_FOLDER = ROOT / "resources" / "desktop"
_JUDGES = (
    ("desktop-file-validate", "*.desktop", "desktop-file-utils"),
    ("appstreamcli validate --pedantic --no-net", "*.metainfo.xml", "appstream"),
)


def check() -> None:
    """Let each tool judge its file; FailedError if one has a complaint or is not installed."""
    for command, pattern, package in _JUDGES:
        tool, *options = command.split()
        if shutil.which(tool) is None:
            raise FailedError(f"{tool} is not installed: apt-get install {package}")
        for path in _FOLDER.glob(pattern):
            run(tool, *options, path)
    say("desktop entry and metainfo are valid")
