"""The script that sets a checkout up: what it finds missing, and how it gets it."""

from __future__ import annotations

import ast
import shutil
import subprocess

import pytest


def missing(dev, *packages):
    return dev.Need("libdoes-not-exist.so.0", packages)


class TestSystemPackages:
    @pytest.mark.parametrize(
        ("known", "chosen"),
        [
            ({"libglib2.0-0"}, "libglib2.0-0"),
            ({"libglib2.0-0t64"}, "libglib2.0-0t64"),
            ({"libglib2.0-0", "libglib2.0-0t64"}, "libglib2.0-0t64"),
            (set(), "libglib2.0-0"),
        ],
    )
    def test_package_name_follows_the_release(self, dev, known, chosen):
        assert dev.choose_packages(dev.QT_NEEDS[:1], known.__contains__) == [chosen]

    def test_a_library_that_is_there_is_not_missing(self, dev):
        assert not dev.Need("libc.so.6", ("libc6",)).is_missing()

    def test_a_library_that_is_not_there_is_missing(self, dev):
        assert missing(dev, "any").is_missing()

    def test_programs_are_looked_up_on_the_search_path(self, dev, monkeypatch, tmp_path):
        need = dev.Need("Xvfb", ("xvfb",), is_program=True)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert need.is_missing()
        (tmp_path / "Xvfb").touch(mode=0o755)
        assert not need.is_missing()

    def test_nothing_is_run_when_nothing_is_missing(self, dev, calls):
        dev.provide([dev.Need("libc.so.6", ("libc6",))])
        assert calls == []

    def test_as_root_the_lists_are_refreshed_once_and_all_is_installed(
        self, dev, calls, monkeypatch
    ):
        monkeypatch.setattr(dev, "root_prefix", list)
        monkeypatch.setattr(dev, "apt_knows", lambda _: True)
        monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
        dev.provide([missing(dev, "one"), missing(dev, "two", "three")])
        update, install = calls
        assert update[:4] == ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "update")
        assert install[-2:] == ("one", "two")
        assert "-y" in install

    def test_sudo_is_used_where_it_asks_nothing(self, dev, calls, monkeypatch):
        monkeypatch.setattr("os.geteuid", lambda: 1000)
        assert dev.root_prefix() == ["sudo", "-n"]
        assert calls == [("sudo", "-n", "true")]

    def test_without_root_the_exact_command_is_printed(self, dev, calls, monkeypatch, capsys):
        monkeypatch.setattr(dev, "root_prefix", lambda: None)
        monkeypatch.setattr(dev, "apt_knows", lambda _: True)
        monkeypatch.setattr(dev, "QT_NEEDS", (missing(dev, "libone", "libold"),))
        monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
        assert dev.main(["run"]) == 2
        assert calls == []
        assert (
            "sudo apt-get update && sudo apt-get install -y --no-install-recommends libone\n"
            in capsys.readouterr().err
        )

    def test_a_system_without_apt_is_told_what_is_missing(self, dev, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda _: None)
        with pytest.raises(dev.CannotContinueError, match="libdoes-not-exist"):
            dev.provide([missing(dev, "any")])


class TestPython:
    @pytest.mark.parametrize(
        ("version", "suitable"),
        [((3, 10), False), ((3, 11), True), ((3, 14), True), ((3, 15), False), ((2, 7), False)],
    )
    def test_versions(self, dev, version, suitable):
        assert dev.is_suitable(version) is suitable

    def test_the_first_suitable_one_is_taken(self, dev):
        versions = {"python3": (3, 10), "python3.13": (3, 13), "python3.12": (3, 12)}
        assert dev.find_python(tuple(versions), probe=versions.get) == "python3.13"

    def test_none_is_found_among_old_ones(self, dev):
        assert dev.find_python(("python3",), probe=lambda _: (3, 9)) is None

    def test_an_interpreter_that_does_not_run_has_no_version(self, dev):
        assert dev.probe_version("/nonexistent/python") is None

    def test_the_running_interpreter_is_probed(self, dev):
        assert dev.is_suitable(dev.probe_version(dev.find_python()))

    def test_the_script_stays_readable_by_an_old_python(self, root):
        ast.parse((root / "dev").read_text(), feature_version=(3, 8))

    def test_the_shell_part_is_valid_and_hands_over(self, root):
        result = subprocess.run(
            ["/bin/sh", str(root / "dev"), "--help"], capture_output=True, text=True, check=True
        )
        assert "./dev test" in result.stdout


