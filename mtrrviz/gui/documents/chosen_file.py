"""The file to write to that was chosen in a dialog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def chosen_file(
    name: str, suffix: str, refuse: Callable[[str], None], allowed: tuple[str, ...] = ()
) -> Path | None:
    """Return the path, with ``suffix`` added unless it ends in that or an allowed one.

    A folder has no suffix, "".
    None if no name was chosen, and, with words to ``refuse``, if that is another file than the one
    that was chosen and is there already: the file dialog has not asked about it.
    """
    if not name:
        return None
    path = Path(name)
    if not suffix or path.suffix.lower() in (suffix, *allowed):
        return path
    path = path.with_name(path.name + suffix)
    if path.exists():
        refuse(f"{path} exists already; choose it again to overwrite it.")
        return None
    return path
