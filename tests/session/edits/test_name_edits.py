"""Names of vCPUs: edits of them, and the file that keeps them."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.geometry.timeline.timeline_events import LaneEvents
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.vcpu_name import VcpuName
from mtrrviz.session.document import Document
from mtrrviz.session.edits import name_vcpu
from tests.scenario.files import GOOD, write_scenario
from tests.session.booting import boot


def test_a_name_is_given_changed_and_taken_back_as_one_step_each():
    document = Document(boot())
    before = document.scenario
    document.apply(name_vcpu(document.scenario, 2, " late "))
    assert document.undo_label == "Rename vCPU 2 to 'late'"
    document.apply(name_vcpu(document.scenario, 1, "lagging"))
    assert document.scenario.vcpu_names == (VcpuName(1, "lagging"), VcpuName(2, "late"))
    document.apply(name_vcpu(document.scenario, 2, ""))
    assert document.undo_label == "Clear the name of vCPU 2"
    assert document.scenario.vcpu_names == (VcpuName(1, "lagging"),)
    for _ in range(3):
        document.undo()
    assert document.scenario is before


def test_a_vcpu_that_is_not_there_has_no_name():
    with pytest.raises(MtrrvizError, match="expected 0 to 2"):
        name_vcpu(boot(), 3, "x")


def test_lanes_are_called_by_the_names():
    events = LaneEvents(name_vcpu(boot(), 1, "lagging").scenario)
    assert [events.lane_name(lane) for lane in range(3)] == ["vCPU 0", "lagging", "vCPU 2"]
    assert events.lane_text(1) == "vCPU 1"


def test_the_file_keeps_the_names_and_changes_in_nothing_else(tmp_path):
    path = write_scenario(tmp_path)
    original = load_original(path)
    named = name_vcpu(original.scenario, 0, "the boot vCPU").scenario
    saved = save_scenario(named, path, original)
    assert path.read_text().replace('\n[[vcpu]]\nindex = 0\nname = "the boot vCPU"\n', "") == GOOD
    assert load_original(path).scenario.vcpu_names == named.vcpu_names
    save_scenario(name_vcpu(saved.scenario, 0, "").scenario, path, saved)
    assert path.read_text() == GOOD


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ('[[vcpu]]\nindex = 200\nname = "x"\n', "vcpu[0].index"),
        ('[[vcpu]]\nindex = 0\nname = " "\n', "vcpu[0].name"),
        ('[[vcpu]]\nindex = 0\nname = "x"\n[[vcpu]]\nindex = 0\nname = "y"\n', "vcpu[1].index"),
    ],
)
def test_a_wrong_table_is_told_by_its_place(tmp_path, table, place):
    with pytest.raises(ScenarioError) as error:
        load_original(write_scenario(tmp_path, f"{GOOD}\n{table}"))
    assert place in str(error.value)
