"""The results of the last run, kept beside the tree to compare the next one with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.bench.measure import Result

KEPT = Path(__file__).parents[2] / ".dev" / "bench.json"


def last_ratios() -> dict[str, float]:
    """Return the ratios of the last run by the names of the cases; none where there was no run."""
    try:
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
        return {str(name): float(ratio) for name, ratio in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def keep(before: Mapping[str, float], results: Iterable[Result]) -> None:
    """Keep the ratios of a run; those of cases that it left out stay."""
    ratios = {**before, **{result.case.name: result.ratio for result in results}}
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(ratios, indent=1), encoding="utf-8")
