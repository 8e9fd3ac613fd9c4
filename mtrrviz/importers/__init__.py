"""Importers: what a machine printed, as a scenario. No Qt, and nothing in a file is executed.

A name is loaded with its module when it is first asked for: whoever opens a scenario needs the
notes and options of imports, not all the readers with their patterns.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.importers.cancelled import ImportCancelledError
    from mtrrviz.importers.import_options import ImportOptions
    from mtrrviz.importers.imported import Import, SourceReport
    from mtrrviz.importers.notes import Note, NoteKind, Place
    from mtrrviz.importers.reading import import_texts
    from mtrrviz.importers.registry import FORMATS, format_by_id, recognise

__all__ = [
    "FORMATS",
    "Import",
    "ImportCancelledError",
    "ImportOptions",
    "Note",
    "NoteKind",
    "Place",
    "SourceReport",
    "format_by_id",
    "import_texts",
    "recognise",
]

_HOMES = {
    "cancelled": ("ImportCancelledError",),
    "import_options": ("ImportOptions",),
    "imported": ("Import", "SourceReport"),
    "notes": ("Note", "NoteKind", "Place"),
    "reading": ("import_texts",),
    "registry": ("FORMATS", "format_by_id", "recognise"),
}
"""The names of this package by the module that defines them."""


def __getattr__(name: str) -> object:
    """Load the module of a name (PEP 562); AttributeError if there is no such name."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
