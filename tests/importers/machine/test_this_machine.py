"""Reading this machine: a directory stands in for /, of machines sound, closed and hostile."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.importers import ImportCancelledError
from mtrrviz.importers.facts import Sign, Told
from mtrrviz.importers.this_machine import (
    all_sources,
    bounded_files,
    msr_device,
)
from mtrrviz.importers.this_machine.all_sources import import_this_machine
from mtrrviz.importers.this_machine.bounded_files import Tree, Unreadable
from mtrrviz.importers.this_machine.cpu import read_cpu
from mtrrviz.importers.this_machine.machine_sources import AS_ROOT, LOAD_MSR, Sources
from mtrrviz.importers.this_machine.msr_device import read_msrs
from tests.importers.helpers import ranges, region_kinds, register, texts
from tests.importers.machine.machine_tree import AMD, INTEL, MachineTree, intel_host

GIB = 1 << 30


def facts_of(root):
    """Return the facts that CPUs and registers of a tree give."""
    sources = Sources(Tree(root))
    read_cpu(sources)
    read_msrs(sources, lambda _name, _done, _total: None, lambda: False)
    return sources.facts


def signs(facts):
    return {found.sign for found in facts.signs}


# Sound machines


def test_registers_and_memory_map_of_an_intel_host_become_its_machine(tmp_path):
    result = import_this_machine(intel_host(tmp_path).root)
    assert ranges(result) == [(2 * GIB, 4 * GIB, "UC")]
    assert register(result, 0x2FF, vcpu=1) == 0xC06
    assert register(result, 0x258) == 0x0606_0606_0606_0606
    spec = result.scenario.machine
    assert (spec.vcpus, spec.maxphyaddr) == (2, 39)
    assert region_kinds(result)[0x10_0000][0] == 2 * GIB
    assert result.scenario.name == "this-machine"
    assert result.scenario.title == "This machine: ACME Anvil 9"
    assert "not read" not in texts(result).replace("PAT types was not read", "")


def test_as_many_pairs_are_read_as_the_cpu_has(tmp_path):
    intel_host(tmp_path).msrs(INTEL | {0x212: 0x1000_0006, 0x213: 0x7F_F000_0800})
    found = {one.msr for one in facts_of(tmp_path).registers}
    assert {0x212, 0x213} <= found  # the tenth pair, IA32_MTRRCAP says 10


def test_fixed_registers_are_not_read_where_the_cpu_has_none(tmp_path):
    intel_host(tmp_path).msrs(*[INTEL | {0xFE: 0x40A}] * 2)
    assert 0x250 not in {one.msr for one in facts_of(tmp_path).registers}


def test_a_bare_machine_and_its_maker_are_told(tmp_path):
    facts = facts_of(intel_host(tmp_path).root)
    assert signs(facts) == {Sign.INTEL, Sign.HOST}
    assert 0xC001_0010 not in {one.msr for one in facts.registers}


def test_forced_write_back_of_an_amd_machine_is_told(tmp_path):
    host = MachineTree(tmp_path)
    host.cpuinfo(vendor="AuthenticAMD", bits="48")
    host.msrs(AMD, AMD)
    facts = facts_of(tmp_path)
    assert signs(facts) == {Sign.AMD, Sign.HOST}
    assert facts.value(Told.FORCED_WB_END) == 0x8_8000_0000
    assert [r.value for r in facts.registers if r.msr == 0xC001_001D] == [0x8_8000_0000] * 2


def test_an_amd_machine_becomes_one_with_its_raw_registers_kept_out_of_kvms(tmp_path):
    host = MachineTree(tmp_path)
    host.cpuinfo(vendor="AuthenticAMD", bits="48")
    host.msrs(AMD, AMD)
    host.memmap()
    result = import_this_machine(tmp_path)
    assert ranges(result) == [(0, 2 * GIB, "WB")]
    assert result.scenario.machine.vcpus == 2


@pytest.mark.parametrize("syscfg", [0x54_0000, 0x34_0000], ids=["no force", "no TOM2"])
def test_no_forced_write_back_unless_both_bits_of_syscfg_are_set(tmp_path, syscfg):
    host = MachineTree(tmp_path)
    host.cpuinfo(vendor="AuthenticAMD", bits="48")
    host.msrs(AMD | {0xC001_0010: syscfg})
    assert facts_of(tmp_path).value(Told.FORCED_WB_END) is None


def test_wider_masks_than_the_kernels_address_width_count(tmp_path):
    host = MachineTree(tmp_path)
    host.cpuinfo(vendor="AuthenticAMD", bits="43")  # memory encryption takes five bits
    host.msrs(AMD)
    assert facts_of(tmp_path).value(Told.MAXPHYADDR) == 48


def test_a_virtual_machine_is_told_by_its_cpu_flags(tmp_path):
    host = intel_host(tmp_path)
    host.cpuinfo(flags="fpu mtrr hypervisor")
    assert Sign.GUEST in signs(facts_of(tmp_path))
    assert "this machine is a virtual machine" in texts(import_this_machine(tmp_path))


def test_holes_among_the_online_cpus_are_counted_out(tmp_path):
    host = intel_host(tmp_path)
    host.file("/sys/devices/system/cpu/online", "0-1,4,6-7\n")
    assert facts_of(tmp_path).value(Told.VCPUS) == 5


def test_cpus_beyond_the_most_are_left_out(tmp_path):
    host = intel_host(tmp_path)
    for cpu in (254, 255, 256):
        host.file(f"/dev/cpu/{cpu}/msr", (host.root / "dev/cpu/0/msr").read_text())
    assert {one.vcpu for one in facts_of(tmp_path).registers} == {0, 1, 254}


# What may not be read


def test_without_the_msr_driver_proc_mtrr_counts_and_the_commands_are_told(tmp_path):
    host = intel_host(tmp_path)
    for cpu in (0, 1):
        (host.root / f"dev/cpu/{cpu}/msr").unlink()
    result = import_this_machine(host.root)
    assert ranges(result) == [(2 * GIB, 4 * GIB, "UC")]
    assert f"msr driver is not loaded. Commands: `{LOAD_MSR}`, then `{AS_ROOT}`" in texts(result)


def test_without_dev_cpu_the_same_commands_are_told(tmp_path):
    host = MachineTree(tmp_path)
    host.file(
        "/proc/mtrr", "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"
    )
    assert f"`{LOAD_MSR}`" in texts(import_this_machine(host.root))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_what_only_root_may_read_is_told_with_its_command(tmp_path, monkeypatch, number):
    host = intel_host(tmp_path)
    real = os.open

    def closed(path, flags, *rest):
        if str(path).endswith(("/msr", "/start")):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", closed)
    said = texts(import_this_machine(host.root))
    assert "/dev/cpu/0/msr: the CPUs' registers were not read: that takes root. " in said
    assert f"memmap/0: a range was not read: that takes root. Command: `{AS_ROOT}`" in said
    assert LOAD_MSR not in said


def test_zeros_of_iomem_give_way_to_the_firmwares_map(tmp_path):
    host = intel_host(tmp_path)
    host.file(
        "/proc/iomem", "00000000-00000000 : System RAM\n00000000-00000000 : PCI Bus 0000:00\n"
    )
    result = import_this_machine(host.root)
    assert region_kinds(result)[0x10_0000] == (2 * GIB, "ram")
    assert "2 resources have no addresses" in texts(result)
    assert f"/proc/iomem: it shows addresses to root alone. Command: `{AS_ROOT}`" in texts(result)


def test_nothing_readable_is_refused_with_the_commands(tmp_path):
    with pytest.raises(MtrrvizError, match="no MTRR of this machine could be read") as refusal:
        import_this_machine(tmp_path)
    assert f"`{LOAD_MSR}`, then `{AS_ROOT}`" in str(refusal.value)
    assert "/proc/mtrr: the kernel's list of MTRRs was not read" in str(refusal.value)
    assert "PAT" not in str(refusal.value)  # that list would not help


def test_an_empty_proc_mtrr_alone_is_no_machine(tmp_path):
    MachineTree(tmp_path).file("/proc/mtrr", "")
    with pytest.raises(MtrrvizError, match=r"/proc/mtrr: it is empty"):
        import_this_machine(tmp_path)


def test_another_system_is_refused(monkeypatch):
    monkeypatch.setattr(all_sources.sys, "platform", "darwin")
    with pytest.raises(MtrrvizError, match="under Linux only, and this is darwin"):
        import_this_machine()


def test_a_root_that_is_no_directory_is_refused(tmp_path):
    with pytest.raises(MtrrvizError, match="no such directory"):
        import_this_machine(tmp_path / "nowhere")


def test_reading_can_be_cancelled(tmp_path):
    with pytest.raises(ImportCancelledError):
        import_this_machine(intel_host(tmp_path).root, is_cancelled=lambda: True)


# Hostile contents


@pytest.mark.parametrize(
    "path", ["/proc/iomem", "/proc/mtrr", "/proc/cpuinfo", "/dev/cpu/0/msr",
             "/sys/firmware/memmap/0/start", "/sys/devices/virtual/dmi/id/sys_vendor"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["pipe", "loop", "outside", "huge", "garbage", "directory"])
def test_a_hostile_file_is_left_out_and_the_rest_is_read(tmp_path, path, kind):
    outside = MachineTree(tmp_path).file("outside", "0xfe 0x508\n0x2ff 0xc00\n")
    host = intel_host(tmp_path / "root")
    target = host.root / path.lstrip("/")
    target.unlink()
    make = {
        "pipe": lambda: os.mkfifo(target),
        "loop": lambda: target.symlink_to(target.name),
        "outside": lambda: target.symlink_to(outside),
        "huge": lambda: os.truncate(host.file(path, "x"), bounded_files.MAX_TEXT_BYTES + 1),
        "garbage": lambda: host.file(path, bytes(range(256)) * 64),
        "directory": target.mkdir,
    }
    make[kind]()
    result = import_this_machine(host.root)
    assert ranges(result) == [(2 * GIB, 4 * GIB, "UC")]
    is_quiet = path.endswith("sys_vendor") or (path, kind) == ("/proc/cpuinfo", "garbage")
    assert is_quiet or path.removesuffix("/start") in texts(result)


def test_a_link_inside_the_root_is_followed(tmp_path):
    host = intel_host(tmp_path)
    (host.root / "proc/mtrr").rename(host.root / "proc/real")
    (host.root / "proc/mtrr").symlink_to("real")
    assert Tree(host.root).content("/proc/mtrr").startswith(b"reg00")


def test_a_link_out_of_the_root_is_not_opened(tmp_path):
    secret = MachineTree(tmp_path).file("secret", "reg00")
    (tmp_path / "root/proc").mkdir(parents=True)
    (tmp_path / "root/proc/mtrr").symlink_to(secret)
    with pytest.raises(Unreadable, match="out of the root"):
        Tree(tmp_path / "root").content("/proc/mtrr")


def test_an_impossible_range_of_the_firmwares_map_is_left_out_aloud(tmp_path):
    host = intel_host(tmp_path)
    (host.root / "proc/iomem").unlink()
    host.file("/sys/firmware/memmap/2/end", "0x1000\n")
    result = import_this_machine(host.root)
    assert "memmap/2: a range was not read: it ends at 0x1000, before its start" in texts(result)
    assert region_kinds(result)[0x10_0000] == (2 * GIB, "ram")


def test_an_impossible_address_width_is_left_out_aloud(tmp_path):
    host = intel_host(tmp_path)
    host.cpuinfo(bits="99")
    result = import_this_machine(host.root)
    assert "an address width of 99 bits is impossible" in texts(result)
    assert result.scenario.machine.maxphyaddr == 39  # as the masks show


def test_more_pairs_than_there_can_be_are_cut_aloud(tmp_path):
    intel_host(tmp_path).msrs(INTEL | {0xFE: 0x5FF})
    said = texts(import_this_machine(tmp_path))
    assert "IA32_MTRRCAP says 255 variable ranges; 32 were read" in said


def test_as_many_pairs_as_there_can_be_are_read_without_a_word(tmp_path):
    intel_host(tmp_path).msrs(INTEL | {0xFE: 0x520})
    assert "variable ranges;" not in texts(import_this_machine(tmp_path))


def test_another_device_in_place_of_the_drivers_is_not_read(tmp_path):
    host = intel_host(tmp_path)
    status = Path("/dev/null").stat()
    with pytest.raises(Unreadable, match="not a device of the msr driver"):
        msr_device._reader(Tree(host.root), "/dev/cpu/0/msr", -1, status)


# The device


def test_a_device_is_read_at_the_registers_number(tmp_path):
    path = tmp_path / "msr"
    path.touch()
    with path.open("r+b") as stream:
        for msr, value in ((0xFE, 0x508), (0xC001_001D, 0x8_8000_0000)):
            os.pwrite(stream.fileno(), value.to_bytes(8, "little"), msr)
        read = msr_device.device_reader(stream.fileno())
        assert (read(0xFE), read(0xC001_001D)) == (0x508, 0x8_8000_0000)


def test_a_register_that_the_cpu_lacks_is_unknown(monkeypatch):
    def lacking(_descriptor, _size, msr):
        if msr != 0x277:
            raise OSError(errno.EIO, "I/O error")
        return (0x0007_0406_0007_0406).to_bytes(8, "little")

    monkeypatch.setattr(os, "pread", lacking)
    found = msr_device.registers(msr_device.device_reader(3), is_amd=True)
    assert found == {0x277: 0x0007_0406_0007_0406}


@pytest.mark.parametrize(
    ("number", "lacks_right", "is_missing"),
    [(errno.ENOENT, False, True), (errno.EACCES, True, False), (errno.EIO, False, False)],
)
def test_an_error_of_the_system_is_told_in_its_words(
    tmp_path, monkeypatch, number, lacks_right, is_missing
):
    def refuse(*_arguments, **_named):
        raise OSError(number, os.strerror(number), "file")

    (tmp_path / "file").write_text("x")
    tree = Tree(tmp_path)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Unreadable) as caught:
        tree.content("/file")
    error = caught.value
    assert error.reason == str(error) == os.strerror(number)
    assert (error.lacks_right, error.is_missing) == (lacks_right, is_missing)


@pytest.mark.parametrize(("most", "is_read"), [(4, True), (3, False)])
def test_a_file_of_just_the_allowed_length_is_read(tmp_path, most, is_read):
    (tmp_path / "file").write_text("four")
    if is_read:
        assert Tree(tmp_path).content("/file", most) == b"four"
    else:
        with pytest.raises(Unreadable, match="more than 3"):
            Tree(tmp_path).content("/file", most)
