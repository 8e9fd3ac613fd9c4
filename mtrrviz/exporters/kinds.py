"""The kinds of export of one run or two, as the command line and the window offer them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.plugins import EXPORTERS, plugins
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.sim.run import State

_TABLE = ("csv", "json")


class ExportKind(Record):
    """One kind of export: its name, what it is in a line, its formats (the usual one first).

    It takes ``least`` to ``most`` runs of one scenario, a run a policy. ``host_words`` is what it
    is of a real machine, which has one run; "" where it has nothing to say of one. ``parts`` makes
    the text of a plug-in's kind, piece by piece, from the format, a state a run, and the vCPU.
    """

    name: str
    words: str
    formats: tuple[str, ...]
    least: int = 1
    most: int = 1
    host_words: str = ""
    parts: Callable[[str, Sequence[State], int], Iterable[str]] | None = None


_OWN: dict[str, ExportKind] = {
    kind.name: kind
    for kind in (
        ExportKind(
            "events",
            "every event with its meaning and the zaps it made",
            _TABLE,
            host_words="every write of a register with its meaning",
        ),
        ExportKind("zaps", "every zap with its ranges and modelled cycles", _TABLE),
        ExportKind("leaves", "every leaf of the run, from its fault to its zap", _TABLE),
        ExportKind("faults", "every fault that made a leaf, in order of time", _TABLE),
        ExportKind("touches", "every touch that the scenario's author wrote", _TABLE),
        ExportKind(
            "ranges",
            "the map at one time, as ranges of equal pages",
            _TABLE,
            host_words="the map in ranges of one type, with what decides it",
        ),
        ExportKind(
            "differences", "where the EPTs of two policies differ at one time", _TABLE, 2, 2
        ),
        ExportKind("trace", "a trace to open in ui.perfetto.dev", ("json",)),
        ExportKind(
            "report",
            "a page to play and share, for one policy or two",
            ("html",),
            1,
            2,
            host_words="a page to share",
        ),
    )
}
"""Our kinds by name."""


class _Kinds(Mapping[str, ExportKind]):
    """All kinds; those of plug-ins come last, and are loaded when ours are not what is wanted."""

    def __getitem__(self, name: str) -> ExportKind:
        return _OWN[name] if name in _OWN else self._added[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*_OWN, *self._added))

    def __len__(self) -> int:
        return len(_OWN) + len(self._added)

    @cached_property
    def _added(self) -> dict[str, ExportKind]:
        added: dict[str, ExportKind] = {}

        def take(_words: str, found: object) -> None:
            if not isinstance(found, ExportKind) or found.parts is None or not found.formats:
                raise MtrrvizError(f"{found!r} is no ExportKind with formats and parts")
            if found.name in _OWN or found.name in added:
                raise MtrrvizError(f"the name {found.name!r} is taken (expected one of its own)")
            added[found.name] = found

        plugins(EXPORTERS, take)
        return added


class _Forms(Collection[str]):
    """The formats of all kinds, each once."""

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(form for kind in KINDS.values() for form in kind.formats))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, form: object) -> bool:
        return any(form == one for one in self)


KINDS: Mapping[str, ExportKind] = _Kinds()
"""All kinds by name: ours, then those of plug-ins."""
FORMATS: Collection[str] = _Forms()
"""The formats of all kinds."""
