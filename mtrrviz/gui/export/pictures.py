"""Pictures of views: any widget as PNG, pixel for pixel, or as SVG with its words as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.plain_text import shown_title
from mtrrviz.scenario.files.whole_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

#: What can be made, by the ending of the file's name.
PICTURE_SUFFIXES = (".png", ".svg")


def save_picture(widget: QWidget, path: Path) -> None:
    """Write a picture of ``widget`` in the format that the file's name ends in, whole or not.

    MtrrvizError for another ending, or if the widget has no size to draw; OSError.
    """
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        known = " or ".join(_WRITERS)
        raise MtrrvizError(f"{path}: pictures are PNG or SVG files (a name that ends in {known})")
    _WRITERS[suffix](widget, path)


def copy_picture(widget: QWidget) -> None:
    """Put what ``widget`` shows on the clipboard; MtrrvizError if it has no size to draw."""
    if widget.size().isEmpty():
        raise MtrrvizError("there is nothing to draw, the view has no size")
    QGuiApplication.clipboard().setPixmap(widget.grab())


def widget_png(widget: QWidget, path: Path) -> None:
    """Write what ``widget`` shows as PNG, in the pixels of its screen; errors as save_picture."""
    _require_size(widget, path)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not widget.grab().save(buffer, "PNG"):
        raise MtrrvizError(f"{path}: the picture could not be made")
    write_whole(path, bytes(data.data()))


def widget_pixels(widget: QWidget) -> NDArray[np.uint8]:
    """Return what ``widget`` shows as red, green and blue, (height, width, 3).

    The pixels are those of :func:`widget_png`; MtrrvizError if the widget has no size to draw.
    """
    if widget.size().isEmpty():
        raise MtrrvizError("there is nothing to draw, the view has no size")
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return lines[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def widget_svg(widget: QWidget, path: Path) -> None:
    """Write what ``widget`` shows as SVG of the widget's size; errors as save_picture.

    Lines and words are shapes and text; what the widget draws as an image (the dots of the map)
    is one, exact to the pixel.
    """
    _require_size(widget, path)
    widget.ensurePolished()
    data = QByteArray()
    buffer = QBuffer(data)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    # One unit a pixel: at any other resolution Qt scales what is drawn.
    generator.setResolution(widget.logicalDpiX())
    generator.setTitle(widget.accessibleName() or shown_title(widget.windowTitle()) or "mtrrviz")
    painter = QPainter()
    if not painter.begin(generator):
        raise MtrrvizError(f"{path}: the picture could not be made")
    widget.render(painter, QPoint())
    painter.end()
    write_whole(path, _sized_in_pixels(_without_controls(bytes(data.data())), widget))


def _without_controls(svg: bytes) -> bytes:
    """Return the SVG without what texts of a file may have, and no XML: Qt writes them as they are.

    The two last ones are U+FFFE and U+FFFF.
    """
    return re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]", b"", svg)


def _sized_in_pixels(svg: bytes, widget: QWidget) -> bytes:
    """Return the SVG with its size in pixels: in millimetres, as Qt writes it, screens differ."""
    size = f'<svg width="{widget.width()}" height="{widget.height()}"'
    return re.sub(rb'<svg width="[^"]*" height="[^"]*"', size.encode(), svg, count=1)


def _require_size(widget: QWidget, path: Path) -> None:
    if widget.size().isEmpty():
        raise MtrrvizError(f"{path}: there is nothing to draw, the view has no size")


_WRITERS: dict[str, Callable[[QWidget, Path], None]] = {".png": widget_png, ".svg": widget_svg}
