"""Plug-ins: what installed packages add by entry points, loaded when it is first needed.

A plug-in is a guest here: one that cannot be loaded, or is not what its group asks for, is named on
the log (standard error unless someone listens) and left out; the program goes on.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

from mtrrviz.core.installed import may_be_named

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import EntryPoint

POLICIES = "mtrrviz.policies"
IMPORTERS = "mtrrviz.importers"
CHECKS = "mtrrviz.checks"
EXPORTERS = "mtrrviz.exporters"

_Taken = TypeVar("_Taken")


def plugins(group: str, take: Callable[[str, object], _Taken]) -> tuple[_Taken, ...]:
    """Return what the plug-ins of a group are, in the order of their names.

    ``take`` gets the words for a plug-in ("lazy of my-package") and what its entry point names,
    and returns what is of use of it; any error that it raises leaves the plug-in out.
    """
    found: list[_Taken] = []
    for entry in entries(group):
        words = plugin_words(entry)
        try:
            found.append(take(words, entry.load()))
        except Exception as error:  # noqa: BLE001 - whatever a stranger's code does
            leave_out(group, words, error)
    return tuple(found)


@cache
def entries(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group by name."""
    if not may_be_named(group):
        return ()
    # Only now: it takes some 40 ms that most installations do not need.
    from importlib.metadata import entry_points  # noqa: PLC0415

    return tuple(sorted(entry_points(group=group), key=lambda entry: entry.name))


def plugin_words(entry: EntryPoint) -> str:
    """Return what messages call a plug-in: its name and its package."""
    package = entry.dist.name if entry.dist is not None else entry.value
    return f"{entry.name} of {package}"


def leave_out(group: str, words: str, error: Exception) -> None:
    """Say that a plug-in is left out, and why."""
    # Only now: nearly every start has nothing to say.
    import logging  # noqa: PLC0415

    kind = group.removeprefix("mtrrviz.")
    log = logging.getLogger("mtrrviz")
    log.warning("plug-in %s (%s) is left out: %s: %s", words, kind, type(error).__name__, error)
