"""Opening by one way: what a name, a file and a text stand for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.importers import ImportOptions
from mtrrviz.importers.opening import STDIN_NAME, import_request, open_request, request_for
from mtrrviz.scenario.library import find
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.scenario.scenario_error import ScenarioError

DUMP = "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "machine.txt"
    path.write_text(DUMP)
    return path


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    shutil.copy(find("sandbox"), path)
    return path


def test_a_built_in_scenario_has_no_file_to_save_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened = open_request(request_for([Path("sandbox")]))
    assert (opened.scenario.name, opened.path, opened.imported) == ("sandbox", None, None)


def test_a_scenario_file_is_saved_to_where_it_is(scenario_file: Path) -> None:
    opened = open_request(request_for([scenario_file]))
    assert (opened.path, opened.imported) == (scenario_file, None)


def test_a_scenario_becomes_the_kind_of_machine_that_is_asked_for(scenario_file: Path) -> None:
    options = ImportOptions(machine=MachineKind.HOST)
    opened = open_request(request_for([scenario_file], options=options))
    assert opened.scenario.machine.is_host
    with pytest.raises(ScenarioError, match="memory"):
        open_request(request_for([scenario_file], options=ImportOptions(memory_bytes=1 << 30)))


def test_a_dump_is_called_after_its_file_and_can_be_asked_for_again(dump: Path) -> None:
    opened = open_request(request_for([dump]))
    assert opened.scenario.name == "machine"
    assert opened.path is None
    assert opened.imported is not None
    assert opened.request is not None
    assert open_request(opened.request).scenario.machine == opened.scenario.machine


def test_a_scenario_is_no_dump(dump: Path, scenario_file: Path) -> None:
    for attempt in (
        lambda: open_request(request_for([dump, scenario_file])),
        lambda: import_request(request_for([scenario_file])),
    ):
        with pytest.raises(ScenarioError, match="this is a scenario file"):
            attempt()


def test_a_scenario_on_standard_input_is_one(scenario_file: Path) -> None:
    opened = open_request(request_for([(STDIN_NAME, scenario_file)]))
    assert opened.path is None
    assert opened.imported is None
    assert opened.scenario.machine == open_request(request_for([scenario_file])).scenario.machine


def test_a_name_is_looked_up_and_a_text_is_not(dump: Path) -> None:
    with pytest.raises(MtrrvizError, match="expected a file or one of"):
        open_request(request_for([dump.with_name("nowhere")]))
    assert open_request(request_for([("sandbox", DUMP.encode())])).imported is not None


def test_a_scenario_is_none_where_its_format_is_given(scenario_file: Path) -> None:
    with pytest.raises(ScenarioError, match="this is a scenario file"):
        open_request(request_for([scenario_file], "msr-list"))
