"""`python -m mtrrviz` is the same as `mtrrviz`."""

from __future__ import annotations

import sys

from mtrrviz.cli import main

if __name__ == "__main__":
    sys.exit(main())
