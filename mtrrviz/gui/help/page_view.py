"""A page of the handbook as hypertext, with a history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from mtrrviz.handbook.help_links import EXAMPLE_SCHEME, PAGE_SCHEME
from mtrrviz.paths import docs_dir

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.handbook.handbook import Handbook

_KINDS = QTextDocument.ResourceType


class PageView(QTextBrowser):
    """Shows pages by address; it reads the program's own files only.

    ``page_shown`` carries the address of each page that comes up, ``example_wanted`` the link of a
    live example. Web sites open in the desktop's browser.
    """

    page_shown = Signal(str)
    example_wanted = Signal(str)

    def __init__(self, book: Handbook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("help_page")
        self.setAccessibleName("Page")
        self._book = book
        self.document().setDocumentMargin(12)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._follow)
        self.sourceChanged.connect(self._tell)

    @property
    def address(self) -> str:
        """The address of the page that is shown, "" before the first."""
        return self.source().path()

    def show_page(self, address: str) -> None:
        """Show a page; one that is shown already goes to its top."""
        self.setSource(QUrl(f"{PAGE_SCHEME}:{address}"), _KINDS.HtmlResource)

    def set_colours(self, link: str, dim: str) -> None:
        """Use other colours, also for the page that is shown."""
        style = (
            f"a {{ color: {link}; }} h1 {{ font-size: x-large; }} h2 {{ font-size: large; }}"
            f" blockquote {{ color: {dim}; }} th, td {{ padding: 2px 10px 2px 0; }}"
        )
        self.document().setDefaultStyleSheet(style)
        if self.address:
            self.reload()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Return a page as HTML, or a picture of the manual."""
        url = QUrl(name)
        if kind == _KINDS.HtmlResource and url.scheme() == PAGE_SCHEME:
            # its parser takes long to import, so not before it is needed
            from mtrrviz.handbook.page_html import page_html  # noqa: PLC0415

            return page_html(self._book.page(url.path()))
        if kind == _KINDS.ImageResource:
            return self._fitting(docs_dir() / "manual" / "pictures" / url.fileName())
        return None

    def _fitting(self, file: Path) -> QImage:
        """Return a picture no wider than the page."""
        image = QImage(str(file))
        room = self.viewport().width() - 2 * int(self.document().documentMargin())
        smooth = Qt.TransformationMode.SmoothTransformation
        return image.scaledToWidth(room, smooth) if 0 < room < image.width() else image

    def _follow(self, link: QUrl) -> None:
        if link.scheme() == PAGE_SCHEME:
            self.show_page(link.path())
        elif link.scheme() == EXAMPLE_SCHEME:
            self.example_wanted.emit(link.toString())
        else:
            QDesktopServices.openUrl(link)

    def _tell(self, source: QUrl) -> None:
        self.page_shown.emit(source.path())
