"""A save that is killed at any step leaves one scenario whole: the old one or the new one."""

from __future__ import annotations

import os
import sys
from itertools import count

import pytest
from msgspec.structs import replace

from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.scenario.touches import Touches
from tests.scenario.files import write_recorded

#: What the interpreter tells of before it does it, by which a save changes what is on the disk.
STEPS = {"os.rename", "os.remove", "os.truncate", "os.chmod", "os.chown"}


def is_step(event, arguments):
    """Whether something on the disk is about to change: files are made, renamed, removed."""
    return event in STEPS or (event == "open" and arguments[2] & os.O_CREAT)


def fewer(scenario):
    """Return the scenario under another title, without its last touch."""
    rows = scenario.recorded
    kept = Touches(rows.time_ns[:-1], rows.gfn[:-1], rows.vcpu[:-1], rows.access[:-1])
    return replace(scenario, title="Fewer", recorded=kept, recording=None)


def saved_until(step, scenario, path, original):
    """Save in a process that ends as it begins a step; return whether it came to its end."""
    child = os.fork()
    if not child:
        left = count(step, -1)

        def watch(event, arguments):
            if is_step(event, arguments) and not next(left):
                os._exit(1)

        try:
            sys.addaudithook(watch)
            save_scenario(scenario, path, original)
            os._exit(0)
        finally:
            os._exit(2)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, 1}
    return status == 0


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork")
def test_a_save_that_ends_at_any_step_leaves_a_whole_scenario(tmp_path):
    (tmp_path / "source").mkdir()
    old = replace(load_scenario(write_recorded(tmp_path / "source")), recording=None)
    new = fewer(old)
    found = []
    for step in count():
        folder = tmp_path / str(step)
        folder.mkdir()
        path = folder / "a.toml"
        original = save_scenario(old, path)
        is_done = saved_until(step, new, path, original)
        there = load_scenario(path)
        found.append(there.title)
        wanted = new if there.title == "Fewer" else old
        assert len(there.recorded) == len(wanted.recorded)
        # the next save removes what the dead one left
        save_scenario(replace(there, title="Next"), path)
        assert len(list(folder.iterdir())) == 2
        if is_done:
            break
    assert len(found) > 6
    assert found == sorted(found, reverse=True)  # old, then new
    assert found[0] == old.title
    assert found[-1] == "Fewer"
