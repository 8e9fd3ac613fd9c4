"""Questions that lessons ask of the model, what comes of them, and what a learner answers."""

from __future__ import annotations
