"""Who lives and who was just dropped, by kind and by level, whatever the map shows."""

from __future__ import annotations

import gc
from weakref import ref

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.memtype import MemoryType
from mtrrviz.geometry.map.leaf_index import LeafIndex, leaf_index
from mtrrviz.geometry.timeline.timeline_faults import fault_times
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from mtrrviz.sim.tables import ALIVE
from tests.sim.made import leaf_table

WB, UC = ept_bits(MemoryType.WB, 0), ept_bits(MemoryType.UC, 1)


def leaves_of(*rows):
    """Return leaves, each (first gfn, level, bits, born, died, zap)."""
    gfn, level, bits, born, died, zap = zip(*rows, strict=True)
    return leaf_table(gfn, level=level, bits=bits, born_ns=born, died_ns=died, zap=zap)


def table():
    return leaves_of(
        (9, 1, WB, 0, 10, 0),
        (7, 1, WB, 1, 12, 1),
        (3, 1, UC, 2, 11, -1),  # replaced by a larger one
        (512, 2, WB, 3, ALIVE, -1),
        (0, 2, WB, 11, 12, 1),
        (1, 1, WB, 20, ALIVE, -1),
    )


def told(parts):
    return [part.tolist() for part in parts]


def test_the_living_are_told_by_kind_and_address():
    index = LeafIndex(table())
    kinds = [(kind.level, kind.memory_type) for kind in index.kinds]
    assert kinds == [(1, MemoryType.WB), (1, MemoryType.UC), (2, MemoryType.WB)]
    assert told(index.living(2)) == [[7, 9], [3], []]
    assert told(index.living(11)) == [[7], [], [0, 512]]
    assert told(index.living(2)) == [[7, 9], [3], []]
    assert told(index.living(12)) == [[], [], [512]]


def test_what_zaps_dropped_is_told_by_level_and_what_was_replaced_is_not():
    index = LeafIndex(table())
    spans = [(9, 10), (10, 12), (12, 99)]
    assert [told(one) for one in index.dropped(spans)] == [
        [[9], [], []],
        [[7], [0], []],
        [[], [], []],
    ]
    assert told(index.dropped([(11, 12)])[0]) == [[7], [0], []]


def test_what_is_kept_of_leaves_goes_with_them():
    run = simulate(open_scenario("small-machine"), "per-vcpu")
    other = run.with_costs(DEFAULT_COSTS.with_values({"turn": 1.0}))
    for work in (leaf_index, fault_times):
        assert work(run) is work(run)
        assert work(other) is work(run)
    gone = ref(run.leaves)
    del run, other
    gc.collect()
    assert gone() is None
