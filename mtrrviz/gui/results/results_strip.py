"""The strip of results: zaps, cycles, boot time, faults; beside them the compared policy's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mtrrviz.analysis.published import PublishedRow, published_for
from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.figures import figures, figures_until
from mtrrviz.facts.hosts.hardware_types import host_figures
from mtrrviz.facts.hosts.host_words import FIGURES, figure_words
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.results.host_cells import HostCells
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from mtrrviz.facts.figures import Figures
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.run import Run

_NARROWEST_PX = 380
_MARGIN_PX = 12
_SPACING_PX = 20
_MINUS = "\N{MINUS SIGN}"
_MODELLED = "Modelled, not measured: fitted to published measurements"
_CHANGED = "Modelled with constants that were changed by hand, see the Model panel"


class Form(Record):
    """How much the strip shows beside the figures themselves."""

    compared: bool = True
    differences: bool = True
    minor_differences: bool = True
    published: bool = True


#: From the fullest to the least; the first that fits the width is used.
_FORMS = (
    Form(),
    Form(minor_differences=False),
    Form(minor_differences=False, published=False),
    Form(minor_differences=False, published=False, differences=False),
    Form(minor_differences=False, published=False, differences=False, compared=False),
)


class Metric(Record):
    """One figure of the strip: its name, how to read it, how to write it, and what it means.

    ``turns`` are figures at which the text is longer than that of some greater figure.
    """

    key: str
    caption: str
    read: Callable[[Figures], float]
    write: Callable[[float], str]
    meaning: str
    runs_with_time: bool = True
    modelled: bool = False
    minor: bool = False
    turns: tuple[float, ...] = ()
    is_shown: Callable[[Run], bool] = lambda _run: True


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _mega(number: float) -> str:
    """Return millions in words, thousands where that says more: "3,638 M", "15.0 M", "60.2 k"."""
    if abs(number) < 1:
        return f"{number * 1e3:,.1f} k" if number else "0"
    return f"{number:,.1f} M" if abs(number) < 100 else f"{number:,.0f} M"


METRICS = (
    Metric("zaps", "zaps", lambda s: s.zap_count, _whole, "Times KVM dropped EPT leaves"),
    Metric(
        "cycles",
        "zap cycles",
        lambda s: s.zap_mcycles,
        _mega,
        "Million cycles spent zapping",
        modelled=True,
        turns=(0.9999, 99.94),
    ),
    Metric(
        "boot",
        "boot time",
        lambda s: s.boot_s,
        "{:.2f} s".format,
        "Time the boot takes with the whole run's zaps",
        runs_with_time=False,
        modelled=True,
    ),
    Metric(
        "faults",
        "faults",
        lambda s: s.faults,
        _whole,
        "EPT faults: leaves that were made",
        minor=True,
    ),
    Metric(
        "refaults",
        "refaults",
        lambda s: s.refaults,
        _whole,
        "Faults on pages that were mapped before: what zaps cost later",
        minor=True,
    ),
    Metric(
        "srcu",
        "SRCU locks held",
        lambda s: s.srcu_leaks,
        _whole,
        "SRCU read locks that were never released: lookups that end early keep them",
        minor=True,
        is_shown=lambda run: run.policy.leaks_srcu,
    ),
)


class ResultCell(QWidget):
    """One metric: caption, value so far and in all, the compared policy's in grey."""

    def __init__(self, metric: Metric, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metric = metric
        self._caption = Label(metric.caption + (" (modelled)" if metric.modelled else ""))
        self._caption.setObjectName("dim")
        self.value = Label("\N{EN DASH}")
        self.value.setObjectName("value")
        self.other = Label()
        self.other.setObjectName("dim")
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._caption, 0, 0, 1, 2)
        grid.addWidget(self.value, 1, 0, Qt.AlignmentFlag.AlignBaseline)
        grid.addWidget(self.other, 1, 1, Qt.AlignmentFlag.AlignBaseline)
        grid.setColumnStretch(1, 1)
        self.value.setAccessibleName(metric.caption)
        self.other.setAccessibleName(f"{metric.caption}, compared policy")
        font = self.value.font()
        font.setBold(True)
        self.value.setFont(font)

    def needed_px(self) -> int:
        """Return how wide the cell must be to show what it holds now."""
        self._grid.invalidate()
        return self._grid.minimumSize().width()

    def show_figures(self, now: Figures, whole: Figures, other: Figures | None, form: Form) -> None:
        """Show the value so far and of the whole run, and the other run's with the difference."""
        metric = self._metric
        total = metric.read(whole)
        text = metric.write(total)
        if metric.runs_with_time and metric.read(now) != total:
            so_far = metric.write(metric.read(now)).removesuffix(" M")
            text = f"{so_far} / {text}"
        if text != self.value.text():
            self._show_value(text, total)
        self.other.setText("" if other is None else self._compared(total, metric.read(other), form))
        self.other.setVisible(form.compared)

    def _compared(self, ours: float, theirs: float, form: Form) -> str:
        """Return the compared run's figure, with the difference where there is room."""
        words = self._metric.write(theirs)
        wanted = form.minor_differences if self._metric.minor else form.differences
        return f"{words}  {_signed(self._metric, theirs - ours)}" if wanted else words

    def _show_value(self, text: str, total: float) -> None:
        """Show figures in room for the widest text, so that nothing moves while they run.

        As the size is fixed, Qt need not lay the window out again for each other figure.
        """
        metrics = self.value.fontMetrics()
        widest_digit = max("0123456789", key=metrics.horizontalAdvance)
        whole = self._metric.write(total)
        texts = [whole]
        if self._metric.runs_with_time:
            figures = (total, *(turn for turn in self._metric.turns if turn < total))
            so_far = (self._metric.write(figure).removesuffix(" M") for figure in figures)
            texts += [f"{re.sub('[0-9]', widest_digit, one)} / {whole}" for one in so_far]
        width = max(map(metrics.horizontalAdvance, texts)) + 2
        self.value.setFixedSize(width, metrics.height())
        self.value.setText(text)

    def say(self, run: Run, other: Run | None, published: str) -> None:
        """Explain the figures in the tooltip, and mark modelled ones."""
        policy, costs = run.policy.id, run.costs
        lines = [f"{self._metric.meaning}, under {policy}"]
        if other is not None:
            lines.append(f"In grey: under {other.policy.id}, and the difference to {policy}")
        if self._metric.modelled:
            self._caption.setText(f"{self._metric.caption} ({costs.label})")
            lines.append(_MODELLED if costs.is_default else f"{_CHANGED}: {costs.changes_text}")
        if published:
            lines.append(published)
        self.setToolTip(plain_tip("\n".join(lines)))


