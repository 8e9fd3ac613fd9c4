"""What reading raises when the user stopped it."""

from __future__ import annotations

from mtrrviz.core.errors import MtrrvizError


class ImportCancelledError(MtrrvizError):
    """The user stopped the import; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("the import was cancelled")
