"""Run the benchmarks: a table of ratios, exit code 1 when one is past its limit.

python -m tests.bench [--short] [WORDS]    WORDS: only cases whose name has one of them

Beside each ratio stands that of the last run, which is kept in .dev/bench.json. Below the table are
works that were measured at several sizes, with how their cost grows.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.bench.growth import growth_lines
from tests.bench.last_results import keep, last_ratios
from tests.bench.measure import SHORT, Effort, Result, measure
from tests.bench.registry import Case, load_cases

COLUMNS = f"{'case':<44} {'time':>10} {'reference':>10} {'ratio':>7} {'last':>7} {'limit':>6}"


def main(arguments: list[str] | None = None) -> int:
    """Measure the chosen cases one after the other and say whether all goals are met."""
    options = parse(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    cases = choose(load_cases(), short=options.short, words=options.words)
    if not cases:
        print("no such benchmark", file=sys.stderr)
        return 2
    start = time.perf_counter()
    print(COLUMNS)
    last = last_ratios()
    results: list[Result] = []
    try:
        for case in cases:
            results.append(measure(case, SHORT if options.short else Effort()))
            print(line(results[-1], last.get(case.name)), flush=True)
    finally:
        keep(last, results)
    for grown in growth_lines(results):
        print(grown)
    print(f"{len(cases)} cases in {time.perf_counter() - start:.1f} s, CPU time, medians")
    return 0 if all(result.is_good for result in results) else 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="Run the benchmarks.")
    parser.add_argument("--short", action="store_true", help="under 40 s: fewer samples and cases")
    parser.add_argument("words", nargs="*", help="only cases whose name has one of these words")
    return parser.parse_args(arguments)


def choose(cases: list[Case], *, short: bool, words: list[str]) -> list[Case]:
    """Return the cases to run."""
    return [
        case
        for case in cases
        if (case.in_short or not short) and (not words or any(word in case.name for word in words))
    ]


def line(result: Result, last: float | None = None) -> str:
    """Return a result as a row of the table."""
    mark = "" if result.is_good else "  PAST THE LIMIT"
    unit, before = result.case.unit, "-" if last is None else f"{last:.2f}"
    amounts = f"{amount(result.subject, unit)} {amount(result.reference, unit)}"
    ratio = f"{result.ratio:>7.2f} {before:>7} {result.case.limit:>6.2f}"
    return f"{result.case.name:<44} {amounts} {ratio}{mark}  ({result.case.reference})"


def amount(number: float, unit: str) -> str:
    """Return a time in seconds, or another amount, for a column of the table."""
    return f"{number * 1e3:>7.3f} ms" if unit == "ms" else f"{number:>6.0f} {unit}"


if __name__ == "__main__":
    sys.exit(main())
