"""One function a command: read, compute, print. All return an exit code.

What a command needs is imported when it runs, so that `mtrrviz --help` does not wait for numpy
and nothing but `render` and the window ever loads Qt.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrrviz.cli.options.values import time_within
from mtrrviz.cli.terminal.colour import is_coloured, painted
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SHIFT

if TYPE_CHECKING:
    from argparse import Namespace

    from mtrrviz.cli.options.values import MomentOption
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run

GOOD = 0
DEFAULT_POLICIES = ("per-vcpu", "per-vm")
"""What `run` compares when it is not told: before and after the patch."""
DEFAULT_SIZE = (1280, 800)
"""Width and height of a picture in pixels."""
THEMES = ("dark", "light")
"""Themes of a picture, the usual one first."""
PICTURE_SUFFIXES = (".png", ".svg")
"""What the names of pictures end in."""


def print_json(value: Any) -> None:
    """Print JSON, indented; non-ASCII is escaped so that it survives any terminal."""
    import json

    print(json.dumps(value, indent=2))


def print_text(text: str) -> None:
    """Print text; what could steer the terminal, in names that come from files, becomes "?"."""
    plain = "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
    print(painted(plain) if is_coloured(sys.stdout) else plain)


def list_all(args: Namespace) -> int:
    """Print the built-in scenarios, the policies, or the constants of the model."""
    if args.constants:
        return _list_constants(args.json)
    return _list_policies(args.json) if args.policies else _list_scenarios(args.json)


def _list_scenarios(as_json: bool) -> int:
    from mtrrviz.exporters.listing import scenario_rows, scenarios_text
    from mtrrviz.scenario.library import list_builtin

    entries = list_builtin()
    if as_json:
        print_json(scenario_rows(entries))
    else:
        print_text(scenarios_text(entries))
    return GOOD


def _list_policies(as_json: bool) -> int:
    from mtrrviz.core.policies import get_policy, policy_ids
    from mtrrviz.exporters.listing import policies_text, policy_rows

    policies = [get_policy(name) for name in policy_ids()]
    if as_json:
        print_json(policy_rows(policies))
    else:
        print_text(policies_text(policies))
    return GOOD


def _list_constants(as_json: bool) -> int:
    from mtrrviz.cli.options.constants import constants_json, constants_text

    if as_json:
        print_json(constants_json())
    else:
        print_text(constants_text())
    return GOOD


def run(args: Namespace) -> int:
    """Replay a scenario under each policy and print what came out."""
    from mtrrviz.cli.options.constants import costs_of
    from mtrrviz.cli.options.inputs import open_machine
    from mtrrviz.cli.published_command import published_json, published_text
    from mtrrviz.core.policies import HARDWARE, get_policy
    from mtrrviz.exporters.results import results_text, run_result
    from mtrrviz.sim import simulate

    policies = [get_policy(name) for name in args.policy or DEFAULT_POLICIES]
    costs = costs_of(args)
    scenario = _sized(open_machine(args.files, args), args.vcpus)
    if scenario.machine.is_host:
        _print_host(simulate(scenario, HARDWARE, costs), as_json=args.json)
        return GOOD
    runs = [simulate(scenario, policy, costs) for policy in policies]
    if args.json:
        print_json([{**run_result(each), "published": published_json(each)} for each in runs])
    else:
        published = published_text(runs)
        print_text("\n\n".join([results_text(runs), *([published] if published else [])]))
    return GOOD


def _print_host(run: Run, *, as_json: bool) -> None:
    """Print the figures of a real machine."""
    from mtrrviz.exporters.host_results import host_run_result
    from mtrrviz.exporters.results import results_text

    if as_json:
        print_json([host_run_result(run)])
    else:
        print_text(results_text([run]))


def _refuse_host(scenario: Scenario, what: str) -> None:
    """Raise MtrrvizError for a real machine where only a guest has anything to show."""
    if scenario.machine.is_host:
        problem = f"{what}: this is a real machine, to which no policy of KVM applies"
        raise MtrrvizError(f"{problem} (--machine guest sees it as a guest)")


def _sized(scenario: Scenario, vcpus: int | None) -> Scenario:
    """Return the scenario, as a boot with so many vCPUs if asked for."""
    if vcpus is None:
        return scenario
    from mtrrviz.scenario.generated.boots import resized

    return resized(scenario, vcpus)


def compare(args: Namespace) -> int:
    """Set two policies beside each other and print where their EPTs differ."""
    from mtrrviz.analysis.comparing.compare import compare as compare_runs
    from mtrrviz.cli.compare_command import comparison_json, comparison_text
    from mtrrviz.cli.options.constants import costs_of
    from mtrrviz.cli.options.inputs import open_machine
    from mtrrviz.core.policies import get_policy
    from mtrrviz.session.view_state import ViewState
    from mtrrviz.sim import simulate

    _check_two(args.policy)
    costs = costs_of(args)
    scenario = open_machine(args.files, args)
    _refuse_host(scenario, "nothing to compare")
    names = args.policy or ViewState().for_view(scenario.view).policies
    first, second = (get_policy(name) for name in names)
    at_ns = first_shown(scenario, args.at)
    comparison = compare_runs(simulate(scenario, first, costs), simulate(scenario, second, costs))
    if args.json:
        print_json(comparison_json(comparison, at_ns))
    else:
        print_text(comparison_text(comparison, at_ns))
    return GOOD


def _check_two(names: list[str] | None) -> None:
    """Refuse anything but two policies or none, and unknown ones, before the file is read."""
    from mtrrviz.core.policies import get_policy

    if names is not None and len(names) != 2:
        raise MtrrvizError(f"compare takes two policies, not {len(names)}")
    for name in names or ():
        get_policy(name)


def explain(args: Namespace) -> int:
    """Say why a page has its type."""
    from mtrrviz.analysis.explaining.explain import explain as explain_page
    from mtrrviz.analysis.explaining.explain_json import explanation_json
    from mtrrviz.analysis.explaining.explain_text import explanation_text
    from mtrrviz.analysis.explaining.page_moments import page_moments
    from mtrrviz.analysis.explaining.step_events import step_events
    from mtrrviz.cli.options.inputs import open_machine
    from mtrrviz.core.policies import get_policy
    from mtrrviz.sim import simulate

    policy = get_policy(args.policy)
    scenario = open_machine(args.files, args)
    at_ns = time_within(scenario, args.at)
    state = simulate(scenario, policy).at(at_ns)
    explanation = explain_page(state, args.gpa >> PAGE_SHIFT, args.vcpu)
    numbers = step_events(scenario, at_ns, explanation.steps)
    moments = page_moments(state.run, explanation.gfn, at_ns)
    if args.json:
        print_json(explanation_json(explanation, scenario.name, numbers, moments))
    else:
        events = [None if number is None else scenario.events[number] for number in numbers]
        print_text(explanation_text(explanation, events, moments))
    return GOOD


def render(args: Namespace) -> int:
    """Draw the window, or one view of it, into a file."""
    from mtrrviz.cli.options.inputs import open_machine
    from mtrrviz.cli.window import loading_qt
    from mtrrviz.core.policies import get_policy

    policy = args.policy and get_policy(args.policy).id
    scenario = open_machine(args.files, args)
    if args.play is not None:
        from mtrrviz.cli.filming import film

        return film(args, scenario, policy)
    at_ns = first_shown(scenario, args.at)
    output = _writable(Path(args.output))
    with loading_qt():
        from mtrrviz.gui.export.render import render_window

        render_window(scenario, policy, at_ns, args.size, args.theme, output, args.view)
    return GOOD


def _writable(path: Path) -> Path:
    """Return the path of a picture after checking, before any work, that it can be written.

    Raises MtrrvizError for another kind of file, OSError where nothing can be created.
    """
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        expected = " or ".join(PICTURE_SUFFIXES)
        raise MtrrvizError(f"{path}: pictures are PNG or SVG (a name that ends in {expected})")
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return path


def first_shown(scenario: Scenario, time_ns: int | MomentOption | None) -> int:
    """Return a time as :func:`time_within` does; for None the one at which a window opens it."""
    return time_within(scenario, scenario.view.time_ns if time_ns is None else time_ns)


def schema(args: Namespace) -> int:
    """Print the JSON Schema of scenario files."""
    from mtrrviz.scenario.files.json_schema import json_schema

    del args
    print_json(json_schema())
    return GOOD
