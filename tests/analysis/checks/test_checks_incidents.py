"""Guests that people met, and what an expert would say of each: no less, and no more."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.checks import check
from mtrrviz.importers import ImportOptions, import_texts
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.sim import simulate
from tests.importers.helpers import SAMPLES

FIXED = "".join(
    f"{msr:#x} {0x0606060606060606:#x}\n" for msr in (0x250, 0x258, *range(0x268, 0x270))
)
PAT = "0x277 0x407050600070106\n"
IOMEM = (
    "00000000-0009ffff : System RAM\n00100000-7fffffff : System RAM\n"
    "80000000-ffffffff : PCI Bus 0000:00\n"
)
BAR = "800000000-83fffffff : 0000:00:03.0\n"
HIGH_RAM = "100000000-107fffffff : System RAM\n"
UC_2G = (0x8000_0000, 0x3FFF_8000_0800)
TRACE = "        CPU {0}/KVM-1{0}   [00{0}] .....  1.00000{1}: kvm_msr: msr_write {2:x} = {3:#x}\n"


def traced(*writes):
    """Return a trace of (vCPU, MSR, value), with CR0 not in it."""
    return "".join(TRACE.format(write[0], at, *write[1:]) for at, write in enumerate(writes))


def dump(deftype, *pairs, memory=IOMEM, fixed=FIXED):
    """Return what rdmsr and /proc/iomem print: fixed ranges all WB, Linux's PAT, some pairs."""
    numbered = enumerate(value for pair in pairs for value in pair)
    values = "".join(f"{0x200 + at:#x} {value:#x}\n" for at, value in numbered)
    return f"0x2ff {deftype:#x}\n{fixed}{PAT}{values}{memory}"


def problems_of(text):
    content = text if isinstance(text, bytes) else text.encode()
    result = import_texts([("dump", content)], options=ImportOptions(machine=MachineKind.GUEST))
    return check(simulate(result.scenario, "per-vcpu"))


def verdict(problems):
    return [(problem.severity.value, problem.rule) for problem in problems]


DUMPS = {
    # cloud-hypervisor#124: a VFIO device was added and the guest took 20 s instead of 1 s to boot
    "default type UC": (dump(0xC00), [("error", "ram-by-default-uc")]),
    "the default type mended, devices by the PAT alone": (
        dump(0xC06),
        [("note", "device-cached")],
    ),
    # firecracker pull request 5526: IA32_MTRR_DEF_TYPE was never enabled
    "never enabled": (dump(0, fixed=""), [("error", "mtrrs-disabled")]),
    # edk2#21: much memory, of which the pairs cover the least
    "most RAM beyond the pairs": (
        dump(0xC00, (6, 0x3FFF_8000_0800), memory=IOMEM + HIGH_RAM),
        [("error", "ram-by-default-uc")],
    ),
    "a little RAM beyond the pairs": (
        dump(0xC00, (6, 0x3FFF_C000_0800), (0x4000_0006, 0x3FFF_E000_0800)),
        [("warning", "ram-by-default-uc")],
    ),
    # edk2 pull request 13129: the 64-bit BAR of a virtio-gpu forced UC
    "graphics memory forced UC": (
        dump(0xC06, UC_2G, (0x8_0000_0000, 0x3FF8_0000_0800), memory=IOMEM + BAR),
        [("note", "frame-buffer-uc")],
    ),
    # HyperDbg pull requests 255 and 336: what a hypervisor took for another type than the CPU
    "an undefined overlap": (
        dump(0xC06, UC_2G, (0x4000_0001, 0x3FFF_C000_0800), (0x4000_0004, 0x3FFF_E000_0800)),
        [
            ("error", "overlap-undefined"),
            ("warning", "ram-not-wb"),
            ("note", "splits-huge-pages"),
        ],
    ),
    "UC in the unlucky order": (
        dump(0xC06, (6, 0x3FFF_0000_0800), UC_2G),
        [
            ("warning", "overlap-kvm-differs"),
            ("note", "device-cached"),
            ("note", "range-beyond-ram"),
        ],
    ),
    "all as it should be": (dump(0xC06, UC_2G), []),
    "a memory map and no register": (IOMEM, [("note", "mtrrs-disabled")]),
}
"""What was printed, and severity and rule of all there is to say about it."""


@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_gets_the_verdict_of_an_expert(name):
    text, expected = DUMPS[name]
    assert verdict(problems_of(text)) == expected


SAMPLE_VERDICTS = {
    # an ordinary boot: nothing to say
    "ftrace-6.18-seabios-boot-2vcpu.txt": [],
    "guest-ovmf-8vcpu-2g.txt": [("note", "device-cached"), ("note", "frame-buffer-uc")],
    "guest-ovmf-8vcpu-16g.txt": [("note", "device-cached"), ("note", "frame-buffer-uc")],
    # SeaBIOS leaves the window of PCI's configuration space WB
    "guest-seabios-8vcpu-2g.txt": [("warning", "device-cached"), ("note", "device-cached")],
    "guest-seabios-8vcpu-16g.txt": [("warning", "device-cached"), ("note", "device-cached")],
    "qemu-7.2-hmp-info-mtree.txt": [("note", "mtrrs-disabled")],
}


@pytest.mark.parametrize("name", SAMPLE_VERDICTS)
def test_a_real_machine_gets_the_verdict_of_an_expert(name):
    assert verdict(problems_of((SAMPLES / name).read_bytes())) == SAMPLE_VERDICTS[name]


def test_a_refused_write_is_found_in_the_real_trace_of_one():
    problems = problems_of((SAMPLES / "ftrace-6.18-kvm-mtrr.txt").read_bytes())
    assert verdict(problems)[0] == ("error", "write-refused")


def test_a_vcpu_of_which_nothing_is_told_is_no_error():
    pat = 0x0407_0506_0007_0106
    writes = [(0, 0x2FF, 0xC06), (0, 0x277, pat), (1, 0x277, pat)]
    problems = problems_of(traced(*writes))
    (found,) = [problem for problem in problems if problem.rule == "vcpus-disagree"]
    assert found.severity == "warning"
    assert "their values are not known" in found.title


def test_caches_count_as_on_only_where_somebody_turned_them_on():
    writes = [(0, 0x200, 0x8000_0000), (0, 0x201, 0xFF_8000_0800), (0, 0x2FF, 0xC06)]
    trace = traced(*writes)
    cr0 = "        CPU 0/KVM-10   [000] .....  0.999999: kvm_cr: cr_write 0 = 0x80050033\n"
    assert "written-with-caches-on" not in {p.rule for p in problems_of(trace)}
    assert "written-with-caches-on" in {p.rule for p in problems_of(cr0 + trace)}
