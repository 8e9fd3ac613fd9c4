"""Every real file gives the machine it was taken from."""

from __future__ import annotations

import pytest

from mtrrviz.facts.figures import figures
from mtrrviz.importers import import_texts
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from tests.importers.helpers import (
    SAMPLES,
    end_machine,
    imported,
    ranges,
    region_kinds,
    register,
    sample,
    texts,
)

GIB = 1 << 30
SEABIOS = "ftrace-6.18-seabios-boot-2vcpu.txt"


def guest_writes(result, vcpu):
    events = result.scenario.events
    return [e for e in events if e.kind is EventKind.WRMSR and e.vcpu == vcpu]


def test_seabios_boot_has_31_writes_on_each_vcpu():
    result = sample(SEABIOS)
    assert [len(guest_writes(result, vcpu)) for vcpu in (0, 1)] == [31, 31]


def test_seabios_boot_times_are_the_traces_own():
    result = sample(SEABIOS)
    bsp, ap = guest_writes(result, 0), guest_writes(result, 1)
    assert result.start_ns == 2309_828033_000  # the read of IA32_MTRRCAP
    assert bsp[0].time_ns == 21_000
    assert ap[0].time_ns - bsp[-1].time_ns == pytest.approx(25.5e6, rel=0.01)


@pytest.mark.parametrize("vcpu", [0, 1])
def test_seabios_boot_ends_with_the_pci_hole_uc(vcpu):
    result = sample(SEABIOS)
    assert ranges(result, vcpu) == [(0x8000_0000, 4 * GIB, "UC")]
    assert register(result, 0x2FF, vcpu) == 0xC06
    fixed = end_machine(result).mtrr(vcpu).fixed_types()
    assert (fixed[0], fixed[16], fixed[24]) == (6, 0, 5)


def test_seabios_boot_zaps_twice_on_each_vcpu():
    scenario = sample(SEABIOS).scenario
    assert figures(simulate(scenario, "per-vcpu")).zaps_per_vcpu == (2, 2)


def test_threads_are_named():
    result = sample(SEABIOS)
    assert result.threads[0].startswith("qemu-system-x86-5745")
    assert "order of appearance" in result.threads[1]


@pytest.mark.parametrize(
    ("name", "format_id"),
    [
        ("ftrace-6.18-kvm-mtrr.txt", "ftrace"),
        ("trace-cmd-report.txt", "trace-cmd"),
        ("perf-script.txt", "perf-script"),
    ],
)
def test_one_trace_three_printers(name, format_id):
    """The same small program was traced by ftrace, trace-cmd and perf."""
    result = sample(name)
    assert result.sources[0].formats == (format_id,)
    assert result.sources[0].unknown_lines == 0
    values = [(e.register, e.value) for e in guest_writes(result, 0)]
    assert values == [(0x200, 0xC0000006), (0x201, 0x3FFFC0000800), (0x2FF, 0xC06), (0x2FF, 2)]
    assert guest_writes(result, 0)[-1].text == "refused by KVM (#GP)"
    assert ranges(result) == [(0xC000_0000, 4 * GIB, "WB")]
    assert register(result, 0x2FF) == 0xC06  # the refused write changed nothing


def test_the_address_width_comes_from_the_masks():
    assert sample("perf-script.txt").scenario.machine.maxphyaddr == 46
    assert sample(SEABIOS).scenario.machine.maxphyaddr == 40


@pytest.mark.parametrize("firmware", ["ovmf", "seabios"])
@pytest.mark.parametrize("memory", ["2g", "16g"])
def test_guest_text_gives_the_recorded_boots_end_state(firmware, memory):
    result = sample(f"guest-{firmware}-8vcpu-{memory}.txt")
    boot = open_scenario(f"{firmware}-8vcpu-{memory}")
    recorded = simulate(boot, "per-vcpu").at(boot.duration_ns).machine
    machine = end_machine(result)
    assert machine.vcpus == recorded.vcpus == 8
    for vcpu in range(8):
        wanted = [r for r in recorded.mtrr(vcpu).variable_ranges() if r.valid]
        assert [r for r in machine.mtrr(vcpu).variable_ranges() if r.valid] == wanted
        for msr in (0x2FF, 0x277):
            assert machine.read_msr(vcpu, msr) == recorded.read_msr(vcpu, msr)


