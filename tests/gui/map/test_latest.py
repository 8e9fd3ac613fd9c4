"""One question at a time is worked out, and of those that wait the last."""

from __future__ import annotations

import pytest

from mtrrviz.gui.common.latest import Latest
from mtrrviz.session.runs import at_once
from tests.gui.later import Later


class Asking:
    """Asks for moments and notes what is worked out and what is told."""

    def __init__(self) -> None:
        self.later = Later()
        self.latest = Latest()
        self.worked: list[int] = []
        self.told: list[int] = []

    def ask(self, moment: int, about: object = "run", executor=None) -> None:
        def work() -> int:
            self.worked.append(moment)
            if moment < 0:
                raise ValueError(moment)
            return moment

        self.latest.ask(executor or self.later, work, self.told.append, about)


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_a_moving_playhead_is_followed(asking: Asking) -> None:
    for moment in range(5):
        asking.ask(moment)
    asking.later.work()()
    assert asking.told == [0]
    asking.ask(5)
    asking.ask(6)
    asking.later.do_all()
    assert asking.worked == asking.told == [0, 4, 6]


def test_what_is_about_something_else_is_dropped_at_once(asking: Asking) -> None:
    asking.ask(1)
    asking.ask(2)
    asking.ask(3, "another run")
    asking.later.do_all()
    assert asking.worked == asking.told == [3]


def test_an_answer_of_something_else_that_comes_late_is_not_told(asking: Asking) -> None:
    asking.ask(1)
    tell = asking.later.work()
    asking.ask(2, "another run")
    tell()
    asking.later.do_all()
    assert asking.told == [2]


def test_nothing_is_told_after_it_was_dropped(asking: Asking) -> None:
    asking.ask(1)
    tell = asking.later.work()
    asking.ask(2)
    asking.latest.drop()
    tell()
    asking.later.do_all()
    assert asking.told == []
    asking.ask(3)
    asking.later.do_all()
    assert asking.told == [3]


def test_after_an_error_what_waits_is_worked_out(asking: Asking) -> None:
    asking.ask(-1)
    asking.ask(2)
    with pytest.raises(ValueError, match="-1"):
        asking.later.do_all()
    asking.later.do_all()
    assert asking.told == [2]


def test_what_is_asked_while_an_answer_is_told_is_told_last(asking: Asking) -> None:
    def tell(moment: int) -> None:
        asking.told.append(moment)
        asking.ask(9)

    asking.latest.ask(asking.later, lambda: 1, tell, "run")
    asking.ask(2)
    asking.later.do_all()
    assert asking.told == [1, 9]


def test_at_once_is_at_once(asking: Asking) -> None:
    asking.ask(1, executor=at_once)
    asking.ask(2, executor=at_once)
    assert asking.told == [1, 2]
