"""Every word that a scenario can hold has its place in the file format, and comes back from it."""

from __future__ import annotations

import importlib
import pkgutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

import mtrrviz.scenario
from mtrrviz.core.units import LEVEL_NAMES
from mtrrviz.scenario import Event, EventKind, Scenario
from mtrrviz.scenario.complaints import ComplaintKind, KernelComplaint
from mtrrviz.scenario.events import KNOWN_MSRS, REGISTER_KINDS
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.scenario.library import Purpose
from mtrrviz.scenario.machine_spec import MachineKind, Maker, RegionKind
from mtrrviz.scenario.model import Aps, Phase
from mtrrviz.scenario.stop_condition import LIMIT_KINDS, StopCondition, StopKind
from mtrrviz.scenario.touches import Access, Sweep
from mtrrviz.scenario.view import MapMode, View
from tests.scenario.files import GOOD

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = parse_scenario(GOOD, "made.toml", Path())


def with_machine(**changed: Any) -> Scenario:
    return replace(PLAIN, machine=replace(PLAIN.machine, **changed))


def with_region(kind: RegionKind) -> Scenario:
    first, *others = PLAIN.machine.regions
    return with_machine(regions=(first, replace(others[0], kind=kind)))


def with_event(kind: EventKind) -> Scenario:
    value = 0x11 if kind is EventKind.MOV_CR0 else 0
    register = min(KNOWN_MSRS) if kind in (EventKind.WRMSR, EventKind.VMM_WRMSR) else 0
    assert kind in REGISTER_KINDS or not value
    return replace(PLAIN, events=(Event(0, kind, 0, register, value),))


def with_stop(kind: StopKind) -> Scenario:
    limit = 3.0 if kind in LIMIT_KINDS else None
    gfns = (0, 1) if kind is StopKind.TYPE else None
    return replace(PLAIN, stops=(StopCondition(kind, gfns=gfns, limit=limit),))


MADE: dict[type[Any], Callable[[Any], Scenario]] = {
    MachineKind: lambda kind: with_machine(kind=kind),
    Maker: lambda maker: with_machine(kind=MachineKind.HOST, maker=maker),
    RegionKind: with_region,
    EventKind: with_event,
    Aps: lambda aps: replace(PLAIN, phases=(Phase(0, "p", aps),)),
    ComplaintKind: lambda kind: replace(PLAIN, complaints=(KernelComplaint(kind, "words"),)),
    StopKind: with_stop,
    MapMode: lambda mode: replace(PLAIN, view=View(map_mode=mode)),
    Access: lambda access: replace(PLAIN, sweeps=(Sweep(0, 0, 0, 1, access),)),
}
"""For each enumeration a scenario with one of its members."""

CASES = [(kind, member) for kind in MADE for member in kind.__members__.values()]


def enumerations() -> set[type[StrEnum]]:
    """Return the enumerations of words that the package of scenarios defines."""
    found = pkgutil.walk_packages(mtrrviz.scenario.__path__, "mtrrviz.scenario.")
    modules = [importlib.import_module(one.name) for one in found]
    kinds = [value for module in modules for value in vars(module).values()]
    return {
        kind
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
    }


def test_no_enumeration_is_forgotten_here():
    not_in_files = {Purpose}  # what a built-in scenario is for, told by its tags
    assert enumerations() - not_in_files == {kind for kind in MADE if issubclass(kind, StrEnum)}


@pytest.mark.parametrize(("enumeration", "member"), CASES, ids=lambda one: getattr(one, "name", ""))
def test_each_word_is_saved_and_loaded(enumeration, member):
    scenario = MADE[enumeration](member)
    again = parse_scenario(scenario_text(scenario), "made.toml", Path())
    for name in ("machine", "events", "phases", "complaints", "stops", "view", "sweeps"):
        assert getattr(again, name) == getattr(scenario, name), name


@pytest.mark.parametrize("level", LEVEL_NAMES)
def test_each_size_of_backing_pages_is_saved_and_loaded(level):
    scenario = with_machine(host_level=level)
    again = parse_scenario(scenario_text(scenario), "made.toml", Path())
    assert again.machine.host_level == level
