"""`lscpu`: how many CPUs there are, their address width, and the hypervisor if there is one.

Maker and model are read with the kernel's words, which are the same.
"""

from __future__ import annotations

import re

from mtrrviz.importers.facts import Sign, Told
from mtrrviz.importers.formats import LineFormat, LineParser

_CPUS = re.compile(r"CPU\(s\):\s+(\d{1,5})\s*$")
_BITS = re.compile(r"Address sizes:\s+(\d{2}) bits physical")
_HYPERVISOR = re.compile(r"Hypervisor vendor:\s+\S.{0,60}")
_OTHER = re.compile(
    r"\s*(?:Architecture|CPU op-mode\(s\)|Byte Order|O[nf]{1,2}-?line CPU\(s\) list"
    r"|Thread\(s\) per core|Core\(s\) per \w+|Socket\(s\)|CPU\(s\) scaling MHz|NUMA( node\d{0,4}"
    r"( CPU\(s\)|\(s\))?)?|CPU family|Model|Stepping|CPU (max |min )?MHz|BogoMIPS|Frequency boost"
    r"|Virtualization( type| features)?|L\d[di]?( cache)?|Caches( \(sum of all\))?|Flags"
    r"|Vulnerabilit[\w ]{1,40}|(Gather|Itlb|L1tf|Mds|Meltdown|Mmio|Retbleed|Spec|Spectre|Srbds|Tsx)"
    r"[\w ]{0,30}|BIOS (Vendor ID|Model name|CPU family)):\s"
)


class LscpuParser(LineParser):
    """Reads what tells of the machine, and knows the other lines."""

    def take(self, line: str, number: int) -> bool:
        """Use a line that tells something about the machine."""
        text, place = line[:200].strip(), self.place(number)
        if match := _BITS.match(text):
            self.facts.tell(Told.MAXPHYADDR, int(match[1]), place)
        elif match := _CPUS.match(text):
            self.facts.tell(Told.VCPUS, int(match[1]), place)
        elif match := _HYPERVISOR.match(text):
            self.facts.add_sign(Sign.GUEST, " ".join(text.split()), place)
        else:
            return False
        return True

    def noise(self, line: str) -> str:
        """Return what lscpu's other lines are."""
        return "other lines of lscpu" if _OTHER.match(line[:100]) else ""


FORMAT = LineFormat(
    "lscpu",
    "lscpu (what the CPUs are)",
    re.compile(r"^\s*(?:Address sizes:\s+\d\d bits physical|CPU\(s\):\s+\d|Hypervisor vendor:\s)"),
    LscpuParser,
)
