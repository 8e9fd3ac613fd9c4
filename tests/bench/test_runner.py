"""How benchmarks are timed and judged."""

from __future__ import annotations

import pytest

from tests.bench import __main__ as runner
from tests.bench import last_results, registry
from tests.bench import measure as measuring
from tests.bench.growth import growth_lines
from tests.bench.measure import Effort, Result, measure
from tests.bench.registry import Case, Pair, case

QUICK = Effort(samples=3, sample_s=0.001)


class Clock:
    """A clock that only moves when made-up work is done, so that no test depends on real time."""

    def __init__(self):
        self.now_s = 0.0
        self.calls = 0

    def work(self, cost_s):
        def do():
            self.now_s += cost_s
            self.calls += 1

        return do


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    """Keep results elsewhere than beside the tree."""
    monkeypatch.setattr(last_results, "KEPT", tmp_path / "of" / "bench.json")
    return last_results.KEPT


@pytest.fixture
def clock(monkeypatch):
    made_up = Clock()
    monkeypatch.setattr(measuring, "cpu_time_s", lambda: made_up.now_s)
    return made_up


@pytest.fixture
def cheap(clock):
    return clock.work(0.001)


@pytest.fixture
def dear(clock):
    return clock.work(0.003)


def nothing():
    pass


def made(subject, reference, limit=2.0, name="made up", in_short=True):
    return Case(name, "a reference", limit, lambda: Pair(subject, reference), in_short)


@pytest.fixture
def only(monkeypatch):
    """Let the runner see just the cases a test gives."""

    def use(*cases):
        monkeypatch.setattr(runner, "load_cases", lambda: list(cases))
        monkeypatch.setattr(runner, "Effort", lambda: QUICK)

    return use


def test_a_ratio_at_the_limit_is_good_and_past_it_is_not():
    at_limit = Result(made(nothing, nothing, limit=2.0), subject=6.0, reference=3.0)
    assert at_limit.is_good
    assert not at_limit._replace(subject=6.1).is_good


def test_medians_are_per_call_and_the_ratio_is_subject_over_reference(dear, cheap):
    result = measure(made(dear, cheap), QUICK)
    assert result.subject == pytest.approx(0.003)
    assert result.ratio == pytest.approx(3.0)


def test_quick_work_is_repeated_until_a_sample_is_long_enough(clock, cheap):
    measure(made(cheap, nothing, limit=1e9), Effort(samples=1, sample_s=0.05))
    assert clock.calls == 2 + 50


def test_past_the_limit_is_measured_twice(clock, dear):
    measure(made(dear, nothing, limit=1e9), QUICK)
    calls_when_good = clock.calls
    measure(made(dear, nothing, limit=1e-9), QUICK)
    assert clock.calls == 3 * calls_when_good


def test_runner_fails_past_a_limit_and_says_which(only, capsys, dear, cheap):
    only(made(dear, cheap, name="slow one"), made(cheap, dear, name="quick one"))
    assert runner.main([]) == 1
    marked = [line for line in capsys.readouterr().out.splitlines() if "PAST THE LIMIT" in line]
    assert [line.split("  ")[0] for line in marked] == ["slow one"]


def test_runner_succeeds_within_limits(only, dear, cheap):
    only(made(cheap, dear))
    assert runner.main([]) == 0


def test_the_last_ratio_stands_beside_the_next(only, capsys, dear, cheap):
    only(made(dear, cheap, limit=9, name="a"))
    runner.main([])
    only(made(cheap, cheap, name="a"), made(cheap, cheap, name="b"))
    capsys.readouterr()
    runner.main([])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:3]]
    assert [(row[0], row[5], row[6]) for row in rows] == [("a", "1.00", "3.00"), ("b", "1.00", "-")]
    assert list(last_results.last_ratios()) == ["a", "b"]


def test_what_was_measured_is_kept_where_a_later_case_fails(only, dear, cheap):
    def fail():
        raise ZeroDivisionError

    only(made(dear, cheap, limit=9, name="a"), made(fail, cheap, name="b"))
    with pytest.raises(ZeroDivisionError):
        runner.main([])
    assert last_results.last_ratios() == {"a": pytest.approx(3.0)}


@pytest.mark.parametrize("text", ["", "[]", '{"a": "b"}', "{", '{"a": null}'])
def test_a_spoiled_record_counts_as_none(kept, text):
    kept.parent.mkdir()
    kept.write_text(text)
    assert last_results.last_ratios() == {}


def test_growth_is_told_as_a_power_of_the_size():
    cases = [made(nothing, nothing)._replace(work="it", size=size) for size in (1000, 100, 10)]
    results = [Result(case, it, 1.0) for case, it in zip(cases, (0.2, 0.02, 0.02), strict=True)]
    other = Result(made(nothing, nothing)._replace(work="alone", size=5), 1.0, 1.0)
    (told,) = growth_lines([*results, other, Result(made(nothing, nothing), 1.0, 1.0)])
    words = ["1e+01:", "20.00", "ms", "-(+0.00)->", "1e+02:", "20.00", "ms"]
    assert told.split()[1:] == [*words, "-(+1.00)->", "1e+03:", "200.00", "ms"]


def test_other_amounts_than_times_are_compared_as_they_are(clock):
    case = made(lambda: 30, lambda: 20)._replace(unit="MiB")
    assert measure(case, QUICK).ratio == 1.5
    assert "30 MiB" in runner.line(measure(case, QUICK))
    assert clock.calls == 0


def test_short_leaves_out_long_cases():
    cases = [made(nothing, nothing, name="a"), made(nothing, nothing, name="b", in_short=False)]
    assert [c.name for c in runner.choose(cases, short=True, words=[])] == ["a"]


def test_words_choose_cases():
    cases = [made(nothing, nothing, name=name) for name in ("map paint", "simulate")]
    assert [c.name for c in runner.choose(cases, short=False, words=["paint"])] == ["map paint"]


def test_no_case_is_an_error(only):
    only()
    assert runner.main(["nonsense"]) == 2


def test_a_name_is_announced_only_once(monkeypatch):
    monkeypatch.setattr(registry, "CASES", {})
    announce = case("one", reference="two", limit=1.5)
    announce(lambda: Pair(nothing, nothing))
    assert registry.CASES["one"].limit == 1.5
    with pytest.raises(ValueError, match="two benchmark cases"):
        announce(lambda: Pair(nothing, nothing))
