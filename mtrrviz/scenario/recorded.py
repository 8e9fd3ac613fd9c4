"""Recorded boots: the columnar data files beside a scenario, checked before they are used.

``*.events.csv.gz`` holds register writes, ``*.phases.csv`` the phases, ``*.touches.npz`` the page
touches. Times in them are the recorder's; here they are stretched to the time the recording
shall play in. Sizes are bounded before memory is taken.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.errors import ScenarioError
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.model import Aps, Phase, Recording
from mtrrviz.scenario.touches import Touches, no_touches

#: Prefix of a data file that comes with the program.
BUILTIN = "builtin:"
#: Largest unpacked events or phases file, in bytes.
MAX_CSV_BYTES = 256 << 20
#: Largest unpacked touch file, in bytes (22 bytes a touch at most).
MAX_TOUCH_BYTES = 1 << 30
_EVENT_COLUMNS = ["t_ns", "vcpu", "kind", "register", "value", "origin"]
_PHASE_COLUMNS = ["start_ns", "phase", "aps", "what"]
_TOUCH_COLUMNS = ("t_ns", "gfn", "vcpu", "access")


@dataclass(frozen=True)
class RecordedData:
    """What the data files of a recording hold, in scenario time; ``events`` None without a file."""

    recording: Recording | None
    events: tuple[Event, ...] | None
    phases: tuple[Phase, ...]
    touches: Touches
    duration_ns: int


def load_recording(recording: Recording, duration_s: float, scenario_file: str) -> RecordedData:
    """Read the data files of ``recording`` and stretch them to ``duration_s`` seconds.

    Raises :class:`ScenarioError` naming the data file and the row or array that is wrong.
    """
    events = _events(_locate(recording, recording.events, scenario_file))
    phases = _phases(_locate(recording, recording.phases, scenario_file))
    touches = _touches(_locate(recording, recording.touches, scenario_file))
    end_ns = max([touches.end_ns, *(event.time_ns for event in (events or ())[-1:])])
    factor = duration_s * 1e9 / end_ns if end_ns else 1.0
    return RecordedData(
        recording,
        None if events is None else tuple(_stretched(event, factor) for event in events),
        tuple(_stretched_phase(phase, factor) for phase in phases),
        touches.stretched(factor),
        round(duration_s * 1e9),
    )


def data_path(recording: Recording, name: str) -> Path:
    """Return where the data file ``name`` of a recording lies."""
    if name.startswith(BUILTIN):
        return scenarios_dir() / name.removeprefix(BUILTIN)
    return recording.directory / name


def _locate(recording: Recording, name: str | None, scenario_file: str) -> Path | None:
    """Return the path of a data file, refusing names that lead out of the directory."""
    if name is None:
        return None
    plain = name.removeprefix(BUILTIN)
    if plain != Path(plain).name or plain in ("", ".", ".."):
        expected = "the plain name of a file beside the scenario"
        raise ScenarioError(scenario_file, "recording", f"{name!r} is not possible here", expected)
    path = data_path(recording, name)
    if not path.is_file():
        raise ScenarioError(scenario_file, "recording", f"the file {path} is missing", "a data file")
    return path


def _stretched(event: Event, factor: float) -> Event:
    return Event(
        round(event.time_ns * factor),
        event.kind,
        event.vcpu,
        event.register,
        event.value,
        event.origin,
        event.text,
    )


def _stretched_phase(phase: Phase, factor: float) -> Phase:
    return Phase(round(phase.start_ns * factor), phase.name, phase.aps, phase.text)


# CSV files


def _text(path: Path) -> str:
    """Return the text of a CSV file, plain or gzip, up to :data:`MAX_CSV_BYTES`."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            data = stream.read(MAX_CSV_BYTES + 1)
        if len(data) > MAX_CSV_BYTES:
            raise ScenarioError(str(path), "", "the data are too large", "at most 256 MiB unpacked")
        return data.decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), "", f"cannot be read: {error}", "a whole CSV file") from error