class TestVirtualEnvironment:
    @pytest.fixture
    def venv(self, dev, calls, monkeypatch, tmp_path):
        (tmp_path / "bin").mkdir()
        python = tmp_path / "bin" / "python"
        python.touch()
        monkeypatch.setattr(dev, "VENV", tmp_path)
        monkeypatch.setattr(dev, "PYTHON", python)
        monkeypatch.setattr(dev, "STAMP", tmp_path / "stamp.json")
        monkeypatch.setattr(dev, "probe_version", lambda _: (3, 11))
        return tmp_path

    def pip_installs(self, calls):
        return [command for command in calls if "install" in command]

    def test_the_first_time_the_section_and_the_program_are_installed(self, dev, calls, venv):
        dev.ensure_venv(dev.RUNTIME)
        section, program = self.pip_installs(calls)
        assert "--require-hashes" in section
        assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(program)

    def test_the_second_time_nothing_is_run(self, dev, calls, venv):
        dev.ensure_venv(dev.RUNTIME)
        calls.clear()
        dev.ensure_venv(dev.RUNTIME)
        assert calls == []

    def test_development_tools_come_on_top(self, dev, calls, venv):
        dev.ensure_venv(dev.RUNTIME)
        calls.clear()
        dev.ensure_venv(dev.RUNTIME, dev.DEVELOPMENT)
        (section,) = self.pip_installs(calls)
        assert section[-1].endswith("development.txt")

    def test_a_changed_lock_file_is_installed(self, dev, calls, venv, monkeypatch, tmp_path):
        dev.ensure_venv(dev.RUNTIME)
        calls.clear()
        changed = tmp_path / "lock"
        changed.write_text(dev.LOCK.read_text().replace("numpy==", "numpy==9"))
        monkeypatch.setattr(dev, "LOCK", changed)
        dev.ensure_venv(dev.RUNTIME)
        assert self.pip_installs(calls)

    def test_a_failed_installation_leaves_no_stamp(self, dev, venv, monkeypatch):
        monkeypatch.setattr(dev, "call", lambda *command, env=None: int("install" in command))
        monkeypatch.setattr(dev, "works", lambda *command: True)
        with pytest.raises(dev.CannotContinueError, match="pip"):
            dev.ensure_venv(dev.RUNTIME)
        assert dev.read_stamp() == {}

    def test_another_python_behind_the_link_makes_it_count_as_none(self, dev, calls, venv):
        dev.ensure_venv(dev.RUNTIME)
        assert dev.read_stamp() != {}
        other = venv / "bin" / "other"
        other.touch()
        dev.PYTHON.unlink()
        dev.PYTHON.symlink_to(other)
        assert dev.read_stamp() == {}

    def test_a_venv_that_had_to_be_made_again_gets_every_section(
        self, dev, calls, venv, monkeypatch
    ):
        dev.ensure_venv(dev.RUNTIME)
        calls.clear()
        monkeypatch.setattr(dev, "make_venv", dev.STAMP.unlink)
        dev.ensure_venv(dev.RUNTIME, dev.DEVELOPMENT)
        assert len(self.pip_installs(calls)) == 3

    def test_a_venv_without_its_python_counts_as_none(self, dev, venv):
        dev.ensure_venv(dev.RUNTIME)
        dev.PYTHON.unlink()
        assert dev.read_stamp() == {}


class TestVerbs:
    @pytest.fixture(autouse=True)
    def prepared(self, dev, monkeypatch):
        monkeypatch.setattr(dev, "provide", lambda needs: None)
        monkeypatch.setattr(dev, "ensure_venv", lambda *sections: None)
        for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            monkeypatch.delenv(variable, raising=False)

    @pytest.fixture
    def became(self, dev, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)  # the script goes to the checkout's root: come back afterwards
        commands = []

        def become(*command):
            commands.append(command)
            raise SystemExit(0)

        monkeypatch.setattr(dev, "become", become)
        return commands

    @pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
    def test_a_display_is_seen(self, dev, monkeypatch, variable):
        assert not dev.has_display()
        monkeypatch.setenv(variable, ":0")
        assert dev.has_display()
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
        assert not dev.has_display()

    def test_run_without_display_plays_both_policies_and_draws(self, dev, calls, capsys):
        assert dev.main(["run"]) == 0
        table, picture = calls
        assert table[3:] == (
            "run",
            dev.DEFAULT_SCENARIO,
            "--policy",
            "per-vcpu",
            "--policy",
            "per-vm",
        )
        assert picture[3:6] == ("render", dev.DEFAULT_SCENARIO, "--at")
        assert picture[-1] in capsys.readouterr().out

    def test_a_file_is_found_from_where_the_user_is(self, dev, calls, monkeypatch, tmp_path):
        (tmp_path / "boot.toml").touch()
        monkeypatch.chdir(tmp_path)
        assert dev.main(["run", "boot.toml"]) == 0
        assert [command[4] for command in calls] == [str(tmp_path / "boot.toml")] * 2

    def test_run_without_display_reports_a_failure(self, dev, monkeypatch, capsys):
        monkeypatch.setattr(dev, "call", lambda *command, env=None: 1)
        assert dev.main(["run"]) == 1
        assert capsys.readouterr().out == ""

    def test_run_opens_the_window_on_a_display(self, dev, became, monkeypatch):
        monkeypatch.setenv("DISPLAY", ":0")
        with pytest.raises(SystemExit):
            dev.main(["run", "--", "boot.toml"])
        assert became == [(str(dev.PYTHON), "-m", "mtrrviz", "boot.toml")]

    def test_run_passes_a_command_on(self, dev, became):
        with pytest.raises(SystemExit):
            dev.main(["run", "--", "list", "--json"])
        assert became[0][3:] == ("list", "--json")

    def test_lint_runs_every_check_and_fails_if_one_does(self, dev, monkeypatch):
        commands = []

        def fail_the_first(*command, env=None):
            commands.append(command)
            return int(len(commands) == 1)

        monkeypatch.setattr(dev, "call", fail_the_first)
        assert dev.main(["lint"]) == 1
        assert len(commands) == 4

    def test_lint_is_good_when_all_checks_are(self, dev, calls):
        assert dev.main(["lint"]) == 0

    def test_arguments_of_test_go_to_pytest(self, dev, became):
        with pytest.raises(SystemExit):
            dev.main(["test", "-k", "map"])
        assert became[0][2:] == ("pytest", "-k", "map")

    @pytest.mark.parametrize("arguments", [["fly"], []])
    def test_wrong_use_is_told_apart(self, dev, arguments):
        assert dev.main(arguments) == 2

    def test_help_names_every_verb(self, dev, capsys):
        assert dev.main(["--help"]) == 0
        text = capsys.readouterr().out
        assert [verb for verb in dev.VERBS if f"./dev {verb}" not in text] == []


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_lowest_versions_that_cannot_be_tried_fail_in_ci_only(dev, monkeypatch, ci, code):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(dev, "find_python", lambda **_: None)
    assert dev.test_lowest([]) == code
