"""The open document: scenario, playhead, selection and undo. Plain Python, observable, no Qt."""

from __future__ import annotations

from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document

__all__ = ["Change", "Document"]
