"""Short ways to import text in tests and to look at the machine that came out."""

from __future__ import annotations

from pathlib import Path

from mtrrviz.core.memtype import MemoryType
from mtrrviz.importers import ImportOptions, import_texts
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.sim import simulate

SAMPLES = Path(__file__).parent.parent / "data" / "samples"


def imported(text, override=None, name="pasted", **options):
    """Import one text (str or bytes); a guest's where nothing is said."""
    data = text.encode() if isinstance(text, str) else text
    return import_texts([(name, data)], override, as_asked(options))


def as_asked(options):
    """Return the options; nothing in most texts of the tests tells a guest, which they are."""
    options.setdefault("machine", MachineKind.GUEST)
    return ImportOptions(**options)


def import_files(*paths, **options):
    """Import files together."""
    return import_texts([(str(path), path) for path in paths], options=as_asked(options))


def sample(*names):
    """Import sample files together."""
    return import_files(*(SAMPLES / name for name in names))


def end_machine(result, policy="per-vcpu"):
    """Return the machine at the end of an import's scenario."""
    scenario = result.scenario
    return simulate(scenario, policy).at(scenario.duration_ns).machine


def ranges(result, vcpu=0):
    """Return the valid variable ranges at the end as (start, end, type name)."""
    found = end_machine(result).mtrr(vcpu).variable_ranges()
    return [(r.start, r.end, r.type.name) for r in found if r.valid]


def register(result, msr, vcpu=0):
    """Return a register at the end."""
    return end_machine(result).read_msr(vcpu, msr)


def texts(result, kind=None):
    """Return all notes as one text."""
    return "\n".join(str(n) for n in result.notes if kind in (None, n.kind))


def region_kinds(result):
    """Return the regions as {start: (end, kind)}."""
    return {r.start: (r.end, str(r.kind)) for r in result.scenario.machine.regions}


UC, WC, WT, WP, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WP", "WB"))
