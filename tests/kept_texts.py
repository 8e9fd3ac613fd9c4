"""Texts that are kept, to be compared with what is found now.

When one should change, run ``./dev test --renew`` and look at what ``git diff`` changes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: Set by ``./dev test --renew``: what is found is written in place of being compared.
IS_RENEWING = bool(os.environ.get("MTRRVIZ_RENEW_PICTURES"))


def require_as_kept(found: str, kept: Path) -> None:
    """Fail unless a text is the one in a file."""
    if IS_RENEWING:
        kept.write_text(found, encoding="utf-8")
    assert found == kept.read_text(encoding="utf-8"), f"see {kept.name}, or ./dev test --renew"
