"""Worksheets of the open lesson: pages to print, as HTML or PDF."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF
from PySide6.QtGui import QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QFileDialog

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.plain_text import warn
from mtrrviz.gui.documents.chosen_file import chosen_file
from mtrrviz.lessons.worksheet import worksheet
from mtrrviz.scenario.files.whole_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.lessons.lesson_desk import LessonDesk
    from mtrrviz.gui.shell.worker import Worker

_DPI = 300


def ask_worksheet(desk: LessonDesk, worker: Worker, *, with_answers: bool) -> None:
    """Ask for a file, HTML or PDF by its ending, and write the open lesson's worksheet to it."""
    opened = desk.lesson
    if opened is None:
        return
    lesson, window = opened.lesson, desk.window
    ending = "-answers" if with_answers else ""
    start = str(Path.home() / f"{lesson.name}{ending}.pdf")
    kinds = "PDF (*.pdf);;HTML (*.html)"

    def refuse(words: str) -> None:
        warn(window, words, "Nothing was saved.")

    name, kind = QFileDialog.getSaveFileName(window, "Save the worksheet", start, kinds)
    suffix = ".html" if "html" in kind else ".pdf"
    path = chosen_file(name, suffix, refuse, (".pdf", ".html"))
    if path is None:
        return

    def save(html: str) -> None:
        try:
            write_page(html, path)
        except OSError as error:
            failed(error)
        else:
            desk.said.emit(f"Saved to {path}")

    def failed(error: Exception) -> None:
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        refuse(str(error))

    work: Callable[[], str] = partial(worksheet, lesson, with_answers=with_answers)
    worker.run(work, save, failed)


def write_page(html: str, path: Path) -> None:
    """Write a page as HTML, or as PDF where the name ends so; OSError if that fails."""
    is_pdf = path.suffix.lower() == ".pdf"
    write_whole(path, _as_pdf(html) if is_pdf else html.encode())


def _as_pdf(html: str) -> bytes:
    """Return a page laid out on sheets of paper."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF())  # the document itself keeps 2 cm free
    writer.setCreator("mtrrviz")
    page = QTextDocument()
    page.setHtml(html)
    page.print_(writer)
    del writer  # which ends the file
    return bytes(data.data())
