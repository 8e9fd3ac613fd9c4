"""Lessons that check themselves: their files, questions to the model, and what learners did."""

from __future__ import annotations
