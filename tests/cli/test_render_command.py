"""`mtrrviz render` and the window, as far as the command line answers for them."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import mtrrviz as mtrrviz_package
from mtrrviz.exporters.playback.film import Film
from mtrrviz.exporters.playback.forms import FilmForm
from mtrrviz.gui.export.late_interrupt import late_interrupt


@pytest.fixture
def drawn(monkeypatch):
    """Put a recorder in the place of what draws; return the calls it saw."""
    calls = []
    module = ModuleType("mtrrviz.gui.export.render")

    def record(*arguments):
        calls.append(arguments)

    for name in ("render_window", "render_film"):
        monkeypatch.setattr(module, name, record, raising=False)
    monkeypatch.setattr(module, "FilmTarget", lambda path, form, _: (path, form), raising=False)
    monkeypatch.setitem(sys.modules, "mtrrviz.gui.export.render", module)
    return calls


@pytest.fixture
def opened(monkeypatch):
    """Put a recorder in the place of the window, which returns 0; return the names it saw.

    A name to be followed comes with a plus.
    """
    names = []
    module = ModuleType("mtrrviz.gui.shell.start.app")

    def record(found, *, follow, stdin):
        assert stdin is None
        names.append([*found, *(["--follow"] if follow else [])])
        return 0

    monkeypatch.setattr(module, "run_window", record, raising=False)
    monkeypatch.setitem(sys.modules, "mtrrviz.gui.shell.start.app", module)
    return names


def test_render_draws_the_end_of_the_scenario_unless_told(mtrrviz, drawn, tmp_path):
    assert mtrrviz("render", "sandbox", "-o", tmp_path / "x.png").code == 0
    ((scenario, *rest),) = drawn
    assert scenario.name == "sandbox"
    assert rest == [None, 10_000_000_000, (1280, 800), "dark", tmp_path / "x.png", "window"]


def test_render_draws_what_the_scenario_wishes_to_be_seen(mtrrviz, drawn, tmp_path):
    assert mtrrviz("render", "lagging-ap", "-o", tmp_path / "x.png").code == 0
    ((scenario, policy, at_ns, *_),) = drawn
    assert (policy, at_ns) == (None, scenario.view.time_ns)


def test_render_hears_all_its_options(mtrrviz, drawn, tmp_path):
    options = ("--at", "2.5", "--policy", "per-vm", "--size", "1920x1080", "--theme", "light")
    options += ("--view", "map")
    assert mtrrviz("render", "sandbox", *options, "--output", tmp_path / "x.SVG").code == 0
    ((_, *rest),) = drawn
    assert rest == ["per-vm", 2_500_000_000, (1920, 1080), "light", tmp_path / "x.SVG", "map"]


def test_render_films_a_span(mtrrviz, drawn, tmp_path):
    options = ("--play", "2-end", "--pace", "0.5", "--fps", "5", "--view", "map")
    done = mtrrviz("render", "sandbox", *options, "-o", f"{tmp_path}/x/")
    assert done.code == 0
    assert "81 frames, 16.2 s of film, at most 512 MiB" in done.err
    ((_, *rest),) = drawn
    film = Film(2_000_000_000, 10_000_000_000, 0.5, 5)
    assert rest == [None, film, (1280, 800), "dark", (tmp_path / "x", FilmForm.PNG), "map"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sandbox"], "-o"),
        (["-o", "x.png"], "FILE"),
        (["nonesuch", "-o", "x.png"], "nonesuch"),
        (["sandbox", "-o", "x.bmp"], "ends in .png or .svg"),
        (["sandbox", "-o", "nowhere/x.png"], "nowhere: No such file or directory"),
        (["sandbox", "-o", "folder.png"], "folder.png: Is a directory"),
        (["sandbox", "-o", "x.png", "--size", "big"], "'big' is not a picture size"),
        (["sandbox", "-o", "x.png", "--size", "10x10"], "'10x10' is not a picture size"),
        (["sandbox", "-o", "x.png", "--size", "99999x800"], "picture size"),
        (["sandbox", "-o", "x.png", "--theme", "pink"], "pink"),
        (["sandbox", "-o", "x.png", "--at", "later"], "'later' is not a time"),
        (["sandbox", "-o", "x.png", "--at", "11"], "ends at 10 s"),
        (["sandbox", "-o", "x.png", "--policy", "nonesuch"], "nonesuch"),
        (["sandbox", "-o", "x.gif", "--play", "3"], "'3' is not a span (expected FROM-TO"),
        (["sandbox", "-o", "x.gif", "--play", "3-x"], "'x' is not a time"),
        (["sandbox", "-o", "x.gif", "--play", "3-2"], "the end must be later"),
        (["sandbox", "-o", "x.gif", "--play", "3-11"], "ends at 10 s"),
        (["sandbox", "-o", "x.gif", "--play", "3-4", "--at", "3"], "--at is for a picture"),
        (["sandbox", "-o", "x.png", "--play", "3-4"], "a film is X.gif, X.webp"),
        (["sandbox", "-o", "x.gif", "--play", "3-4", "--pace", "0"], "'0' is not a pace"),
        (["sandbox", "-o", "x.gif", "--play", "3-4", "--fps", "60"], "expected 1 to 50"),
        (["sandbox", "-o", "x.gif", "--play", "0-10", "--pace", "0.01"], "10,001 frames"),
        (["sandbox", "-o", "nowhere/x.gif", "--play", "3-4"], "nowhere: there is no such folder"),
        (["sandbox", "-o", "x.mp4", "--play", "3-4"], "MP4 needs ffmpeg"),
    ],
)
def test_wrong_input_is_one_line(refused, drawn, tmp_path, monkeypatch, arguments, words):
    (tmp_path / "folder.png").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no ffmpeg
    monkeypatch.chdir(tmp_path)
    assert words in refused("render", *arguments)
    assert drawn == []


def test_an_error_while_drawing_is_one_line(refused, drawn, tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device", "x.png")

    monkeypatch.setattr(sys.modules["mtrrviz.gui.export.render"], "render_window", full)
    words = refused("render", "sandbox", "-o", tmp_path / "x.png")
    assert words == "mtrrviz: x.png: No space left on device\n"


@pytest.mark.gui
@pytest.mark.slow
def test_a_picture_has_the_size_asked_for_and_needs_no_display(tmp_path, monkeypatch):
    for variable in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    picture = tmp_path / "x.png"
    command = [sys.executable, "-m", "mtrrviz", "render", "small-machine", "-o", str(picture)]
    root = Path(mtrrviz_package.__file__).parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:]) == (1280, 800)


def test_no_arguments_open_the_window(mtrrviz, opened):
    assert mtrrviz().code == 0
    assert opened == [[]]


def test_a_first_word_that_is_no_command_is_opened(mtrrviz, opened, tmp_path):
    (tmp_path / "run").write_text("a scenario that is called like a command")
    assert [mtrrviz("sandbox").code, mtrrviz(tmp_path / "run").code] == [0, 0]
    assert opened == [["sandbox"], [str(tmp_path / "run")]]


def test_a_growing_file_is_followed(mtrrviz, opened, tmp_path):
    (tmp_path / "trace").write_text("")
    assert mtrrviz(tmp_path / "trace", "--follow").code == 0
    assert opened == [[str(tmp_path / "trace"), "--follow"]]


def test_after_two_dashes_comes_a_file(mtrrviz, opened):
    assert mtrrviz("--", "sandbox").code == 0
    assert opened == [["sandbox"]]


def test_several_dumps_of_one_machine_are_opened_together(mtrrviz, refused, opened, tmp_path):
    dumps = [str(tmp_path / name) for name in ("dmesg.txt", "iomem.txt")]
    for path in dumps:
        Path(path).write_text("00000000-0009ffff : System RAM")
    assert mtrrviz(*dumps).code == 0
    assert opened == [dumps]
    assert "no such file" in refused(dumps[0], str(tmp_path / "gone.txt"))
    assert "a machine of its own" in refused(dumps[0], "sandbox")
    assert "the one trace" in refused("--follow", *dumps)
    assert opened == [dumps]


def test_without_a_display_the_window_is_refused(refused, opened, monkeypatch):
    for variable in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    assert "no display" in refused("sandbox")
    assert opened == []


def test_a_missing_library_of_qt_is_one_line(refused, drawn, tmp_path, monkeypatch):
    def broken(*_arguments):
        path = "/usr/lib/python3/site-packages/PySide6/QtGui.abi3.so"
        problem = "libEGL.so.1: cannot open shared object file"
        raise ImportError(problem, name="QtGui", path=path)  # as dlopen's failures are told

    monkeypatch.setattr(sys.modules["mtrrviz.gui.export.render"], "render_window", broken)
    words = refused("render", "sandbox", "-o", tmp_path / "x.png")
    assert "Qt cannot be loaded: libEGL.so.1" in words
    assert "`sudo apt-get install libglib2.0-0 libgl1 libegl1 " in words


@pytest.mark.gui
@pytest.mark.parametrize("more", [("-o", "x.png"), ("--play", "0-0.2", "-o", "x.gif")])
def test_ctrl_c_comes_between_two_pictures_and_not_in_a_function_that_qt_called(
    mtrrviz, tmp_path, monkeypatch, more
):
    from PySide6.QtCore import QTimer

    from mtrrviz.gui.export import taking

    settle, came = taking.settle, []

    def interrupted():
        came.append(1)
        os.kill(os.getpid(), signal.SIGINT)

    def settle_meanwhile():
        QTimer.singleShot(0, interrupted)
        settle()

    monkeypatch.setattr(taking, "settle", settle_meanwhile)
    monkeypatch.chdir(tmp_path)
    (tmp_path / more[-1]).write_text("old")
    assert mtrrviz("render", "sandbox", "--view", "map", *more).code == 130
    assert came
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_is_held_back_and_comes_once():
    with late_interrupt() as let_through:
        let_through()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            let_through()
        let_through()
    with pytest.raises(KeyboardInterrupt), late_interrupt():
        os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with late_interrupt() as let_through:
            os.kill(os.getpid(), signal.SIGINT)
            let_through()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
