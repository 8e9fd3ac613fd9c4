"""The strip of results: zaps, cycles, boot time, faults; beside them the compared policy's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mtrrviz.analysis.published import PublishedRow, published_for
from mtrrviz.gui.bridge import Bridge
from mtrrviz.session.changes import Change
from mtrrviz.sim.run import Run, Summary

_CONCERNS = {Change.RUN, Change.POLICY, Change.SCENARIO, Change.OPENED, Change.PLAYHEAD}
#: Widths from which there is room for more and more: the main differences, then what was published
#: in their company, then the differences of all figures.
_MAIN_DIFFERENCES_FROM_PX = 900
_PUBLISHED_FROM_PX = 1170
_ALL_DIFFERENCES_FROM_PX = 1330
_NARROWEST_PX = 620
_MINUS = "\N{MINUS SIGN}"
_MODELLED = "Modelled, not measured: fitted to published measurements"


@dataclass(frozen=True)
class Metric:
    """One figure of the strip: its name, how to read it, how to write it, and what it means."""

    key: str
    caption: str
    read: Callable[[Summary], float]
    write: Callable[[float], str]
    meaning: str
    runs_with_time: bool = True
    modelled: bool = False
    minor: bool = False


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _mega(number: float) -> str:
    return f"{number:,.1f} M" if abs(number) < 100 else f"{number:,.0f} M"


def _seconds(number: float) -> str:
    return f"{number:.2f} s"


METRICS = (
    Metric("zaps", "zaps", lambda s: s.zap_count, _whole, "Times KVM dropped EPT leaves"),
    Metric(
        "cycles",
        "zap cycles",
        lambda s: s.zap_mcycles,
        _mega,
        "Million cycles spent zapping",
        modelled=True,
    ),
    Metric(
        "boot",
        "boot time",
        lambda s: s.boot_s,
        _seconds,
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
        "Faults of pages that were mapped before: the zaps' aftermath",
        minor=True,
    ),
)


class Cell(QWidget):
    """One metric: caption, value so far and in all, the compared policy's in grey."""

    def __init__(self, metric: Metric, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metric = metric
        self._caption = QLabel(metric.caption + (" (modelled)" if metric.modelled else ""))
        self._caption.setObjectName("dim")
        self.value = QLabel("\N{EN DASH}")
        self.value.setObjectName("value")
        self.other = QLabel()
        self.other.setObjectName("dim")
        grid = QGridLayout(self)
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

    @property
    def is_minor(self) -> bool:
        """Whether the figure's difference is left out first where there is little room."""
        return self._metric.minor

    def show_figures(
        self, now: Summary, whole: Summary, other: Summary | None, *, difference: bool
    ) -> None:
        """Show the value so far and of the whole run, and the other run's with the difference."""
        metric = self._metric
        total = metric.read(whole)
        text = metric.write(total)
        if metric.runs_with_time and metric.read(now) != total:
            so_far = metric.write(metric.read(now)).removesuffix(" M")
            text = f"{so_far} / {text}"
        self.value.setText(text)
        self._keep_width(metric.write(total))
        if other is None:
            self.other.setText("")
            return
        theirs = metric.read(other)
        delta = _signed(metric, theirs - total)
        words = metric.write(theirs)
        self.other.setText(f"{words}  {delta}" if difference else words)

    def _keep_width(self, total: str) -> None:
        """Keep room for the widest text, so that nothing moves while figures run."""
        widest = f"{total.removesuffix(' M')} / {total}" if self._metric.runs_with_time else total
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(widest) + 2)

    def say(self, policy: str, other: str | None, published: str) -> None:
        """Explain the figures in the tooltip."""
        lines = [f"{self._metric.meaning}, under {policy}"]
        if other is not None:
            lines.append(f"In grey: under {other}, and the difference to {policy}")
        if self._metric.modelled:
            lines.append(_MODELLED)
        if published:
            lines.append(published)
        self.setToolTip("\n".join(lines))


