"""The longer parts of `--help`: examples, what the tables show, what the JSON holds."""

from __future__ import annotations

EXAMPLES = """\
examples:
  mtrrviz                                     open the window
  mtrrviz boot.toml                           open a scenario in the window
  mtrrviz trace.txt --follow                  a trace that is being written, as it grows
  mtrrviz list                                name the built-in scenarios
  mtrrviz run ovmf-8vcpu-2g                   count zaps before and after the patch
  mtrrviz run boot.toml --policy per-vm --json
  mtrrviz compare ovmf-8vcpu-2g --policy per-vcpu --policy per-vm --at 6.9
  mtrrviz explain ovmf-8vcpu-2g 0x8000_0000 --vcpu 3 --at 6.9
  mtrrviz import iomem.txt rdmsr.txt -o host.toml
  sudo mtrrviz import --this-machine -o host.toml
  sudo mtrrviz record --for 60 -o boot.toml   a VM's boot on this KVM host
  mtrrviz check trace.txt                     find what is wrong, from what was printed
  mtrrviz solve ovmf-8vcpu-2g --rest any      registers for the memory layout
  mtrrviz render ovmf-8vcpu-2g --at end -o map.png
  mtrrviz export ovmf-8vcpu-2g --what report -o boot.html
  mtrrviz validate                            every published number beside ours
  mtrrviz sweep --vcpus 1,2,4,...,255         zaps and boot time against vCPUs
  mtrrviz lesson list                         lessons that check themselves
  mtrrviz help zap                            what a word means

exit codes:
  0 good, 1 problems found, 2 bad usage or input, 70 a mistake of mtrrviz

`mtrrviz COMMAND --help` says more about a command.
"""

LIST = """\
--json prints a list of objects: name, title, tags (list), vcpus;
with --policies: id, title, versions, summary, switches (list: id, title,
meaning).
With --constants: constants (list: name, part, value, unit, meaning, source,
fitted_to) and cpus (list of names).
A switch runs a policy other than as meant; ID:SWITCH is a policy to run.

examples:
  mtrrviz list
  mtrrviz list --policies --json
  mtrrviz list --constants
"""

RUN = """\
The counts come out of replaying the scenario's events; cycles and boot time
are modelled. --vcpus N makes a boot of another size out of a recorded one:
register writes in the same order with the same values for every vCPU, page
touches made up. --constant and --cpu put other constants in the place of the
model's; what is modelled then says so.

--json prints a list with one object per policy. Its keys, in this order:
  scenario        name of the scenario
  policy          id of the policy
  vcpus           number of vCPUs
  memory_bytes    the guest's RAM
  zap_count       zaps in all
  zaps_per_vcpu   list: zaps made by each vCPU
  zap_mcycles     million cycles spent zapping (modelled)
  boot_s          seconds the scenario takes with its zaps (modelled)
  faults          leaves made by page faults
  refaults        of these, of pages that had been mapped before
  leaves_dropped  leaves that zaps dropped
  contended_zaps  zaps made while other vCPUs zapped too
  zaps_by_cause   object: zaps by what made KVM zap
  stall_s         the part of boot_s that zaps add (modelled)
  cpu             the CPU whose memory speeds were used
  changed_constants  object: constants that --constant changed, by name
  srcu_leaks      with the switch srcu-leak only: SRCU read locks left held
  published       list of measurements of this boot that were published:
                  series, variant, zap_count, zap_mcycles, boot_s (or null)

examples:
  mtrrviz run ovmf-8vcpu-2g
  mtrrviz run ovmf-8vcpu-2g --vcpus 64
  mtrrviz run boot.toml --policy per-vcpu --policy per-vm --json
  mtrrviz run ovmf-8vcpu-2g --constant turn=0 --cpu "Coffee Lake-S"
"""

