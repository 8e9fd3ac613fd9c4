"""Observers hear of every change, each batch once."""

from __future__ import annotations

import pytest

from mtrrviz.session.changes import Change, Observable


@pytest.fixture
def heard():
    return []


@pytest.fixture
def observable(heard):
    made = Observable()
    made.subscribe(heard.append)
    return made


def test_a_change_is_heard_at_once(observable, heard):
    observable.notify(Change.RUN)
    assert heard == [{Change.RUN}]


def test_a_batch_is_heard_once_at_its_end(observable, heard):
    with observable.batch():
        observable.notify(Change.RUN)
        with observable.batch():
            observable.notify(Change.RUN, Change.VCPU)
        assert heard == []
    assert heard == [{Change.RUN, Change.VCPU}]


def test_an_empty_batch_says_nothing(observable, heard):
    with observable.batch():
        pass
    assert heard == []


def test_what_happened_before_a_failure_is_heard(observable, heard):
    def fail():
        with observable.batch():
            observable.notify(Change.FILE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert heard == [{Change.FILE}]


def test_an_observer_that_left_hears_nothing_more(observable, heard):
    leave = observable.subscribe(lambda changes: heard.append("second"))
    leave()
    leave()
    observable.notify(Change.RUN)
    assert heard == [{Change.RUN}]


def test_an_observer_may_leave_while_told(observable, heard):
    leave = observable.subscribe(lambda changes: leave())
    observable.subscribe(heard.append)
    observable.notify(Change.RUN)
    observable.notify(Change.VCPU)
    assert heard == [{Change.RUN}, {Change.RUN}, {Change.VCPU}, {Change.VCPU}]


def test_a_change_made_by_an_observer_is_heard_too(observable, heard):
    observable.subscribe(
        lambda changes: observable.notify(Change.VCPU) if Change.RUN in changes else None
    )
    observable.notify(Change.RUN)
    assert heard == [{Change.RUN}, {Change.VCPU}]
