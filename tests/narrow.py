"""A value that a test knows to be there, said so that types know it too."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def there(value: T | None) -> T:
    """Return ``value``; AssertionError where it is None."""
    assert value is not None
    return value
