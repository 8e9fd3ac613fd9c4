"""This Linux machine: what it lets its user read, as facts like those of any dump.

One module a source. Nothing is written, no right is asked for and no module is loaded; what could
not be read is said, with the command that would read it.
"""

from __future__ import annotations

from mtrrviz.importers.this_machine.all_sources import SYSTEM_ROOT, import_this_machine

__all__ = ["SYSTEM_ROOT", "import_this_machine"]
