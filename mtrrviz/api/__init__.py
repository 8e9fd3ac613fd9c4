"""The promised names: what ``import mtrrviz`` offers, as functions over the other packages.

Nothing here knows anything by itself: each function reads times and sizes as people write them,
asks the package that knows, and hands back its value. No Qt.
"""

from __future__ import annotations
