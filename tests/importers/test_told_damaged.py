"""What the samples tell with their lines cut, joined or out of order: sums, as they are kept.

A line cut anywhere is a line that some reader must not take for a whole one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.importers.told import told_of
from tests.kept_texts import require_as_kept

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[1] / "data"
KEPT = DATA / "told_damaged"
TEXTS = sorted((DATA / "forms").glob("*.txt"))
_LONGEST = 6000

DAMAGES: dict[str, Callable[[list[str]], list[str]]] = {
    "short by one": lambda lines: [line[:-1] for line in lines],
    "short by four": lambda lines: [line[:-4] for line in lines],
    "two thirds": lambda lines: [line[: len(line) * 2 // 3] for line in lines],
    "every other": lambda lines: [line for line in lines[::2] for _ in range(2)],
    "digits less": lambda lines: [line.translate(str.maketrans("123", "012")) for line in lines],
}


def summed(text: str) -> str:
    """Return how many lines of each kind there are, and a sum of all."""
    kinds = Counter(line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip())
    counts = " ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    return f"{hashlib.sha256(text.encode()).hexdigest()[:10]} {counts}"


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_texts_tell_what_they_told(damage):
    found: list[str] = []
    for path in TEXTS:
        lines = path.read_text("utf-8", "replace")[:_LONGEST].splitlines()
        told = told_of(path.name, "\n".join(DAMAGES[damage](lines)).encode())
        found.append(f"{path.stem}: {summed(told)}\n")
    require_as_kept("".join(found), KEPT / f"{damage.replace(' ', '-')}.txt")
