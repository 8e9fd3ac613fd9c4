"""The pages that come with the program hold together, are found, and read well as text."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.cli import main
from mtrrviz.cli.parser import parse
from mtrrviz.handbook.handbook import Handbook, the_handbook
from mtrrviz.handbook.handbook_faults import handbook_faults
from mtrrviz.handbook.help_links import (
    HandbookError,
    LiveExample,
    links_in,
    page_address,
    parse_example,
)
from mtrrviz.handbook.help_page import HelpPage, slug_of
from mtrrviz.handbook.page_html import page_html
from mtrrviz.handbook.page_text import page_text
from mtrrviz.handbook.reading_pages import read_manual_page, read_terms
from mtrrviz.lessons.panel_names import PANELS
from mtrrviz.paths import docs_dir
from mtrrviz.scenario.library import open_scenario

MANUAL = docs_dir() / "manual"
EXAMPLES = sorted(
    {
        href
        for page in the_handbook().pages
        for href in links_in(page.text)
        if href.startswith("mtrrviz:")
    }
)


def test_the_handbook_is_without_fault():
    assert handbook_faults(the_handbook(), MANUAL) == []


def test_it_has_some_sixty_terms_and_an_example_where_there_is_one():
    assert len(the_handbook().terms) >= 60
    terms = the_handbook().terms
    alive = [term for term in terms if any("mtrrviz:" in link for link in links_in(term.text))]
    assert len(alive) > len(terms) * 2 / 3


@pytest.mark.parametrize("link", EXAMPLES)
def test_each_example_shows_a_moment_and_a_page_that_the_scenario_has(link):
    example = parse_example(link)
    scenario = open_scenario(example.scenario)
    assert 0 <= (example.time_ns or 0) <= scenario.duration_ns
    if example.gfn is not None:
        at = example.gfn << 12
        assert any(region.start <= at < region.end for region in scenario.machine.regions)


def page(text, address="glossary/zap"):
    return HelpPage(address, "Zap", "It zaps.", text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("See [x](#no-such-term).", "no such page"),
        ("See [x](no-such-page.md).", "no such page"),
        ("![x](pictures/no-such.png)", "no such file"),
        ("[x](mtrrviz:scenario/nope)", "no such scenario"),
        ("[x](mtrrviz:scenario/sandbox?when=1s)", "'when'"),
        ("[x](mtrrviz:scenario/sandbox?time=soon)", "time 'soon'"),
        ("[x](mtrrviz:scenario/sandbox?time=Infinity)", "time 'Infinity'"),
        ("[x](mtrrviz:scenario/sandbox?policy=nope)", "nope"),
        ("[x](mtrrviz:scenario/sandbox?page=low)", "page 'low'"),
        ("[x](mtrrviz:sandbox)", "no example"),
    ],
)
def test_links_that_lead_nowhere_are_faults(text, fault):
    (found,) = handbook_faults(Handbook([page(text)]), MANUAL)
    assert found.startswith("glossary/zap: ")
    assert fault in found


def test_a_term_that_stands_twice_and_an_endless_sentence_are_faults():
    twice = handbook_faults(Handbook([page("It zaps."), page("It zaps.")]), MANUAL)
    assert twice == ["glossary/zap: stands 2 times"]
    endless = handbook_faults(Handbook([replace(page("x"), sentence="It")]), MANUAL)
    assert "does not end" in endless[0]


def test_reading_a_glossary():
    first, second = read_terms("# Glossary\n\n## KVM's walk\nOne. Two.\n\nMore.\n\n## A (B)\nC.\n")
    assert (first.address, first.title, first.sentence) == (
        "glossary/kvms-walk",
        "KVM's walk",
        "One.",
    )
    assert first.text == "One. Two.\n\nMore."
    assert second.names == ("A (B)", "a-b", "A", "B")
    assert read_manual_page("map", "# The map\n\nIt shows. All.\n").sentence == "It shows."


def test_anchors_are_those_of_markdown_viewers():
    assert slug_of("UC-minus (UC-)") == "uc-minus-uc-"
    assert slug_of("CR0.CD") == "cr0cd"
    assert slug_of("mmu_lock") == "mmu_lock"


def test_links_work_from_the_glossary_and_from_the_manual():
    assert page_address("#zap", "glossary/leaf") == "glossary/zap"
    assert page_address("manual/map.md", "glossary/leaf") == "map"
    assert page_address("../glossary.md#zap", "map") == "glossary/zap"
    assert page_address("zaps.md", "map") == "zaps"
    assert page_address("https://example.org/x.md", "map") is None
    assert page_address("pictures/map.png", "map") is None


def test_an_example_names_scenario_moment_policy_and_page():
    link = "mtrrviz:scenario/sandbox?time=0.8s&policy=per-vm&page=0x140_0000"
    assert parse_example(link) == LiveExample("sandbox", 800_000_000, policy="per-vm", gfn=0x1400)
    assert parse_example("mtrrviz:scenario/sandbox?time=end").is_at_end


@pytest.mark.parametrize("name", ["IPAT", "ipat", "glossary/ipat", " Ipat "])
def test_a_page_is_found_by_its_names(name):
    found = the_handbook().named(name)
    assert found is not None
    assert found.address == "glossary/ipat"


def test_short_forms_are_names():
    book = the_handbook()
    for short, address in {"WB": "write-back-wb", "EPT": "extended-page-tables-ept"}.items():
        found = book.named(short)
        assert found is not None
        assert found.address == f"glossary/{address}"
    assert book.named("nothing of the kind") is None
    with pytest.raises(HandbookError, match="no page 'nope'"):
        book.page("nope")


def test_the_search_puts_names_before_titles_before_texts():
    pages = [
        HelpPage("glossary/a", "Alpha", "On b.", "zap in the text, zap zap"),
        HelpPage("glossary/b", "Zap rule", "On c.", "nothing more"),
        HelpPage("glossary/c", "Zap", "On d.", "nothing more"),
        HelpPage("glossary/d", "Delta", "A zap.", "nothing more"),
        HelpPage("glossary/e", "Other", "On f.", "unzapped"),
    ]
    found = [one.address[-1] for one in Handbook(pages).search("zap")]
    assert found == ["c", "b", "d", "a"]
    assert [one.title for one in Handbook(pages).search("ZAP rul")] == ["Zap rule"]
    assert Handbook(pages).search("zap nowhere") == ()
    assert Handbook(pages).search(" . ") == ()


def test_html_leads_to_pages_of_the_handbook_and_shows_no_markup_of_others():
    html = page_html(page("[a](#leaf) [b](mtrrviz:scenario/sandbox) <b>c</b>"))
    assert '<a href="help:glossary/leaf">a</a>' in html
    assert 'href="mtrrviz:scenario/sandbox"' in html
    assert "&lt;b&gt;c" in html


def test_text_has_short_lines_no_marks_and_names_the_scenario():
    text = page_text(
        page("It **zaps** `x` " + "word " * 40 + "\n\n- Try: [s](mtrrviz:scenario/y?time=1s)")
    )
    assert text.startswith("Zap\n===\n\nIt zaps x word")
    assert max(map(len, text.splitlines())) <= 79
    assert text.endswith("- Try: s (mtrrviz y)")


def test_what_is_fenced_stays_as_it_is():
    assert page_text(page("a\n\n```toml\nx = 1\n\ny  = 2\n```\n\nb")).endswith(
        "a\n\n    x = 1\n\n    y  = 2\n\nb"
    )


def test_the_command_prints_a_term(capsys):
    assert main(["help", "stale", "leaf"]) == 0
    assert capsys.readouterr().out.startswith("Stale leaf\n==========\n\nA leaf that a fault now")


def test_the_command_lists_searches_and_refuses(capsys):
    assert main(["help"]) == 0
    listed = capsys.readouterr().out
    assert all(one.sentence[:20] in listed for one in the_handbook().terms)
    assert main(["help", "snooping"]) == 0
    assert "VFIO" in capsys.readouterr().out
    assert main(["help", "qwertz"]) == 2
    assert "'qwertz'" in capsys.readouterr().err


def fenced(page, language):
    """Return what is fenced on a page of the manual as being of a language."""
    return the_handbook().page(page).text.split(f"```{language}\n")[1].split("```")[0]


def test_the_file_of_the_manual_is_a_scenario(tmp_path):
    path = tmp_path / "late.toml"
    path.write_text(fenced("files", "toml"))
    scenario = open_scenario(str(path))
    assert [event.value for event in scenario.events] == [0xC06]
    assert scenario.machine.vcpus == 2


def test_the_commands_of_the_manual_are_understood():
    lines = [line.split("#")[0].split() for line in fenced("command-line", "sh").splitlines()]
    assert len(lines) > 10
    for program, *arguments in lines:
        assert program == "mtrrviz"
        assert parse(arguments).handler


@pytest.mark.parametrize("name", PANELS)
def test_the_page_of_a_panel_is_short_and_leads_to_words_or_pages(name):
    page = the_handbook().page(name.replace("_", "-"))
    words = len(page_text(page).split())
    assert 100 <= words <= 260
    assert any(page_address(link, page.address) for link in links_in(page.text))
