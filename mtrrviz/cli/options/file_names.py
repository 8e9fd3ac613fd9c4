"""What may stand for a FILE on the command line besides a path: a file:// address."""

from __future__ import annotations

from mtrrviz.core.errors import MtrrvizError

_SCHEME = "file:"
_OWN_HOSTS = ("", "localhost")


def file_name(word: str) -> str:
    """Return the path that a file:// address means, and any other word as it is.

    Raises MtrrvizError for a file on another host, and for an address without a path.
    """
    if not word.lower().startswith(_SCHEME + "/"):
        return word
    from urllib.parse import unquote, urlsplit

    try:
        address = urlsplit(word)
        path = unquote(address.path, errors="strict")
    except ValueError as error:
        raise MtrrvizError(f"{word}: {error} (expected file:///path)") from error
    if address.netloc.lower() not in _OWN_HOSTS:
        problem = f"this file is on the host {address.netloc!r}"
        raise MtrrvizError(f"{word}: {problem} (expected file:///path)")
    if address.query or address.fragment:
        problem = "this address has a query or a fragment"
        raise MtrrvizError(
            f"{word}: {problem} (expected file:///path, with %3F for ? and %23 for #)"
        )
    if not path.strip("/"):
        raise MtrrvizError(f"{word}: no file is named (expected file:///path)")
    return path
