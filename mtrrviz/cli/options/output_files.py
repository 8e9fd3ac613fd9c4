"""Where a result is written: the ending of the file's name says in which format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.printable import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

STANDARD_OUTPUT = "-"


def format_of(output: str, formats: Sequence[str], given: str | None = None) -> str:
    """Return the format to write: the one ``given``, else what the name of the file ends in.

    Standard output, pipes and devices have no ending that counts: they get the first of
    ``formats``. Raises MtrrvizError for an ending that names no format, and for one that names
    another format than the one given.
    """
    if output == STANDARD_OUTPUT or _is_special(Path(output)):
        return given or formats[0]
    ending = Path(output).suffix.lower().removeprefix(".")
    if given is not None and (given == ending or ending not in formats):
        return given
    if given is None and ending in formats:
        return ending
    expected = f".{given}" if given else " or ".join(f".{one}" for one in formats)
    problem = "the name does not say in which format to write"
    if given is not None:
        problem = f"the name says another format than {given}"
    raise MtrrvizError(f"{escaped(output)}: {problem} (expected a name that ends in {expected})")


def scenario_output(name: str) -> Path:
    """Return the path of a scenario to write; MtrrvizError for a name of anything else."""
    output = Path(name)
    if output.suffix.lower() != ".toml":
        raise MtrrvizError(f"{name}: scenarios are TOML files (expected a name that ends in .toml)")
    return output


def _is_special(path: Path) -> bool:
    """Whether there is something that is no file: a pipe, a device, a folder (refused later)."""
    try:
        return path.exists() and not path.is_file()
    except (OSError, ValueError):  # a name that is too long, or with a NUL
        return False
