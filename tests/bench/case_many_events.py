"""What a user does once with very many events or touches: shows, filters, chooses, takes hold."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from threading import Thread
from time import thread_time
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.geometry.map.map_image import MapImager
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.compare.difference_table_view import DifferenceTableView
from mtrrviz.gui.history.history_panel import HistoryPanel
from mtrrviz.gui.map.ranges_view import RangesView
from mtrrviz.gui.page_tables.page_tables_view import PageTablesView
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.gui.timeline.item_drag import snap_times
from mtrrviz.session.document import Document
from mtrrviz.session.edits import RegisterWrite, move_events, remove_events, write_registers
from mtrrviz.session.journal.keeper import Keeper
from mtrrviz.session.runs import at_once
from tests.bench.case_events import writes
from tests.bench.case_sim import ARGSORT, Load, argsort, in_runs, scenario
from tests.bench.case_sizes import window_with
from tests.bench.case_window import REPAINT, cpu_ms, repainting
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.workbench import Workbench
    from mtrrviz.scenario.model import Scenario

COUNT = 999_000


def table_of(count: int) -> tuple[Document, EventTableView]:
    """Return the table of events of a window with so many of them."""
    document = Document(writes(count), executor=lambda *_: None)
    app = QApplication.instance() or QApplication(["bench"])
    assert app is not None

    table = EventTableView(bridge := Bridge(document))
    bridge.setParent(table)
    table.resize(1200, 400)
    table.show()
    QApplication.processEvents()
    return document, table


@case("showing the table of 1e6 events", reference="of 1e4", limit=3.0)
def show() -> Pair:
    def shown(count: int) -> Callable[[], None]:
        _, table = table_of(count)

        def again() -> None:
            table.model.set_rows(None)
            table.model.set_rows(EventRows(writes(count), None))
            table.grab()

        return again

    return Pair(shown(COUNT), shown(10_000))


@case("choosing all of 1e6 events", reference=ARGSORT, limit=6.0)
def choose() -> Pair:
    document, table = table_of(COUNT)

    def select() -> None:
        table.view.selectAll()
        table.grab()
        document.choose_events(())

    return Pair(select, argsort(COUNT))


@case("the first answer to a word among 1e6 events", reference=ARGSORT, limit=120.0, in_short=False)
def word() -> Pair:
    """Beside the window; what is asked next is answered from what this made."""
    return Pair(lambda: EventRows(writes(COUNT), None).mask("uc"), argsort(COUNT))


@case("moving and removing half of 1e6 events", reference=ARGSORT, limit=8.0)
def change() -> Pair:
    made, half = writes(COUNT), range(0, COUNT, 2)
    return Pair(lambda: (move_events(made, half, 1000), remove_events(made, half)), argsort(COUNT))


@case("taking hold of one of 1e6 events", reference=ARGSORT, limit=1.0)
def hold() -> Pair:
    document = Document(writes(COUNT), executor=lambda *_: None)
    return Pair(lambda: snap_times(document), argsort(COUNT))


@case("keeping an edit of 1e6 events in the journal", reference=ARGSORT, limit=0.3)
def keep() -> Pair:
    """Once the journal has the events: the first edit writes them to a file beside it."""
    return Pair(_kept_edit(writes(COUNT)), argsort(COUNT))


@case("keeping an edit of 49,000 events of a text", reference="a sort of 1e6", limit=0.3)
def keep_objects() -> Pair:
    """Events that are objects, as the text of a file makes them."""
    made = writes(49_000)
    return Pair(_kept_edit(replace(made, events=tuple(made.events))), argsort(COUNT))


def _kept_edit(scenario: Scenario) -> Callable[[], None]:
    document = Document(scenario, executor=lambda *_: None, is_saved=False)
    keeper = Keeper(document, Path(mkdtemp()), at_once, _raise)
    at_ns = document.duration_ns // 2
    values = cycle((RegisterWrite(0x2FF, 0xC00), RegisterWrite(0x2FF, 0xC06)))

    def edit() -> None:
        document.apply(write_registers(document.scenario, at_ns, (0,), [next(values)]))
        assert keeper.kept is document.scenario

    return edit


def _raise(error: OSError) -> None:
    raise error


def announce_second_moment(touches: int, limit: float) -> None:
    """Announce the first move of the playhead in a layout, which keyframes are made for."""

    @case(
        f"the first move in a layout, {touches:.0e} touches".replace("e+0", "e"),
        reference=REPAINT, limit=limit, in_short=False, unit="ms CPU",
    )  # fmt: skip
    def second_moment() -> Pair:
        document, bench = window_with(touches)
        return Pair(lambda: median(_moves_ms(document, bench)), lambda: cpu_ms(repainting(bench)))


def _moves_ms(document: Document, bench: Workbench) -> list[float]:
    canvas = bench.views.map.map.canvas
    layout, state = canvas.layout_shown, document.state
    assert state is not None
    times = cycle(document.duration_ns * part // 10 for part in (3, 7, 4, 6))

    def first_move_ms() -> float:
        imager = MapImager(lambda *_: None)  # what is left to another thread is not waited for
        imager.frame(state.run.at(next(times)), 0, layout)
        second = state.run.at(next(times))
        start = thread_time()
        imager.frame(second, 0, layout)
        return (thread_time() - start) * 1e3

    return [first_move_ms() for _ in range(5)]


def announce_moment(name: str, view: Callable[[Bridge], QWidget], limit: float) -> None:
    """Announce what another moment of 1e6 touches costs the window's thread in a view."""

    @case(f"another moment in {name}, 1e6 touches", reference=ARGSORT, limit=limit,
          in_short=False, unit="ms CPU")  # fmt: skip
    def moment() -> Pair:
        load, app = Load(zaps=84, host_level=1), QApplication.instance() or QApplication(["bench"])
        assert app is not None
        document = Document(scenario(load, in_runs(load)), executor=beside)
        document.set_compared_policy("kvm-6.16")
        document.set_playhead(document.duration_ns * 3 // 4)
        shown = view(bridge := Bridge(document))
        bridge.setParent(shown)
        shown.resize(1200, 600)
        shown.show()
        QApplication.processEvents()
        times = cycle(document.duration_ns * part // 20 for part in range(12, 20))

        def move_ms() -> float:
            start = thread_time()
            document.set_playhead(next(times))
            assert isinstance(shown, FollowsDocument)
            shown.refresh()
            shown.grab()
            return (thread_time() - start) * 1e3

        return Pair(lambda: median(move_ms() for _ in range(9)), lambda: cpu_ms(argsort(1_000_000)))


def beside(work: Callable[[], Any], tell: Callable[[Any], None]) -> None:
    """Do work in a thread, which the time of this one does not count."""
    found: list[Any] = []
    thread = Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    tell(found[0])


announce_moment("Ranges", RangesView, 0.7)
announce_moment("Differences", DifferenceTableView, 0.6)
announce_moment("Page tables", PageTablesView, 0.3)
announce_moment("History", HistoryPanel, 0.4)
announce_second_moment(1_000_000, 1.5)
announce_second_moment(10_000_000, 4.0)
