"""A write that is being typed: what it would do is said and outlined, of the moment shown."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import FIXED_MSRS, fixed_subranges
from mtrrviz.geometry.map.map_span import span_rects
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.changes import Change
from mtrrviz.session.registers.write_effects import effect_of

pytestmark = pytest.mark.gui

DEFTYPE, FIX64K = 0x2FF, FIXED_MSRS[0]


def open_editor(bench, msr):
    bench.views.registers.open_register(msr)
    return bench.views.registers.detail


def count_pixels(bench, role):
    """Return how many pixels of the map have a colour of the theme."""
    canvas = bench.views.map.map.canvas
    image, colour = canvas.grab().toImage(), QColor(getattr(bench.bridge.theme, role))
    return sum(
        image.pixelColor(x, y) == colour
        for x in range(image.width())
        for y in range(0, image.height(), 2)
    )


def legend(bench):
    return [w for w in bench.views.map.map.legend.words if w.startswith("would be zapped")]


@pytest.mark.parametrize("msr", [DEFTYPE, FIX64K])
def test_the_preview_is_of_the_playhead_while_playing_with_an_editor_open(bench, msr):
    document = bench.document
    document.set_playhead(0)
    writer = open_editor(bench, msr).writer
    seen = set()
    for time_ns in range(0, document.duration_ns, document.duration_ns // 12):
        document.set_playhead(time_ns)
        state = document.state
        effect = effect_of(state.machine, document.scenario.machine, writer.plan())
        assert writer.preview.text() == effect.words(state)
        seen.add(writer.preview.text())
    assert len(seen) > 2
    assert {words.startswith("Zaps nothing") for words in seen} == {True, False}


def test_a_changed_value_frames_the_leaves_that_it_would_zap(bench):
    detail = open_editor(bench, DEFTYPE)
    assert not bench.document.pending.is_shown
    before = count_pixels(bench, "flash")
    assert not legend(bench)
    detail.hex.typed.emit("0xc06")
    hit = len(bench.document.pending.rows_hit(bench.document.state))
    assert hit == len(bench.document.state.live_rows) > 0
    assert f"{hit:,} of {hit:,}" in detail.writer.preview.text()
    assert legend(bench) == [f"would be zapped {hit:,}"]
    assert count_pixels(bench, "flash") > before
    detail.revert()
    assert not legend(bench)
    assert count_pixels(bench, "flash") == before


def test_the_range_being_typed_is_outlined(bench):
    detail = open_editor(bench, 0x200)
    for msr, value in detail.draft.with_range(0x100_0000, 1 << 20, MemoryType.UC).values.items():
        detail.point_at(msr, "")
        detail.hex.typed.emit(f"{value:#x}")
    assert bench.document.pending.spans == ((0x1000, 0x1100),)
    assert span_rects(bench.views.map.map.canvas.layout_shown, 0x1000, 0x1100)
    assert count_pixels(bench, "warning") > 100
    bench.views.registers.open_registers(None)
    assert not bench.document.pending.is_shown


def test_with_two_maps_each_shows_what_the_write_would_zap_there(bench, qtbot):
    """A write of vCPU 1, which per-vm ignores: none of its leaves would be zapped."""
    document = bench.document
    document.set_map_mode(MapMode.SIDE_BY_SIDE)
    qtbot.waitUntil(lambda: document.compared_state is not None)
    sides = bench.views.map.map.side_by_side
    document.select_vcpu(1)
    detail = open_editor(bench, 0x200)
    for msr, value in detail.draft.with_range(0x100_0000, 1 << 20, MemoryType.UC).values.items():
        detail.point_at(msr, "")
        detail.hex.typed.emit(f"{value:#x}")
    states = {state.run.policy.id: state for state in (document.state, document.compared_state)}
    hit = {name: len(document.pending.rows_hit(state)) for name, state in states.items()}
    assert hit["per-vm"] == 0 < hit["per-vcpu"]
    typed = [canvas.grab().toImage() for canvas in sides.canvases]
    for canvas, legend in zip(sides.canvases, sides.legends, strict=True):
        zapped = hit[canvas.state.run.policy.id]
        assert f"would be zapped {zapped:,}" in legend.words
    document.pending.show(None)
    for canvas, legend, picture in zip(sides.canvases, sides.legends, typed, strict=True):
        assert not any("would be" in words for words in legend.words)
        assert canvas.grab().toImage().size() == picture.size()
        assert canvas.grab().toImage() != picture


def test_of_a_fixed_register_the_changed_bytes_are_outlined(bench):
    detail = open_editor(bench, FIX64K)
    value = detail.draft.values[FIX64K]
    other = 0 if value >> 8 & 0xFF else 6
    detail.hex.typed.emit(f"{value & ~0xFF00 | other << 8:#x}")
    start, size_bytes = fixed_subranges(FIX64K)[1]
    assert bench.document.pending.spans == ((start >> 12, (start + size_bytes) >> 12),)


def test_another_scenario_has_nothing_pending(bench):
    open_editor(bench, DEFTYPE).hex.typed.emit("0xc06")
    assert bench.document.pending.is_shown
    bench.document.open(bench.document.scenario, None)
    assert not bench.document.pending.is_shown


def test_what_is_pending_is_told_once(bench):
    told = []
    bench.document.subscribe(lambda changes: told.append(Change.PENDING in changes))
    detail = open_editor(bench, DEFTYPE)
    detail.hex.typed.emit("0xc06")
    count = sum(told)
    assert count
    detail.hex.typed.emit("0xc06")
    assert sum(told) == count