COMPARE = """\
Plays the scenario under both policies and shows the results of the whole runs
with the difference (second minus first), when their EPTs first differ, and
which ranges of pages differ at a time. What a page gets is compared, not the
size of its leaf. Cycles and boot time are modelled.

--json prints one object. Its keys, in this order:
  scenario            name of the scenario
  policies            list: ids of the first policy (a) and the second (b)
  figures             object: results of the whole runs, by name: a, b,
                      difference; names as in `mtrrviz run --json`, with
                      zaps_by_cause.CAUSE and zaps_per_vcpu.N where not 0
  first_difference_s  scenario time at which the EPTs first differ, or null
  time_s              scenario time of what follows
  differing_bytes     object: bytes by difference: only_a, only_b, type, ipat
  ranges              list of ranges that differ, by address: gpa, size_bytes,
                      difference, a and b (type and ipat, or null where there
                      is no leaf), region (or null)

examples:
  mtrrviz compare ovmf-8vcpu-2g --at 6.9
  mtrrviz compare boot.toml --policy kvm-6.7 --policy kvm-6.11 --json
"""

SCHEMA = """\
Give it to an editor to have scenario files checked and completed while they
are written.

example:
  mtrrviz schema > scenario.schema.json
"""

EXPLAIN = """\
Shows, rule by rule, how KVM finds the type of the page: memory slot, devices,
CR0.CD, whose MTRRs count, which registers match, what the SDM alone says, and
what limits the size of the leaf. The rule marked with an arrow decides; in
brackets, since when the register or device is as it is. Then what is mapped,
what all eight entries of the guest's PAT make of it, and the page's history.
On a real machine, and where KVM makes no leaf, it is the MTRRs' type that is
explained: the registers that decide, those that overlap and lose, and the PAT.

--json prints one object. Its keys, in this order:
  scenario    name of the scenario
  policy      id of the policy
  gpa         first address of the page
  gfn         number of the page
  vcpu        the vCPU whose fault is explained
  time_s      scenario time
  region      what backs the page: name, kind, start, end; or null
  steps       list: kind, text, decides, msr and register (null if none), vcpu
              whose register it is, field (null: all of it), start and end of
              the range it speaks of, event that set it (number, from 0)
  leaf        what is mapped: type, ipat, level, first_gfn, vcpu, born_s,
              entry; or null
  next_fault  what a fault would map: type, ipat, level; or null
  stale       whether leaf has another type or IPAT than next_fault
  history     faults, refaults, zaps, drops, last_zap_s, last_zap_vcpu
  hardware    type by the SDM alone, from this vCPU's own registers; or null
              where that leaves it undefined (of a real machine "undefined",
              or "unknown" where a register that was not told decides)
  pat         the vCPU's PAT: vcpu, value, entries (list: entry, pat, mapped
              and next_fault, each with the effective type and its notes, or
              null, and mtrr, the effective type where there is no leaf),
              notes (texts by number), told (false: value is Linux's)
  moments     list: time_s, kind (fault, zap), vcpu, text, event, dropped
  machine     guest or host
  mtrr_type   type that this vCPU's MTRRs give by the SDM, CR0.CD aside, or
              unknown or undefined

examples:
  mtrrviz explain ovmf-8vcpu-2g 0x8000_0000
  mtrrviz explain boot.toml 3GiB --vcpu 3 --at 6.9 --policy per-vm --json
"""

RENDER = """\
Draws the window without showing it, at one time or, with --play, over a span as a film; no
display is needed. Views are window, map, tables, ranges, differences, results, and
every panel by its name: registers, inspector, timeline, events, zaps, history,
problems, published, ...

examples:
  mtrrviz render ovmf-8vcpu-2g -o boot.png
  mtrrviz render boot.toml --at 6.9 --policy per-vm -o boot.png
  mtrrviz render boot.toml --size 1920x1080 --theme light -o boot.png
  mtrrviz render boot.toml --view map -o map.svg
  mtrrviz render boot.toml --play 3.4-6.9 --pace 0.5 --view map -o map.gif
  mtrrviz render boot.toml --play 0-end --fps 25 -o frames/
"""