class PublishedCell(QWidget):
    """What was published for this very boot, beside our figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        caption = Label("published")
        caption.setObjectName("dim")
        self.figures = Label()
        self.figures.setObjectName("dim")
        self.figures.setAccessibleName("Published for this boot")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(caption)
        column.addWidget(self.figures)

    def show_figures(self, text: str, words: str) -> None:
        """Show the figures, and every row they come from in the tooltip."""
        self.figures.setText(text)
        self.setToolTip(plain_tip(words))


def _signed(metric: Metric, difference: float) -> str:
    if metric.write(difference) == metric.write(0):
        return "(same)"
    sign = "+" if difference > 0 else _MINUS
    return f"({sign}{metric.write(abs(difference))})"


class ResultsStrip(FollowsDocument):
    """The results of the policy in use, at the playhead and in all, beside the compared one's."""

    follows = frozenset(
        {Change.RUN, Change.FIGURES, Change.POLICY, Change.SCENARIO, Change.OPENED}
        | {Change.PLAYHEAD, Change.VCPU}
    )

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._document = bridge.document
        self._form = _FORMS[0]
        self._policy = Label()
        self._policy.setObjectName("heading")
        self._versus = Label()
        self._versus.setObjectName("dim")
        self.cells = {metric.key: ResultCell(metric, self) for metric in METRICS}
        self.host = HostCells(self)
        self.published = PublishedCell(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Results")
        self._fill()
        self.refresh()

    def _fill(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN_PX, 4, _MARGIN_PX, 4)
        row.setSpacing(_SPACING_PX)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        names = QGridLayout()
        names.setVerticalSpacing(0)
        names.addWidget(self._policy, 0, 0)
        names.addWidget(self._versus, 1, 0)
        row.addLayout(names)
        for cell in self.cells.values():
            row.addWidget(cell)
        row.addWidget(self.host)
        row.addStretch(1)
        row.addWidget(self.published)

    def _show_figures(self) -> None:
        """Show what the document's runs say now."""
        run, state = self._document.run, self._document.state
        if run is None or state is None:
            self._policy.setText("Simulating\N{HORIZONTAL ELLIPSIS}")
            return
        if state.run.scenario.machine.is_host:
            cpu = min(self._document.vcpu, state.machine.vcpus - 1)
            self.host.show_figures(host_figures(state, cpu))
            return
        other = self._document.compared_run
        for cell in self.cells.values():
            cell.show_figures(
                figures_until(state.run, state.time_ns),
                figures(run),
                other and figures(other),
                self._form,
            )

    def _show_run(self) -> None:
        """Show whose results these are and what was published for this boot."""
        run, other = self._document.run, self._document.compared_run
        if run is not None:
            is_host = run.scenario.machine.is_host
            self.host.setVisible(is_host)
            if is_host:
                self._show_host(run)
            else:
                self._show_names(run, other, published_for(run.scenario, run.policy.id))
                self.setAccessibleDescription(_in_words(run, other))
        self._fit()

    def _fit(self) -> None:
        """Use the fullest form that the width has room for."""
        for form in _FORMS:
            self._form = form
            self._show_figures()
            if self._needed_px() <= self.width():
                break
        self.published.setVisible(self._form.published and bool(self.published.figures.text()))

    def _needed_px(self) -> int:
        """Return how wide the strip must be for its present form."""
        shown = (cell for cell in self.cells.values() if not cell.isHidden())
        parts = [cell.needed_px() for cell in shown]
        parts.append(max(self._policy.sizeHint().width(), self._versus.sizeHint().width()))
        if self._form.published and self.published.figures.text():
            parts.append(self.published.sizeHint().width())
        return sum(parts) + len(parts) * _SPACING_PX + 2 * _MARGIN_PX

    def minimumSizeHint(self) -> QSize:
        """Allow windows narrower than the full form needs."""
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())

    def _show_host(self, run: Run) -> None:
        """Let what speaks of zaps and boots step aside."""
        self._policy.setText("real machine")
        self._policy.setToolTip(plain_tip(run.policy.summary))
        self._versus.setText(f"CPU {self._document.vcpu}")
        for cell in self.cells.values():
            cell.hide()
        self.published.show_figures("", "")
        words = figure_words(host_figures(run.at(self._document.playhead_ns), 0))
        said = (f"{caption}: {words[key]}" for key, caption, _ in FIGURES)
        self.setAccessibleDescription(", ".join(said))

    def _show_names(self, run: Run, other: Run | None, rows: tuple[PublishedRow, ...]) -> None:
        self._policy.setText(run.policy.id)
        self._policy.setToolTip(plain_tip(run.policy.title))
        self._versus.setText(f"vs {other.policy.id}" if other is not None else "")
        published = "\n".join(["Published:", *(row.words for row in rows)]) if rows else ""
        runs = [run] if other is None else [run, other]
        for metric, cell in zip(METRICS, self.cells.values(), strict=True):
            cell.say(run, other, published)
            cell.setVisible(any(metric.is_shown(each) for each in runs))
        self.published.show_figures(published_text(rows), published)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the figures at the playhead, and whose they are if that may have changed."""
        self._show_figures()
        if changes - {Change.PLAYHEAD}:
            self._show_run()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._fit()


def published_text(rows: tuple[PublishedRow, ...]) -> str:
    """Return the published figures in a short line, "" if there are none."""
    if not rows:
        return ""
    newest = rows[0]
    figures = (
        f"{plural(newest.zap_count, 'zap')}, {newest.zap_mcycles:,.0f} M cycles ({newest.series})"
    )
    boot = next((f", {r.boot_s:.2f} s ({r.series})" for r in rows if r.boot_s is not None), "")
    return f"{figures}{boot}"


def _in_words(run: Run, other: Run | None) -> str:
    """Return the whole runs' figures as a sentence for screen readers."""
    runs = [part for part in (run, other) if part is not None]
    return ". ".join(
        f"{part.policy.id}: "
        + ", ".join(
            f"{m.caption} {m.write(m.read(figures(part)))}"
            f"{f' {part.costs.label}' if m.modelled else ''}"
            for m in METRICS
            if m.is_shown(part)
        )
        for part in runs
    )
