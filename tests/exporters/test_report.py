"""The report: one well-formed page, nothing from outside, no text that becomes markup."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.units import format_gpa
from mtrrviz.exporters.report.html_markup import Markup, join, table, tag, text
from mtrrviz.exporters.report.map_picture import map_picture
from mtrrviz.exporters.report.page import report_parts
from mtrrviz.exporters.report.report_style import TYPE_COLOURS
from mtrrviz.exporters.report.timeline_picture import MOST_STEMS, Scales, timeline_picture
from mtrrviz.facts.figures import figures
from mtrrviz.facts.ranges import MappedRange
from mtrrviz.gui.common.looks.theme import DARK, LIGHT
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.scenario.model import Phase
from mtrrviz.scenario.touches import no_touches
from mtrrviz.session.exchange.exporting import report_of
from mtrrviz.sim import simulate
from tests.exporters.runs import run_of

EVIL = "<script>alert('x')</script> \" & \x00\x1b[31m </style>"
VOID = {"meta", "br", "input"}


class Page(HTMLParser):
    """What a browser makes of a page: tags that must match, attributes, and texts."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def page_of(*runs, at_ns=None):
    states = [run.at(run.scenario.duration_ns if at_ns is None else at_ns) for run in runs]
    return "".join(report_of(states))


ONE = run_of("small-machine")
TWO = [run_of("ovmf-8vcpu-2g", policy) for policy in ("per-vcpu", "per-vm")]
HTML = page_of(*TWO, at_ns=6_900_000_000)


def test_a_comparison_has_all_sections():
    titles = re.findall(r"<h2>(.*?)</h2>", HTML)
    assert titles == [
        "Summary",
        "Playback",
        "Map under per-vcpu at 6.900 s",
        "Map under per-vm at 6.900 s",
        "Where the EPTs differ at 6.900 s",
        "Zaps under per-vcpu",
        "Zaps under per-vm",
        f"Policy per-vcpu: {TWO[0].policy.title}",
        f"Policy per-vm: {TWO[1].policy.title}",
        "Constants of the model",
    ]


def test_the_page_is_well_formed_and_tells_the_figures():
    words = Page(HTML).text
    for run in TWO:
        assert f"{figures(run).zap_mcycles:,.2f}" in words
        assert run.policy.summary in words
    assert "zaps replayed 84 14 -70" in words
    assert "84 zaps, one by one" in words
    assert "v2 before" in words
    assert "modelled" in words


def test_nothing_is_fetched():
    page = Page(HTML)
    assert not {"link", "img", "iframe", "object", "embed"} & set(page.tags)
    assert not {"src", "href", "action", "srcset"} & {name for name, _ in page.attributes}
    assert "@import" not in HTML
    assert [url for url in re.findall(r"url\((.*?)\)", HTML) if not url.startswith("#")] == []
    ((_, policy),) = [pair for pair in page.attributes if "default-src" in str(pair[1])]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")


def test_the_only_script_that_may_run_is_that_of_the_page():
    scripts = re.findall(r"<script>(.*?)</script>", HTML, re.DOTALL)
    assert HTML.count("<script") == 2  # one is data
    (script,) = scripts
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src &#x27;sha256-{digest}&#x27;" in HTML


def test_it_follows_the_readers_light_or_dark():
    assert "prefers-color-scheme: dark" in HTML
    assert "color-scheme: light dark" in HTML


def test_type_colours_are_those_of_the_window():
    for memory_type in MemoryType:
        colour = TYPE_COLOURS[memory_type]
        assert colour == LIGHT.type_colour(memory_type) == DARK.type_colour(memory_type)


def test_every_published_constant_has_its_source():
    words = Page(HTML).text
    for constant in TWO[0].costs.constants():
        assert constant.meaning in words
        assert constant.fitted_to in words