def _rows(path: Path, columns: list[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV file that has exactly ``columns``."""
    try:
        reader = csv.DictReader(io.StringIO(_text(path), newline=""))
        if reader.fieldnames != columns:
            raise ScenarioError(
                str(path), "line 1", f"columns {reader.fieldnames}", ",".join(columns)
            )
        return list(reader)
    except csv.Error as error:
        raise ScenarioError(str(path), "", str(error), "a CSV file") from error


def _events(path: Path | None) -> tuple[Event, ...] | None:
    """Return the events of a file, in its order; None without a file."""
    if path is None:
        return None
    rows = _rows(path, _EVENT_COLUMNS)
    events = tuple(_event(row, path, line) for line, row in enumerate(rows, 2))
    for line, (before, after) in enumerate(zip(events, events[1:], strict=False), 3):
        if after.time_ns < before.time_ns:
            problem = f"t_ns {after.time_ns} comes after {before.time_ns}"
            raise ScenarioError(str(path), f"line {line}", problem, "times that do not go back")
    return events


def _event(row: dict[str, str], path: Path, line: int) -> Event:
    """Return the event of one row."""
    try:
        kind = EventKind(row["kind"])
        is_msr = kind in (EventKind.WRMSR, EventKind.VMM_WRMSR)
        return Event(
            time_ns=_bounded(row["t_ns"], 63),
            kind=kind,
            vcpu=_bounded(row["vcpu"], 8),
            register=_bounded(row["register"], 32) if is_msr else 0,
            value=_bounded(row["value"], 64) if row["value"] else 0,
            origin=row["origin"],
        )
    except (ValueError, TypeError) as error:
        expected = "t_ns, vcpu, kind, register, value, origin"
        raise ScenarioError(str(path), f"line {line}", str(error), expected) from error


def _bounded(text: str, bits: int) -> int:
    """Return a decimal or 0x number of at most ``bits`` bits; ValueError otherwise."""
    number = int(text, 0)
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{text} is out of range")
    return number


def _phases(path: Path | None) -> tuple[Phase, ...]:
    """Return the phases of a file, in time order."""
    if path is None:
        return ()
    return tuple(_phase(r, path, n) for n, r in enumerate(_rows(path, _PHASE_COLUMNS), 2))


def _phase(row: dict[str, str], path: Path, line: int) -> Phase:
    try:
        return Phase(_bounded(row["start_ns"], 63), row["phase"], Aps(row["aps"]), row["what"])
    except (ValueError, TypeError) as error:
        raise ScenarioError(str(path), f"line {line}", str(error), "start_ns,phase,aps,what") from error


# Touch files


def _touches(path: Path | None) -> Touches:
    """Return the touches of an .npz file, sorted by time as the file must be."""
    if path is None:
        return no_touches()
    arrays = _arrays(path)
    lengths = {name: array.shape for name, array in arrays.items()}
    if len(set(lengths.values())) != 1 or len(lengths["t_ns"]) != 1:
        raise ScenarioError(str(path), "", f"shapes {lengths}", "four columns of equal length")
    if np.any(np.diff(arrays["t_ns"].astype(np.int64)) < 0):
        raise ScenarioError(str(path), "t_ns", "times go back", "rows sorted by time")
    return Touches(
        arrays["t_ns"].astype(np.int64),
        arrays["gfn"].astype(np.uint64),
        arrays["vcpu"].astype(np.uint8),
        arrays["access"].astype(np.uint8),
    )


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the four columns of a touch file; nothing in the file is executed."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_TOUCH_BYTES:
                raise ScenarioError(str(path), "", "the data are too large", "at most 1 GiB")
        with np.load(path, allow_pickle=False) as data:
            arrays = {name: np.asarray(data[name]) for name in _TOUCH_COLUMNS}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        expected = f"an .npz file with the arrays {', '.join(_TOUCH_COLUMNS)}"
        raise ScenarioError(str(path), "", f"cannot be read: {error}", expected) from error
    for name, array in arrays.items():
        _check_column(path, name, array)
    return arrays


def _check_column(path: Path, name: str, array: NDArray[Any]) -> None:
    """Refuse columns that are no whole numbers in the range their meaning has."""
    limit = {"t_ns": 1 << 62, "gfn": 1 << 40, "vcpu": 255, "access": 3}[name]
    if array.dtype.kind not in "iu":
        raise ScenarioError(str(path), name, f"values of type {array.dtype}", "whole numbers")
    if array.size and not 0 <= int(array.min()) <= int(array.max()) < limit:
        problem = f"values from {array.min()} to {array.max()}"
        raise ScenarioError(str(path), name, problem, f"0 to {limit - 1}")
