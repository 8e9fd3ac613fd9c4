"""Widgets that leave something to their subclasses, which the type checker then asks for."""

from __future__ import annotations

from abc import ABCMeta

from PySide6.QtWidgets import QWidget


class AbstractWidgetType(ABCMeta, type(QWidget)):
    """The type of classes that are Qt's and may have abstract methods."""


class AbstractWidget(QWidget, metaclass=AbstractWidgetType):
    """A widget whose class may have abstract methods."""
