"""The map and the timeline drawn with matplotlib, into axes that the caller may go on with.

matplotlib is no dependency: it is imported when something is drawn. pyplot is not used, so that
no window opens and nothing is kept that must be closed.
"""

from __future__ import annotations