def evil_run():
    scenario = ONE.scenario
    region = replace(scenario.machine.regions[0], name=EVIL)
    machine = replace(scenario.machine, regions=(region, *scenario.machine.regions[1:]))
    note = Event(0, EventKind.NOTE, text=EVIL, origin=EVIL)
    evil = replace(
        scenario,
        name=EVIL, title=EVIL, description=EVIL, machine=machine,
        phases=(Phase(0, EVIL),), events=(note, *scenario.events),
    )  # fmt: skip
    return simulate(evil, "per-vcpu")


def test_words_of_a_file_stay_words():
    html = page_of(evil_run())
    page = Page(html)
    assert page.tags.count("script") == 2
    assert "alert(" not in "".join(re.findall(r"<script>.*?</script>", html, re.DOTALL))
    assert page.tags.count("style") == 1
    assert not set("\x00\x1b") & set(html)
    assert page.text.count("<script>alert('x')</script>") >= 4


@given(st.text())
def test_text_never_becomes_markup(words):
    page = Page(tag("p", words, title=words))
    assert page.tags == ["p"]
    assert all(not 0xD800 <= ord(letter) < 0xE000 for letter in page.text)


def test_markup_is_not_escaped_twice():
    inner = tag("b", "a & b")
    assert tag("p", inner, " < c") == "<p><b>a &amp; b</b> &lt; c</p>"
    assert text(inner) is inner
    assert join([inner, inner], "\n") == f"{inner}\n{inner}"
    assert isinstance(inner, Markup)


def test_attributes_are_named_as_in_html():
    assert tag("line", stroke_width=1.5, class_="x", y=2.0) == (
        '<line stroke-width="1.5" class="x" y="2"></line>'
    )
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_a_table_marks_its_numbers():
    html = table(("name", "n"), [("a", "1")], [False, True], "words")
    assert '<td>a</td><td class="n">1</td>' in html
    assert "<caption>words</caption>" in html


def test_a_report_of_one_run_has_no_comparison():
    words = Page(page_of(ONE)).text
    assert "Where the EPTs differ" not in words
    assert "difference" not in words


@pytest.mark.parametrize("number", [0, 3])
def test_other_numbers_of_runs_are_refused(number):
    with pytest.raises(ValueError, match="one run or of two"):
        next(report_parts([None] * number))


def test_long_tables_say_how_much_they_leave_out(monkeypatch):
    monkeypatch.setattr("mtrrviz.exporters.report.sections.MOST_ROWS", 3)
    words = Page(page_of(TWO[0])).text
    assert "The first 3 of 84 zaps; mtrrviz export writes all" in words


def test_a_run_without_zaps_says_so():
    scenario = replace(ONE.scenario, events=(), phases=())
    assert "There are none." in Page(page_of(simulate(scenario, "per-vcpu"))).text


