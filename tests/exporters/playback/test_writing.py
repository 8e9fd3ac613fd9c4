"""Films as files: frames, sizes, durations; whole or not at all; what is too much is refused."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.playback import forms, writing
from mtrrviz.exporters.playback.film import Film
from mtrrviz.exporters.playback.forms import FilmForm, form_named, require_writable
from mtrrviz.exporters.playback.writing import write_film
from mtrrviz.scenario.files.whole_file import folder_beside
from tests.full_disk import room_for

FILM = Film(0, 1_000_000_000, pace=1, fps=6)
HEIGHT, WIDTH = 21, 35
ANIMATED = [FilmForm.GIF, FilmForm.WEBP]

#: Stands in for ffmpeg: counts the bytes of the frames and tells its options.
FFMPEG = f"""#!{sys.executable}
import sys
data = sys.stdin.buffer.read()
open(sys.argv[-1], "w").write(" ".join([str(len(data)), *sys.argv[1:]]))
"""
BROKEN = f"#!{sys.executable}\nimport sys\nsys.exit('Unknown encoder libx264')\n"


def pictures(count=FILM.frames):
    """Yield frames of a square that wanders; the fourth one is as the third."""
    for number in range(count):
        frame = np.full((HEIGHT, WIDTH, 3), (240, 240, 250), np.uint8)
        at = 3 * (2 if number == 3 else number)
        frame[at // 2 : at // 2 + 5, at : at + 7] = (200, 10 + number // 3, 30)
        yield frame


def stopping():
    """Yield some frames, then what Cancel raises."""
    yield from pictures(3)
    raise KeyboardInterrupt


def read(path):
    """Return the frames of an animation and how many ms each is shown."""
    with Image.open(path) as film:
        frames, shown = [], []
        for number in range(getattr(film, "n_frames", 1)):
            film.seek(number)
            frames.append(np.asarray(film.convert("RGB")))
            shown.append(film.info["duration"])
        assert film.info["loop"] == 0
    return frames, shown


@pytest.fixture
def on_path(monkeypatch, tmp_path):
    """Return a function that puts a program called ffmpeg on the path, and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(text):
        program = folder / "ffmpeg"
        program.write_text(text)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return put


@pytest.mark.parametrize("form", ANIMATED)
def test_an_animation_has_all_frames_at_their_time(tmp_path, form):
    path = tmp_path / f"x{form.suffix}"
    write_film(pictures(), FILM, form, path)
    frames, shown = read(path)
    assert [frame.shape for frame in frames] == [(HEIGHT, WIDTH, 3)] * FILM.frames
    for made, wanted in zip(frames, pictures(), strict=True):
        assert np.array_equal(made, wanted)
    assert sum(shown) == pytest.approx(FILM.seconds * 1000, abs=5)
    assert max(shown) - min(shown) <= 10


