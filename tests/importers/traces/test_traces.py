"""Traces: heads of all ages, payloads, threads, clocks, and what goes wrong with them."""

from __future__ import annotations

import pytest

from mtrrviz.importers import ImportOptions, NoteKind, import_texts
from mtrrviz.importers.facts import Facts
from mtrrviz.importers.formats import Context
from mtrrviz.importers.traces.trace_lines import TraceParser
from mtrrviz.scenario import ScenarioError
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.scenario.touches import Access
from tests.importers.helpers import end_machine, imported, register, texts


def line(payload, *, task="qemu-5745", cpu=0, flags=" .....", t="100.000001", event="kvm_msr"):
    return f"{task:>24}   [{cpu:03}]{flags}  {t}: {event}: {payload}\n"


WRITE = line("msr_write 2ff = 0xc06")


def writes(result):
    return [(e.vcpu, e.register, e.value) for e in result.scenario.events if e.origin == "guest"]


@pytest.mark.parametrize(
    "text",
    [
        WRITE,
        line("msr_write 2ff = 0xc06", flags=" d..1"),  # four columns of flags
        line("msr_write 2ff = 0xc06", flags=""),  # none: before 2.6.38
        line("msr_write 2ff = 0xc06", task="CPU 0/KVM-5745"),
        "   qemu-5745    (   5742) [000] .....  100.000001: kvm_msr: msr_write 2ff = 0xc06\n",
        "    qemu-5745    0d..1.  100.000001: kvm_msr:              msr_write 2ff = 0xc06\n",
        "vm1:   qemu-5745  [000]  100.000001: kvm_msr:              msr_write 2ff = 0xc06\n",
        "   qemu-5745  [001]  100.000001000: kvm_msr:              msr_write 2ff = 0xc06\n",
        "   CPU 0/KVM 29071/29072 [000]  1336.672310828:     kvm:kvm_msr: msr_write 2ff = 0xc06\n",
        "   qemu-5745   [000] .....  100.000001: kvm_msr: msr_write 2ff = 0xc06 \r\n",
    ],
)
def test_heads(text):
    result = imported(text)
    assert writes(result) == [(0, 0x2FF, 0xC06)]
    assert result.sources[0].unknown_lines == 0


def test_a_payload_that_is_cut_off_is_an_unknown_line():
    result = imported(WRITE + line("msr_write 2ff"))
    assert result.sources[0].unknown_lines == 1
    assert result.sources[0].unknown[0][0] == 2


@pytest.mark.parametrize(
    "payload",
    [
        "msr_write no = 0xc06",
        "msr_write c0000080x = 0x500",
        "msr_write 2ff = no",
        "msr_wrote 2ff = 0xc06",
        "msr_read",
        "",
    ],
)
def test_a_payload_with_a_word_that_is_none_of_the_kernels_is_an_unknown_line(payload):
    result = imported(WRITE + line(payload))
    assert [number for number, _ in result.sources[0].unknown] == [2]
    assert result.unused == {}
    assert writes(result) == [(0, 0x2FF, 0xC06)]


def test_a_line_without_a_task_is_an_unknown_line():
    result = imported(WRITE + line("msr_write 2ff = 0x0", task=""))
    assert result.sources[0].unknown_lines == 1
    assert writes(result) == [(0, 0x2FF, 0xC06)]


@pytest.mark.parametrize(("word", "other"), [("gfn", "gfnx"), ("new_spte", "spte")])
def test_an_entry_in_other_words_is_an_unknown_line(word, other):
    good = "as id 0 gfn 100 level 1 old_spte 0 new_spte 600000100000037"
    assert (
        imported(WRITE + line(good, event="kvm_tdp_mmu_spte_changed")).sources[0].unknown_lines == 0
    )
    payload = good.replace(word, other)
    result = imported(WRITE + line(payload, event="kvm_tdp_mmu_spte_changed"))
    assert result.sources[0].unknown_lines == 1


def test_other_events_and_msrs_are_counted():
    text = WRITE + 3 * line("x", event="kvm_pio") + line("msr_write c0000080 = 0x500")
    result = imported(text)
    assert result.unused == {"trace event kvm_pio": 3, "accesses of other MSRs": 1}


# Threads


