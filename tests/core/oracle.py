"""A second model of guest MTRRs: slow, obvious, and sharing no code with the first.

Follows the words of the description one step at a time: an ordered list that pairs are taken out of
and put back into, byte addresses instead of gfns, one bit at a time where masks are concerned.
"""

from __future__ import annotations

UC, WC, WT, WP, WB = 0, 1, 4, 5, 6
MIB = 1024 * 1024
TOP = 2**64


class Oracle:
    """One vCPU's MTRRs, written without being checked: give it accepted writes only."""

    def __init__(self, maxphyaddr: int, has_mtrr: bool) -> None:
        self.maxphyaddr = maxphyaddr
        self.has_mtrr = has_mtrr
        self.base = [0] * 8
        self.mask = [0] * 8
        self.mask_written = [False] * 8
        self.low_pages = [0] * 256
        self.deftype = 0
        self.walk: list[int] = []
        self._spans: dict[int, tuple[int, int]] = {}

    def write(self, msr: int, value: int) -> None:
        if msr == 0x2FF:
            self.deftype = value
        elif 0x200 <= msr <= 0x20F:
            self._write_pair(msr, value)
        elif msr == 0x250:
            self._write_fixed(0, 16, value)
        elif msr in (0x258, 0x259):
            self._write_fixed(0x80 + 32 * (msr - 0x258), 4, value)
        elif 0x268 <= msr <= 0x26F:
            self._write_fixed(0xC0 + 8 * (msr - 0x268), 1, value)

    def _write_fixed(self, page: int, pages_a_byte: int, value: int) -> None:
        for _ in range(8):
            for _ in range(pages_a_byte):
                self.low_pages[page] = value % 256
                page += 1
            value //= 256

    def _write_pair(self, msr: int, value: int) -> None:
        pair = (msr - 0x200) // 2
        self._spans.pop(pair, None)
        if pair in self.walk:
            self.walk.remove(pair)
        if msr % 2:
            self.mask[pair] = value
            self.mask_written[pair] = True
        else:
            self.base[pair] = value
        if self.mask[pair] // 2048 % 2:
            self._insert(pair)

    def _insert(self, pair: int) -> None:
        """Put the pair in front of the first member whose base register is not larger."""
        for place, member in enumerate(self.walk):
            if self.base[member] <= self.base[pair]:
                self.walk.insert(place, pair)
                return
        self.walk.append(pair)

    def span(self, pair: int) -> tuple[int, int]:
        """Return the bytes [start, end) of a pair."""
        if pair not in self._spans:
            self._spans[pair] = self._work_out_span(pair)
        return self._spans[pair]

    def _work_out_span(self, pair: int) -> tuple[int, int]:
        """Set every bit in the last byte's address that is clear in the mask."""
        if not self.mask_written[pair] and self.maxphyaddr < 64:
            return self.base[pair] // 4096 * 4096, 0
        start = self.base[pair] // 4096 * 4096
        last = start + 4095
        for bit in range(12, self.maxphyaddr):
            if not self.mask[pair] >> bit & 1 and not last >> bit & 1:
                last += 2**bit
        return start, (last + 1) % TOP

    def enabled(self) -> bool:
        return self.deftype // 2048 % 2 == 1

    def fixed_enabled(self) -> bool:
        return self.enabled() and self.deftype // 1024 % 2 == 1

    def memory_type(self, gfn: int) -> int:
        if not self.enabled():
            return UC if self.has_mtrr else WB
        if self.fixed_enabled() and gfn < 256:
            return self.low_pages[gfn]
        answer: int | None = None
        for pair in self.walk:
            start, end = self.span(pair)
            if not start <= gfn * 4096 < end:
                continue
            kind = self.base[pair] % 256
            if answer is None or kind == answer:
                answer = kind
            elif kind == UC:
                return UC
            elif sorted((answer, kind)) == [WT, WB]:
                answer = WT
            else:
                return WB
        return self.deftype % 256 if answer is None else answer

    def is_uniform(self, gfn: int, pages: int) -> bool:
        if not self.enabled():
            return True
        start, end = gfn * 4096, (gfn + pages) * 4096 % TOP
        kinds: list[int] = []
        if self.fixed_enabled() and start < MIB:
            kinds = [self.low_pages[page] for page in self._low_pages_met(gfn, pages)]
            if len(set(kinds)) > 1:
                return False
            if end <= MIB:
                return True
        covered, partial = start, False
        for pair in self.walk:
            low, high = self.span(pair)
            if low >= end or high <= start:
                continue
            partial = partial or covered < low
            covered = max(covered, high)
            kinds.append(self.base[pair] % 256)
        partial = partial or covered < end
        if len(set(kinds)) > 1:
            return False
        return not partial or not kinds or kinds[0] == self.deftype % 256

    @staticmethod
    def _low_pages_met(gfn: int, pages: int) -> range:
        return range(gfn, min(gfn + pages, 256))

    def max_level(self, gfn: int) -> int:
        if self.is_uniform(gfn // 262144 * 262144, 262144):
            return 3
        return 2 if self.is_uniform(gfn // 512 * 512, 512) else 1

    def zap(self, msr: int) -> tuple[int, int] | None:
        """Return the gfns a write of this register asks to be zapped, from the state after it."""
        if msr == 0x277 or (not self.enabled() and msr != 0x2FF):
            return None
        if msr == 0x2FF:
            return 0, 2**52 - 1
        if 0x200 <= msr <= 0x20F:
            start, end = self.span((msr - 0x200) // 2)
            return start // 4096, end // 4096
        return self._fixed_span(msr) if self.fixed_enabled() else None

    @staticmethod
    def _fixed_span(msr: int) -> tuple[int, int]:
        if msr == 0x250:
            return 0, 0x80
        if msr in (0x258, 0x259):
            return 0x80 + 32 * (msr - 0x258), 0xA0 + 32 * (msr - 0x258)
        return 0xC0 + 8 * (msr - 0x268), 0xC8 + 8 * (msr - 0x268)


def accepts(msr: int, value: int, maxphyaddr: int) -> bool:
    """Return whether KVM takes a write, by the rules as they are written down."""
    bits = {bit for bit in range(64) if value >> bit & 1}
    octets = [value >> shift & 0xFF for shift in range(0, 64, 8)]
    types = {UC, WC, WT, WP, WB}
    if 0x200 <= msr <= 0x20F:
        if any(bit >= maxphyaddr for bit in bits):
            return False
        if msr % 2:
            return min(bits, default=11) >= 11
        return not bits & {8, 9, 10, 11} and octets[0] in types
    if msr == 0x2FF:
        return bits <= {0, 1, 2, 3, 4, 5, 6, 7, 10, 11} and octets[0] in types
    if msr == 0x277:
        return set(octets) <= types | {7}
    return msr in (0x250, 0x258, 0x259, *range(0x268, 0x270)) and set(octets) <= types
