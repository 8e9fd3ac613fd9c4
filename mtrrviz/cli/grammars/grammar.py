"""What the parser must know of a command: its help, its arguments and what does it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from collections.abc import Callable


class UsageError(MtrrvizError):
    """The command line cannot be understood."""


class CommandParser(argparse.ArgumentParser):
    """A parser that raises UsageError instead of leaving the program.

    ``details`` end its help; where they take long to put together they are a function.
    """

    details: str | Callable[[], str] | None = None

    def format_help(self) -> str:
        """Return the help with its details, which are made only now."""
        if self.details is not None:
            self.epilog = self.details() if callable(self.details) else self.details
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise the message with a way to learn more."""
        raise UsageError(f"{message} (see `{self.prog} --help`)")


class Grammar(NamedTuple):
    """The arguments of a command, the longer part of its help, and the function that does it."""

    details: str | Callable[[], str]
    add_arguments: Callable[[CommandParser], None]
    handler: Callable[[argparse.Namespace], int]
