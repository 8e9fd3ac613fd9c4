"""The forms of a film, and where one is written."""

from __future__ import annotations

import shutil
from enum import StrEnum
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from pathlib import Path


class FilmForm(StrEnum):
    """How a film is kept."""

    GIF = "GIF"
    WEBP = "WebP"
    MP4 = "MP4"
    PNG = "PNG"
    """A folder of numbered pictures."""

    @property
    def suffix(self) -> str:
        """What the file's name ends in; a folder's in nothing."""
        return "" if self is FilmForm.PNG else f".{self.value.lower()}"


def form_named(name: str) -> FilmForm:
    """Return the form that a file's name stands for; a folder's ends in "/". MtrrvizError."""
    if name.endswith("/"):
        return FilmForm.PNG
    for form in FilmForm:
        if form.suffix and name.lower().endswith(form.suffix):
            return form
    raise MtrrvizError(f"{name}: a film is X.gif, X.webp, X.mp4, or a folder of PNG pictures: DIR/")


def require_writable(path: Path, form: FilmForm) -> None:
    """Raise MtrrvizError unless a film can be written there: before any frame is made."""
    if form is FilmForm.MP4:
        ffmpeg()
    if not path.parent.is_dir():
        raise MtrrvizError(f"{path.parent}: there is no such folder")
    if form is FilmForm.PNG:
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise MtrrvizError(f"{path}: is there already (expected a new or an empty folder)")
    elif path.is_dir():
        raise MtrrvizError(f"{path}: this is a folder (expected a file)")


def ffmpeg() -> str:
    """Return the path of ffmpeg; MtrrvizError if it is not installed."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise MtrrvizError("MP4 needs ffmpeg, which is not installed: choose GIF, WebP or PNG")
    return found
