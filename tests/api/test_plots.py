"""The map and the timeline as matplotlib figures: what is drawn is what the run says."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import mtrrviz as mv
from mtrrviz.exporters.report.report_style import TYPE_COLOURS, light_colours

matplotlib = pytest.importorskip("matplotlib")
colors = pytest.importorskip("matplotlib.colors")
figure = pytest.importorskip("matplotlib.figure")


@pytest.fixture(scope="module")
def runs():
    machine = mv.build_machine(2, "64 MiB", layout="teaching")
    events = [
        mv.write(0.1, "IA32_MTRR_DEF_TYPE", 0xC06, vcpu=1),
        mv.write(0.1, "IA32_MTRR_DEF_TYPE", 0xC06),
        mv.event("dma-detach", 0.3),
        mv.event("dma-attach", 0.4),
        mv.write(0.5, 0x2FF, 0),
        mv.write(0.6, 0x2FF, 0xC06),
    ]
    phases = [mv.phase(0, "first"), mv.phase(0.1, "second"), mv.phase(0.11, "short")]
    touches = [mv.touch(0.2, "1 MiB", "16 MiB")]
    made = mv.build_scenario(machine, events, touches, phases=phases, duration=1)
    return [mv.simulate(made, policy) for policy in ("per-vcpu", "per-vm")]


def rectangles(collection):
    """Return (begin, end) of each rectangle along x."""
    return [tuple(path.get_extents().intervalx) for path in collection.get_paths()]


def of_colour(axes, colour, alpha=1.0):
    wanted = colors.to_rgba(colour, alpha)
    return [
        one for one in axes.collections
        if len(one.get_facecolor()) and np.allclose(one.get_facecolor()[0], wanted)
    ]  # fmt: skip


def test_the_map_has_a_bar_a_region_with_its_leaves_and_next_faults(runs):
    drawn = mv.map_plot(runs[0], 0.25)
    (axes,) = drawn.axes
    machine = runs[0].scenario.machine
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert [label.split("  ")[0] for label in labels] == [one.name for one in machine.regions]
    (leaves,) = of_colour(axes, TYPE_COLOURS[mv.MemoryType.WB])
    table, ram = mv.map_table(runs[0], 0.25), machine.regions[-1]
    rows = table.has_leaf
    spans = np.stack((table.first_gfn[rows], table.end_gfn[rows]), axis=1).astype(float)
    shares = (spans - ram.first_gfn) / (ram.end_gfn - ram.first_gfn)
    assert np.allclose(rectangles(leaves), shares)
    assert len(of_colour(axes, TYPE_COLOURS[mv.MemoryType.WB], 0.3)) == 2
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["WB", "WB next", "no memory slot"]
    assert axes.get_title(loc="left") == "per-vcpu at 0.250 s"


def test_stale_leaves_are_marked(runs):
    stale = light_colours()["stale"]
    (axes,) = mv.map_plot(mv.simulate(mv.load("lagging-ap"), "per-vcpu")).axes
    table = mv.map_table(mv.simulate(mv.load("lagging-ap"), "per-vcpu"))
    marks = [one for collection in of_colour(axes, stale) for one in rectangles(collection)]
    assert len(marks) == table.is_stale.sum() > 0
    (axes,) = mv.map_plot(runs[0], 0.25).axes
    assert not of_colour(axes, stale)


def test_the_timeline_has_a_stem_a_zap_on_shared_scales(runs):
    drawn = mv.timeline_plot(*runs)
    tracks, counts = drawn.axes[:2], drawn.axes[2:]
    assert tracks[0].get_ylim() == tracks[1].get_ylim()
    assert counts[0].get_ylim() == counts[1].get_ylim()
    for axes, count, run in zip(tracks, counts, runs, strict=True):
        stems = [
            one for one in axes.collections
            if one.get_label().startswith("vCPU") or one.get_label() == "VM"
        ]  # fmt: skip
        segments = np.concatenate([one.get_segments() for one in stems])
        order = np.lexsort((run.zaps.cycles, run.zaps.time_ns))
        tops = sorted((x, y) for x, y in segments[:, 1].tolist())
        assert np.allclose([x for x, _ in tops], run.zaps.time_ns[order] / 1e9)
        assert np.allclose([y for _, y in tops], run.zaps.cycles[order])
        (steps,) = count.get_lines()
        assert steps.get_ydata()[-1] == len(run.zaps)
        assert axes.get_title(loc="left") == f"{run.policy.id}: {len(run.zaps)} zaps"
        assert [text.get_text().strip() for text in axes.texts] == ["first", "short"]
        (dma,) = (one for one in axes.collections if one.get_label() == "non-coherent DMA")
        assert np.allclose(rectangles(dma), [(0, 0.3), (0.4, 1)])
    assert tracks[0].get_xlabel() == ""


def test_axes_of_the_caller_are_drawn_into(runs, tmp_path):
    own = figure.Figure()
    above, below = own.subplots(2)
    assert mv.map_plot(mv.state(runs[0], 0.25), axes=above) is own
    assert mv.timeline_plot(runs[1], runs[0], axes=below) is own
    assert below.get_title(loc="left").startswith("per-vm")
    assert below.get_ylim() == mv.timeline_plot(*runs).axes[0].get_ylim()
    own.savefig(tmp_path / "both.svg")
    assert (tmp_path / "both.svg").read_bytes().startswith(b"<?xml")
    assert "matplotlib.pyplot" not in sys.modules
    assert "PySide6" not in vars(matplotlib)


def test_without_matplotlib_it_is_said_what_is_missing(runs, monkeypatch):
    for module in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, module, None)
    for draw in (mv.map_plot, mv.timeline_plot):
        with pytest.raises(ImportError, match="pip install matplotlib") as caught:
            draw(runs[0])
        assert caught.value.name == "matplotlib"


def test_names_are_shown_as_they_are_and_no_formulas(tmp_path):
    name = r"$\frac{ <b>x</b> $1 & 2"
    regions = [mv.region(name, "ram", 0, size="64 MiB")]
    machine = mv.build_machine(1, "64 MiB", regions=regions)
    made = mv.build_scenario(machine, [], [], phases=[mv.phase(0, name)], duration=1)
    run = mv.simulate(made, "per-vm")
    for plot in (mv.timeline_plot(run), mv.map_plot(mv.state(run, 1))):
        plot.figure.savefig(tmp_path / "x.svg")
        shown = [text.get_text() for text in plot.figure.findobj(matplotlib.text.Text)]
        assert any(name in text for text in shown)
