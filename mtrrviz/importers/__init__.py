"""Importers: what a machine printed, as a scenario. No Qt, and nothing in a file is executed."""

from __future__ import annotations

from mtrrviz.importers.imported import Import, ImportOptions, SourceReport
from mtrrviz.importers.notes import Note, NoteKind, Place
from mtrrviz.importers.reading import import_texts
from mtrrviz.importers.registry import FORMATS, format_by_id, recognise
from mtrrviz.importers.text import ImportCancelledError

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
