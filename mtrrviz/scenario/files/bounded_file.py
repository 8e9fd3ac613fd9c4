"""The bytes of a file that a user names, as long as there are not too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import format_size

if TYPE_CHECKING:
    from pathlib import Path


class FileProblemError(Exception):
    """A file cannot be read: why, and what was expected."""

    def __init__(self, problem: str, expected: str) -> None:
        super().__init__(problem)
        self.problem, self.expected = problem, expected


def bounded_bytes(path: Path, most_bytes: int, expected: str) -> bytes:
    """Return the content of a file; FileProblemError if it has none, or more than so much.

    ``expected`` says what the file should be.
    """
    try:
        if path.exists() and not path.is_file():
            raise FileProblemError("this is not a file", expected)
        with path.open("rb") as stream:
            data = stream.read(most_bytes + 1)
    except OSError as error:
        raise FileProblemError(error.strerror or str(error), "a readable file") from error
    except ValueError as error:  # a path with a NUL in it
        raise FileProblemError(str(error), "the path of a file") from error
    if len(data) > most_bytes:
        most = format_size(most_bytes, exact=True)
        raise FileProblemError("the file is too large", f"at most {most}")
    return data