@pytest.mark.parametrize("form", ANIMATED)
def test_the_same_frames_make_the_same_file(tmp_path, form):
    for name in ("a", "b"):
        write_film(pictures(), FILM, form, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_gif_holds_of_a_frame_what_differs_from_the_one_before(tmp_path):
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    sizes = []
    for seconds in (1, 9):
        path, film = tmp_path / f"{seconds}.gif", Film(0, seconds * 10**9, 1, 1)
        write_film([noise] * film.frames, film, FilmForm.GIF, path)
        sizes.append(path.stat().st_size)
    assert sizes[1] < 1.5 * sizes[0]


def test_many_colours_stay_close_in_a_gif(tmp_path):
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    rich = np.stack([y * 12, x * 7, (x + y) * 4], axis=2).astype(np.uint8)
    write_film([rich, rich], Film(0, 1, 1, 1), FilmForm.GIF, tmp_path / "x.gif")
    frames, _ = read(tmp_path / "x.gif")
    assert np.abs(frames[0].astype(int) - rich).mean() < 8


def test_pictures_are_numbered_and_exact(tmp_path):
    write_film(pictures(), FILM, FilmForm.PNG, tmp_path / "x")
    found = sorted((tmp_path / "x").iterdir())
    assert [path.name for path in found] == [f"frame-{n}.png" for n in range(1, 8)]
    for path, wanted in zip(found, pictures(), strict=True):
        with Image.open(path) as picture:
            assert np.array_equal(np.asarray(picture), wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_frames_are_taken_one_by_one(tmp_path):
    made = []

    def counted():
        for number, frame in enumerate(pictures()):
            made.append(number)
            yield frame

    parts = writing.gif_parts(counted(), FILM)
    next(parts)
    next(parts)
    assert made == [0]


@pytest.mark.parametrize("form", list(FilmForm))
def test_what_is_stopped_leaves_nothing(tmp_path, form, on_path):
    on_path(FFMPEG)
    folder = tmp_path / "films"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        write_film(stopping(), FILM, form, folder / "x")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("form", [FilmForm.GIF, FilmForm.WEBP, FilmForm.PNG])
def test_a_file_that_grows_too_large_is_not_kept(tmp_path, form, monkeypatch):
    monkeypatch.setattr(writing, "MOST_BYTES", 250)
    with pytest.raises(MtrrvizError, match="nothing was written"):
        write_film(pictures(), FILM, form, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "x.gif"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_film(stopping(), FILM, FilmForm.GIF, path)
    assert path.read_text() == "old"
    write_film(pictures(), FILM, FilmForm.GIF, path)
    assert path.read_bytes().startswith(b"GIF89a")


def test_ffmpeg_gets_every_frame_and_how_they_are(tmp_path, on_path):
    on_path(FFMPEG)
    write_film(pictures(), FILM, FilmForm.MP4, tmp_path / "x.mp4")
    size, *options = (tmp_path / "x.mp4").read_text().split()
    assert int(size) == FILM.frames * WIDTH * HEIGHT * 3
    assert options[options.index("-video_size") + 1] == f"{WIDTH}x{HEIGHT}"
    assert options[options.index("-framerate") + 1] == str(FILM.fps)
    assert not [path for path in tmp_path.iterdir() if path.name not in {"x.mp4", "bin"}]


def test_what_ffmpeg_has_against_it_is_told(tmp_path, on_path):
    on_path(BROKEN)
    with pytest.raises(MtrrvizError, match="ffmpeg failed: Unknown encoder libx264"):
        write_film(pictures(), FILM, FilmForm.MP4, tmp_path / "x.mp4")
    assert not (tmp_path / "x.mp4").exists()


def test_without_ffmpeg_a_video_is_refused_in_a_line(tmp_path, on_path):
    assert on_path
    with pytest.raises(MtrrvizError, match="MP4 needs ffmpeg") as told:
        require_writable(tmp_path / "x.mp4", FilmForm.MP4)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("x.gif", FilmForm.GIF),
        ("a/X.WEBP", FilmForm.WEBP),
        ("x.mp4", FilmForm.MP4),
        ("frames/", FilmForm.PNG),
    ],
)
def test_the_name_says_the_form(name, form):
    assert form_named(name) is form


@pytest.mark.parametrize("name", ["x.png", "x", "x.avi", ".gif/x"])
def test_other_names_are_refused_with_what_is_expected(name):
    with pytest.raises(MtrrvizError, match=r"X\.gif, X\.webp, X\.mp4"):
        form_named(name)


def test_where_nothing_can_be_written_is_told_first(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("")
    (tmp_path / "empty").mkdir()
    forms.require_writable(tmp_path / "empty", FilmForm.PNG)
    for path, form, words in (
        (tmp_path / "full", FilmForm.PNG, "is there already"),
        (tmp_path / "full" / "a", FilmForm.PNG, "is there already"),
        (tmp_path / "full", FilmForm.GIF, "this is a folder"),
        (tmp_path / "no" / "x.gif", FilmForm.GIF, "no such folder"),
    ):
        with pytest.raises(MtrrvizError, match=words):
            require_writable(path, form)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "x").mkdir()
    write_film(pictures(), FILM, FilmForm.PNG, tmp_path / "x")
    assert len(list((tmp_path / "x").iterdir())) == FILM.frames


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000])
def test_a_new_folder_is_for_all_to_read_and_the_owner_to_write(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_film(pictures(), FILM, FilmForm.PNG, tmp_path / "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o755 & ~mask


@pytest.mark.parametrize("form", [FilmForm.GIF, FilmForm.WEBP, FilmForm.PNG])
def test_a_full_disk_names_the_film_and_leaves_nothing_new(tmp_path, form):
    with room_for(60), pytest.raises(OSError, match="too large") as caught:
        write_film(pictures(), FILM, form, tmp_path / "film")
    assert str(caught.value.filename).startswith(str(tmp_path / "film"))
    assert list(tmp_path.iterdir()) == []


_DIES = """
import os, sys
from pathlib import Path
import numpy as np
from mtrrviz.exporters.playback.film import Film
from mtrrviz.exporters.playback.forms import FilmForm
from mtrrviz.exporters.playback.writing import write_film

def frames():
    yield np.zeros((8, 8, 3), np.uint8)
    os.kill(os.getpid(), 9)

write_film(frames(), Film(0, 10**9, 1.0, 2), FilmForm.PNG, Path(sys.argv[1]))
"""


def test_what_a_dead_writer_left_is_removed_and_what_a_living_one_makes_is_not(tmp_path):
    subprocess.run([sys.executable, "-c", _DIES, str(tmp_path / "x")], check=False)
    (left,) = tmp_path.iterdir()
    assert len(list(left.iterdir())) == 1
    with folder_beside(tmp_path / "y") as held:
        write_film(pictures(), FILM, FilmForm.PNG, tmp_path / "x")
        assert {file.name for file in tmp_path.iterdir()} == {"x", held.name}
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_a_link_to_a_folder_stays_one(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("folder")
    for _ in range(2):  # to a new one, then to an empty one
        write_film(pictures(), FILM, FilmForm.PNG, link)
        assert link.is_symlink()
        for picture in (tmp_path / "folder").iterdir():
            picture.unlink()


def test_where_no_folder_can_be_made_the_film_is_named(tmp_path):
    path = tmp_path / "no" / "x"
    with pytest.raises(OSError, match="No such file") as caught:
        write_film(pictures(), FILM, FilmForm.PNG, path)
    assert caught.value.filename == str(path)
