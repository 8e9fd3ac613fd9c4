"""The panel on the two policies: their switches, their rules side by side, their stories."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mtrrviz.analysis.policy_rules import policy_rules, story
from mtrrviz.core.policies import get_policy
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import Heading, scrolling
from mtrrviz.gui.policy.switches import PolicySwitches
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.gui.shell.bridge import Bridge

_KINDS = {"leaf": "Leaf of a fault", "zap": "What is zapped", "cost": "How"}


class PolicyPanel(FollowsDocument):
    """Follows the document's two policies; a switch here changes the policy in use or compared."""

    follows = frozenset({Change.POLICY})

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._document = bridge.document
        self._told: set[str] = set()
        document = bridge.document
        self.in_use = PolicySwitches("In use", document.set_policy, self)
        self.compared = PolicySwitches("Compared", document.set_compared_policy, self)
        self.rules = _text("Rules of the two policies", self)
        self.story = _text("Story of the policy in use", self)
        self.other_story = _text("Story of the compared policy", self)
        self._lay_out()
        self.setAccessibleName("Policies")

    def _lay_out(self) -> None:
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 8, 8)
        column.setSpacing(8)
        titles = (Heading("Rules, as each policy answers", body), Heading("Compared", body))
        for widget in (self.in_use, self.compared, self.story, titles[0], self.rules):
            column.addWidget(widget)
        for widget in (titles[1], self.other_story):
            column.addWidget(widget)
        column.addStretch(1)
        self._scroll = scrolling(body, self, "Policies")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 6, 4, 6)
        outer.addWidget(self._scroll)
        self.setMinimumWidth(230)

    def show_document(self, changes: frozenset[Change]) -> None:  # noqa: ARG002
        """Show the policies in use now, whose stories are told with that."""
        self._show_policies()
        self._told |= self._stories

    @property
    def _stories(self) -> set[str]:
        """The policies whose stories stand here, by id without switches."""
        names = (self._document.policy, self._document.compared_policy)
        return {type(get_policy(name)).id for name in names}

    @property
    def has_news(self) -> bool:
        """Whether there is a story here that was not shown before."""
        return not self._stories <= self._told

    def begin(self) -> None:
        """Show the panel from its top."""
        self._scroll.verticalScrollBar().setValue(0)

    def _show_policies(self) -> None:
        mine, other = (
            get_policy(name) for name in (self._document.policy, self._document.compared_policy)
        )
        self.in_use.show_policy(mine)
        self.compared.show_policy(other)
        self.story.setText(_story_html(mine))
        self.other_story.setText(_story_html(other))
        self.rules.setText(_rules_html(mine, other))


def _text(name: str, parent: QWidget) -> QLabel:
    """Return a label for paragraphs that can be selected with mouse and keys."""
    label = Label("", parent)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setAccessibleName(name)
    by = Qt.TextInteractionFlag
    label.setTextInteractionFlags(by.TextSelectableByMouse | by.TextSelectableByKeyboard)
    return label


def _story_html(policy: Policy) -> str:
    """Return versions, what it does and changed, why it came and went, and its defects."""
    parts = [f"<p><i>{escape(policy.versions)}</i></p>"]
    parts += [f"<p><b>{title}.</b> {escape(text)}</p>" for title, text in story(policy)]
    defects = "".join(f"<li>{escape(defect)}</li>" for defect in policy.defects)
    listed = f"<ul style='margin-left:-24px'>{defects}</ul>"
    return f"{''.join(parts)}<p><b>Known defects</b></p>{listed}"


def _rules_html(mine: Policy, other: Policy) -> str:
    """Return the rules of both as a table; what differs is bold and marked with a sign."""
    rows = [
        f"<tr><td></td><td><b>{escape(mine.id)}</b></td><td><b>{escape(other.id)}</b></td></tr>"
    ]
    kind = ""
    for rule, theirs in zip(policy_rules(mine), policy_rules(other), strict=True):
        if rule.kind != kind:
            kind = rule.kind
            rows.append(f"<tr><td colspan=3><b>{_KINDS[kind]}</b></td></tr>")
        case, one, two = (escape(t) for t in (rule.case, rule.answer, theirs.answer))
        if one != two:
            case, one, two = f"\N{NOT EQUAL TO} {case}", f"<b>{one}</b>", f"<b>{two}</b>"
        rows.append(f"<tr><td>{case}</td><td>{one}</td><td>{two}</td></tr>")
    return f"<table cellspacing=0 cellpadding=3>{''.join(rows)}</table>"
