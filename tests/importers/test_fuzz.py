"""Whatever a file holds, an import gives a machine that plays or one clear error."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.trace.mismatch_causes import mismatch_causes
from mtrrviz.importers import FORMATS, import_texts
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import scenario_text
from mtrrviz.sim import simulate
from tests.importers.helpers import SAMPLES
from tests.importers.lines.test_dumps import DMESG, EDK2
from tests.importers.traces.test_observed import SETUP, entry, leaf
from tests.importers.traces.test_traces import line

SEEDS = {
    "ftrace": SETUP
    + entry(0x100, leaf(6))
    + line("vcpu 1 rip 0x0 address 0x5000 error_code 0x182", event="kvm_page_fault")
    + line("vcpu 1 reason EPT_VIOLATION rip 0x0", event="kvm_exit")
    + line("cr_write 0 = 0x80050033", event="kvm_cr"),
    "trace-cmd": (SAMPLES / "trace-cmd-report.txt").read_text(),
    "perf-script": (SAMPLES / "perf-script.txt").read_text(),
    "proc-mtrr": "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n"
    "reg01: base=0xe8000000 (3712MB), size=  32MB: write-combining, count=1\n"
    "base=0x400000000 size=0x20000000 type=write-combining\ndisable=0\n",
    "e820": " BIOS-e820: 00000000ffb00000 - 0000000100000000 (reserved)\n"
    "[    0.0] BIOS-e820: [mem 0x0000000000100000-0x00000000bfffffff] usable\n",
    "iomem": "00100000-bfffffff : System RAM\n  01000000-0220bb07 : Kernel code\n"
    "c0001000-eebfffff : PCI Bus 0000:00\n  d0000000-dfffffff : 0000:00:02.0\n",
    "lspci": "00:02.0 VGA compatible controller: Some Graphics (rev 09)\n"
    "\tMemory at f7800000 (64-bit, non-prefetchable) [size=4M]\n"
    "\tMemory behind bridge: f7c00000-f7cfffff [size=1M]\n",
    "pat-memtype-list": "PAT memtype list:\n"
    "PAT: [mem 0x00000000e0000000-0x00000000e8000000] write-combining\n"
    "uncached-minus @ 0xfed00000-0xfed01000\n",
    "memcontrol": "0x0/0x10000 BIOS write-back fixed-base fixed-length set-by-firmware active\n"
    "0x0/0x80000000 BIOS write-back set-by-firmware active\n"
    "0xd0000000/0x10000000 drm write-combine active\n",
    "chipsec": "[CHIPSEC] CPU0: RDMSR( 0x2ff ) = 0000000000000C06 (EAX=00000C06, EDX=00000000)\n"
    "[cpu1] WRMSR( 0x200 ): EAX = 0x80000000, EDX = 0x00000000\n",
    "chipsec-json": '{"read_msr": {"(0,767)": [\n"(3078, 0)"],\n'
    '"(1,513)": ["(2147485696, 255)"]}}\n',
    "edk2": EDK2,
    "coreboot": "apic_id 0x0: MTRR: Fixed MSR 0x250 0x0606060606060606\n"
    "MTRR: 0 base 0x0000000000000000 mask 0x0000007f80000000 type 6\n"
    "0x0000000080000000 - 0x00000000ffffffff size 0x80000000 type 0\n",
    "qemu-mtree": 'FlatView #0\n AS "memory", root: system\n'
    "  0000000000000000-000000003fffffff (prio 0, ram): pc.ram KVM\n"
    "address-space: memory\n  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n"
    "    0000000000000000-000000003fffffff (prio 0, ram): alias a @pci "
    "0000000000000000-000000003fffffff\n"
    "memory-region: pci\n  0000000000000000-ffffffffffffffff (prio -1, i/o): pci\n"
    "    00000000000a0000-00000000000affff (prio 1, i/o): alias b @pci "
    "0000000000000000-000000000000ffff\n",
    "dmesg": DMESG + "[ 0.1]   0: 0000000000000000-000000000009ffff write-back\n",
    "lscpu": "Address sizes:   39 bits physical, 48 bits virtual\nCPU(s):    12\nModel:   158\n",
    "fwts": "Reg 0: 0x0000000000000000 - 0x0000000080000000 (  2048 MB)   Write-Back\n"
    "Reg 1: 0x000000007c000000 - 0x0000000080000000 (    64 MB)   Uncached\n",
    "linuxbios": "Setting fixed MTRRs(0-88) Type: UC\nSetting fixed MTRRs(0-16) Type: WB, RdMEM, "
    "WrMEM\nADDRESS_MASK_HIGH=0xff\nDONE fixed MTRRs\n",
    "uboot": "CPU 0:\nReg Valid Write-type   Base   ||        Mask   ||        Size   ||\n"
    "0   Y     Back         0000000000000000 0000000f80000000 0000000080000000\n"
    "1   N     Uncacheable  0000000000000000 0000000000000000 0000001000000000\n",
    "msr-list": "cpu,msr,value\n0,0x2ff,0xc06\n1,IA32_PAT,0x0007040600070406\n",
    "rdmsr": "# rdmsr -a 0x2ff\nc06\nc06\n0x200 80000000\n0x201: ff80000800 800\n",
}


def check_message(message: str) -> None:
    """An error is one line that fits a dialog."""
    assert "\n" not in message
    assert len(message) < 1000


def play(content: bytes, override: str | None) -> None:
    """Import, simulate, compare and save; only our own errors may come out, on one line."""
    try:
        result = import_texts([("fuzz", content)], override)
    except MtrrvizError as error:
        check_message(str(error))
        return
    simulate(result.scenario, "per-vcpu")
    causes = mismatch_causes(simulate(result.scenario, "per-vm"))
    assert len(causes) <= len(result.scenario.observed)
    parse_scenario(scenario_text(result.scenario), "fuzz", SAMPLES)


@cache
def mutated(seed: str) -> st.SearchStrategy[str]:
    """Return texts like ``seed`` with numbers, lines and characters exchanged."""
    lines = seed.splitlines(keepends=True)
    odd = st.sampled_from(
        ["-1", "0", "08", "f" * 16, "f" * 17, "0x" + "f" * 40, "9" * 25, "", " ", "\t", ": ",
         "\x00", "]", "٣", "1_0", "1e5", "nan", "," * 50, "0x", "(", "\\", "\x1b["]
    )  # fmt: skip

    def change(text: str, cuts: list[tuple[float, int, str]]) -> str:
        for place, length, word in cuts:
            at = int(place * len(text))
            text = text[:at] + word + text[at + length :]
        return text

    cut = st.tuples(st.floats(0, 1), st.integers(0, 20), odd)
    chosen = st.lists(st.sampled_from(lines), min_size=1, max_size=12).map("".join)
    return st.builds(change, chosen, st.lists(cut, max_size=6))


@pytest.mark.parametrize("format_id", sorted(SEEDS))
def test_every_format_has_a_seed_it_recognises(format_id):
    result = import_texts([("seed", SEEDS[format_id].encode())])
    assert result.sources[0].formats[0] == format_id
    assert set(SEEDS) == {f.id for f in FORMATS}


@pytest.mark.parametrize("format_id", sorted(SEEDS))
@settings(max_examples=40)
@given(data=st.data())
def test_mutated_texts(format_id, data):
    text = data.draw(mutated(SEEDS[format_id]))
    override = data.draw(st.sampled_from([None, format_id]))
    play(text.encode("utf-8", "surrogatepass"), override)


@settings(max_examples=60)
@given(st.lists(st.sampled_from("".join(SEEDS.values()).splitlines(keepends=True)), max_size=30))
def test_mixed_formats(lines):
    play("".join(lines).encode(), None)


@settings(max_examples=60)
@given(st.binary(max_size=600), st.sampled_from([None, *SEEDS]))
def test_bytes(content, override):
    play(content, override)


@settings(max_examples=50)
@given(st.integers(0, 2**70), st.integers(0, 2**70), st.sampled_from([0, 1, 8, 256, 10**9]))
def test_large_numbers(first, second, count):
    text = (
        f"0x200 {first:x}\n0x201 {second:x}\n0x2ff c06\n{first:016x}-{second:016x} : System RAM\n"
    )
    play((text + f"[ 0.1] smpboot: Allowing {count} CPUs, 0 hotplug CPUs\n").encode(), None)
