"""The write that the register editor would make: the one source of its words and its outline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.msr.registers import FIXED_MSRS, fixed_subranges, register
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.session.changes import Change
from mtrrviz.session.registers.register_writes import rows_hit
from mtrrviz.session.registers.write_effects import Zaps, effect_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.registers.register_draft import Draft
    from mtrrviz.session.registers.register_writes import WritePlan
    from mtrrviz.session.registers.write_effects import Effect
    from mtrrviz.sim.run import State

_NO_ROWS = np.zeros(0, np.intp)


class EditedDocument(Protocol):
    """The part of a document that decides what a write would do."""

    @property
    def scenario(self) -> Scenario:
        """The scenario with all edits."""
        ...

    @property
    def state(self) -> State | None:
        """The state at the playhead."""
        ...

    def notify(self, *changes: Change) -> None:
        """Tell the observers."""
        ...


class PendingWrite:
    """A write on its way, tried on the machine as it is at the playhead, whenever that moves."""

    def __init__(self, document: EditedDocument) -> None:
        self._document = document
        self._plan: WritePlan | None = None
        self._spans: tuple[tuple[int, int], ...] = ()
        self._is_changed = False
        #: Of each policy shown, its last answer and what that was an answer to.
        self._tried: dict[str, tuple[object, Effect | None]] = {}
        self._hit: dict[str, tuple[State, NDArray[np.intp]]] = {}

    def show(self, plan: WritePlan | None, draft: Draft | None = None) -> None:
        """Let ``plan``, made of ``draft``, be what would be written; None for nothing."""
        is_changed = plan is not None and draft is not None and draft.is_changed
        spans = drafted_spans(draft) if is_changed and draft is not None else ()
        if (plan, spans, is_changed) != (self._plan, self._spans, self._is_changed):
            self._plan, self._spans, self._is_changed = plan, spans, is_changed
            self._forget_answers()
            self._document.notify(Change.PENDING)

    def forget(self) -> None:
        """Drop what was to be written to another machine, telling nobody."""
        self._plan, self._spans, self._is_changed = None, (), False
        self._forget_answers()

    def _forget_answers(self) -> None:
        self._tried.clear()
        self._hit.clear()

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to outline: writing what is there already is not announced."""
        return self._is_changed

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The gfns [first, end) whose type the registers being typed would decide."""
        return self._spans

    @property
    def effect(self) -> Effect | None:
        """What the write would do at the playhead; None without one, and where it is refused."""
        return self._effect_on(self._document.state)

    def _effect_on(self, state: State | None) -> Effect | None:
        """Return what the write would do to the machine of a state, under that state's policy."""
        if state is None or self._plan is None:
            return None
        policy = state.run.policy.id
        key = (state.run, state.run.scenario.events_until(state.time_ns))
        if policy not in self._tried or self._tried[policy][0] != key:
            self._tried[policy] = (key, self._try(state, self._plan))
        return self._tried[policy][1]

    def _try(self, state: State, plan: WritePlan) -> Effect | None:
        try:
            return effect_of(state.machine, self._document.scenario.machine, plan)
        except GeneralProtectionFault:
            return None

    @property
    def words(self) -> str:
        """What the write would do at the playhead, in words; "" where there is none."""
        effect = self.effect
        return "" if effect is None else effect.words(self._document.state)

    def rows_hit(self, state: State | None) -> NDArray[np.intp]:
        """Return the rows of the leaves of a state that the write would drop then.

        ``state`` is that of the policy in use or of the one compared with.
        """
        effect = self._effect_on(state) if self._is_changed else None
        if state is None or not isinstance(effect, Zaps):
            return _NO_ROWS
        policy = state.run.policy.id
        if policy not in self._hit or self._hit[policy][0] is not state:
            self._hit[policy] = (state, rows_hit(state, effect.preview.zaps))
        return self._hit[policy][1]


def drafted_spans(draft: Draft) -> tuple[tuple[int, int], ...]:
    """Return the gfns [first, end) that a draft's changed registers are about.

    Of a pair its range as KVM reads it, of a fixed register the changed bytes' ranges; none of
    registers that are about all memory, and of what KVM refuses.
    """
    changed = draft.changed_msrs
    if not changed or draft.refusals:
        return ()
    if changed[0] in FIXED_MSRS:
        return _fixed_spans(draft, changed[0])
    reg = register(changed[0])
    if reg.kind not in ("base", "mask"):
        return ()
    state = draft.state.copy()
    for msr, value in draft.values.items():
        state.write(msr, value)
    own = state.variable_ranges()[reg.index]
    return ((own.start_gfn, own.end_gfn),) if own.valid and own.size_bytes else ()


def _fixed_spans(draft: Draft, msr: int) -> tuple[tuple[int, int], ...]:
    bits = draft.changed_bits(msr)
    return tuple(
        (start >> PAGE_SHIFT, (start + size_bytes) >> PAGE_SHIFT)
        for byte, (start, size_bytes) in enumerate(fixed_subranges(msr))
        if bits >> 8 * byte & 0xFF
    )
