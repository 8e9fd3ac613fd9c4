"""Keeping PySide6 from reading the source of every module that is imported after it.

It looks there for the word "PySide6", as modules may ask for other spellings of Qt's names ("from
__feature__ import snake_case"). Reading some thousand files takes a sixth of all that is done until
the window is filled, and the text is kept in memory.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_FEATURES = "shibokensupport.feature"
_QUESTION = "_mod_uses_pyside"
#: Packages that use Qt. Plug-ins may, and ask for spellings of their own where they want any.
_USING_QT = ("mtrrviz", "pyqtgraph")


def spare_reading_sources() -> None:
    """Answer PySide6's question by names alone, once it is loaded; nothing if it asks none."""
    features = sys.modules.get(_FEATURES)
    if features is not None and hasattr(features, _QUESTION):
        setattr(features, _QUESTION, _uses_qt)


def _uses_qt(module: ModuleType) -> bool:
    """Whether Qt's names are spelled as usual in a module, whatever other modules ask for."""
    return module.__name__.partition(".")[0] in _USING_QT
