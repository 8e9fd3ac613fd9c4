"""Sizes of leaves by paging level as arrays, to be indexed by arrays of levels.

Apart from :mod:`mtrrviz.core.units` so that the command line parses arguments without numpy.
"""

from __future__ import annotations

import numpy as np

from mtrrviz.core.units import LEVEL_PAGES

LEVEL_SHIFTS = np.array([0, 0, 9, 18], np.uint64)
"""By paging level: how far to shift a gfn right for the number of its block."""

PAGES_OF_LEVEL = np.array([0, *LEVEL_PAGES.values()], np.uint64)
"""By paging level: 4 KiB pages a leaf maps."""