def test_vcpus_by_exits():
    text = (
        line("vcpu 1 reason MSR_WRITE rip 0x1 info1 0x0", task="a-20", event="kvm_exit")
        + line("vcpu 0, rip 0xfff0", task="b-21", event="kvm_entry")
        + line("msr_write 2ff = 0x0", task="a-20")
        + line("msr_write 2ff = 0xc06", task="b-21")
    )
    result = imported(text)
    assert writes(result) == [(1, 0x2FF, 0), (0, 0x2FF, 0xC06)]
    assert "by its own events" in result.threads[0]


@pytest.mark.parametrize("exits", [1, 2, 200])
def test_events_that_tell_vcpus_are_counted(exits):
    told = line("vcpu 1 reason MSR_WRITE rip 0x1 info1 0x0", task="a-20", event="kvm_exit")
    result = imported(WRITE + told * exits)
    (name,) = result.unused
    assert "kvm_exit or kvm_entry" in name
    assert result.unused[name] == exits


def test_vcpus_by_qemus_thread_names():
    text = line("msr_write 2ff = 0x0", task="CPU 1/KVM-20") + line(
        "msr_write 2ff = 0xc06", task="CPU 0/KVM-21"
    )
    assert writes(imported(text)) == [(1, 0x2FF, 0), (0, 0x2FF, 0xC06)]


def test_vcpus_by_order_fill_the_gaps():
    text = (
        line("vcpu 0, rip 0xfff0", task="b-21", event="kvm_entry")
        + line("msr_write 2ff = 0x0", task="a-20")
        + line("msr_write 2ff = 0xc06", task="b-21")
    )
    assert [row[0] for row in writes(imported(text))] == [1, 0]


def test_a_second_vm_is_left_out_aloud():
    text = "".join(
        line("vcpu 0, rip 0xfff0", task=task, event="kvm_entry")
        + line(f"msr_write 2ff = {value}", task=task)
        for task, value in (("a-20", "0xc06"), ("b-30", "0xc00"))
    )
    result = imported(text)
    assert writes(result) == [(0, 0x2FF, 0xC06)]
    assert "several VMs" in texts(result, NoteKind.WARNING)


def test_faults_of_a_second_vm_are_left_out_too():
    payload = "vcpu 0 rip 0x0 address {} error_code 0x2"
    text = "".join(
        line(payload.format(gpa), task=task, event="kvm_page_fault")
        for task, gpa in (("a-20", "0x1000"), ("b-30", "0x2000"))
    )
    assert imported(text).scenario.touches.gfn.tolist() == [1]


def test_a_worker_thread_is_no_vcpu():
    entry = "as id 0 gfn 100 level 1 old_spte 0 new_spte 8000000000000c77"
    result = imported(WRITE + line(entry, task="kworker-9", event="kvm_tdp_mmu_spte_changed"))
    assert result.scenario.machine.vcpus == 1


# State before the trace


def test_reads_show_the_state_before():
    text = (
        line("msr_read 200 = 0x80000000")
        + line("msr_read 2ff = 0xc06")
        + line("msr_write 2ff = 0x0")
    )
    result = imported(text)
    first = [
        (e.register, e.value) for e in result.scenario.events if e.origin == "import" and e.register
    ]
    assert first == [(0x2FF, 0x406), (0x200, 0x8000_0000), (0x2FF, 0xC06)]
    assert register(result, 0x2FF) == 0


def test_a_dump_sets_what_the_trace_does_not_write():
    dump = b"0x2ff c06\n0x200 80000000\n0x201 ff80000800\n"
    result = import_texts([("dump", dump), ("trace", line("msr_write 2ff = 0xc00").encode())])
    assert register(result, 0x200) == 0x8000_0000
    assert register(result, 0x2FF) == 0xC00
    assert "differ from the dump" in texts(result, NoteKind.WARNING)


@pytest.mark.parametrize(
    ("value", "caches_on"), [("0x11", False), ("0x80050033", True), ("0xc0050033", True)]
)
def test_the_first_cr0_write_says_whether_the_vcpu_ran_before(value, caches_on):
    result = imported(WRITE + line(f"cr_write 0 = {value}", event="kvm_cr"))
    before = [
        e for e in result.scenario.events if e.kind is EventKind.MOV_CR0 and e.origin == "import"
    ]
    assert bool(before) is caches_on
    assert end_machine(result).cr0(0) == int(value, 16)


# Refusals


def test_a_refusal_the_model_shares_is_an_event():
    result = imported(WRITE + line("msr_write 2ff = 0x2 (#GP)"))
    assert writes(result)[-1] == (0, 0x2FF, 2)
    assert register(result, 0x2FF) == 0xC06
    assert "KVM refused" not in texts(result)


