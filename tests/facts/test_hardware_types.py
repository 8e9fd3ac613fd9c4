"""The figures of a real machine, and what decides each of its ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.facts.hosts.hardware_types import HostFigures, deciding_words, host_figures
from mtrrviz.facts.hosts.host_ranges import host_ranges_at
from mtrrviz.facts.hosts.host_words import figure_words
from mtrrviz.facts.tables.host_range_rows import HostRangeRows
from mtrrviz.importers import import_texts
from mtrrviz.sim.simulate import simulate
from tests.importers.helpers import SAMPLES

if TYPE_CHECKING:
    from mtrrviz.sim.run import State

MIB = 1 << 20


def state_of(name: str) -> State:
    path = SAMPLES / "field" / f"{name}.txt"
    scenario = import_texts([(path.name, path)]).scenario
    return simulate(scenario, "hardware").at(scenario.duration_ns)


def test_a_sound_machine_has_nothing_to_show() -> None:
    figures = host_figures(state_of("k01-uc-hole-over-wb"), 0)
    assert (figures.ram_not_wb_bytes, figures.ram_unknown_bytes) == (0, 0)
    assert figures.device_cached_bytes == 0
    assert (figures.pairs_used, figures.pairs_free, figures.pairs) == (7, 3, 10)
    assert figures.mismatched_cpus == ()
    assert figure_words(figures)["pairs"] == "7 used, 3 free"
    assert figure_words(figures)["cpus"] == "none"


def test_one_cpu_alone_cannot_differ() -> None:
    figures = host_figures(state_of("k11-tom2"), 0)
    assert figure_words(figures)["cpus"] == "only one CPU is known"


def test_without_a_map_nobody_can_say_what_ram_is() -> None:
    figures = host_figures(state_of("k14-register-differs"), 0)
    assert figure_words(figures)["ram"] == "unknown: no map of the memory"
    assert figure_words(figures)["cpus"] == "1"


def test_ram_that_no_pair_covers_is_counted() -> None:
    figures = host_figures(state_of("k06-lost-ram"), 0)
    assert figures.ram_not_wb_bytes == 1024 * MIB


def test_unknown_registers_make_no_figure() -> None:
    figures = host_figures(state_of("k04-map-line"), 0)
    assert figures.ram_not_wb_bytes == 0
    assert figures.ram_unknown_bytes == figures.ram_bytes > 0
    assert figures.pairs_unknown == figures.pairs == 10
    assert figure_words(figures)["ram"] == "unknown"


def test_only_known_registers_differ() -> None:
    assert host_figures(state_of("k14-register-not-printed"), 0).mismatched_cpus == ()
    assert host_figures(state_of("k14-register-differs"), 0).mismatched_cpus == (1,)


def test_ranges_cover_the_space_and_name_what_decides() -> None:
    rows = list(host_ranges_at(state_of("k11-tom2"), 0))
    ends = [row.end_gfn for row in rows]
    assert [row.first_gfn for row in rows] == [0, *ends[:-1]]
    at = {row.first_gfn << 12: row for row in rows}
    assert at[1 << 32].decided_by == "pair 2"
    assert at[0x1_0200_0000].decided_by == "TOM2 with ForceWB"
    assert at[0x1_0200_0000].type_words == "WB"


@pytest.mark.parametrize("name", ["k14-register-differs", "k01-uc-hole-over-wb", "k11-tom2"])
def test_what_decides_a_range_decides_all_of_it(name: str) -> None:
    state = state_of(name)
    for row in host_ranges_at(state, 0):
        asked = {*np.linspace(row.first_gfn, row.end_gfn - 1, 50, dtype=np.int64).tolist()}
        deciders = {deciding_words(state.machine, 0, gfn) for gfn in asked}
        assert deciders == {row.decided_by}


def test_a_range_ends_where_the_fixed_registers_do() -> None:
    at = {row.first_gfn: row for row in host_ranges_at(state_of("k14-register-differs"), 0)}
    assert at[0xC0].end_gfn == 0x100
    assert at[0x100].decided_by == "default type"
    assert at[0x100].type_words == "WB"


def test_device_space_of_unknown_type_is_not_called_uncached() -> None:
    figures = host_figures(state_of("k04-map-line"), 0)
    assert figures.device_unknown_bytes > 0
    assert figure_words(figures)["devices"] == "unknown"


FIGURES_OF_ONE = HostFigures(
    ram_bytes=8 << 30, ram_not_wb_bytes=0, ram_unknown_bytes=0, device_cached_bytes=0,
    device_unknown_bytes=0, pairs=8, pairs_used=3, pairs_unknown=0, mismatched_cpus=(), cpus=4,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "key", "words"),
    [
        ({}, "ram", "none"),
        ({"ram_bytes": 0}, "ram", "unknown: no map of the memory"),
        ({"ram_unknown_bytes": 8 << 30}, "ram", "unknown"),
        ({"ram_not_wb_bytes": 1 << 20}, "ram", "1 MiB"),
        ({"ram_unknown_bytes": 2 << 20}, "ram", "none, 2 MiB unknown"),
        (
            {"ram_not_wb_bytes": 1 << 20, "ram_unknown_bytes": 2 << 20},
            "ram",
            "1 MiB, 2 MiB unknown",
        ),
        ({}, "devices", "none"),
        ({"device_cached_bytes": 4096}, "devices", "4 KiB"),
        ({"device_cached_bytes": 4096, "device_unknown_bytes": 4096}, "devices", "4 KiB"),
        ({"device_unknown_bytes": 4096}, "devices", "unknown"),
        ({}, "pairs", "3 used, 5 free"),
        ({"pairs_unknown": 2}, "pairs", "3 used, 3 free, 2 unknown"),
        ({"pairs_used": 0, "pairs_unknown": 8}, "pairs", "8, values unknown"),
        ({}, "cpus", "none"),
        ({"mismatched_cpus": (1, 2, 3)}, "cpus", "1-3"),
    ],
)
def test_figures_of_a_machine_in_words(changed, key: str, words: str) -> None:
    assert figure_words(replace(FIGURES_OF_ONE, **changed))[key] == words


def test_rows_of_ranges_say_whose_they_are_and_when() -> None:
    state = state_of("k14-register-differs")
    one, two = (HostRangeRows(state, cpu, list(host_ranges_at(state, cpu))) for cpu in (0, 1))
    assert one.about["cpu"] == 0
    assert two.about["cpu"] == 1
    assert one.about["time_s"] == state.time_ns / 1e9
    assert len(one) == len(list(host_ranges_at(state, 0)))
    assert one.shows_same(HostRangeRows(state, 0, list(host_ranges_at(state, 0))))
    assert not one.shows_same(two)
