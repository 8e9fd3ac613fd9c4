"""Any writes under any policy: rules never fail, and what they say can be written out."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.checks.check_output import problem_json, problems_text
from mtrrviz.analysis.checks.sarif import sarif_log
from mtrrviz.analysis.explaining.explain import explain
from mtrrviz.core.msr.registers import mtrr_msrs
from mtrrviz.core.policies import policy_ids
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.machine_spec import MachineKind
from tests.analysis.checks.checked import WIDTH, mov_cr0, run, touch
from tests.core.strategies import accepted_writes, any_writes

MSRS = mtrr_msrs(8)[1:]
CR0_VALUES = (0x11, 0x4000_0011, 0x2000_0011, 0x6000_0010)
written_registers = st.one_of(accepted_writes(WIDTH), accepted_writes(WIDTH), any_writes())


@st.composite
def steps(draw):
    """One write of one of two vCPUs, most of them accepted."""
    vcpu = draw(st.integers(0, 1))
    if draw(st.integers(0, 4)) == 0:
        return mov_cr0(draw(st.sampled_from(CR0_VALUES)), vcpu)
    written = draw(written_registers)
    kind = draw(st.sampled_from((EventKind.WRMSR, EventKind.WRMSR, EventKind.VMM_WRMSR)))
    return (kind, vcpu, *written)


def _known(write):
    """Leave out registers that no scenario can name."""
    return write[2] not in (0x1FF, 0x210, 0x251)


@settings(max_examples=25)
@given(
    st.lists(steps().filter(_known), max_size=15),
    st.sampled_from(policy_ids()),
    st.integers(0, 1),
    st.integers(1, 3),
)
def test_any_machine_can_be_checked(writes, policy, noncoherent_dma, host_level):
    made = run(
        *writes,
        vcpus=2,
        policy=policy,
        sweeps=[touch(0, 0x100, 600), touch(10, 0x4_0000, 600, vcpu=1)],
        noncoherent_dma=noncoherent_dma,
        host_level=host_level,
    )
    problems = check(made)
    assert [problem_json(problem)["rule"] for problem in problems] == [p.rule for p in problems]
    assert json.loads(json.dumps(sarif_log(problems, "made.toml")))["version"] == "2.1.0"
    assert problems_text(problems)
    alone = {problem.rule for vcpu in (0, 1) for problem in check(made, vcpu)}
    assert {problem.rule for problem in problems} <= alone | {"vcpus-disagree"}


@settings(max_examples=25)
@given(st.lists(steps().filter(_known), max_size=15), st.sets(st.sampled_from(MSRS), max_size=4))
def test_any_real_machine_can_be_checked(writes, unknown):
    made = run(
        *writes,
        vcpus=2,
        kind=MachineKind.HOST,
        noncoherent_dma=0,
        unknown_registers=frozenset((1, msr) for msr in unknown),
    )
    problems = check(made)
    assert json.loads(json.dumps(sarif_log(problems, "made.toml")))["version"] == "2.1.0"
    text = problems_text(problems)
    assert "KVM" not in text
    assert "vCPU" not in text
    for gfn in (0, 0x250, 0xFEE00, 1 << 27):
        assert [step for step in explain(made.at(0), gfn, 1).steps if step.decides]
