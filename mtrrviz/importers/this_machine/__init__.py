"""This Linux machine: what it lets its user read, as facts like those of any dump.

One module a source. Nothing is written, no privilege is requested and no module is loaded; what
could not be read is said, with the command that would read it.
"""

from __future__ import annotations

from pathlib import Path

SYSTEM_ROOT = Path("/")
"""Where the files of this machine are."""
NAME = "this-machine"
"""What a scenario of it is called."""
