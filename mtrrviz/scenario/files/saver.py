"""Saving a scenario: its text keeps all that was not edited, its data files lie beside it."""

from __future__ import annotations

import errno
import filecmp
import os
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.file_kinds import file_itself
from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.files.data_files.observed_file import observed_file
from mtrrviz.scenario.files.data_files.own_data import (
    remove_unused_data,
    saving_in,
    write_own_data,
)
from mtrrviz.scenario.files.data_files.recorded import BUILTIN, data_path, has_data
from mtrrviz.scenario.files.data_files.touch_file import touch_file
from mtrrviz.scenario.files.loader import MAX_TEXT_BYTES
from mtrrviz.scenario.files.original import Original
from mtrrviz.scenario.files.whole_file import write_whole, write_whole_parts
from mtrrviz.scenario.files.writing.events_file import write_events, write_many_events
from mtrrviz.scenario.files.writing.patching import patched
from mtrrviz.scenario.files.writing.scenario_tables import scenario_tables
from mtrrviz.scenario.model import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.scenario.model import Scenario

_BYTE_ORDER_MARK = "\ufeff"
_COPIED_BYTES = 1 << 20
#: More events go to a data file: a text of so many takes long to read, and may become too long.
MOST_TEXT_EVENTS = 50_000


def save_scenario(
    scenario: Scenario,
    path: Path,
    original: Original | None = None,
    *,
    over_read_only: bool = False,
) -> Original:
    """Write ``scenario`` to ``path`` and return what is there now.

    What it has in common with ``original``, the file that it was read from or last saved to, is
    written as it stands there. The returned scenario is equal to the one given, but its data files
    may lie elsewhere: touches and observed leaves that are in no file yet, as those of an import,
    go to data files ``NAME.HASH.touches.npz`` and ``NAME.HASH.observed.npz`` beside it.

    Events that were read from a data file and edited go to such a file again, if they can, and so
    do more events than :data:`MOST_TEXT_EVENTS` that are in no text yet, and those of a text that
    would become too long to be read. If it still is it is not written.

    Data files are named by their content, and the text is put in place last: a failure leaves the
    old text with its data. What the text no longer names is removed then. Where ``path`` is a link
    the data lie beside the file that it leads to. A read-only file is refused unless
    ``over_read_only``. Raises OSError.
    """
    file = file_itself(path)
    with saving_in(file.parent) as lock:
        saved = _saved(scenario, file, original)
        if len(saved.events) > MOST_TEXT_EVENTS and not _are_in_text(original):
            saved = _with_events_beside(saved, file)
        data = scenario_text(saved, original).encode()
        if len(data) > MAX_TEXT_BYTES:
            saved = _with_events_beside(saved, file)
            data = scenario_text(saved, original).encode()
        if len(data) > MAX_TEXT_BYTES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        write_whole(path, data, over_read_only=over_read_only)
        remove_unused_data(file, _data_names(original), lock)
    return Original(data, saved)


def _saved(scenario: Scenario, path: Path, original: Original | None) -> Scenario:
    """Return the scenario as its text at ``path`` says it, its data files written."""
    recording = scenario.recording
    if recording is not None and not has_data(recording):  # removed since it was read
        recording = None
    if recording is not None and original is not None:
        recording = _edited_recording(scenario, recording, original.scenario, path)
    elif recording is not None:
        recording = _recording_beside(recording, path.parent)
    if recording is None and (len(scenario.recorded) or len(scenario.observed)):
        recording = columns_beside(scenario, path)
    return replace(scenario, recording=recording)


def _are_in_text(original: Original | None) -> bool:
    """Whether a text has the events itself, as somebody may have written them there."""
    if original is None or not original.scenario.events:
        return False
    recording = original.scenario.recording
    return recording is None or recording.events is None


def _with_events_beside(scenario: Scenario, path: Path) -> Scenario:
    """Return the scenario with its events in a data file, if they can be and are not."""
    if scenario.recording is not None and scenario.recording.events is not None:
        return scenario
    recording = write_many_events(scenario, path)
    return scenario if recording is None else replace(scenario, recording=recording)