class PublishedCell(QWidget):
    """What was published for this very boot, beside our figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        caption = QLabel("published")
        caption.setObjectName("dim")
        self.figures = QLabel()
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
        self.setToolTip(words)


def _signed(metric: Metric, difference: float) -> str:
    if metric.write(difference) == metric.write(0):
        return "(same)"
    sign = "+" if difference > 0 else _MINUS
    return f"({sign}{metric.write(abs(difference))})"


class ResultsStrip(QWidget):
    """The results of the policy in use, at the playhead and in all, beside the compared one's."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = bridge.document
        self._stale = False
        self._policy = QLabel()
        self._policy.setObjectName("heading")
        self._versus = QLabel()
        self._versus.setObjectName("dim")
        self.cells = {metric.key: Cell(metric, self) for metric in METRICS}
        self.published = PublishedCell(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Results")
        self._fill()
        bridge.changed.connect(self._document_changed)
        self.refresh()
        self.refresh_names()

    def _fill(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(20)
        names = QGridLayout()
        names.setVerticalSpacing(0)
        names.addWidget(self._policy, 0, 0)
        names.addWidget(self._versus, 1, 0)
        row.addLayout(names)
        for cell in self.cells.values():
            row.addWidget(cell)
        row.addStretch(1)
        row.addWidget(self.published)

    def refresh(self) -> None:
        """Show what the document's runs say now."""
        run, state = self._document.run, self._document.state
        if run is None or state is None:
            self._policy.setText("Simulating\N{HORIZONTAL ELLIPSIS}")
            return
        other = self._document.compared_run
        for cell in self.cells.values():
            cell.show_figures(
                state.summary,
                run.summary,
                other and other.summary,
                difference=self.width() >= self._difference_from_px(cell),
            )

    def refresh_names(self) -> None:
        """Show whose results these are and what was published for this boot."""
        run, other = self._document.run, self._document.compared_run
        if run is not None:
            self._show_names(run, other, published_for(run.scenario, run.policy.id))
            self.setAccessibleDescription(_in_words(run, other))

    @staticmethod
    def _difference_from_px(cell: Cell) -> int:
        return _ALL_DIFFERENCES_FROM_PX if cell.is_minor else _MAIN_DIFFERENCES_FROM_PX

    def minimumSizeHint(self) -> QSize:
        """Allow windows narrower than the full form needs."""
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())

    def _show_names(self, run: Run, other: Run | None, rows: tuple[PublishedRow, ...]) -> None:
        self._policy.setText(run.policy.id)
        self._policy.setToolTip(run.policy.title)
        self._versus.setText(f"vs {other.policy.id}" if other is not None else "")
        published = "\n".join(["Published:", *(row.words for row in rows)]) if rows else ""
        for cell in self.cells.values():
            cell.say(run.policy.id, other and other.policy.id, published)
        self.published.show_figures(published_text(rows), published)
        self.published.setVisible(bool(rows) and self.width() >= _PUBLISHED_FROM_PX)

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if not changes & _CONCERNS:
            return
        if not self.isVisible():
            self._stale = True
            return
        self.refresh()
        if changes != {Change.PLAYHEAD}:
            self.refresh_names()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the strip was hidden."""
        if self._stale:
            self._stale = False
            self.refresh()
            self.refresh_names()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self.refresh()
        self.refresh_names()


def published_text(rows: tuple[PublishedRow, ...]) -> str:
    """Return the published figures in a short line, "" if there are none."""
    if not rows:
        return ""
    newest = rows[0]
    figures = f"{newest.zap_count} zaps, {newest.zap_mcycles:,.0f} M cycles ({newest.series})"
    boot = next((f", {r.boot_s:.2f} s ({r.series})" for r in rows if r.boot_s is not None), "")
    return f"{figures}{boot}"


def _in_words(run: Run, other: Run | None) -> str:
    """Return the whole runs' figures as a sentence for screen readers."""
    runs = [part for part in (run, other) if part is not None]
    return ". ".join(
        f"{part.policy.id}: "
        + ", ".join(
            f"{m.caption} {m.write(m.read(part.summary))}{' modelled' if m.modelled else ''}"
            for m in METRICS
        )
        for part in runs
    )