@pytest.fixture(scope="module")
def stormy():
    """A run of 3,000 zaps, in which phases and devices change more often than there are pixels."""
    scenario = run_of("small-machine").scenario
    count, kinds = 4000, (EventKind.DMA_ATTACH, EventKind.DMA_DETACH)
    times = [scenario.duration_ns * number // count for number in range(count)]
    events = [
        event
        for number, time_ns in enumerate(times)
        for event in (
            Event(time_ns, EventKind.WRMSR, number % 2, 0x2FF, 0xC00 + 6 * (number // 2 % 2)),
            Event(time_ns, kinds[number % 2]),
        )
    ]
    calm = replace(scenario, recorded=no_touches(), sweeps=())
    phases = tuple(Phase(time_ns, f"phase {time_ns}") for time_ns in times)
    return simulate(calm.with_events(tuple(events)).with_phases(phases), "per-vcpu")


def test_a_storm_of_zaps_stays_a_small_picture(stormy):
    scales = Scales.of([stormy])
    picture = timeline_picture(stormy, scales)
    assert len(stormy.zaps) > 3000
    stems = re.findall(r'<line x1="([^"]*)" x2="[^"]*" y1="212" y2="([^"]*)" class="v', picture)
    assert 700 < len(stems) <= MOST_STEMS
    tops = {round(float(x)): float(y) for x, y in stems}
    assert len(tops) == len(stems)
    for time_ns, cycles in zip(
        stormy.zaps.time_ns.tolist(), stormy.zaps.cycles.tolist(), strict=True
    ):
        x = round(round(scales.time.x(time_ns), 1))
        assert tops[x] <= round(scales.cycles_y(cycles), 1)
    assert len(picture) < 350_000


@pytest.mark.parametrize("heights", [(2, 3, 1), (1, 2), (3, 2, 1, 3), (1,)])
def test_of_too_many_stems_the_highest_of_a_pixel_is_drawn_and_of_equal_ones_the_first(
    stormy, heights
):
    cycles = np.resize(np.array(heights, np.float64) * 1e5, len(stormy.zaps))
    run = replace(stormy, zaps=replace(stormy.zaps, cycles=cycles))
    scales = Scales.of([run])
    highest = {}
    rows = zip(run.zaps.time_ns.tolist(), run.zaps.vcpu.tolist(), cycles.tolist(), strict=True)
    for time_ns, vcpu, height in rows:
        pixel = round(round(scales.time.x(time_ns), 1))
        highest[pixel] = max(highest.get(pixel, (0, 0)), (height, -vcpu), key=lambda one: one[0])
    picture = str(timeline_picture(run, scales))
    stems = re.findall(r'<line x1="([^"]*)" [^>]*y1="212" y2="([^"]*)" class="v(.)"', picture)
    assert {(round(float(x)), float(y), int(vcpu)) for x, y, vcpu in stems} == {
        (x, round(scales.cycles_y(height), 1), -vcpu) for x, (height, vcpu) in highest.items()
    }


@pytest.mark.parametrize(
    ("name", "least", "never"),
    [
        ("abcdefghijklmnop", "abc\N{HORIZONTAL ELLIPSIS}", "ab\N{HORIZONTAL ELLIPSIS}"),
        ("abcde", "abc\N{HORIZONTAL ELLIPSIS}", "abcd\N{HORIZONTAL ELLIPSIS}"),
    ],
)
def test_a_phase_is_named_from_three_letters_on_that_have_room_and_whole_if_all_have(
    name, least, never
):
    """The phases are 20 to 44 pixels long, of which a letter takes six; the last has all room."""
    scenario = run_of("small-machine").scenario
    starts_px = accumulate(range(20, 45), initial=0)
    phases = tuple(Phase(px * scenario.duration_ns // 972, name) for px in starts_px)
    made = replace(scenario.with_phases(phases), sweeps=(), recorded=no_touches())
    run = simulate(made, "per-vm")
    words = re.findall(r"<text [^>]*>(a[^<]*)</text>", str(timeline_picture(run, Scales.of([run]))))
    assert {least, name} <= set(words)
    assert never not in words


def test_stems_of_zaps_are_drawn_for_every_vcpu_that_zaps():
    svg = HTML.split("<svg")[1]
    for vcpu in range(8):
        assert re.search(rf'<line [^>]*class="v{vcpu}"', svg)
    assert svg.count("<circle") <= figures(TWO[0]).contended_zaps


def test_the_map_shows_each_type_that_has_leaves():
    state = ONE.at(1_100_000_000)
    svg = "".join(report_of([state])).split("<svg")[2]
    for value in np.unique(ONE.leaves.memory_type[state.live_rows]).tolist():
        assert f'class="t{value}"' in svg
    assert 'class="stale"' in svg
    assert 'class="hole"' in svg


@pytest.mark.parametrize("count", [1, 47, 48, 49, 60])
def test_the_map_has_a_bar_for_the_first_regions_and_says_how_many_there_are_more(count):
    found = [Region(f"BAR {n}", RegionKind.MMIO, n << 20, (n + 1) << 20) for n in range(count)]
    ranges = [
        MappedRange(one.first_gfn, one.end_gfn, one, None, 0, 0, is_stale=False) for one in found
    ]
    picture = str(map_picture(ranges, "a map"))
    shown = [one for one in found if format_gpa(one.start) + "<" in picture]
    assert shown == found[:48]
    assert (f"and {count - 48} more" in picture) == (count > 48)
    assert picture.count("1 MiB") == min(count, 48)
