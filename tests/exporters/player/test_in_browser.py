"""The report in a real browser, from disk: it plays, by mouse and keys, and asks for nothing."""

from __future__ import annotations

import pytest

from mtrrviz.session.exchange.exporting import report_of
from tests.exporters.player.browser import Browser, find_browser
from tests.exporters.runs import run_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="there is no Chromium"),
]

CLOCK = "document.getElementById('player-clock').textContent"
WORDS = "document.getElementById('player-words-{}').textContent"
LABEL = "document.getElementById('player-map-0').getAttribute('aria-label')"
PICTURE = "document.getElementById('player-map-{}').toDataURL()"


@pytest.fixture(scope="module")
def runs():
    return [run_of("ovmf-8vcpu-2g", policy) for policy in ("per-vcpu", "per-vm")]


@pytest.fixture(scope="module")
def page(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    (folder / "report.html").write_text(
        "".join(report_of([run.at(6_900_000_000) for run in runs])), "utf-8"
    )
    browser = Browser(folder / "profile")
    try:
        browser.open((folder / "report.html").as_uri())
        yield browser
    finally:
        browser.close()


def slide(page, share):
    page.run(
        "(() => { const s = document.getElementById('player-time');"
        f" s.value = {share * 10000}; s.dispatchEvent(new Event('input')); }})()"
    )


def test_it_begins_at_the_time_of_the_report_and_asks_for_nothing(page, runs):
    assert page.run(CLOCK).startswith("6.900 s of 18.747 s")
    for number, run in enumerate(runs):
        zaps = int((run.zaps.time_ns <= 6_900_000_000).sum())
        assert page.run(WORDS.format(number)).startswith(f"{zaps} zaps so far; leaves: WB ")
    assert page.run("document.getElementById('player').hidden") is False
    assert page.complaints == []


def test_the_slider_moves_time_map_and_counters(page, runs):
    slide(page, 0)
    at_once = int((runs[0].zaps.time_ns <= 0).sum())
    assert page.run(WORDS.format(0)).startswith(f"{at_once} zaps so far")
    before = page.run(PICTURE.format(0))
    assert len(before) > 5_000
    slide(page, 1)
    assert page.run(CLOCK).startswith("18.747 s")
    assert page.run(WORDS.format(0)).startswith("84 zaps so far")
    assert page.run(WORDS.format(1)).startswith("14 zaps so far")
    assert page.run(PICTURE.format(0)) != before
    slide(page, 0)  # and back
    assert page.run(PICTURE.format(0)) == before


def test_keys_go_from_zap_to_zap_and_play(page):
    slide(page, 0)
    begun = page.run(WORDS.format(0))
    page.press("]")
    first = page.run(WORDS.format(0))
    assert first != begun
    page.press("]")
    page.press("[")
    assert page.run(WORDS.format(0)) == first
    assert page.run(LABEL).startswith("Map under per-vcpu at ")
    page.run("document.activeElement.blur()")
    page.press(" ", "Space")
    assert page.run("document.getElementById('player-play').textContent") == "Pause"
    at = page.run(CLOCK)
    page.run(f"new Promise(f => {{ const t = setInterval(() => {CLOCK} !== {at!r} && "
             "(clearInterval(t), f()), 20); })")  # fmt: skip
    page.press(" ", "Space")
    assert page.run("document.getElementById('player-play').textContent") == "Play"


def test_every_control_has_a_name_and_takes_the_keyboard(page):
    named = page.run(
        "Array.from(document.querySelectorAll('#player button, #player input, #player select'))"
        ".map(c => [c.tabIndex, c.getAttribute('aria-label') || c.textContent"
        " || c.labels[0].textContent])"
    )
    assert len(named) == 5
    assert all(tab == 0 and words.strip() for tab, words in named)


def test_dark_and_light_are_the_readers(page):
    found = []
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        page.call("Emulation.setEmulatedMedia", features=[feature])
        page.run("new Promise(f => requestAnimationFrame(() => requestAnimationFrame(f)))")
        found.append(page.run(PICTURE.format(0)))
    assert found[0] != found[1]
    assert page.complaints == []
