"""`mtrrviz desktop`: the program in the menu of a desktop, for the user who installed it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.cli.commands import GOOD, print_text
from mtrrviz.cli.grammars.grammar import Grammar
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

APP_ID = "io.github.mtrrviz.mtrrviz"
_ENTRY = f"applications/{APP_ID}.desktop"
FILES = {
    _ENTRY: f"desktop/{APP_ID}.desktop",
    f"metainfo/{APP_ID}.metainfo.xml": f"desktop/{APP_ID}.metainfo.xml",
    f"mime/packages/{APP_ID}.xml": f"desktop/{APP_ID}.mime.xml",
    f"icons/hicolor/scalable/apps/{APP_ID}.svg": "icons/mtrrviz.svg",
    f"icons/hicolor/256x256/apps/{APP_ID}.png": "icons/mtrrviz.png",
    f"icons/hicolor/scalable/mimetypes/{APP_ID}-scenario.svg": "desktop/scenario.svg",
}
"""Where each file goes below a directory such as ~/.local/share, and which resource it is."""

_UPDATES = (
    ("update-desktop-database", "-q", "applications"),
    ("update-mime-database", "mime"),
    ("gtk-update-icon-cache", "-q", "-t", "-f", "icons/hicolor"),
)
"""What tells a running desktop of new files; the last word is a directory of them."""

DETAILS = """\
Puts mtrrviz into the desktop's menu, with its icon, and lets file managers open
scenarios (*.mtrrviz.toml) with it. It writes below $XDG_DATA_HOME, by default
~/.local/share, for this user alone, and starts the program that runs now: that
of a venv, of pipx or of uv. Debian's package has all this without it.

examples:
  mtrrviz desktop install
  mtrrviz desktop remove
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add what is to be done."""
    actions = ("install", "remove")
    parser.add_argument("action", metavar="ACTION", choices=actions, help=" or ".join(actions))


def desktop(args: Namespace) -> int:
    """Write or remove the files, tell which, and let the desktop know."""
    if sys.platform in ("win32", "darwin"):
        raise MtrrvizError("desktop: this is for desktops that follow freedesktop.org")
    data = data_home()
    changed = _install(data) if args.action == "install" else _remove(data)
    for path in changed:
        print_text(f"{'written' if args.action == 'install' else 'removed'} {path}")
    if not changed:
        print_text(f"nothing of mtrrviz in {data}")
    _tell_desktop(data)
    return GOOD


def data_home() -> Path:
    """Return the directory of the user's data; a relative one in the variable does not count."""
    named = os.environ.get("XDG_DATA_HOME", "")
    return Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "share"


def _install(data: Path) -> list[Path]:
    """Write all files and return them."""
    from mtrrviz.cli.window import require_qt
    from mtrrviz.paths import resources_dir
    from mtrrviz.scenario.files.whole_file import write_whole

    require_qt()
    for name, source in FILES.items():
        content = (resources_dir() / source).read_bytes()
        if name == _ENTRY:
            content = entry_for(content.decode(), program()).encode()
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(data / name, content)
    return [data / name for name in FILES]


def _remove(data: Path) -> list[Path]:
    """Remove what is there and return it."""
    there = [data / name for name in FILES if (data / name).is_file()]
    for path in there:
        path.unlink()
    return there


def program() -> tuple[str, ...]:
    """Return the command that starts this installation, by absolute paths."""
    script = Path(sys.executable).parent / "mtrrviz"
    return (str(script),) if script.is_file() else (sys.executable, "-m", "mtrrviz")


def entry_for(entry: str, command: tuple[str, ...]) -> str:
    """Return a desktop entry that starts a command."""
    words = " ".join(_quoted(word) for word in command)
    return re.sub(r"(?m)^Exec=mtrrviz(?= )", lambda _: f"Exec={words}", entry)


def _quoted(word: str) -> str:
    r"""Return a word for the key Exec: reserved characters in quotes, and \ as such twice."""
    word = word.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./-]+", word):
        return word
    escaped = re.sub(r'(["`$\\])', r"\\\1", word)
    return '"' + escaped.replace("\\", "\\\\") + '"'


def _tell_desktop(data: Path) -> None:
    """Run what updates the desktop's lists, where it is installed; without it they follow later."""
    for tool, *options, folder in _UPDATES:
        found = shutil.which(tool)
        if found is not None and (data / folder).is_dir():
            command = (found, *options, str(data / folder))
            subprocess.run(command, check=False, capture_output=True)  # noqa: S603


GRAMMAR = Grammar(DETAILS, add_arguments, desktop)
