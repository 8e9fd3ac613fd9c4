"""mtrrviz shows how KVM turns guest MTRRs into EPT memory types, and what the zaps cost."""

from __future__ import annotations

__version__ = "0.1.0"
