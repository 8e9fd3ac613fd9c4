"""The kinds of export of one run or two, as the command line and the window offer them."""

from __future__ import annotations

from dataclasses import dataclass

_TABLE = ("csv", "json")


@dataclass(frozen=True, slots=True)
class ExportKind:
    """One kind of export: its name, what it is in a line, its formats (the usual one first).

    It takes ``least`` to ``most`` runs of one scenario, a run a policy. ``host_words`` is what it
    is of a real machine, which has one run; "" where it has nothing to say of one.
    """

    name: str
    words: str
    formats: tuple[str, ...]
    least: int = 1
    most: int = 1
    host_words: str = ""


KINDS: dict[str, ExportKind] = {
    kind.name: kind
    for kind in (
        ExportKind(
            "events",
            "every event with its meaning and the zaps it made",
            _TABLE,
            host_words="every write of a register with its meaning",
        ),
        ExportKind("zaps", "every zap with its ranges and modelled cycles", _TABLE),
        ExportKind("leaves", "every leaf that ever was, from birth to death", _TABLE),
        ExportKind("faults", "every fault that made a leaf, in order of time", _TABLE),
        ExportKind(
            "ranges",
            "the map at a time, in ranges of pages that are alike",
            _TABLE,
            host_words="the map in ranges of one type, with what decides it",
        ),
        ExportKind("differences", "where the EPTs of two policies differ at a time", _TABLE, 2, 2),
        ExportKind("trace", "a trace to open in ui.perfetto.dev", ("json",)),
        ExportKind(
            "report",
            "a page to mail, of one policy or of two",
            ("html",),
            1,
            2,
            host_words="a page to mail",
        ),
    )
}
"""All kinds by name."""
FORMATS = tuple(dict.fromkeys(form for kind in KINDS.values() for form in kind.formats))
"""The formats of all kinds."""
