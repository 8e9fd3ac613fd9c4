"""Text of files and names of files, made fit for a line on a terminal."""

from __future__ import annotations


def escaped(text: str, keep: str = "") -> str:
    r"""Return ``text`` with what cannot be printed, or steers a terminal, as escapes: ``\x1b``.

    Characters in ``keep`` stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
        for char in text
    )
