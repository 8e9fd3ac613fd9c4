"""Whatever a file holds, loading gives a scenario or one ScenarioError."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.sim import simulate
from tests.scenario.files import EVENTS, GOOD, PHASES, write_recorded, write_scenario

LINES: tuple[str, ...] = tuple(GOOD.splitlines())
VALUES = (
    *("0", "-1", "nan", "-inf", "1e308", "0xFFFFFFFFFFFFFFFF", "0x10000000000000000", "true"),
    *('""', '"2 GiB"', '"0x1000"', "[]", "[[]]", "{}", "{a=1}", "2020-01-01", '"\\u0000"', "07"),
    *('"init"', '"dma-detach"', '"mov-cr0"', '"passthrough"', '"mmio"', '"1 GiB"', "4096", "1.5"),
)
KEYS = ("t", "vcpu", "kind", "start", "end", "size", "value", "register", "lasts", "access", "aps")
TABLES = ("[machine]", "[[event]]", "[[touch]]", "[recording]", "[[machine.region]]", "[a]")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return the good file with a few lines changed, doubled, moved or taken out."""
    lines: list[str] = [*LINES]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(("value", "value", "key", "drop", "double", "move", "cut")))
        if kind == "value" and "=" in lines[at]:
            lines[at] = f"{lines[at].split('=')[0]}= {draw(st.sampled_from(VALUES))}"
        elif kind == "key":
            new = f"{draw(st.sampled_from(KEYS))} = {draw(st.sampled_from(VALUES))}"
            lines.insert(at, draw(st.one_of(st.just(new), st.sampled_from(TABLES))))
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif kind == "cut":
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
        elif len(lines) > 1:
            del lines[at]
    return "\n".join(lines)


def load_or_refuse(path: Path) -> None:
    """Load, and simulate what loads: what a file may say must not break anything later."""
    with contextlib.suppress(ScenarioError):
        scenario = load_scenario(path)
        if scenario.machine.vcpus <= 8 and len(scenario.touches) < 100_000:
            simulate(scenario, "per-vcpu").at(scenario.duration_ns)


@settings(max_examples=250)
@given(mutated())
def test_changed_files(text: str):
    with tempfile.TemporaryDirectory() as directory:
        load_or_refuse(write_scenario(Path(directory), text))


@settings(max_examples=100)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes(data: bytes):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "made.toml"
        path.write_bytes(data)
        load_or_refuse(path)


@settings(max_examples=150)
@given(
    st.sampled_from(("boot.touches.npz", "boot.events.csv.gz", "boot.phases.csv", "made.toml")),
    st.integers(0, 2000),
    st.binary(min_size=1, max_size=3),
    st.booleans(),
)
def test_damaged_data_files(name: str, at: int, new: bytes, cut: bool):
    with tempfile.TemporaryDirectory() as directory:
        path = write_recorded(Path(directory))
        damaged = path.parent / name
        data = damaged.read_bytes()
        at %= len(data)
        damaged.write_bytes(data[:at] if cut else data[:at] + new + data[at + len(new) :])
        load_or_refuse(path)


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(("", "0", "1", "-1", "0x2ff", "wrmsr", "init", "x", '"', "1e9", "٣"))),
    st.sampled_from((EVENTS, PHASES)),
    st.sampled_from((",", "\n", "\r", "\0")),
)
def test_odd_rows(cells: list[str], text: str, separator: str):
    with tempfile.TemporaryDirectory() as directory:
        odd = text + separator.join(cells)
        changed = {"events" if text is EVENTS else "phases": odd}
        load_or_refuse(write_recorded(Path(directory), **changed))
