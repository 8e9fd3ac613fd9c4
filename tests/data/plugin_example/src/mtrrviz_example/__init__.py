"""An example of all that a package can add to mtrrviz; three of its entry points are broken."""

from __future__ import annotations
