"""Which policies are shown and how the map shows them: what stays from scenario to scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.policies import DEFAULT_COMPARED_ID, DEFAULT_POLICY_ID, compared_with
from mtrrviz.core.record import Record
from mtrrviz.scenario.view import MapMode

if TYPE_CHECKING:
    from mtrrviz.scenario.view import View


class ViewState(Record):
    """The policy in use, the one compared with, both by id, and what the map shows of them."""

    policy: str = DEFAULT_POLICY_ID
    compared: str = DEFAULT_COMPARED_ID
    map_mode: MapMode = MapMode.ONE

    @property
    def policies(self) -> tuple[str, str]:
        """Both ids, the one in use first."""
        return self.policy, self.compared

    def using(self, policy: str) -> ViewState:
        """Return the view state for another policy; if it was the compared one, the two swap."""
        compared = compared_with(policy, self.policy, self.compared)
        return replace(self, policy=policy, compared=compared)

    def for_view(self, view: View) -> ViewState:
        """Return the view state that a scenario asks for; what it leaves open stays."""
        look = self if view.policy is None else self.using(view.policy)
        return replace(
            look,
            compared=view.compared or look.compared,
            map_mode=view.map_mode or look.map_mode,
        )
