"""Where the project lives: addresses that outputs and the package's metadata name alike."""

from __future__ import annotations

HOMEPAGE = "https://github.com/mtrrviz/mtrrviz"
"""Where people find out about the program."""
