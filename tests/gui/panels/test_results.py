"""The strip of figures: at the playhead, compared, published, at any width."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.facts.figures import figures
from mtrrviz.gui.results.results_strip import METRICS, Form, ResultsStrip
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from tests.session.booting import MS, boot

pytestmark = pytest.mark.gui


@pytest.fixture
def strip(qtbot):
    def make(scenario):
        bridge = Bridge(Document(scenario))
        strip = ResultsStrip(bridge)
        bridge.setParent(strip)
        qtbot.addWidget(strip)
        strip.resize(1400, 50)
        strip.show()
        return strip, bridge.document

    return make


def values(strip):
    return {key: cell.value.text() for key, cell in strip.cells.items() if not cell.isHidden()}


def others(strip):
    return {key: cell.other.text() for key, cell in strip.cells.items() if not cell.isHidden()}


def test_figures_grow_with_the_playhead(strip):
    widget, document = strip(boot())
    summary = figures(document.run)
    assert values(widget)["zaps"] == "0 / 5"
    document.set_playhead(300 * MS)
    assert values(widget)["zaps"] == "3 / 5"
    document.set_playhead(document.duration_ns)
    assert values(widget) == {
        "zaps": "5",
        "cycles": f"{summary.zap_mcycles:.1f} M",
        "boot": f"{summary.boot_s:.2f} s",
        "faults": str(summary.faults),
        "refaults": str(summary.refaults),
    }


def test_the_compared_policy_stands_beside_with_the_difference(strip):
    widget, document = strip(boot())
    assert others(widget)["zaps"] == "4  (\N{MINUS SIGN}1)"
    document.set_policy("per-vm")
    assert values(widget)["zaps"] == "0 / 4"
    assert others(widget)["zaps"] == "5  (+1)"


@pytest.mark.parametrize(
    ("mcycles", "words"),
    [(0, "0"), (0.0602, "60.2 k"), (0.9, "900.0 k"), (1, "1.0 M"), (15.04, "15.0 M"),
     (3638.2, "3,638 M")],
)  # fmt: skip
def test_cycles_of_tiny_runs_are_told_in_thousands(mcycles, words):
    (metric,) = [metric for metric in METRICS if metric.key == "cycles"]
    assert metric.write(mcycles) == words


def test_modelled_figures_say_so(strip):
    widget, _ = strip(boot())
    captions = {key: cell._caption.text() for key, cell in widget.cells.items()}
    assert {key for key, text in captions.items() if "modelled" in text} == {"cycles", "boot"}
    assert "Modelled, not measured" in widget.cells["cycles"].toolTip()
    assert "cycles" in widget.accessibleDescription()


def test_a_recorded_boot_shows_what_was_published(strip):
    widget, document = strip(open_scenario("ovmf-8vcpu-16g"))
    assert widget.published.figures.text() == "84 zaps, 3,506 M cycles (v4), 24.51 s (v2)"
    assert widget.published.isVisible()
    document.set_policy("per-vm")
    assert widget.published.figures.text() == "14 zaps, 17 M cycles (v2), 23.94 s (v2)"


def test_nothing_is_published_for_a_made_up_boot(strip):
    widget, _ = strip(boot())
    assert widget.published.isHidden()


@pytest.mark.parametrize("width", [640, 1000, 1264, 1900])
def test_no_figure_is_cut_at_any_width(strip, qtbot, width):
    widget, _ = strip(open_scenario("ovmf-8vcpu-2g"))
    widget.resize(width, 50)
    qtbot.waitUntil(lambda: widget.width() == width)
    labels = [cell.value for cell in widget.cells.values()]
    for label in labels:
        assert label.width() >= label.sizeHint().width()
        assert label.mapTo(widget, label.rect().topRight()).x() <= width


def test_a_narrow_strip_leaves_the_differences_out(strip):
    widget, _ = strip(boot())
    widget.resize(700, 50)
    assert others(widget)["zaps"] == "4"


def test_a_hidden_strip_catches_up(strip):
    widget, document = strip(boot())
    widget.hide()
    document.set_playhead(document.duration_ns)
    widget.show()
    assert values(widget)["zaps"] == "5"


@pytest.mark.parametrize("total", [0.06, 0.9, 15.0, 150.0, 3638.0])
def test_figures_keep_their_width_while_they_run(strip, total):
    widget, document = strip(boot())
    whole = replace(figures(document.run), zap_count=1111, zap_mcycles=total)
    widths: dict[str, set[int]] = {"zaps": set(), "cycles": set()}
    for step in range(1001):
        part = step / 1000
        now = replace(whole, zap_count=round(1111 * part), zap_mcycles=total * part)
        for key, seen in widths.items():
            cell = widget.cells[key]
            cell.show_figures(now, whole, None, Form())
            seen.add(cell.value.width())
            text_px = cell.value.fontMetrics().horizontalAdvance(cell.value.text())
            assert text_px <= cell.value.width(), cell.value.text()
    assert {key: len(seen) for key, seen in widths.items()} == {"zaps": 1, "cycles": 1}