@pytest.mark.parametrize("firmware", ["ovmf", "seabios"])
@pytest.mark.parametrize(("memory", "size"), [("2g", 2 * GIB), ("16g", 16 * GIB)])
def test_guest_text_gives_the_memory_map(firmware, memory, size):
    result = sample(f"guest-{firmware}-8vcpu-{memory}.txt")
    assert result.scenario.machine.memory_bytes == size
    regions = region_kinds(result)
    assert regions[0] == (0xA0000, "ram")
    assert regions[0x100000] == (0x8000_0000, "ram")
    assert regions[0xB000_0000] == (0xC000_0000, "mmio")
    flash = 0xFFE0_0000 if firmware == "ovmf" else 0xFFFC_0000
    assert regions[flash] == (4 * GIB, "rom")
    high = (4 * GIB + 14 * GIB, "ram") if memory == "16g" else None
    assert (regions.get(4 * GIB) == high) is (memory == "16g")


def test_guest_text_is_split_between_four_formats():
    source = sample("guest-ovmf-8vcpu-2g.txt").sources[0]
    assert set(source.formats) == {"iomem", "e820", "dmesg", "proc-mtrr"}
    assert source.unknown_lines == 2
    assert source.unknown == ((84, "8"), (85, "model name\t: Intel Core Processor (Skylake)"))


def test_dump_does_not_zap():
    scenario = sample("guest-ovmf-8vcpu-2g.txt").scenario
    assert figures(simulate(scenario, "per-vcpu")).zap_count == 0


def test_flat_view_of_the_memory_is_taken():
    result = sample("qemu-7.2-hmp-info-mtree.txt")
    assert region_kinds(result) == {
        0x0: (0xA0000, "ram"),
        0xA0000: (0xC0000, "mmio"),
        0xC0000: (0x2000_0000, "ram"),
        0xFD00_0000: (0xFE00_0000, "device-ram"),
        0xFEBF_0000: (0xFEBF_1000, "mmio"),
        0xFEC0_0000: (0xFEC0_1000, "mmio"),
        0xFED0_0000: (0xFED0_1000, "mmio"),
        0xFEE0_0000: (0xFEF0_0000, "mmio"),
        0xFFFC_0000: (4 * GIB, "rom"),
    }
    assert result.scenario.machine.memory_bytes == 512 << 20


def test_tree_renders_to_the_flat_view():
    """What `info mtree` alone tells must be what QEMU's own rendering says."""
    text = (SAMPLES / "qemu-7.2-hmp-info-mtree.txt").read_text()
    tree = text[text.index("address-space: i440FX") :]
    assert "FlatView" not in tree
    assert region_kinds(imported(tree)) == region_kinds(sample("qemu-7.2-hmp-info-mtree.txt"))


def test_several_files_make_one_machine():
    names = ["guest-seabios-8vcpu-16g.txt", "qemu-7.2-hmp-info-mtree.txt"]
    result = import_texts(
        [
            *((name, SAMPLES / name) for name in names),
            ("rdmsr", b"0x2ff c00\n0x200 6\n0x201 fffc0000800\n"),
        ]
    )
    assert len(result.sources) == 3
    assert result.scenario.machine.memory_bytes == 512 << 20  # QEMU knows best
    assert ranges(result, 7) == [(0, GIB, "WB")]  # raw values beat /proc/mtrr
    assert register(result, 0x2FF, 7) == 0xC00


def test_assumptions_are_said():
    said = texts(sample("guest-ovmf-8vcpu-2g.txt"), "assumed")
    for words in ("default type", "fixed ranges", "non-coherent DMA", "CR0", "address width"):
        assert words in said
