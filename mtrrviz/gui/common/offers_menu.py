"""What widgets with a context menu share, so that its actions can be had without the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu


@runtime_checkable
class OffersMenu(Protocol):
    """A widget with a context menu."""

    def menu_now(self) -> QMenu | None:
        """Return the menu that its key would open now; None where there would be none."""
        ...