def test_a_refusal_the_model_does_not_share_becomes_a_note():
    result = imported(WRITE + line("msr_write 2ff = 0xc00 (#GP)"))
    last = result.scenario.events[-1]
    assert last.kind is EventKind.NOTE
    assert "0xc00" in last.text
    assert register(result, 0x2FF) == 0xC06
    assert "line 2: KVM refused 1 writes that the model accepts" in texts(result)


def test_an_accepted_write_the_model_refuses_is_said():
    assert "line 1: KVM accepted 1 writes" in texts(imported(line("msr_write 2ff = 0x2")))


# Touches


@pytest.mark.parametrize(
    "payload",
    [
        "address 1234000 error_code 2",
        "vcpu 0 rip 0xfff0 address 0x0000000001234000 error_code 0x2",
    ],
)
def test_faults_are_touches(payload):
    touches = imported(WRITE + line(payload, event="kvm_page_fault")).scenario.touches
    assert touches.gfn.tolist() == [0x1234]
    assert touches.access.tolist() == [Access.WRITE]
    assert touches.vcpu.tolist() == [0]


@pytest.mark.parametrize(
    ("code", "access"), [("0x181", Access.READ), ("0x182", Access.WRITE), ("0x184", Access.EXECUTE)]
)
def test_access_of_a_fault(code, access):
    text = line(f"vcpu 0 rip 0x0 address 0x5000 error_code {code}", event="kvm_page_fault")
    assert imported(text).scenario.touches.access.tolist() == [access]


def test_virtual_addresses_are_left_out_aloud():
    text = line("address ffff888000001000 error_code 2", event="kvm_page_fault")
    result = imported(WRITE + text)
    assert len(result.scenario.touches) == 0
    assert "virtual addresses" in texts(result, NoteKind.WARNING)


def test_without_faults_the_leaves_are_touches():
    entry = "as id 0 gfn 80000 level 2 old_spte 0 new_spte 6000001fc0000cf7"
    result = imported(WRITE + line(entry, event="kvm_tdp_mmu_spte_changed"))
    assert result.scenario.touches.gfn.tolist() == [0x80000]


# Clocks


def test_times_that_go_back_are_sorted_aloud():
    text = line("msr_write 2ff = 0xc06", t="100.000002") + line(
        "msr_write 2ff = 0x0", t="100.000001"
    )
    result = imported(text)
    assert [row[2] for row in writes(result)] == [0, 0xC06]
    assert "line 2: the times of register accesses go back once" in texts(result, NoteKind.WARNING)


def test_a_clock_without_decimals_counts_nanoseconds():
    text = line("msr_write 2ff = 0xc06", t="1000") + line("msr_write 2ff = 0x0", t="1500")
    assert imported(text).scenario.events[-1].time_ns == 500


def test_microseconds_are_exact_for_68_years():
    text = line("msr_write 2ff = 0x0", t="2147483647.999999") + line(
        "msr_write 2ff = 0x0", t="2147483647.999998"
    )
    assert imported(text).scenario.events[-1].time_ns == 1000


@pytest.mark.parametrize(
    ("times", "after_ns"),
    [
        (("1.5", "2.25"), 750_000_000),
        (("1.001", "1.003"), 2_000_000),
        (("1.00000001", "1.00000003"), 20),
        (("1.000000001", "1.000000002"), 1),
        (("0.999999999", "1.0"), 1),
    ],
)
def test_any_number_of_decimals_up_to_nine_is_exact(times, after_ns):
    text = "".join(line("msr_write 2ff = 0xc06", t=time) for time in times)
    assert imported(text).scenario.events[-1].time_ns == after_ns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (line("msr_write 2ff = 0xc06", t="-5.000000"), "line 1: time -5.000000 .expected a time"),
        (line("msr_write 2ff = 0x10000000000000000"), "line 1: .*at most 64 bits"),
        (line("msr_write 2ff = -0x1"), "line 1: .*at most 64 bits"),
        (
            WRITE + line("msr_write 2ff = 0x0", t="99999999.000000"),
            "line 2: this is 99999899 s after",
        ),
        (line("msr_write 2ff = 0x0", t="9" * 30 + ".000000"), "line 1: time 9999"),
        (
            line("vcpu 300, rip 0x0", event="kvm_entry") + WRITE,
            "vCPU 300 .expected vCPUs below 255",
        ),
    ],
)
def test_impossible_numbers_are_refused(text, message):
    with pytest.raises(ScenarioError, match=message):
        imported(text)


