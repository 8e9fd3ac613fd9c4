"""Views follow the document while they can be seen, and catch up when they are shown."""

from __future__ import annotations

import pytest

from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui


class Follower(FollowsDocument):
    """Notes what it was told."""

    follows = frozenset({Change.PLAYHEAD, Change.VCPU, Change.MARKERS})

    def __init__(self, bridge):
        super().__init__(bridge)
        self.told = []

    def show_document(self, changes):
        self.told.append(changes)


class Paced(Follower):
    pace_ms = 20


class Settling(Follower):
    settle_ms = 20


@pytest.fixture
def make(qtbot):
    def shown(kind):
        view = kind(Bridge(Document(open_scenario("small-machine"))))
        qtbot.addWidget(view)
        view.show()
        view.told.clear()
        return view

    return shown


def test_the_first_time_everything_is_shown_once(qtbot):
    view = Follower(Bridge(Document(open_scenario("small-machine"))))
    qtbot.addWidget(view)
    view.bridge.document.select_vcpu(1)
    assert view.told == []
    view.show()
    assert view.told == [Follower.follows]


def test_while_visible_each_change_is_shown(make):
    view = make(Follower)
    view.bridge.document.set_playhead(1)
    view.bridge.document.select_vcpu(1)
    view.bridge.document.select_page(3)  # which it does not follow
    assert view.told == [{Change.PLAYHEAD}, {Change.VCPU}]


def test_only_what_it_follows_is_told(make):
    view = make(Follower)
    with view.bridge.document.batch():
        view.bridge.document.set_playhead(1)
        view.bridge.document.select_page(3)
    assert view.told == [{Change.PLAYHEAD}]


def test_what_changed_while_hidden_is_shown_at_once_when_it_is_shown(make):
    view = make(Follower)
    view.hide()
    view.bridge.document.set_playhead(1)
    view.bridge.document.set_playhead(2)
    view.bridge.document.select_vcpu(1)
    view.bridge.document.select_page(3)
    assert view.told == []
    view.show()
    assert view.told == [{Change.PLAYHEAD, Change.VCPU}]
    view.hide()
    view.show()
    assert len(view.told) == 1


def test_a_paced_view_shows_many_moves_of_the_playhead_at_once(make, qtbot):
    view = make(Paced)
    for time_ns in range(1, 6):
        view.bridge.document.set_playhead(time_ns)
    assert view.told == []
    qtbot.waitUntil(lambda: view.told == [{Change.PLAYHEAD}])


def test_a_paced_view_shows_other_changes_now_and_then_has_nothing_left(make, qtbot):
    view = make(Paced)
    view.bridge.document.set_playhead(1)
    view.bridge.document.select_vcpu(1)
    assert view.told == [{Change.PLAYHEAD, Change.VCPU}]
    qtbot.wait(60)
    assert len(view.told) == 1


@pytest.mark.parametrize("kind", [Paced, Settling])
def test_a_view_hidden_before_its_time_keeps_it_for_when_it_is_shown(make, qtbot, kind):
    view = make(kind)
    view.bridge.document.set_playhead(1)
    view.hide()
    qtbot.wait(60)
    assert view.told == []
    view.show()
    assert view.told == [{Change.PLAYHEAD}]


def test_a_settling_view_waits_until_nothing_plays(make, qtbot):
    view = make(Settling)
    document = view.bridge.document
    document.playback.play()
    document.set_playhead(1)
    qtbot.wait(60)
    assert view.told == []
    document.playback.pause()
    document.set_marker("A", 1)
    qtbot.waitUntil(lambda: view.told == [{Change.PLAYHEAD, Change.MARKERS}])


def test_refresh_shows_everything_now_and_leaves_nothing(make):
    view = make(Follower)
    view.hide()
    view.bridge.document.set_playhead(1)
    view.refresh()
    view.show()
    assert view.told == [Follower.follows]


class Forgetful(FollowsDocument):
    """Notes when it lets go of what it showed; follows nothing that opening a file changes."""

    follows = frozenset({Change.FIGURES})

    def __init__(self, bridge):
        super().__init__(bridge)
        self.told = []

    def show_document(self, changes):
        self.told.append(changes)

    def forget_document(self):
        self.told.append("forgot")


def test_a_hidden_view_lets_go_of_a_closed_scenario_and_shows_all_anew(make):
    view = make(Forgetful)
    view.hide()
    view.bridge.document.open(open_scenario("lagging-ap"), None)
    assert view.told == ["forgot"]
    view.show()
    assert view.told == ["forgot", Forgetful.follows]


def test_a_view_in_sight_does_not(make):
    view = make(Forgetful)
    view.bridge.document.open(open_scenario("lagging-ap"), None)
    assert view.told == []
