"""Asking what a film is to show, and telling how much that will be before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.playback.film import MOST_FPS, Film
from mtrrviz.exporters.playback.forms import FilmForm, ffmpeg
from mtrrviz.facts.time_text import exact_text, parse_time_ns
from mtrrviz.gui.common.plain_text import Label, plain_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QSize

_SMALLEST_PX, _LARGEST_PX = 320, 4096
_SLOWEST = 0.000_001
_USUAL_FPS = 10
_USUAL_SECONDS = 10
_FORM_WORDS = {
    FilmForm.GIF: "GIF: plays everywhere, 256 colours a frame",
    FilmForm.WEBP: "WebP: smaller and exact, plays in browsers",
    FilmForm.MP4: "MP4: a video, made by ffmpeg",
    FilmForm.PNG: "PNG: a folder of numbered pictures",
}


class FilmDialog(QDialog):
    """Asks for the view, the span of time, the pace, the size and the form of a film.

    ``views`` are the names of what can be filmed and ``view`` the first choice; ``span_ns`` is
    the span to begin with, within a scenario of ``duration_ns``; ``size`` is the window's.
    """

    def __init__(
        self,
        views: Sequence[str],
        view: str,
        span_ns: tuple[int, int],
        duration_ns: int,
        size: QSize,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export playback")
        self._duration_ns = duration_ns
        self.views = QComboBox(self)
        for name in views:
            self.views.addItem(name.replace("_", " ").capitalize(), name)
        self.views.setCurrentIndex(views.index(view))
        self.start, self.end = (QLineEdit(exact_text(time_ns), self) for time_ns in span_ns)
        self.pace = QDoubleSpinBox(self)
        self.pace.setDecimals(6)
        self.pace.setRange(_SLOWEST, 1000)
        self.pace.setSuffix(" s of the scenario a second")
        self.seconds = QDoubleSpinBox(self)
        self.seconds.setDecimals(1)
        self.seconds.setRange(0.1, 3600)
        self.seconds.setSuffix(" s")
        self.fps = QSpinBox(self)
        self.fps.setRange(1, MOST_FPS)
        self.fps.setValue(_USUAL_FPS)
        self.width_px, self.height_px = (self._size_box(px) for px in (size.width(), size.height()))
        self.forms = QComboBox(self)
        for form, words in _FORM_WORDS.items():
            self.forms.addItem(words, form)
        self.told = Label("", self)
        self.told.setWordWrap(True)
        self._buttons = QDialogButtonBox(self)
        self._export = self._buttons.addButton("&Export...", QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        # At a pace at which it can be watched in one go.
        self.pace.setValue((span_ns[1] - span_ns[0]) / 1e9 / _USUAL_SECONDS)
        self._name_parts()
        self._lay_out()
        self._connect()
        self._show_plan()

    def _size_box(self, px: int) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(_SMALLEST_PX, _LARGEST_PX)
        box.setSuffix(" px")
        box.setValue(px)
        return box

    def _name_parts(self) -> None:
        """Give each part its object name, and a tip where its label does not say all."""
        parts = {
            "film_view": self.views,
            "film_start": self.start,
            "film_end": self.end,
            "film_pace": self.pace,
            "film_seconds": self.seconds,
            "film_fps": self.fps,
            "film_width": self.width_px,
            "film_height": self.height_px,
            "film_form": self.forms,
            "film_told": self.told,
        }
        for name, part in parts.items():
            part.setObjectName(name)
        size_tip = "The size of the whole window; a view in it gets the place that it has there."
        for box in (self.width_px, self.height_px):
            box.setToolTip(plain_tip(size_tip))

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&View", self.views)
        form.addRow("&From", self.start)
        form.addRow("&To", self.end)
        form.addRow("&Pace", self.pace)
        form.addRow("&Length of the film", self.seconds)
        form.addRow("F&rames a second", self.fps)
        form.addRow("&Width of the window", self.width_px)
        form.addRow("&Height of the window", self.height_px)
        form.addRow("For&mat", self.forms)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.told)
        column.addWidget(self._buttons)
        self.resize(460, 360)

    def _connect(self) -> None:
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        for field in (self.start, self.end):
            field.textChanged.connect(self._show_plan)
        for box in (self.fps, self.width_px, self.height_px, self.pace):
            box.valueChanged.connect(self._show_plan)
        self.seconds.valueChanged.connect(self._keep_length)
        self.forms.currentIndexChanged.connect(self._show_plan)

    def _keep_length(self, seconds: float) -> None:
        """Go at the pace at which the film lasts so long."""
        try:
            start_ns, end_ns = self._span_ns()
        except MtrrvizError as error:
            self._refuse(error)
            return
        self.pace.setValue((end_ns - start_ns) / 1e9 / seconds)

    @property
    def view(self) -> str:
        """The name of the view that is chosen."""
        return str(self.views.currentData())

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the window that is filmed."""
        return self.width_px.value(), self.height_px.value()

    @property
    def form(self) -> FilmForm:
        """The chosen form."""
        return FilmForm(self.forms.currentData())

    def film(self) -> Film:
        """Return the film as it is described; MtrrvizError if it cannot be made."""
        planned = Film(*self._span_ns(), self.pace.value(), self.fps.value())
        planned.require_size(*self.size_px)
        if self.form is FilmForm.MP4:
            ffmpeg()
        return planned

    def _span_ns(self) -> tuple[int, int]:
        """Return the times that are typed; MtrrvizError if one is none of the scenario."""
        return self._time_ns(self.start), self._time_ns(self.end)

    def _time_ns(self, field: QLineEdit) -> int:
        time_ns = parse_time_ns(field.text(), takes_distance=False)
        if time_ns > self._duration_ns:
            asked, end = exact_text(time_ns), exact_text(self._duration_ns)
            raise MtrrvizError(f"{asked} is after the end of the scenario at {end}")
        return time_ns

    def _show_plan(self) -> None:
        """Tell what will be made, or why it cannot be."""
        try:
            planned = self.film()
        except MtrrvizError as error:
            self._refuse(error)
            return
        self._export.setEnabled(True)
        self.told.setText(planned.words)
        with QSignalBlocker(self.seconds):
            self.seconds.setValue((planned.end_ns - planned.start_ns) / 1e9 / planned.pace)

    def _refuse(self, error: MtrrvizError) -> None:
        words = str(error)
        self._export.setEnabled(False)
        self.told.setText(words[0].upper() + words[1:])
