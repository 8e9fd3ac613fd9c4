"""Lessons in the window: the panel with a step, the course, and what points at a control."""
