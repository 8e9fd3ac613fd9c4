"""Journals: work that is damaged in ways that no sum shows is restored, or refused clearly."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.scenario.events import REGISTER_KINDS
from mtrrviz.session.document import Document
from mtrrviz.session.journal.folders import JournalFolder
from mtrrviz.session.journal.kept_events import COLUMNS
from mtrrviz.session.journal.record_file import RecordFile
from mtrrviz.session.journal.sayings_file import write_sayings
from mtrrviz.session.journal.unsaved_work import read_unsaved, restored
from tests.fuzz.oracle import check_order, check_saved, clear_errors
from tests.fuzz.places import CORPUS, FILE_MARK, scratch
from tests.session.edits.test_random_walk import never

if TYPE_CHECKING:
    from pathlib import Path

#: Records that tell of a block of events, and the columns of that block.
RECORDS, BLOCK = CORPUS / "journal" / "pieces", CORPUS / "journal-columns" / "block"
SAYINGS = (("kernel", "a note"), ("user", "a note"))


def restore_records(content: bytes) -> None:
    """Restore the work that these contents of records tell of; the block is as it was written."""
    _restore(content, BLOCK.read_bytes())


def restore_columns(content: bytes) -> None:
    """Restore work whose block of events has these columns, each as numpy writes it."""
    _restore(RECORDS.read_bytes(), content)


def _restore(records: bytes, columns: bytes) -> None:
    """Take up what a journal tells, and take back all of it."""
    with scratch() as directory:
        _write(directory, records, columns)
        folder = JournalFolder(directory, os.open(directory, os.O_RDONLY))
        try:
            with clear_errors():
                work = restored(read_unsaved(folder))
                document = Document(work.scenario, executor=never)
                work.show_in(document)
                _check(document, directory)
                while document.undo_label is not None:
                    document.undo()
                    _check(document, directory)
        finally:
            folder.release()


def _write(directory: Path, records: bytes, columns: bytes) -> None:
    with zipfile.ZipFile(directory / "events-1.npz", "w") as archive:
        for column, member in zip(COLUMNS, columns.split(FILE_MARK), strict=False):
            archive.writestr(f"{column}.npy", member)
    write_sayings(directory / "sayings-1.json", SAYINGS)
    RecordFile(directory / "edits").write(records.split(FILE_MARK))


def _check(document: Document, directory: Path) -> None:
    scenario = document.scenario
    check_order(scenario)
    # A value of an event that writes none is in no file, and nothing shows it.
    events = [
        one if one.kind in REGISTER_KINDS else replace(one, value=0) for one in scenario.events
    ]
    check_saved(replace(scenario, events=tuple(events)), directory)
