"""One function a command: read, compute, print. All return an exit code.

What a command needs is imported when it runs, so that `mtrrviz --help` does not wait for numpy
and nothing but `render` and the window ever loads Qt.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from argparse import Namespace

GOOD = 0
DEFAULT_POLICIES = ("per-vcpu", "per-vm")
"""What `run` compares when it is not told: before and after the patch."""


def _print_json(value: Any) -> None:
    """Print JSON, indented; non-ASCII is escaped so that it survives any terminal."""
    print(json.dumps(value, indent=2))


def list_all(args: Namespace) -> int:
    """Print the built-in scenarios, or the policies."""
    return _list_policies(args.json) if args.policies else _list_scenarios(args.json)


def _list_scenarios(as_json: bool) -> int:
    from mtrrviz.exporters.listing import scenario_rows, scenarios_text
    from mtrrviz.scenario.library import list_builtin

    entries = list_builtin()
    if as_json:
        _print_json(scenario_rows(entries))
    else:
        print(scenarios_text(entries))
    return GOOD


def _list_policies(as_json: bool) -> int:
    from mtrrviz.core.policies import get_policy, policy_ids
    from mtrrviz.exporters.listing import policies_text, policy_rows

    policies = [get_policy(name) for name in policy_ids()]
    if as_json:
        _print_json(policy_rows(policies))
    else:
        print(policies_text(policies))
    return GOOD


def run(args: Namespace) -> int:
    """Replay a scenario under each policy and print what came out."""
    from mtrrviz.core.policies import get_policy
    from mtrrviz.exporters.results import results_text, run_result
    from mtrrviz.scenario.library import open_scenario
    from mtrrviz.sim import simulate

    policies = [get_policy(name) for name in args.policy or DEFAULT_POLICIES]
    scenario = open_scenario(args.file)
    runs = [simulate(scenario, policy) for policy in policies]
    if args.json:
        _print_json([run_result(each) for each in runs])
    else:
        print(results_text(runs))
    return GOOD


def schema(args: Namespace) -> int:
    """Print the JSON Schema of scenario files."""
    from mtrrviz.scenario.schema import json_schema

    del args
    _print_json(json_schema())
    return GOOD


def window(args: Namespace) -> int:
    """Open the window, on a scenario if one is named."""
    if args.file is not None:
        from mtrrviz.scenario.library import find

        find(args.file)
    _require_display()
    from mtrrviz.gui.app import run_window

    return run_window(args.file)


def _require_display() -> None:
    """Raise MtrrvizError where Qt would abort the process for want of a display."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise MtrrvizError(
            "there is no display to open a window on"
            " (`mtrrviz run` and `mtrrviz render` work without one)"
        )
