"""What can change in a document, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import Enum, auto


class Change(Enum):
    """What changed; observers get a set of these and look the new state up themselves."""

    SCENARIO = auto()
    """The scenario's events (an edit, undo, redo) or the scenario as a whole."""
    OPENED = auto()
    """Another scenario was opened; comes with SCENARIO."""
    RUN = auto()
    """A run was finished: of the policy in use or of the one compared with."""
    POLICY = auto()
    """The policy in use or the one compared with."""
    COSTS = auto()
    """The constants behind modelled figures; figures that rest on them follow as FIGURES."""
    FIGURES = auto()
    """A run's modelled figures followed the constants; what was replayed is the same."""
    DIFFERENCES = auto()
    """How much the two runs differ at every time has become known."""
    MAP_MODE = auto()
    """Whether the map shows one policy, two, or their differences."""
    PLAYHEAD = auto()
    """The time shown."""
    SELECTION = auto()
    """The selected page."""
    SELECTED_ITEM = auto()
    """The register field, range or event that the user asked to see."""
    CHOSEN = auto()
    """Which events are chosen, for what is done next."""
    VCPU = auto()
    """The selected vCPU."""
    WANTED = auto()
    """The memory map that is wanted, or what its registers may use."""
    PENDING = auto()
    """The write that the register editor would make."""
    MARKERS = auto()
    """Marker A or B."""
    STOPS = auto()
    """When the conditions to stop at are fulfilled has become known."""
    PLAYBACK = auto()
    """Playing or not, speed, loop."""
    FILE = auto()
    """The file's path or whether there are unsaved changes."""


Observer = Callable[[frozenset[Change]], None]


class Observable:
    """Keeps observers and tells them of changes, each batch once."""

    def __init__(self) -> None:
        self._observers: list[Observer] = []
        self._pending: set[Change] = set()
        self._depth = 0

    def subscribe(self, observer: Observer) -> Callable[[], None]:
        """Call ``observer`` after each change; return a function that ends that."""
        self._observers.append(observer)

        def unsubscribe() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return unsubscribe

    @contextmanager
    def batch(self) -> Generator[None]:
        """Hold notifications back until the block ends, then tell all changes at once."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self._flush()

    def notify(self, *changes: Change) -> None:
        """Tell the observers, at once or at the end of the batch.

        All are told, whatever one of them raises; the first of such errors is raised at the end.
        """
        self._pending.update(changes)
        self._flush()

    def _flush(self) -> None:
        if self._depth or not self._pending:
            return
        changes = frozenset(self._pending)
        self._pending.clear()
        errors: list[Exception] = []
        for observer in tuple(self._observers):
            try:
                observer(changes)
            except Exception as error:  # noqa: BLE001 - the others are to hear of it all the same
                errors.append(error)
        if errors:
            raise errors[0]
