"""mend refuses where nothing tells what may be write-back; check tells one cause once."""

from __future__ import annotations

from tests.importers.helpers import SAMPLES


def test_a_machine_that_is_off_and_has_no_map_is_not_mended(mtrrviz, tmp_path):
    log = tmp_path / "off.txt"
    log.write_text(
        "[    0.000000] Booting paravirtualized kernel on bare hardware\n"
        "[    0.000000] MTRRs disabled by BIOS\n"
        "[    0.000000] last_pfn = 0xbf000 max_arch_pfn = 0x400000000\n"
    )
    outcome = mtrrviz("mend", log)
    assert outcome.code == 2
    assert "all memory is UC and no memory map says where RAM is" in outcome.err
    assert "0x2ff" not in outcome.out


def test_a_guests_lost_ram_is_one_finding_with_the_kernels_words(mtrrviz, tmp_path):
    log = tmp_path / "guest.txt"
    log.write_text(
        "[    0.000000] Hypervisor detected: KVM\n"
        "[    0.000000] BIOS-provided physical RAM map:\n"
        "[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n"
        "[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable\n"
        "[    0.000000] BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] usable\n"
        "[    0.000000] MTRR default type: uncachable\n"
        "[    0.000000] MTRR fixed ranges enabled:\n"
        "[    0.000000]   00000-9FFFF write-back\n"
        "[    0.000000]   A0000-BFFFF uncachable\n"
        "[    0.000000]   C0000-FFFFF write-protect\n"
        "[    0.000000] MTRR variable ranges enabled:\n"
        "[    0.000000]   0 base 0000000000 mask FF80000000 write-back\n"
        "[    0.000000]   1 base 0080000000 mask FFC0000000 write-back\n"
        "[    0.000000]   2 disabled\n"
        "[    0.000000]   3 disabled\n"
        "[    0.000000]   4 disabled\n"
        "[    0.000000]   5 disabled\n"
        "[    0.000000]   6 disabled\n"
        "[    0.000000]   7 disabled\n"
        "[    0.000000] WARNING: BIOS bug: CPU MTRRs don't cover all of memory, "
        "losing 1024MB of RAM.\n"
    )
    outcome = mtrrviz("check", log)
    assert outcome.out.count("losing 1024MB of RAM") == 1
    assert "[ram-by-default-uc]" in outcome.out
    assert "[kernel-lost-ram]" not in outcome.out


def test_a_map_from_a_file_never_caches_devices_silently(mtrrviz, tmp_path):
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("0 4GiB WB\n")
    log = SAMPLES / "field" / "k03-small-old-machine.txt"
    outcome = mtrrviz("solve", log, "--map", wanted, "--format", "wrmsr")
    assert outcome.code == 1
    assert "wrmsr" not in outcome.out
    assert "AGP aperture" in outcome.err
    assert "the interrupt controllers" in outcome.err
    wanted.write_text("0 2GiB WB\n")
    outcome = mtrrviz("solve", log, "--map", wanted, "--format", "wrmsr")
    assert "caution: these registers cache addresses that are not known to be RAM" in outcome.err
    assert "0x2000_0000-0x7fff_ffff" in outcome.err


def test_a_write_back_rest_is_no_way_to_cache_a_hole(mtrrviz):
    log = SAMPLES / "field" / "k10-big-host.txt"
    outcome = mtrrviz("solve", log, "--rest", "WB", "--format", "wrmsr")
    assert outcome.code == 1
    assert "wrmsr" not in outcome.out
    assert "kept UC by a register" in outcome.err
