"""Pausing the garbage collector: nested, in threads, after errors; and what is left out after."""

from __future__ import annotations

import gc
from threading import Event, Thread

import pytest

from mtrrviz.core import bulk_work as module
from mtrrviz.core.bulk_work import bulk_work


@pytest.fixture(autouse=True)
def collector():
    """The collector on, nothing frozen that a test freezes."""
    was_on = gc.isenabled()
    gc.enable()
    yield
    gc.unfreeze()
    (gc.enable if was_on else gc.disable)()


def test_nothing_is_collected_meanwhile():
    with bulk_work():
        with bulk_work():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_ends_with_an_error():
    with pytest.raises(ZeroDivisionError), bulk_work():
        _ = 1 // 0
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    with bulk_work():
        pass
    assert not gc.isenabled()


def test_it_lasts_as_long_as_the_last_thread_works():
    begun, may_end = Event(), Event()

    def work():
        with bulk_work():
            begun.set()
            may_end.wait(10)

    thread = Thread(target=work)
    with bulk_work():
        thread.start()
        assert begun.wait(10)
    assert not gc.isenabled()
    may_end.set()
    thread.join()
    assert gc.isenabled()


def test_much_that_is_new_is_left_out_of_later_collections(monkeypatch):
    monkeypatch.setattr(module, "_MANY", 1000)
    gc.unfreeze()
    gc.collect()  # what was new before does not count; Python 3.13 lets more come together
    with bulk_work():
        few = [[] for _ in range(10)]
    assert (gc.get_freeze_count(), len(few)) == (0, 10)
    with bulk_work():
        many = [[] for _ in range(5000)]
    assert gc.get_freeze_count() > len(many)
