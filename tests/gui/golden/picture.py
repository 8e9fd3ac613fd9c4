"""Comparing a view with a picture of it that is kept.

``boxes.ttf`` draws a box of fixed width for every character, so that pictures do not depend on the
fonts of a system, nor on the words that a view has.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QFont, QFontDatabase, QImage

from tests.kept_texts import IS_RENEWING

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).parent

#: Qt's versions smooth edges a little differently: a channel may be off by so much of 255 ...
CHANNEL_TOLERANCE = 12
#: ... and so many pixels by more. The body of the smallest cell on the map has nine.
PIXEL_TOLERANCE = 6


def boxes_font() -> QFont:
    """Return the font of boxes, 10 pixels high, without smoothing."""
    number = QFontDatabase.addApplicationFont(str(HERE / "boxes.ttf"))
    font = QFont(QFontDatabase.applicationFontFamilies(number)[0])
    font.setPointSizeF(7.5)
    font.setStyleStrategy(QFont.StyleStrategy.NoAntialias)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def pixels(image: QImage) -> NDArray[np.int16]:
    """Return a picture's channels: rows x columns x (red, green, blue)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    return rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).astype(np.int16)


def differing(one: QImage, other: QImage) -> NDArray[np.bool_]:
    """Return which pixels differ by more than the tolerance, rows x columns."""
    off = np.abs(pixels(one) - pixels(other))
    return off.max(axis=2) > CHANNEL_TOLERANCE


def problem_of(image: QImage, golden: QImage) -> str:
    """Return in words how a picture differs from the kept one; empty if it does not."""
    if golden.isNull():
        return "there is no picture to compare with"
    if image.size() != golden.size():
        return (
            f"{image.width()} x {image.height()} pixels, {golden.width()} x {golden.height()} kept"
        )
    wrong = differing(image, golden)
    if np.count_nonzero(wrong) <= PIXEL_TOLERANCE:
        return ""
    rows, columns = np.nonzero(wrong)
    place = f"x {columns.min()}-{columns.max()}, y {rows.min()}-{rows.max()}"
    return f"{len(rows)} pixels differ, {place}"


def compare(image: QImage, name: str, found: Path, kept_dir: Path = HERE) -> None:
    """Compare with the kept picture of this name; AssertionError says where both lie."""
    kept = kept_dir / f"{name}.png"
    if IS_RENEWING:
        assert image.save(str(kept))
        return
    problem = problem_of(image, QImage(str(kept)))
    if problem:
        image.save(str(found / kept.name))
        raise AssertionError(
            f"{name}: {problem}. Kept: {kept}. Found: {found / kept.name}. "
            "If the change is meant: ./dev test --renew, and look at the new pictures"
        )
