"""Make the packages in dist/, and judge them.

python -m tests.distribution [--check] [--only wheel|bundle|deb]
"""

from __future__ import annotations

import argparse
import sys

from tests.distribution import bundle, chroots, deb, installs, metadata, wheels
from tests.distribution.commands import DIST, FailedError, say

KINDS = ("wheel", "bundle", "deb")


def main(arguments: list[str] | None = None) -> int:
    """Make what is asked for, each from the one before; 1 if something is not as it must be."""
    options = parse(arguments)
    DIST.mkdir(exist_ok=True)
    try:
        made(KINDS[: KINDS.index(options.only) + 1], judged=options.check)
    except FailedError as error:
        say(str(error))
        return 1
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="./dev package", description="Make the packages.")
    what = "judge them: the same bytes twice, twine, each Python, bare Debians (as root); long"
    parser.add_argument("--check", action="store_true", help=what)
    what = "make no more than this and what it is made of; default: deb, which is all"
    parser.add_argument("--only", choices=KINDS, default=KINDS[-1], help=what)
    return parser.parse_args(arguments)


def made(kinds: tuple[str, ...], *, judged: bool) -> None:
    """Make packages; FailedError with the reason where one cannot be made or is judged bad."""
    sdist, wheel = wheels.make()
    if judged:
        metadata.check()
        wheels.check(sdist, wheel)
        installs.check(wheel)
    if "bundle" not in kinds:
        return
    folder = bundle.make(wheel)
    package = deb.make(folder) if "deb" in kinds else None
    if judged:
        chroots.check(folder, package)


if __name__ == "__main__":
    sys.exit(main())
