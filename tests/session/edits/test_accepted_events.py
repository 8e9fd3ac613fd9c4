"""Every event that a scenario file may hold can be told by every view and every export."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.checks import check
from mtrrviz.core.policies import get_policy
from mtrrviz.exporters.kinds import KINDS
from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.facts.tables.zap_rows import ZapRows
from mtrrviz.scenario.events import KNOWN_MSRS, EventKind
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.session.exchange.exporting import export_parts
from mtrrviz.sim.simulate import simulate

VALUES = (0, 1, 6, 0x800, 0xC06, (1 << 39) | 0x800, (1 << 40) - 1, 1 << 63, (1 << 64) - 1)
HEAD = (
    'schema = 1\ntitle = "all"\n[machine]\nvcpus = 2\nmemory = "64 MiB"\nmaxphyaddr = 40\n'
    '[[machine.region]]\nname = "RAM"\nkind = "ram"\nstart = 0\nend = 0x400_0000\n'
)


def events_of(kind: str) -> str:
    """Return an event of a kind for each register and value it may have, DMA attached first."""
    registers = KNOWN_MSRS if kind in ("wrmsr", "vmm-wrmsr") else (None,)
    values = VALUES if registers[0] is not None or kind == "mov-cr0" else (None,)
    text = HEAD + '[[event]]\nt = 0.0\nkind = "dma-attach"\n'
    for number, (msr, value) in enumerate((m, v) for m in registers for v in values):
        text += f'[[event]]\nt = {number / 1000 + 1}\nkind = "{kind}"\n'
        text += f"register = {msr:#x}\n" if msr is not None else ""
        text += f"value = {value:#x}\n" if value is not None else ""
    return text + '[[touch]]\nt = 0.5\nstart = 0\nsize = "64 MiB"\n'


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_accepted_event_is_told_and_exported(kind, tmp_path):
    scenario = parse_scenario(events_of(kind), "all.toml", tmp_path)
    run = simulate(scenario, get_policy("per-vcpu"))
    state = run.at(scenario.duration_ns)
    rows = EventRows(scenario, run)
    for row in range(len(rows)):
        told = {column.key: column.text(rows, row) for column in rows.columns}
        assert told["kind"]
        assert kind not in ("wrmsr", "vmm-wrmsr") or row == 0 or "IA32_" in told["register"]
    assert rows.mask("ia32").shape == rows.mask("kind:refused").shape == (len(rows),)
    zaps = ZapRows(run)
    assert all(zaps.columns[0].text(zaps, row) for row in range(len(zaps)))
    check(state)
    for what in KINDS.values():
        states = [state] * what.least
        for form in what.formats:
            assert "".join(export_parts(what.name, form, states))
    save_scenario(scenario, tmp_path / "again.toml")
    again = parse_scenario((tmp_path / "again.toml").read_text(), "all.toml", tmp_path)
    assert again.events == scenario.events