def _data_names(original: Original | None) -> list[str]:
    """Return the names of the data files that a text had."""
    recording = original and original.scenario.recording
    if recording is None:
        return []
    names = (recording.touches, recording.events, recording.observed)
    return [name for name in names if name is not None]


def text_beside(scenario: Scenario, directory: Path) -> str:
    """Return the TOML text of a scenario as a file in ``directory`` says it.

    Data files that lie elsewhere, but for those of the program, are copied there.
    """
    recording = scenario.recording and _recording_beside(scenario.recording, directory)
    return scenario_text(replace(scenario, recording=recording))


def scenario_text(scenario: Scenario, original: Original | None = None) -> str:
    """Return the TOML text of ``scenario``; loading it gives an equal scenario.

    What it has in common with ``original`` is written as it stands there. Of words that are no
    text, as names of files may be, what cannot be written becomes U+FFFD.
    """
    after = scenario_tables(scenario)
    if original is None:
        return writable_text(patched("", {}, after))
    text = original.data.decode()
    plain = text.removeprefix(_BYTE_ORDER_MARK)
    mark = text[: len(text) - len(plain)]
    return writable_text(mark + patched(plain, scenario_tables(original.scenario), after))


def writable_text(text: str) -> str:
    """Return a text without halves of characters, which UTF-8 does not have.

    What is instead of them is U+FFFD.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def columns_beside(scenario: Scenario, path: Path) -> Recording:
    """Write touches and observed leaves beside the scenario file ``path``; return the reference.

    Raises OSError.
    """
    touches, observed = scenario.recorded, scenario.observed
    names: dict[str, str] = {}
    if len(touches):
        names["touches"] = write_own_data(path, "touches.npz", touch_file(touches))
    if len(observed):
        names["observed"] = write_own_data(path, "observed.npz", observed_file(observed))
    # A recording is stretched to its duration: one that is its own length leaves it as it is.
    # See :func:`mtrrviz.scenario.files.data_files.recorded.load_recording`.
    return Recording(path.parent, **names, duration_s=(touches.end_ns or observed.end_ns) / 1e9)


def _edited_recording(
    scenario: Scenario, recording: Recording, before: Scenario, path: Path
) -> Recording:
    """Return ``recording`` as a file at ``path`` can refer to it after edits of ``before``.

    Whatever its file of events was once, that may hold other events since.
    """
    source = before.recording
    if source is None or source.events is None:
        return _recording_beside(recording, path.parent)
    beside = _recording_beside(replace(recording, events=None), path.parent)
    if scenario.events == before.events:
        return replace(beside, events=_name_beside(source, source.events, path.parent))
    name = write_events(replace(scenario, recording=beside), before, path)
    return replace(beside, events=name)


def _recording_beside(recording: Recording, directory: Path) -> Recording:
    """Return ``recording`` as a file in ``directory`` can refer to it, copying data if needed."""
    keys = ("touches", "events", "phases", "observed")
    names = {key: _name_beside(recording, getattr(recording, key), directory) for key in keys}
    return replace(recording, directory=directory, **names)


def _name_beside(recording: Recording, name: str | None, directory: Path) -> str | None:
    """Return the name by which a file in ``directory`` refers to a data file."""
    if name is None or name.startswith(BUILTIN):
        return name
    source = data_path(recording, name)
    if source.parent.resolve() == directory.resolve():
        return name
    if source.parent.resolve() == scenarios_dir().resolve():
        return BUILTIN + name
    return _copied_beside(source, directory)


def _copied_beside(source: Path, directory: Path) -> str:
    """Copy a data file into ``directory`` under a name that no other content has there."""
    stem, dot, rest = source.name.partition(".")
    for number in range(1, 1000):
        target = directory / (source.name if number == 1 else f"{stem}-{number}{dot}{rest}")
        if not target.exists():
            with source.open("rb") as stream:
                write_whole_parts(target, iter(partial(stream.read, _COPIED_BYTES), b""))
            return target.name
        if filecmp.cmp(source, target, shallow=False):
            return target.name
    raise FileExistsError(f"{directory / source.name} and 998 copies exist")
