"""Export > Playback from the window: what is asked, progress, cancel, and that the window stays."""

from __future__ import annotations

import os
import threading
from multiprocessing import Pipe
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QProgressDialog,
    QPushButton,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.output import Stopped
from mtrrviz.exporters.playback.film import Film
from mtrrviz.exporters.playback.forms import FilmForm
from mtrrviz.exporters.playback.writing import write_film
from mtrrviz.gui.export import double_window, film_process
from mtrrviz.gui.export.double_window import make_film
from mtrrviz.gui.export.exports import Exports
from mtrrviz.gui.export.film_dialog import FilmDialog
from mtrrviz.gui.export.film_order import FilmOrder
from mtrrviz.gui.export.film_process import film_apart
from mtrrviz.gui.export.filming import Filming
from mtrrviz.gui.export.pictures import widget_pixels
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session import runs
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui

SECOND = 1_000_000_000
FILM = Film(0, SECOND, pace=1, fps=4)
SHORT = Film(1_200_000_000, 1_300_000_000, pace=0.1, fps=2)
AS_IT_IS: Any = "what the window shows"
LONG = Film(0, 2900 * SECOND, pace=1, fps=1)


@pytest.fixture
def dialog(qtbot):
    made = FilmDialog(("window", "map"), "map", (0, 4 * SECOND), 5 * SECOND, QSize(1280, 800))
    qtbot.addWidget(made)
    return made


class Studio:
    """A window in which films are made of plain pictures, each as red as its time is late."""

    def __init__(self, qtbot):
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.orders, self.threads, self.said = [], [], []
        self.document, workers = Document(open_scenario("small-machine")), (Worker(), Worker())
        exports = Exports(self.document, workers[0], {"map": QLabel(self.window)}, self.window)
        self.filming = Filming(
            self.document, workers[1], exports, lambda: AS_IT_IS, self.window, self.make
        )
        self.filming.done.connect(self.said.append)
        self.filming.refused.connect(self.said.append)

    def make(self, order, tell, is_stopped):
        self.orders.append(order)
        self.threads.append(threading.current_thread())
        if order.film.fps == 7:
            raise MtrrvizError("seven are refused")

        def frames():
            for number, time_ns in enumerate(order.film.times_ns(), 1):
                if is_stopped():
                    raise Stopped("The film was stopped; nothing was written.")
                yield np.full((40, 90, 3), time_ns * 255 // order.film.end_ns, np.uint8)
                tell(number)

        write_film(frames(), order.film, order.form, order.path)

    def film(self, path, film=FILM, form=FilmForm.PNG):
        self.filming.film("map", film, (640, 480), form, path)


@pytest.fixture
def studio(qtbot):
    made = Studio(qtbot)
    yield made
    made.filming.stop()


def export_button(dialog):
    box = dialog.findChild(QDialogButtonBox)
    return next(b for b in box.buttons() if "Export" in b.text())


def test_what_will_be_made_is_told_before(dialog):
    assert dialog.view == "map"
    assert "101 frames, 10.1 s of film, at most 512 MiB" in dialog.told.text()
    dialog.fps.setValue(20)
    assert "201 frames" in dialog.told.text()
    assert dialog.film() == Film(0, 4 * SECOND, 0.4, 20)
    assert export_button(dialog).isEnabled()


def test_pace_and_length_follow_each_other(dialog):
    dialog.seconds.setValue(5)
    assert dialog.film().pace == 0.8
    assert "51 frames" in dialog.told.text()
    dialog.pace.setValue(2)
    assert dialog.seconds.value() == 2
    dialog.pace.setValue(0.001)  # too many frames, which a length mends
    dialog.seconds.setValue(20)
    assert dialog.film().frames == 201


def test_what_cannot_be_made_is_told_and_not_offered(dialog, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for change, undo, words in (
        (lambda: dialog.end.setText("6 s"), lambda: dialog.end.setText("4 s"), "after the end"),
        (lambda: dialog.start.setText("x"), lambda: dialog.start.setText("0"), "not a time"),
        (lambda: dialog.start.setText("4"), lambda: dialog.start.setText("0"), "must be later"),
        (lambda: dialog.pace.setValue(0.001), lambda: dialog.pace.setValue(1), "too many"),
        (
            lambda: dialog.forms.setCurrentIndex(dialog.forms.findData(FilmForm.MP4)),
            lambda: dialog.forms.setCurrentIndex(0),
            "MP4 needs ffmpeg",
        ),
    ):
        change()
        assert words in dialog.told.text()
        assert not export_button(dialog).isEnabled()
        with pytest.raises(MtrrvizError):
            dialog.film()
        undo()
        assert export_button(dialog).isEnabled()


def test_a_film_is_made_in_another_thread_of_what_the_window_showed(qtbot, studio, tmp_path):
    with qtbot.waitSignal(studio.filming.done):
        studio.film(tmp_path / "x")
        assert studio.said == []
    assert studio.said == [f"Film saved: {tmp_path / 'x'}"]
    assert studio.orders == [
        FilmOrder(AS_IT_IS, "map", (640, 480), FILM, FilmForm.PNG, tmp_path / "x")
    ]
    assert studio.threads != [threading.main_thread()]
    assert len(list((tmp_path / "x").iterdir())) == FILM.frames


def test_a_film_can_be_stopped_and_leaves_nothing(qtbot, studio, tmp_path):
    studio.film(tmp_path / "x.gif", LONG, FilmForm.GIF)
    progress = studio.window.findChild(QProgressDialog)
    qtbot.waitUntil(lambda: progress.labelText() == "Filming x.gif")
    with qtbot.waitSignal(studio.filming.done):
        progress.findChild(QPushButton).click()
    assert studio.said == ["The film was stopped; nothing was written."]
    assert list(tmp_path.iterdir()) == []


def test_closing_the_window_stops_a_film(studio, tmp_path):
    studio.film(tmp_path / "x.gif", LONG, FilmForm.GIF)
    studio.filming.stop()
    assert list(tmp_path.iterdir()) == []


def test_what_goes_wrong_is_told(qtbot, studio, tmp_path):
    with qtbot.waitSignal(studio.filming.refused) as told:
        studio.film(tmp_path / "x.gif", Film(0, SECOND, 1, 7), FilmForm.GIF)
    assert told.args == ["seven are refused"]
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_nothing_is_begun(studio, tmp_path):
    studio.film(tmp_path / "nowhere" / "x.gif", form=FilmForm.GIF)
    assert "no such folder" in studio.said[0]
    assert studio.orders == []


def test_the_dialog_begins_with_the_markers_and_leads_to_the_file(
    qtbot, studio, tmp_path, monkeypatch
):
    studio.document.set_marker("B", 1_000_000_000)
    studio.document.set_marker("A", 1_200_000_000)
    studio.filming.ask(("window", "map"))
    dialog = studio.window.findChild(FilmDialog)
    assert (dialog.start.text(), dialog.end.text()) == ("1 s", "1.2 s")
    dialog.views.setCurrentIndex(1)
    dialog.width_px.setValue(640)
    dialog.height_px.setValue(480)
    dialog.fps.setValue(1)
    answer = str(tmp_path / "boot"), ""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_args: answer))
    with qtbot.waitSignal(studio.filming.done):
        dialog.accept()
    assert (tmp_path / "boot.gif").read_bytes().startswith(b"GIF89a")


