"""Files of the origins and texts of events, of which there may be as many as events.

Each line is a JSON array of some. They are made and read a line at a time, so that the window's
thread gets its turns in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mtrrviz.scenario.event_columns import Saying
from mtrrviz.scenario.files.saver import writable_text
from mtrrviz.scenario.files.whole_file import write_whole_parts
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Sayings = tuple[Saying, ...]

_IN_A_LINE = 2048
_MOST_BYTES = 1 << 30


def write_sayings(path: Path, sayings: Sayings) -> int:
    """Write them to a file; return its size in bytes. Raises OSError."""
    write_whole_parts(path, _lines(sayings))
    return path.stat().st_size


def _lines(sayings: Sayings) -> Iterator[bytes]:
    for at in range(0, len(sayings), _IN_A_LINE):
        some = sayings[at : at + _IN_A_LINE]
        try:
            line = msgspec.json.encode(some)
        except UnicodeEncodeError:
            line = msgspec.json.encode([tuple(map(writable_text, saying)) for saying in some])
        yield line + b"\n"


def read_sayings(path: Path) -> Sayings:
    """Return what a file holds. Raises ScenarioError, also for OSError."""
    found: list[Saying] = []
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ScenarioError(str(path), "", "it is too large", "the texts of events")
        with path.open("rb") as stream:
            for line in stream:
                found += msgspec.json.decode(line, type=list[Saying])
    except OSError as error:
        problem = error.strerror or str(error)
        raise ScenarioError(str(path), "", problem, "the texts of events") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise ScenarioError(str(path), "", str(error), "the texts of events") from error
    return tuple(found)
