"""A trace's entries against the model's, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_time_ns
from mtrrviz.facts.trace.mismatch_causes import Cause, mismatch_causes
from mtrrviz.facts.trace.trace_check import trace_check

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run

SHOWN_MISMATCHES = 50
"""Mismatches that are listed in words; the JSON has more."""
MAX_MISMATCHES = 10_000
"""Most mismatches listed in JSON; the counts are of all."""


def check_text(run: Run, file: str) -> str:
    """Return which observed leaves are not as a run makes them, the first in words."""
    check, policy = trace_check(run), run.policy.id
    if not check.compared:
        return f"model ({policy}): no leaves to compare in the trace"
    leaves = "1 leaf" if check.compared == 1 else f"{check.compared} leaves"
    lines = [f"model ({policy}): {leaves} compared, {check.mismatch_count} differ"]
    shown = min(check.mismatch_count, SHOWN_MISMATCHES)
    lines += [f"  {_mismatch_words(run, index, file)}" for index in range(shown)]
    if check.mismatch_count > shown:
        lines.append(f"  and {check.mismatch_count - shown} more")
    return "\n".join(lines)


def _mismatch_words(run: Run, index: int, file: str) -> str:
    one = _mismatch(run, index)
    where = f"{format_gpa(one['gpa'])}, vCPU {one['vcpu']}, level {one['level']}"
    real, model = leaf_words(one["real_bits"]), leaf_words(one["model_bits"])
    time, cause = format_time_ns(one["time_ns"]), Cause(one["cause"]).words
    return f"{file}: line {one['line']}: {time}, {where}: real {real}, model {model}; {cause}"


def leaf_words(bits: int) -> str:
    """Return type and IPAT of an EPT entry; a reserved code has no name."""
    try:
        kind, ipat = bits_to_leaf(bits)
    except ValueError:
        return f"reserved type ({bits:#x})"
    return f"{kind.name} IPAT={int(ipat)}"


def check_json(run: Run, file: str) -> dict[str, Any]:
    """Return the comparison of a trace's leaves with a run as JSON values."""
    check = trace_check(run)
    shown = min(check.mismatch_count, MAX_MISMATCHES)
    return {
        "policy": run.policy.id,
        "compared": check.compared,
        "differing": check.mismatch_count,
        "mismatches": [_mismatch_json(run, index, file) for index in range(shown)],
    }


def _mismatch_json(run: Run, index: int, file: str) -> dict[str, Any]:
    one = _mismatch(run, index)
    return {
        "time_s": one["time_ns"] / 1e9,
        "vcpu": one["vcpu"],
        "gpa": one["gpa"],
        "level": one["level"],
        "real_bits": one["real_bits"],
        "model_bits": one["model_bits"],
        "cause": Cause(one["cause"]).words,
        "file": file,
        "line": one["line"],
    }


def _mismatch(run: Run, index: int) -> dict[str, int]:
    """Return the facts of a differing leaf."""
    check = trace_check(run)
    observed, row = check.observed, int(check.rows[index])
    return {
        "time_ns": int(observed.born_ns[row]),
        "vcpu": int(observed.vcpu[row]),
        "gpa": int(observed.gfn[row]) << PAGE_SHIFT,
        "level": int(observed.level[row]),
        "real_bits": int(observed.bits[row]),
        "model_bits": int(check.model_bits[row]),
        "cause": int(mismatch_causes(run)[index]),
        "line": int(observed.line[row]),
    }