def test_perf_script_with_period_and_call_chain():
    result = imported(
        "CPU 3/KVM 29071 [003]  1336.672296:          1        kvm:kvm_msr: msr_write 2ff = 0xc06\n"
        "\tffffffffc0b2a3f0 kvm_set_msr_common+0x10 (/lib/modules/kvm.ko)\n"
    )
    assert result.sources[0].unknown_lines == 0
    assert result.unused["call chains of a trace"] == 1
    assert register(result, 0x2FF, 3) == 0xC06


def test_later_batches_tell_of_new_threads_and_lose_nothing_of_known_ones():
    def at(number, task, event, payload):
        return f"{task:>20}    [000] .....  100.00000{number}: {event}: {payload}"

    facts = Facts()
    parser = TraceParser(facts, Context("t", is_primary=True))
    exits = "vcpu {} reason MSR_WRITE rip 0x1 info1 0x0"
    write = "msr_write 2ff = {:#x}"
    batches = [
        [
            at(1, "a-10", "kvm_exit", exits.format(3)),
            at(2, "a-10", "kvm_msr", write.format(0)),
        ],
        [
            at(3, "a-10", "kvm_exit", exits.format(3)),
            at(4, "b-11", "kvm_exit", exits.format(5)),
            at(5, "a-10", "kvm_msr", write.format(6)),
            at(6, "b-11", "kvm_entry", "vcpu 5, rip 1"),
        ],
        [
            at(7, "b-11", "kvm_exit", exits.format(5)),
            at(8, "b-11", "kvm_msr", write.format(7)),
        ],
    ]
    for lines in batches:
        assert parser.feed(lines, range(1, len(lines) + 1)) == []
    (trace,) = facts.traces
    assert trace.told_vcpu == {0: 3, 1: 5}
    assert trace.accesses.unsigned_column("value").tolist() == [0, 6, 7]
    parser.finish()
    assert [*facts.unused.values()] == [5]


@pytest.mark.parametrize(("size", "is_read"), [(200, True), (201, False)])
def test_a_task_has_at_most_200_characters(size, is_read):
    found = imported(WRITE + line("msr_write 2ff = 0xc00", task=f"{'q' * (size - 5)}-5746"))
    assert len([e for e in found.scenario.events if e.origin == "guest"]) == 1 + is_read


def with_dump(trace, dump):
    texts_of = [("trace", trace.encode()), ("dump", dump.encode())]
    return import_texts(texts_of, options=ImportOptions(machine=MachineKind.GUEST))


@pytest.mark.parametrize(
    ("dump", "differs"),
    [
        ("0x2ff: 0xc06\n0x277: 0x7040600070406\n", False),
        ("0x2ff: 0xc00\n0x277: 0x7040600070406\n", True),
        ("0x277: 0x7040600070406\n0x200: 0x0\n", False),
    ],
)
def test_what_the_trace_writes_is_left_to_it_and_compared_with_the_dump(dump, differs):
    found = with_dump(WRITE + line("cr_write 0 = 0x80000011", event="kvm_cr", t="102.5"), dump)
    others = [event.register for event in found.scenario.events if event.origin != "guest"]
    assert 0x2FF not in others
    assert 0x277 in others
    said = "1 registers differ from the dump, first IA32_MTRR_DEF_TYPE of vCPU 0"
    assert (said in texts(found)) == differs
    assert ("differ from the dump" in texts(found)) == differs


def test_of_two_traces_the_later_write_is_compared_with_the_dump():
    late = WRITE + line("msr_write 2ff = 0xc06", t="102.500000")
    early = WRITE + line("msr_write 2ff = 0x6", t="101.000000")
    for first, second in ((late, early), (early, late)):
        named = [("one", first.encode()), ("two", second.encode()), ("dump", b"0x2ff: 0xc06\n")]
        found = import_texts(named, options=ImportOptions(machine=MachineKind.GUEST))
        assert "differ from the dump" not in texts(found)


@pytest.mark.parametrize("time", ["1_02.5", "1e2", "102.5_0", "102.+5"])
def test_a_time_has_digits_alone(time):
    found = imported(WRITE + line("msr_write 2ff = 0xc00", t=time))
    assert len([e for e in found.scenario.events if e.origin == "guest"]) == 1


def test_a_scenario_lasts_until_after_its_last_event():
    found = imported(WRITE + line("msr_write 2ff = 0xc00", t="102.500001"))
    assert found.scenario.duration_ns > 2_500_000_000
    assert found.scenario.duration_ns < 25_000_000_000
