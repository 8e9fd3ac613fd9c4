"""Saving a scenario: its text keeps all that was not edited, its data files lie beside it."""

from __future__ import annotations

import filecmp
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.files.loader import stem_of
from mtrrviz.scenario.files.observed_file import observed_file
from mtrrviz.scenario.files.original import Original
from mtrrviz.scenario.files.patching import patched
from mtrrviz.scenario.files.recorded import BUILTIN, data_path
from mtrrviz.scenario.files.scenario_tables import scenario_tables
from mtrrviz.scenario.files.touch_file import touch_file
from mtrrviz.scenario.files.whole_file import write_whole
from mtrrviz.scenario.model import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.scenario.model import Scenario

_BYTE_ORDER_MARK = "\ufeff"


def save_scenario(scenario: Scenario, path: Path, original: Original | None = None) -> Original:
    """Write ``scenario`` to ``path`` and return what is there now.

    What it has in common with ``original``, the file that it was read from or last saved to, is
    written as it stands there. The returned scenario is equal to the one given, but its data files
    may lie elsewhere: touches and observed leaves that are in no file yet, as those of an import,
    go to data files ``NAME.touches.npz`` and ``NAME.observed.npz`` beside it.

    The text is written beside the target and then renamed over it, so a failure leaves the old
    file as it was. Raises OSError.
    """
    recording = scenario.recording and _recording_beside(scenario.recording, path.parent)
    if recording is None and (len(scenario.recorded) or len(scenario.observed)):
        recording = _columns_beside(scenario, path)
    saved = replace(scenario, recording=recording)
    data = scenario_text(saved, original).encode()
    write_whole(path, data)
    return Original(data, saved)


def scenario_text(scenario: Scenario, original: Original | None = None) -> str:
    """Return the TOML text of ``scenario``; loading it gives an equal scenario.

    What it has in common with ``original`` is written as it stands there.
    """
    after = scenario_tables(scenario)
    if original is None:
        return patched("", {}, after)
    text = original.data.decode()
    plain = text.removeprefix(_BYTE_ORDER_MARK)
    mark = text[: len(text) - len(plain)]
    return mark + patched(plain, scenario_tables(original.scenario), after)


def _columns_beside(scenario: Scenario, path: Path) -> Recording:
    """Write touches and observed leaves to files beside the scenario file; return the reference."""
    stem = stem_of(path)
    touches, observed = scenario.recorded, scenario.observed
    names: dict[str, str] = {}
    if len(touches):
        names["touches"] = f"{stem}.touches.npz"
        write_whole(path.parent / names["touches"], touch_file(touches))
    if len(observed):
        names["observed"] = f"{stem}.observed.npz"
        write_whole(path.parent / names["observed"], observed_file(observed))
    # A recording is stretched to its duration: one that is its own length leaves it as it is.
    # See :func:`mtrrviz.scenario.files.recorded.load_recording`.
    return Recording(path.parent, **names, duration_s=(touches.end_ns or observed.end_ns) / 1e9)


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
            shutil.copyfile(source, target)
            return target.name
        if filecmp.cmp(source, target, shallow=False):
            return target.name
    raise FileExistsError(f"{directory / source.name} and 998 copies exist")