def order_of(bench, path, view="map", form=FilmForm.PNG):
    size = bench.window.width(), bench.window.height()
    return FilmOrder(bench._shown(), view, size, SHORT, form, path)


def test_the_pictures_are_those_of_a_window_like_this_one(bench, tmp_path, monkeypatch):
    document, window = bench.document, bench.window
    bench.views.map.map.canvas.zoom_in(0x2100)
    window.focusWidget().clearFocus()  # nothing in the window that is filmed has the keyboard
    settle()
    before = widget_pixels(window)
    told = []
    with monkeypatch.context() as patch:
        patch.setattr(runs, "simulate", None)  # what was simulated is not simulated again
        make_film(order_of(bench, tmp_path / "x"), lambda *now: told.append(now))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert np.array_equal(before, widget_pixels(window))
    frames = sorted((tmp_path / "x").iterdir())
    for frame, time_ns in ((frames[0], SHORT.start_ns), (frames[-1], SHORT.end_ns)):
        document.set_playhead(time_ns)
        settle()
        assert np.array_equal(np.asarray(Image.open(frame)), widget_pixels(bench.views.map.map))


def test_a_process_makes_the_film_and_the_window_stays(qtbot, bench, tmp_path):
    order = order_of(bench, tmp_path / "x.gif", "results", FilmForm.GIF)
    with qtbot.waitSignal(bench.filming.done, timeout=60_000) as told:
        bench.filming.film("results", SHORT, order.size_px, order.form, order.path)
    assert "x.gif" in told.args[0]
    assert bench.document.playhead_ns == 1_100_000_000
    with Image.open(order.path) as film:
        assert film.size == bench.views.results.size().toTuple()


def test_a_process_is_stopped_before_it_has_begun(bench, tmp_path):
    with pytest.raises(Stopped):
        film_apart(order_of(bench, tmp_path / "x"), never, lambda: True)
    assert not (tmp_path / "x").exists()


def never(_frames):
    pytest.fail("a frame")


class EndsTheProcess:
    """What ends the process that unpacks it."""

    def __reduce__(self):
        return os._exit, (3,)


def test_a_process_that_ends_early_is_told_of():
    order: Any = EndsTheProcess()
    with pytest.raises(MtrrvizError, match="exit code 3"):
        film_apart(order, never, lambda: False)


@pytest.fixture
def line(monkeypatch):
    """Both ends of what the process tells; it runs here, and Ctrl-C keeps its meaning."""
    monkeypatch.setattr(film_process.signal, "signal", lambda *_: None)
    ends = Pipe()
    yield ends
    for end in ends:
        end.close()


def test_the_process_leaves_nothing_once_nobody_listens(bench, tmp_path, line):
    here, there = line
    here.close()
    before = set(tmp_path.iterdir())
    film_process._work(order_of(bench, tmp_path / "x"), there)
    assert set(tmp_path.iterdir()) == before


def test_the_process_tells_what_goes_wrong(line, monkeypatch):
    def fail(_order, tell):
        tell(1, 3)
        raise OSError(28, "No space left")

    monkeypatch.setattr(double_window, "make_film", fail)
    film_process._work(AS_IT_IS, line[1])
    assert line[0].recv() == 1
    assert "No space" in str(line[0].recv())
